"""What the status of a pod means."""

import json

import pytest
from eodh_runner.domain.failure import Failure, FailureClass
from eodh_runner.executor.kubernetes.status import (
    MainEnd,
    PodState,
    explain_end,
    explain_wait,
    read_pod,
)


def read(phase="Running", conditions=(), init=(), main=None, node="n1", **status):
    pod = {
        "spec": {"nodeName": node},
        "status": {
            "phase": phase,
            "conditions": list(conditions),
            "initContainerStatuses": [{"name": n, "state": s} for n, s in init],
            "containerStatuses": [{"name": "main", "state": main}] if main else [],
            **status,
        },
    }
    return read_pod(pod, "crop", "tool:1")


def ended(code=0, reason="Completed", message=""):
    return {"terminated": {"exitCode": code, "reason": reason, "message": message}}


def waiting(reason, message=""):
    return {"waiting": {"reason": reason, "message": message}}


def test_pod_that_runs_is_started_on_its_node():
    assert read(main={"running": {}}) == PodState(is_started=True, node="n1")


def test_pod_that_is_being_made_waits_for_nothing_worth_telling():
    assert read("Pending", main=waiting("PodInitializing")).waiting is None


def test_unschedulable_pod_waits_with_the_scheduler_s_words():
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/1 nodes are available: 1 Insufficient cpu.",
    }

    state = read("Pending", [condition], node=None)

    assert state.waiting == "Unschedulable: 0/1 nodes are available: 1 Insufficient cpu."
    assert state.waits_for is FailureClass.SCHEDULING
    failure = explain_wait(state, "crop", "tool:1", 600)
    assert failure.kind is FailureClass.SCHEDULING
    assert "in 600 s: Unschedulable: 0/1 nodes" in failure.message


@pytest.mark.parametrize(
    ("reason", "is_hopeless"),
    [("ErrImagePull", False), ("ImagePullBackOff", False), ("InvalidImageName", True)],
)
def test_image_that_cannot_be_had_waits_with_the_registry_s_words(reason, is_hopeless):
    state = read("Pending", main=waiting(reason, "manifest unknown"))

    assert (state.waiting, state.is_hopeless) == (f"{reason}: manifest unknown", is_hopeless)
    failure = explain_wait(state, "crop", "tool:1", 1)
    assert failure.kind is FailureClass.IMAGE
    assert failure.message == f"the image tool:1 could not be had: {reason}: manifest unknown"


def test_end_of_main_is_not_the_end_while_outputs_are_collected():
    state = read(init=[("collect", {"running": {}})], main=ended(3, "Error"))

    assert state.main == MainEnd(3, "Error", "")
    assert not state.is_over
    assert state.failure is None


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_pod_is_over_by_its_phase_or_by_the_end_of_collect(phase):
    assert read(phase).is_over
    assert read(init=[("collect", ended())], main=ended()).is_over


def test_out_of_memory_is_what_the_container_s_status_says():
    failure = explain_end(MainEnd(137, "OOMKilled", ""), "crop", 128, 126.4)

    assert failure.kind is FailureClass.MEMORY
    assert failure.message == "crop needed more than its 128 MiB of memory (it held 126 MiB)"
    assert "ramMax of 192 MiB" in failure.remedy
    assert explain_end(MainEnd(137, "Error", ""), "crop", 128, 126.4) is None


def test_what_stage_in_said_at_its_end_is_the_failure():
    said = Failure(FailureClass.INPUT, "input x is not there", "Put it back.")
    words = json.dumps(said.to_json())

    assert read("Failed", init=[("stage-in", ended(1, "Error", words))]).failure == said


def test_stage_in_that_ended_without_words_is_the_cluster_s_fault():
    failure = read("Failed", init=[("stage-in", ended(137, "OOMKilled", ""))]).failure

    assert failure.kind is FailureClass.INFRASTRUCTURE
    assert "could not stage in (OOMKilled, code 137)" in failure.message


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        ({"reason": "DeadlineExceeded"}, FailureClass.TIME, "lived longer"),
        (
            {"reason": "Evicted", "message": 'Usage of EmptyDir volume "work" exceeds 1Gi'},
            FailureClass.STORAGE,
            "wrote more than it may",
        ),
        (
            {"reason": "Evicted", "message": "The node was low on resource: memory"},
            FailureClass.INFRASTRUCTURE,
            "low on resource: memory",
        ),
        ({"reason": "OutOfcpu", "message": "m"}, FailureClass.INFRASTRUCTURE, "refused by its"),
    ],
)
def test_pod_that_the_cluster_ended_says_why(status, kind, says):
    failure = read("Failed", **status).failure

    assert failure.kind is kind
    assert says in failure.message


def test_pod_that_must_leave_its_node_is_tried_again():
    condition = {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}

    assert read(conditions=[condition]).failure.kind is FailureClass.INFRASTRUCTURE


def test_pod_whose_node_is_lost_says_so():
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "DeletionByPodGC",
        "message": "PodGC: node no longer exists",
    }

    failure = read("Failed", conditions=[condition]).failure

    assert failure.kind is FailureClass.INFRASTRUCTURE
    assert failure.message.endswith("lost its node (DeletionByPodGC: PodGC: node no longer exists)")


def test_image_whose_command_cannot_start_is_named():
    failure = read("Failed", main=ended(128, "StartError", "exec format error")).failure

    assert failure.kind is FailureClass.IMAGE
    assert failure.message == "the image tool:1 could not be started: exec format error"
