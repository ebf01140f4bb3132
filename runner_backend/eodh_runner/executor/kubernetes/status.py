"""What the status of a pod means: pure, told apart by what people can do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...domain.failure import Failure, FailureClass

#: Reasons why an image is not there, and those that no waiting will mend.
IMAGE_REASONS = ("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError")
IMAGE_NEVER = ("InvalidImageName", "ErrImageNeverPull")
CONTAINER_REASONS = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")
#: Reasons of the cluster to give up a pod whose node is silent, or no more.
NODE_LOST = ("DeletionByTaintManager", "DeletionByPodGC")
IMAGE_REMEDY = (
    "Check its name, that the cluster can pull it (EODH_POD_PULL_SECRETS), and that it is "
    "for the cluster's processors."
)


@dataclass(frozen=True)
class MainEnd:
    """How the container of the command ended."""

    code: int
    reason: str
    message: str


@dataclass(frozen=True)
class PodState:
    """One look at a pod."""

    #: Why it does not run yet, in one line; None when nothing holds it up.
    waiting: str | None = None
    #: Class of what it waits for: image, scheduling, infrastructure.
    waits_for: FailureClass | None = None
    #: True when no waiting will help.
    is_hopeless: bool = False
    is_started: bool = False
    node: str | None = None
    main: MainEnd | None = None
    #: True when nothing more will be collected.
    is_over: bool = False
    #: Why the pod ended other than by its command.
    failure: Failure | None = None


def read_pod(pod: Mapping[str, Any], step: str, image: str) -> PodState:
    """Read the status of a pod.

    Parameters
    ----------
    step, image
        Names for what is said.
    """
    status = pod["status"]
    statuses = {
        item["name"]: item
        for key in ("initContainerStatuses", "containerStatuses")
        for item in status.get(key) or ()
    }
    main = _ended(statuses.get("main"))
    is_over = status.get("phase") in ("Succeeded", "Failed") or _is_ended(statuses.get("collect"))
    waiting, waits_for, is_hopeless = _waiting(status, statuses)
    return PodState(
        waiting=None if main else waiting,
        waits_for=waits_for,
        is_hopeless=is_hopeless,
        is_started="running" in _state(statuses.get("main")) or main is not None,
        node=pod["spec"].get("nodeName"),
        main=main,
        is_over=is_over,
        failure=_lost(pod, step) or _own_failure(statuses, step) or _cannot_start(main, image),
    )


def explain_wait(state: PodState, step: str, image: str, waited_s: float) -> Failure:
    """Give the failure of a pod that waited too long, or in vain."""
    kind = state.waits_for or FailureClass.INFRASTRUCTURE
    if kind is FailureClass.IMAGE:
        return Failure(kind, f"the image {image} could not be had: {state.waiting}", IMAGE_REMEDY)
    if kind is FailureClass.SCHEDULING:
        return Failure(
            kind,
            f"{step} found no place in the cluster in {waited_s:.0f} s: {state.waiting}",
            "Ask for less in its ResourceRequirement, or give the cluster a larger node.",
        )
    return Failure(
        kind,
        f"the pod of {step} did not start in {waited_s:.0f} s: {state.waiting}",
        "It is tried again; if it happens again, show this line to who runs the cluster.",
    )


def explain_end(main: MainEnd | None, step: str, limit_mib: int, peak_mib: float) -> Failure | None:
    """Give why the command did not end by itself, by what the container's status says."""
    if main is None or main.reason != "OOMKilled":
        return None
    held = f" (it held {peak_mib:.0f} MiB)" if peak_mib else ""
    return Failure(
        FailureClass.MEMORY,
        f"{step} needed more than its {limit_mib} MiB of memory{held}",
        f"Give it a ramMax of {max(peak_mib, limit_mib) * 1.5:.0f} MiB, or give it less data.",
    )


def vanished(step: str, what: str) -> Failure:
    """Give the failure of a pod that left nothing."""
    return Failure(
        FailureClass.INFRASTRUCTURE,
        f"the pod of {step} {what}",
        "It is tried again; if it happens again, look at the nodes of the cluster.",
    )


def _waiting(
    status: Mapping[str, Any], statuses: Mapping[str, Any]
) -> tuple[str | None, FailureClass | None, bool]:
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            text = f"{condition.get('reason', '')}: {condition.get('message', '')}".strip(": ")
            return text, FailureClass.SCHEDULING, False
    for item in statuses.values():
        waiting = _state(item).get("waiting") or {}
        reason = waiting.get("reason", "")
        text = f"{reason}: {waiting.get('message') or item.get('image', '')}"[:600]
        if reason in (*IMAGE_REASONS, *IMAGE_NEVER):
            return text, FailureClass.IMAGE, reason in IMAGE_NEVER
        if reason in CONTAINER_REASONS:
            return text, FailureClass.INFRASTRUCTURE, False
    return None, None, False


def _lost(pod: Mapping[str, Any], step: str) -> Failure | None:
    status = pod["status"]
    reason, message = status.get("reason", ""), status.get("message", "")
    if reason == "DeadlineExceeded":
        return Failure(
            FailureClass.TIME,
            f"the pod of {step} lived longer than it may",
            "Give it less data, a ToolTimeLimit, or raise EODH_POD_DEADLINE_S.",
        )
    if reason == "Evicted" and ("ephemeral" in message or "EmptyDir" in message):
        return Failure(
            FailureClass.STORAGE,
            f"{step} wrote more than it may: {message}",
            "Write less, ask for more in outdirMin, or raise EODH_POD_DISK_LIMIT_MIB.",
        )
    if reason in ("Evicted", "NodeLost", "NodeShutdown", "Terminated", "Preempting"):
        return vanished(step, f"was ended by the cluster ({reason}: {message})")
    if reason.startswith("OutOf") or reason in ("UnexpectedAdmissionError", "NodeAffinity"):
        return vanished(step, f"was refused by its node ({reason}: {message})")
    for condition in status.get("conditions") or ():
        if condition["type"] == "DisruptionTarget" and condition["status"] == "True":
            why = condition.get("reason", "")
            what = "lost its node" if why in NODE_LOST else "had to leave its node"
            return vanished(step, f"{what} ({why}: {condition.get('message', '')})")
    return None


def _own_failure(statuses: Mapping[str, Any], step: str) -> Failure | None:
    """Give what stage-in or collect said at their end."""
    for name in ("stage-in", "collect"):
        ended = _ended(statuses.get(name))
        if ended is None or (ended.code == 0 and not ended.message):
            continue
        try:
            return Failure.from_json(json.loads(ended.message))
        except (ValueError, KeyError, TypeError, AttributeError):
            pass
        if name == "stage-in":
            return vanished(step, f"could not stage in ({ended.reason}, code {ended.code})")
    return None


def _cannot_start(main: MainEnd | None, image: str) -> Failure | None:
    if main is None or main.reason not in ("StartError", "ContainerCannotRun"):
        return None
    return Failure(
        FailureClass.IMAGE,
        f"the image {image} could not be started: {main.message[:300]}",
        IMAGE_REMEDY,
    )


def _state(item: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return (item or {}).get("state") or {}


def _is_ended(item: Mapping[str, Any] | None) -> bool:
    return "terminated" in _state(item)


def _ended(item: Mapping[str, Any] | None) -> MainEnd | None:
    ended = _state(item).get("terminated")
    if not ended:
        return None
    return MainEnd(
        int(ended.get("exitCode", -1)), ended.get("reason") or "", ended.get("message") or ""
    )
