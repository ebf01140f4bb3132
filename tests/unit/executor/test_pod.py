"""The pod of a step run, to the word."""

from dataclasses import replace

import pytest
from eodh_runner.domain.failure import StepFailed
from eodh_runner.domain.step import STAGEDIR, WORKDIR, StageEntry
from eodh_runner.executor import StepOrder
from eodh_runner.executor.kubernetes.place import place, shown
from eodh_runner.executor.kubernetes.pod import Surroundings, make_job, make_pod, pod_name
from eodh_runner.executor.kubernetes.setting import PodSettings
from eodh_runner.store.s3_address import S3Address

from .test_argv import make_step_run

STORE = S3Address("bucket", "eodh", "http://s3:7070")
AROUND = Surroundings(PodSettings("runner:1"), "jobs", "r1", STORE)
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}


def make_order(attempt=1, **fields):
    step_run = make_step_run(path=("crop", "0"), cores=0.5, ram_mib=256, **fields)
    return StepOrder("ws", "job-1", step_run, attempt, "crop.0")


def pod_of(order=None, around=AROUND, **settings):
    around = replace(around, settings=replace(around.settings, **settings))
    return make_pod(order or make_order(), "tool:1", "uid-1", around)


def own(name):
    return {
        "name": name,
        "image": "runner:1",
        "imagePullPolicy": "IfNotPresent",
        "command": ["eodh-runner", name],
        "env": [
            {"name": "EODH_STORE_URL", "value": "s3://bucket/eodh"},
            {"name": "EODH_STORE_REGION", "value": "us-east-1"},
            {"name": "EODH_STORE_ADDRESSING", "value": "auto"},
            {"name": "EODH_STORE_CREDENTIALS", "value": "/credentials/s3"},
            {"name": "EODH_STORE_ENDPOINT", "value": "http://s3:7070"},
            {"name": "EODH_STEP", "value": "ws/jobs/job-1/steps/crop/0/1"},
            {"name": "EODH_STEP_LOG", "value": "ws/jobs/job-1/logs/crop.0/1"},
            {"name": "HOME", "value": "/work"},
            {"name": "TMPDIR", "value": "/work"},
        ],
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "16Mi"},
            "limits": {"memory": "256Mi"},
        },
        "securityContext": RESTRICTED,
        "volumeMounts": [
            {"name": "work", "mountPath": "/work"},
            {"name": "credentials", "mountPath": "/credentials", "readOnly": True},
        ],
    }


def test_pod_of_a_plain_step_is_exactly_this():
    assert pod_of() == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(make_order()),
            "namespace": "jobs",
            "labels": {
                "app.kubernetes.io/managed-by": "eodh-runner",
                "eodh/runner": "r1",
                "eodh/job": "eodh-4cb90b3a0053a5312f5d3cfd",
                "eodh/order": "8b695605ff8bb122456876c905da27b41c8a167b567583c547d64dcc0e34f95",
                "eodh/network": "none",
                "sidecar.istio.io/inject": "false",
                "azure.workload.identity/use": "false",
            },
            "annotations": {
                "sidecar.istio.io/inject": "false",
                "linkerd.io/inject": "disabled",
                "eodh/step": "crop/0",
            },
            "ownerReferences": [
                {
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "name": "eodh-4cb90b3a0053a5312f5d3cfd",
                    "uid": "uid-1",
                }
            ],
        },
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "activeDeadlineSeconds": 86400,
            "terminationGracePeriodSeconds": 30,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "runAsGroup": 1000,
                "fsGroup": 1000,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "initContainers": [own("stage-in"), {**own("collect"), "restartPolicy": "Always"}],
            "containers": [
                {
                    "name": "main",
                    "image": "tool:1",
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["/eodh/busybox", "sh", "/eodh/run.sh"],
                    "resources": {
                        "requests": {"cpu": "450m", "memory": "256Mi", "ephemeral-storage": "3Mi"},
                        "limits": {"memory": "4096Mi"},
                    },
                    "securityContext": RESTRICTED,
                    "volumeMounts": [
                        {"name": "work", "mountPath": "/eodh", "subPath": "ctl"},
                        {"name": "work", "mountPath": WORKDIR, "subPath": "out"},
                        {"name": "work", "mountPath": "/tmp", "subPath": "tmp"},
                    ],
                }
            ],
            "volumes": [
                {"name": "work", "emptyDir": {"sizeLimit": "51200Mi"}},
                {
                    "name": "credentials",
                    "secret": {
                        "secretName": "eodh-4cb90b3a0053a5312f5d3cfd",
                        "defaultMode": 0o440,
                    },
                },
            ],
            "tolerations": [
                {
                    "key": f"node.kubernetes.io/{what}",
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": 60,
                }
                for what in ("not-ready", "unreachable")
            ],
        },
    }


def test_secret_of_a_job_holds_the_credentials_and_owns_the_pods():
    assert make_job("ws", "job-1", "text", AROUND) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "eodh-4cb90b3a0053a5312f5d3cfd",
            "namespace": "jobs",
            "labels": {
                "app.kubernetes.io/managed-by": "eodh-runner",
                "eodh/runner": "r1",
                "eodh/job": "eodh-4cb90b3a0053a5312f5d3cfd",
            },
        },
        "type": "Opaque",
        "stringData": {"s3": "text"},
    }


