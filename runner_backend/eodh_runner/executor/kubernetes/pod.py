"""The pod of one step run, and the object that owns a job's pods: pure, tested by exact dicts."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...domain.step import StepRun
from ...store.s3_address import S3Address
from .. import StepOrder
from .place import CONTROL, CREDENTIALS, VOLUME, Shown, shown
from .setting import PodSettings
from .wrapper import BUSYBOX, SCRIPT

MANAGER = "eodh-runner"
MANAGED_BY, RUNNER, JOB, ORDER = (
    "app.kubernetes.io/managed-by",
    "eodh/runner",
    "eodh/job",
    "eodh/order",
)
NETWORK = "eodh/network"
#: Our own containers: little, and bounded whatever the sizes of files.
OWN_CPU = 50
OWN = {
    "requests": {"cpu": f"{OWN_CPU}m", "memory": "64Mi", "ephemeral-storage": "16Mi"},
    "limits": {"memory": "256Mi"},
}
#: Time of stage-in and collect on top of the command's own limit.
MARGIN_S = 1800
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
LOST_S = 60


@dataclass(frozen=True)
class Surroundings:
    """What all pods of one runner share."""

    settings: PodSettings
    namespace: str
    #: Tells the pods of one runner from those of another.
    runner: str
    #: The store as pods reach it.
    store: S3Address


def job_name(workspace: str, job_id: str) -> str:
    """Give the name of the object that owns a job's pods: the secret of its credentials."""
    return f"eodh-{_digest(workspace, job_id)[:24]}"


def pod_name(order: StepOrder) -> str:
    """Give the name of an attempt's pod, the same in every life of the runner."""
    slug = re.sub(r"[^a-z0-9]+", "-", order.step_run.name.lower()).strip("-")[:40].strip("-")
    return f"{slug or 'step'}-{order_label(order)[:20]}"


def order_label(order: StepOrder) -> str:
    """Give what tells this attempt from every other."""
    return _digest(order.workspace, order.job_id, order.log, str(order.attempt))[:63]


