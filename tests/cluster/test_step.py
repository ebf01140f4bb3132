"""Step runs as pods on a real node, with a real S3."""

import json
import re
import time

import pytest

from eodh_jupyter import JobFailed

from .conftest import is_running, launch, pods, tool, until


@pytest.mark.smoke
def test_step_runs_as_a_pod_to_its_results_and_log(client):
    job = launch(client, tool('echo "hello $0"; echo noise >&2'), x="you").wait(120)

    assert job.results.out.text() == "hello you\n"
    assert job.logs() == "noise\n"
    assert job.steps()[0]["node"] == "node1"
    until(lambda: not pods())


def test_log_is_read_while_the_step_runs(client):
    job = launch(client, tool("for i in 1 2 3 4 5 6; do echo line $i >&2; sleep 0.5; done"))
    until(job.steps)

    arrived = [(line, time.monotonic()) for line in job.follow_log("tool")]

    assert [line for line, _ in arrived] == [f"line {i}" for i in range(1, 7)]
    assert arrived[-1][1] - arrived[0][1] > 1.0


@pytest.mark.smoke
def test_folder_with_odd_names_goes_from_pod_to_pod(client):
    document = {
        "cwlVersion": "v1.2",
        "$graph": [
            {
                "class": "Workflow",
                "id": "two",
                "inputs": {"file": "File"},
                "outputs": {"out": {"type": "File", "outputSource": "count/out"}},
                "steps": {
                    "make": {"run": "#make", "in": {"file": "file"}, "out": ["folder"]},
                    "count": {"run": "#count", "in": {"folder": "make/folder"}, "out": ["out"]},
                },
            },
            {
                **json.loads(tool('mkdir -p d/e d/empty; cp "$0" "d/e/a b+c#?%.txt"')),
                "id": "make",
                "inputs": {"file": {"type": "File", "inputBinding": {}}},
                "outputs": {"folder": {"type": "Directory", "outputBinding": {"glob": "d"}}},
            },
            {
                **json.loads(tool('cd "$0" && find . | sort && cat e/*')),
                "id": "count",
                "inputs": {"folder": {"type": "Directory", "inputBinding": {}}},
            },
        ],
    }
    for part in document["$graph"][1:]:
        del part["cwlVersion"]
    job = launch(client, json.dumps(document).encode(), file=local_file(client, "content\n"))

    out = job.wait(180).results.out.text()

    assert out == ".\n./e\n./e/a b+c#?%.txt\n./empty\ncontent\n"


def local_file(client, text):
    import pathlib
    import tempfile

    path = pathlib.Path(tempfile.mkdtemp()) / "in put.txt"
    path.write_text(text)
    return path


def test_image_without_a_shell_runs_under_the_wrapper(client):
    document = tool("", "localhost/bare:1", baseCommand=["/bare"])

    assert launch(client, document, x="words").wait(120).results.out.text() == "words\n"


def test_entry_point_of_the_image_stays_in_force_as_podman_leaves_it(client):
    document = tool("", "bash:4.4", baseCommand=["-c", "echo $0 $BASH_VERSION | cut -c1-6"])

    assert launch(client, document).wait(120).results.out.text().startswith("bash 5")


def test_tool_sees_no_credentials_no_token_and_no_network_of_the_cluster(client):
    look = (
        "id -u; ls -d /work /credentials /var/run/secrets/kubernetes.io 2>/dev/null; "
        "env | grep -ci 'secret\\|KUBERNETES\\|EODH' ; touch /file 2>/dev/null || echo read-only; "
        "touch /tmp/t && echo tmp"
    )

    text = launch(client, tool(look)).wait(120).results.out.text()

    assert text.splitlines() == ["1000", "0", "read-only", "tmp"]


def failure_of(job):
    with pytest.raises(JobFailed) as caught:
        job.wait(180)
    return caught.value.failure


