"""What jobs on the cluster survive: restarts, quotas, a silent or lost API server."""

import json
import os
import random
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from eodh_runner.executor.kubernetes.pod import job_name

from eodh_jupyter import Client, JobFailed

from .conftest import created, is_running, launch, many, pods, runner_pid, stop, tool, until
from .rig import is_node_ready, kubectl, start_api_server, start_kubelet, stop_part

#: How often a test of random moments tries its luck; the moments follow from the number.
MOMENTS = int(os.environ.get("EODH_RANDOM_MOMENTS", "10"))


def test_runner_killed_in_mid_run_takes_its_pods_up_again(client, environment):
    job = many(client, 8)
    until(lambda: any(is_running(pod) for pod in pods()))
    for _ in range(3):
        time.sleep(1.0)
        os.kill(runner_pid(environment), signal.SIGKILL)
        until(lambda: Client().jobs(1))

    again = Client().job(job.id).wait(240)

    assert [out.text().splitlines()[1] for out in again.results.outs] == [str(n) for n in range(8)]
    assert {len(uids) for uids in created().values()} == {1}
    assert {step["attempt"] for step in again.steps()} == {1}
    until(lambda: not pods())
    until(lambda: not secrets(job))


def secrets(*jobs):
    """Give the secrets that are left of some jobs."""
    names = {f"secret/{job_name('local', job.id)}" for job in jobs}
    return names & set(kubectl("get", "secrets", "-n", "eodh-jobs", "-o", "name").split())


def test_runner_killed_at_random_moments_runs_no_step_again_and_replaces_no_pod(
    client, environment
):
    moments = random.Random(MOMENTS)
    before = set(created())
    job = many(client, 50)
    for _ in range(MOMENTS):
        time.sleep(moments.uniform(0.2, 4.0))
        os.kill(runner_pid(environment), signal.SIGKILL)
        until(lambda: Client().jobs(1))

    again = Client().job(job.id).wait(240)

    assert [out.text().splitlines()[1] for out in again.results.outs] == [str(n) for n in range(50)]
    made = {name: uids for name, uids in created().items() if name not in before}
    assert [len(uids) for uids in made.values()] == [1] * 50
    assert {step["attempt"] for step in again.steps()} == {1}
    until(lambda: not pods() and not secrets(job))


def test_dismissal_leaves_nothing_within_ten_seconds(client):
    job = many(client, 6)
    until(lambda: any(is_running(pod) for pod in pods()))

    began = time.monotonic()
    job.dismiss()
    until(lambda: not pods() and not secrets(job), 20)

    assert time.monotonic() - began < 15  # ten, on a machine of one's own
    assert job.refresh().status == "dismissed"


def test_dismissal_at_random_moments_leaves_nothing(client):
    moments = random.Random(MOMENTS)
    jobs = []
    for _ in range(MOMENTS):
        jobs.append(many(client, 10))
        time.sleep(moments.choice([0.0, moments.uniform(0.0, 1.0), moments.uniform(1.0, 6.0)]))
        jobs[-1].dismiss()
    until(lambda: not pods() and not secrets(*jobs), 40)

    assert {job.refresh().status for job in jobs} == {"dismissed"}


def test_quota_keeps_steps_waiting_and_lets_them_go_on(client):
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "few", "namespace": "eodh-jobs"},
        "spec": {"hard": {"pods": "1"}},
    }
    kubectl("apply", "-f", "-", given=quota)
    try:
        until(lambda: '"pods":"0"' in kubectl(*QUOTA))
        job = many(client, 3)
        until(lambda: [s for s in job.steps() if "exceeded quota" in s.get("waiting", "")], 30)
        most = 0
        while not job.refresh().is_terminal:
            most = max(most, len(pods()))
        assert job.status == "successful"
        assert most == 1
    finally:
        kubectl("delete", "resourcequota", "few", "-n", "eodh-jobs")


QUOTA = ("get", "resourcequota", "few", "-n", "eodh-jobs", "-o", "jsonpath={.status.used}")


def test_pod_deleted_by_somebody_is_tried_again(client):
    job = launch(client, tool("sleep 3; echo done"))
    pod = until(lambda: [pod for pod in pods() if is_running(pod)])[0]
    kubectl(
        "delete", "pod", pod["metadata"]["name"], "-n", "eodh-jobs", "--grace-period=0", "--force"
    )

    assert job.wait(180).results.out.text() == "done\n"
    assert job.steps()[0]["attempt"] == 2