def make_job(workspace: str, job_id: str, credentials: str, around: Surroundings) -> dict[str, Any]:
    """Give the secret of a job; what it owns goes when it goes."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": job_name(workspace, job_id),
            "namespace": around.namespace,
            "labels": {
                MANAGED_BY: MANAGER,
                RUNNER: around.runner,
                JOB: job_name(workspace, job_id),
            },
        },
        "type": "Opaque",
        "stringData": {"s3": credentials},
    }


def make_pod(order: StepOrder, image: str, owner_uid: str, around: Surroundings) -> dict[str, Any]:
    """Give the pod of one attempt.

    Parameters
    ----------
    image
        What `main` runs.
    owner_uid
        Of the job's secret.

    Raises
    ------
    StepFailed
        Class document: an input is wanted where none can be put.
    """
    settings, step_run = around.settings, order.step_run
    owner = job_name(order.workspace, order.job_id)
    labels = {
        **settings.labels,
        MANAGED_BY: MANAGER,
        RUNNER: around.runner,
        JOB: owner,
        ORDER: order_label(order),
        NETWORK: "open" if step_run.has_network else "none",
        "sidecar.istio.io/inject": "false",
        "azure.workload.identity/use": "false",
        **({"kueue.x-k8s.io/queue-name": settings.queue} if settings.queue else {}),
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(order),
            "namespace": around.namespace,
            "labels": labels,
            "annotations": {
                **settings.annotations,
                "sidecar.istio.io/inject": "false",
                "linkerd.io/inject": "disabled",
                "eodh/step": step_run.name[:1024],
            },
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Secret", "name": owner, "uid": owner_uid}
            ],
        },
        "spec": _spec(order, image, owner, around),
    }


def _spec(order: StepOrder, image: str, owner: str, around: Surroundings) -> dict[str, Any]:
    settings, step_run = around.settings, order.step_run
    folders = shown(step_run)
    user = settings.user
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "activeDeadlineSeconds": _deadline_s(step_run, settings),
        "terminationGracePeriodSeconds": 30,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": user,
            "fsGroup": user,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "initContainers": [
            _own("stage-in", order, around),
            {**_own("collect", order, around), "restartPolicy": "Always"},
        ],
        "containers": [
            {
                "name": "main",
                "image": image,
                "imagePullPolicy": "IfNotPresent",
                "command": [BUSYBOX, "sh", SCRIPT],
                "resources": _resources(step_run, settings),
                "securityContext": RESTRICTED,
                "volumeMounts": [
                    {"name": "work", "mountPath": CONTROL, "subPath": "ctl"},
                    *(_mount(folder) for folder in folders),
                ],
            }
        ],
        "volumes": [
            _volume(step_run, settings),
            {"name": "credentials", "secret": {"secretName": owner, "defaultMode": 0o440}},
        ],
        "tolerations": [
            *(dict(toleration) for toleration in settings.tolerations),
            *(
                {
                    "key": f"node.kubernetes.io/{what}",
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": LOST_S,
                }
                for what in ("not-ready", "unreachable")
            ),
        ],
    }
    if settings.node_selector:
        spec["nodeSelector"] = dict(settings.node_selector)
    if settings.pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in settings.pull_secrets]
    if settings.service_account:
        spec["serviceAccountName"] = settings.service_account
    if settings.priority_class:
        spec["priorityClassName"] = settings.priority_class
    return spec


def _own(name: str, order: StepOrder, around: Surroundings) -> dict[str, Any]:
    environ = {
        **around.store.to_environment(Path(CREDENTIALS)),
        "EODH_STEP": order.base_key,
        "EODH_STEP_LOG": order.log_key,
        "HOME": str(VOLUME),
        "TMPDIR": str(VOLUME),
    }
    return {
        "name": name,
        "image": around.settings.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["eodh-runner", name],
        "env": [{"name": key, "value": value} for key, value in environ.items()],
        "resources": OWN,
        "securityContext": RESTRICTED,
        "volumeMounts": [
            {"name": "work", "mountPath": str(VOLUME)},
            {"name": "credentials", "mountPath": CREDENTIALS.rpartition("/")[0], "readOnly": True},
        ],
    }


def _mount(folder: Shown) -> dict[str, Any]:
    mount: dict[str, Any] = {
        "name": "work",
        "mountPath": folder.target,
        "subPath": folder.source,
    }
    return mount | ({"readOnly": True} if folder.is_read_only else {})


def _resources(step_run: StepRun, settings: PodSettings) -> dict[str, Any]:
    limit = step_run.ram_max_mib or max(step_run.ram_mib, settings.ram_limit_mib)
    scratch = _scratch_mib(step_run)
    # What collect asks for is taken off, so that a step may ask for a whole node's cores.
    cores = max(1, round(step_run.cores * 1000) - OWN_CPU)
    asked = {"cpu": f"{cores}m", "memory": f"{step_run.ram_mib}Mi"}
    if not _has_own_volume(step_run, settings):
        asked["ephemeral-storage"] = f"{min(scratch, settings.disk_limit_mib)}Mi"
    return {"requests": asked, "limits": {"memory": f"{max(limit, step_run.ram_mib)}Mi"}}


def _volume(step_run: StepRun, settings: PodSettings) -> dict[str, Any]:
    if not _has_own_volume(step_run, settings):
        limit = max(settings.disk_limit_mib, _scratch_mib(step_run))
        return {"name": "work", "emptyDir": {"sizeLimit": f"{limit}Mi"}}
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": settings.scratch_class,
        "resources": {"requests": {"storage": f"{_scratch_mib(step_run)}Mi"}},
    }
    return {"name": "work", "ephemeral": {"volumeClaimTemplate": {"spec": claim}}}


def _has_own_volume(step_run: StepRun, settings: PodSettings) -> bool:
    return bool(settings.scratch_class) and _scratch_mib(step_run) >= settings.scratch_from_mib


def _scratch_mib(step_run: StepRun) -> int:
    """Give what the step asks for, and the room that its inputs take."""
    inputs = sum(entry.size_bytes or 0 for entry in step_run.stage)
    return step_run.tmpdir_mib + step_run.outdir_mib + (inputs >> 20) + 1


def _deadline_s(step_run: StepRun, settings: PodSettings) -> int:
    if step_run.timelimit_s:
        return int(step_run.timelimit_s) + MARGIN_S
    return settings.deadline_s


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