@pytest.mark.parametrize(
    ("command", "more", "kind", "says"),
    [
        ("echo 'Error: boom' >&2; exit 3", {}, "command", "ended with code 3"),
        ("kill -9 $$", {}, "command", "was killed (signal 9)"),
        ("ln -s /etc/passwd leak", {}, "document", "leaves the folder of the step"),
        (
            "sleep 60",
            {"requirements": {"ToolTimeLimit": {"timelimit": 2}}},
            "time",
            "took longer than its 2 s",
        ),
        ("", {"baseCommand": ["no-such-program"]}, "command", "'no-such-program' of tool was not"),
        ("echo", {"image": "localhost/Not An Image"}, "image", "is not the name of a container"),
    ],
)
def test_failure_says_what_went_wrong(client, command, more, kind, says):
    failure = failure_of(launch(client, tool(command, **more)))

    assert failure["class"] == kind
    assert says in failure["message"]
    until(lambda: not pods())


MEMORY = {"requirements": {"ResourceRequirement": {"ramMin": 64, "ramMax": 128}}}
EAT = "python3 -c 'x = []\nwhile True: x.append(bytearray(10000000))'"


def test_out_of_memory_is_named_with_limit_and_peak_and_tried_again_with_more(client):
    job = launch(client, tool(f"echo before >&2; {EAT}", "python:3-slim", **MEMORY))

    failure = failure_of(job)

    assert failure["class"] == "memory"
    said = re.search(r"more than its (\d+) MiB of memory \(it held (\d+) MiB\)", failure["message"])
    limit_mib, peak_mib = map(int, said.groups())
    assert 180 < limit_mib < 220  # 1.5 x what the first attempt held at its 128 MiB
    assert abs(peak_mib - limit_mib) < 20
    assert "before" in job.logs()
    attempts = [e["data"].get("attempt") for e in job.events() if e["kind"] == "step"]
    assert max(attempts) == 2


def test_main_that_is_killed_whole_is_tried_again_and_the_reason_is_told(client):
    job = launch(client, tool("echo before >&2; sleep 6; echo done"))
    until(lambda: any(is_running(pod) for pod in pods()))
    kill_main(pods()[0])

    assert job.wait(180).results.out.text() == "done\n"
    reasons = [e["data"].get("reason", "") for e in job.events() if e["kind"] == "step"]
    assert any("tool vanished" in reason for reason in reasons)


def kill_main(pod):
    """Kill every process of the container of the command, the wrapper too."""
    import os
    import signal
    from pathlib import Path

    status = pod["status"]["containerStatuses"][0]
    container = status["containerID"].removeprefix("containerd://")
    for tasks in Path("/sys/fs/cgroup/memory/kubepods").rglob(f"{container}/cgroup.procs"):
        for pid in tasks.read_text().split():
            os.kill(int(pid), signal.SIGKILL)


def test_image_that_does_not_exist_fails_with_the_reason(environment, monkeypatch, request):
    monkeypatch.setenv("EODH_POD_IMAGE_TIMEOUT_S", "8")
    client = request.getfixturevalue("client")
    job = launch(client, tool("echo", "localhost:1/none:1"))
    until(lambda: [s for s in job.steps() if "Image" in s.get("waiting", "")], 30)

    failure = failure_of(job)

    assert failure["class"] == "image"
    assert "localhost:1/none:1" in failure["message"]
    until(lambda: not pods())


def test_step_larger_than_any_node_waits_with_the_reason_then_fails(
    environment, monkeypatch, request
):
    monkeypatch.setenv("EODH_POD_SCHEDULE_TIMEOUT_S", "5")
    client = request.getfixturevalue("client")
    huge = {"ResourceRequirement": {"ramMin": 9_000_000}}
    job = launch(client, tool("echo", requirements=huge))
    until(lambda: [s for s in job.steps() if "Insufficient memory" in s.get("waiting", "")], 10)

    failure = failure_of(job)

    assert failure["class"] == "scheduling"
    assert "Insufficient memory" in failure["message"]