def test_evicted_pod_is_tried_again(client):
    job = launch(client, tool("sleep 4; echo done"))
    pod = until(lambda: [pod for pod in pods() if is_running(pod)])[0]
    name = pod["metadata"]["name"]
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": "eodh-jobs"},
    }
    kubectl(
        *("create", "--raw", f"/api/v1/namespaces/eodh-jobs/pods/{name}/eviction", "-f", "-"),
        given=eviction,
    )

    assert job.wait(180).results.out.text() == "done\n"
    assert job.steps()[0]["attempt"] == 2


@pytest.mark.parametrize("seconds", [5, 60])
def test_api_server_that_is_away_costs_no_step(client, seconds):
    job = many(client, 4)
    until(lambda: any(is_running(pod) for pod in pods()))
    stop_part("apiserver")
    time.sleep(seconds)
    start_api_server()

    assert len(job.wait(240).results.outs) == 4
    assert {step["attempt"] for step in job.steps()} == {1}
    until(lambda: not pods())
    until(is_node_ready, 150)  # the cluster thinks for a while that its node was silent


@pytest.fixture
def another_node(cluster):
    """Give a node that is nothing but a heartbeat: nobody gives up the only node of a cluster."""
    kubectl("apply", "-f", "-", given=ANOTHER)
    ready = {"type": "Ready", "status": "True", "reason": "Test", "message": "a heartbeat"}
    status = json.dumps({"status": {"conditions": [ready]}})
    kubectl("patch", "node", "another", "--subresource=status", "--type=merge", "-p", status)
    ended = threading.Event()

    def beat():
        while not ended.wait(5):
            kubectl("apply", "-f", "-", given=make_lease())

    kubectl("apply", "-f", "-", given=make_lease())
    heart = threading.Thread(target=beat)
    heart.start()
    yield
    ended.set()
    heart.join()
    kubectl("delete", "node", "another")


ANOTHER = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "another"},
    "spec": {"unschedulable": True},
}


def make_lease():
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "another", "namespace": "kube-node-lease"},
        "spec": {"holderIdentity": "another", "leaseDurationSeconds": 40, "renewTime": now},
    }


@pytest.mark.usefixtures("another_node")
@pytest.mark.parametrize(
    ("is_no_more", "says"),
    [
        (True, "lost its node (DeletionByPodGC: "),
        (False, "lost its node (DeletionByTaintManager: "),
    ],
)
def test_step_whose_node_is_lost_is_tried_again_and_the_reason_is_told(client, is_no_more, says):
    job = launch(client, tool("sleep 600"))
    until(lambda: any(is_running(pod) for pod in pods()))
    stop_part("kubelet")
    try:
        if is_no_more:
            kubectl("delete", "node", "node1")
        until(lambda: job.steps()[0]["attempt"] == 2, 200)
    finally:
        start_kubelet()
    until(lambda: len(pods()) == 1 and is_running(pods()[0]))
    job.dismiss()

    reasons = [event["data"].get("reason") for event in job.events() if event["kind"] == "step"]
    assert any(says in reason for reason in reasons if reason)


def test_runner_without_a_way_to_the_cluster_says_so(environment, monkeypatch, tmp_path):
    from ..integration.conftest import python

    for name, value, says in (
        ("EODH_KUBECONFIG", "/none", "there is no kubeconfig at /none"),
        ("EODH_KUBE_CONTEXT", "other", "has no context 'other'; it has: test"),
        ("EODH_POD_IMAGE", "", "EODH_POD_IMAGE is not set"),
        ("EODH_STORE_URL", "", "needs a bucket that runner and pods share"),
    ):
        with monkeypatch.context() as change:
            change.setenv(name, value)
            answer = python("-m", "eodh_runner", "serve")
        assert answer.returncode == 2
        assert says in answer.stderr.splitlines()[-1]
        assert "Traceback" not in answer.stderr


def test_runner_that_may_not_make_pods_names_the_verb_and_the_resource(
    environment, monkeypatch, tmp_path, request
):
    kubectl("create", "serviceaccount", "nobody", "-n", "eodh-jobs")
    try:
        token = kubectl("create", "token", "nobody", "-n", "eodh-jobs").strip()
        config = json.loads(Path(os.environ["EODH_KUBECONFIG"]).read_text())
        config["users"][0]["user"] = {"token": token}
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(config))
        monkeypatch.setenv("EODH_KUBECONFIG", str(path))
        from ..integration.conftest import python

        answer = python("-m", "eodh_runner", "serve")
    finally:
        kubectl("delete", "serviceaccount", "nobody", "-n", "eodh-jobs")

    assert answer.returncode == 2
    assert 'cannot list resource "pods"' in answer.stderr.splitlines()[-1]
    assert token not in answer.stderr


__all__ = ["JobFailed", "stop"]