def test_names_are_the_same_in_every_life_and_differ_by_attempt():
    assert pod_name(make_order()) == pod_name(make_order())
    assert pod_name(make_order()) != pod_name(make_order(attempt=2))
    assert pod_name(make_order()).startswith("crop-0-")


@pytest.mark.parametrize("part", ["Ärger_1", "--", "x" * 300, "A.B", "é"])
def test_name_of_any_step_is_one_that_kubernetes_takes(part):
    import re

    order = StepOrder("ws", "j", make_step_run(path=(part,)), 1, part)

    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", pod_name(order))


def test_operator_s_choices_are_in_the_pod():
    spec = pod_of(
        node_selector={"pool": "big"},
        pull_secrets=("a", "b"),
        service_account="steps",
        priority_class="low",
        tolerations=({"key": "gpu", "operator": "Exists"},),
        user=2000,
    )["spec"]

    assert spec["nodeSelector"] == {"pool": "big"}
    assert spec["imagePullSecrets"] == [{"name": "a"}, {"name": "b"}]
    assert (spec["serviceAccountName"], spec["priorityClassName"]) == ("steps", "low")
    assert spec["tolerations"][0] == {"key": "gpu", "operator": "Exists"}
    assert spec["securityContext"]["runAsUser"] == 2000


def test_queue_and_labels_are_on_the_pod_and_cannot_replace_its_own():
    labels = pod_of(queue="q", labels={"team": "eo", "eodh/job": "x"})["metadata"]["labels"]

    assert labels["kueue.x-k8s.io/queue-name"] == "q"
    assert labels["team"] == "eo"
    assert labels["eodh/job"] != "x"


def test_network_access_is_a_label_for_policies():
    assert pod_of(make_order(has_network=True))["metadata"]["labels"]["eodh/network"] == "open"


@pytest.mark.parametrize(
    ("fields", "limit"),
    [({"ram_max_mib": 300}, "300Mi"), ({}, "4096Mi"), ({"ram_max_mib": 100}, "256Mi")],
)
def test_memory_limit_is_ram_max_else_the_operator_s_but_never_below_the_request(fields, limit):
    main = pod_of(make_order(**fields))["spec"]["containers"][0]

    assert main["resources"]["limits"] == {"memory": limit}


def test_big_scratch_gets_a_volume_of_its_own():
    order = make_order(outdir_mib=30_000, tmpdir_mib=10_000)

    spec = pod_of(order, scratch_class="fast")["spec"]

    claim = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "40001Mi"}},
    }
    assert spec["volumes"][0] == {
        "name": "work",
        "ephemeral": {"volumeClaimTemplate": {"spec": claim}},
    }
    assert "ephemeral-storage" not in spec["containers"][0]["resources"]["requests"]


def test_time_limit_of_the_tool_bounds_the_pod_with_room_for_its_files():
    assert pod_of(make_order(timelimit_s=60))["spec"]["activeDeadlineSeconds"] == 1860


def entry(target, **fields):
    return StageEntry(target, "file", "eodh-store:///ws/jobs/j/x", **fields)


def test_inputs_are_shown_where_the_tool_wants_them():
    step_run = make_step_run(
        stage=(
            entry(f"{STAGEDIR}/1/a.tif"),
            entry(f"{WORKDIR}/b.tif"),
            entry("/data/c"),
            entry("/data/c/d"),
            entry("/etc/conf", is_writable=True),
        )
    )

    mounts = [(s.source, s.target, s.is_read_only) for s in shown(step_run)]

    assert mounts == [
        ("out", WORKDIR, False),
        ("tmp", "/tmp", False),
        ("tree", STAGEDIR, True),
        ("extra/2", "/data/c", True),
        ("extra/4", "/etc/conf", False),
    ]
    places = [str(place(e.target, shown(step_run))) for e in step_run.stage]
    assert places == [
        "/work/tree/1/a.tif",
        "/work/out/b.tif",
        "/work/extra/2",
        "/work/extra/2/d",
        "/work/extra/4",
    ]


@pytest.mark.parametrize("target", ["/eodh/busybox", "/proc/self", "/dev/null", "/eodh"])
def test_input_over_what_runs_the_tool_is_refused(target):
    with pytest.raises(StepFailed, match="not the tool's to change"):
        pod_of(make_order(stage=(entry(target),)))


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "EODH_POD_IMAGE is not set"),
        ({"EODH_POD_USER": "0"}, "EODH_POD_USER is '0'; it must be a number from 1"),
        ({"EODH_POD_NODE_SELECTOR": "pool"}, "write name=value"),
        ({"EODH_POD_TOLERATIONS": "{}"}, "must be a JSON list"),
        ({"EODH_POD_NAMESPACE": "Not_A_Name"}, "must be a name of Kubernetes"),
    ],
)
def test_setting_that_cannot_be_used_names_the_variable(environ, says):
    given = {"EODH_POD_IMAGE": "runner:1", **environ} if environ else {}
    with pytest.raises(ValueError, match=says):
        PodSettings.from_environment(given)


def test_settings_come_from_variables_of_their_names():
    environ = {
        "EODH_POD_IMAGE": "runner:1",
        "EODH_POD_PULL_SECRETS": "a, b",
        "EODH_POD_NODE_SELECTOR": "pool=big,zone=1",
        "EODH_POD_RAM_LIMIT_MIB": "100",
    }

    assert PodSettings.from_environment(environ) == PodSettings(
        "runner:1",
        pull_secrets=("a", "b"),
        node_selector={"pool": "big", "zone": "1"},
        ram_limit_mib=100,
    )
