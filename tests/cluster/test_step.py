"""One step run as one pod, on a real node with a real S3."""

import time

from .conftest import pods, tool


def launch(client, document, **inputs):
    return client.deploy(document, replace=True).launch(**inputs)


def test_step_runs_as_a_pod_to_its_results_and_log(client):
    began = time.monotonic()
    job = launch(client, tool('echo "hello $0"; echo noise >&2'), x="you").wait(60)

    assert job.results.out.text() == "hello you\n"
    assert job.logs() == "noise\n"
    print("seconds", time.monotonic() - began)
    step = job.steps()[0]
    assert step["node"] == "node1"
    assert pods() == []
