"""Starts and ends a real Kubernetes of one node, with a real S3."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eodh_runner.store.s3_address import Credentials

from ..servers.go import Missing, go_program
from ..servers.s3 import ACCESS_KEY, SECRET_KEY
from . import system
from .configuration import PKI, write_configuration
from .image import make_layers, put_images
from .kubernetes_program import kubernetes
from .place import (
    API,
    API_PORT,
    BUCKET,
    CONTAINERD,
    ETCD_PORT,
    HOST,
    KEPT,
    KUBECONFIG,
    NAMESPACE,
    REGISTRY,
    RUNNER_NAMESPACE,
    S3_PORT,
    STATE,
    SUBNET,
    CannotRun,
    require_system,
)

READY_S = 120.0
DETAILS = STATE / "cluster.json"
#: What operators apply; the runner of the tests is outside, and has the account of the one inside.
BASE = Path(__file__).parents[2] / "deploy" / "kustomize" / "base"
CREDENTIALS = STATE / "credentials"


def up() -> dict[str, str]:
    """Give a cluster that works: the one that runs, or a new one."""
    require_system()
    with _alone():
        if not _is_ready():
            system.clean()
            shutil.rmtree(STATE, ignore_errors=True)
            _start()
        details = {
            "kubeconfig": str(KUBECONFIG),
            "runner_kubeconfig": str(runner_kubeconfig()),
            "namespace": NAMESPACE,
            "image": put_images(),
            "s3": f"http://{HOST}:{S3_PORT}",
            "bucket": BUCKET,
            "credentials": str(CREDENTIALS),
            "registries": f"docker.io={REGISTRY}",
        }
        DETAILS.write_text(json.dumps(details))
        return details


def prepare() -> None:
    """Build everything that takes minutes the first time."""
    require_system()
    with _alone():
        kubernetes()
        for name in ("versitygw", "kwok"):
            go_program(name)
        make_layers()


def down() -> None:
    """End the cluster, and leave nothing of it but the kept programs and images."""
    if not STATE.exists() and not system.ours():
        return
    with _alone():
        system.clean()
        shutil.rmtree(STATE, ignore_errors=True)


def is_up() -> bool:
    """Tell whether a whole cluster runs: every part of it, and the node."""
    return os.geteuid() == 0 and _is_ready()


def kubectl(*arguments: str, given: object = None) -> str:
    """Run kubectl as administrator."""
    answer = subprocess.run(
        [str(kubernetes() / "kubectl"), "--kubeconfig", str(KUBECONFIG), *arguments],
        input=None if given is None else json.dumps(given),
        capture_output=True,
        text=True,
    )
    if answer.returncode != 0:
        raise RuntimeError(f"kubectl {' '.join(arguments)}: {answer.stderr.strip()}")
    return answer.stdout


def runner_kubeconfig() -> Path:
    """Give a kubeconfig with no more rights than a runner needs."""
    account = ("token", "eodh-runner", "-n", RUNNER_NAMESPACE)
    token = kubectl("create", *account, "--duration=24h").strip()
    found = json.loads(KUBECONFIG.read_text())
    found["users"][0]["user"] = {"token": token}
    path = STATE / "runner.kubeconfig"
    path.touch(0o600)
    path.write_text(json.dumps(found))
    return path


def start_part(name: str, *argv: str, environ: dict[str, str] | None = None) -> None:
    """Start one component in a session of its own."""
    for folder in ("logs", "run"):
        (STATE / folder).mkdir(parents=True, exist_ok=True)
    with (STATE / "logs" / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            argv,
            cwd=STATE,
            env={**os.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (STATE / "run" / f"{name}.pid").write_text(str(process.pid))


def start_api_server() -> None:
    """Start the API server; tests stop and start it."""
    start_part(
        "apiserver",
        str(kubernetes() / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{ETCD_PORT}",
        f"--secure-port={API_PORT}",
        f"--bind-address={HOST}",
        f"--advertise-address={HOST}",
        f"--tls-cert-file={PKI}/apiserver.crt",
        f"--tls-private-key-file={PKI}/apiserver.key",
        f"--client-ca-file={PKI}/ca.crt",
        "--authorization-mode=Node,RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-signing-key-file={PKI}/sa.key",
        f"--service-account-key-file={PKI}/sa.pub",
        "--service-cluster-ip-range=10.96.0.0/16",
        f"--kubelet-client-certificate={PKI}/kubelet-client.crt",
        f"--kubelet-client-key={PKI}/kubelet-client.key",
        "--kubelet-preferred-address-types=InternalIP",
        f"--cert-dir={STATE}/run",
    )


def start_kubelet() -> None:
    """Start the node; tests stop and start it."""
    start_part(
        *("kubelet", str(kubernetes() / "kubelet"), f"--config={STATE}/kubelet.yaml"),
        *(f"--kubeconfig={KUBECONFIG}", f"--root-dir={STATE}/kubelet"),
        *(f"--cert-dir={STATE}/run/kubelet-pki", "--hostname-override=node1"),
        f"--node-ip={HOST}",
    )


def is_node_ready() -> bool:
    """Tell whether the node takes pods."""
    node = json.loads(kubectl("get", "node", "node1", "-o", "json", "--request-timeout=5s"))
    return not node["spec"].get("taints") and any(
        condition["type"] == "Ready" and condition["status"] == "True"
        for condition in node["status"]["conditions"]
    )


def stop_part(name: str) -> None:
    """Kill one component, and wait until it is gone."""
    pid = int((STATE / "run" / f"{name}.pid").read_text())
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _start() -> None:
    programs = kubernetes()
    system.remember()
    write_configuration()
    system.add_bridge()
    etcd = f"http://127.0.0.1:{ETCD_PORT}"
    start_part(
        *("etcd", "etcd", f"--data-dir={STATE}/etcd", "--unsafe-no-fsync"),
        *(f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}"),
        f"--listen-peer-urls=http://127.0.0.1:{ETCD_PORT + 1}",
    )
    start_api_server()
    start_part("containerd", "containerd", "--config", str(STATE / "containerd.toml"))
    start_part("registry", "docker-registry", "serve", str(STATE / "registry.yaml"))
    _start_s3()
    _until("containerd", _has_cri)
    system.remove_containers()
    _until("the API server", lambda: kubectl("get", "--raw", "/readyz") == "ok")
    _start_node(programs)
    kubectl("apply", "-k", str(BASE / "workspace"))
    kubectl("apply", "-f", str(BASE / "runner" / "namespace.yaml"))
    kubectl("apply", "-n", RUNNER_NAMESPACE, "-f", str(BASE / "runner" / "account.yaml"))
    account = ("get", "serviceaccount", "default", "-n", NAMESPACE, "-o", "name")
    _until("the default service account", lambda: bool(kubectl(*account)))
    _until("the node", is_node_ready)


def _start_node(programs: Path) -> None:
    common = (f"--kubeconfig={KUBECONFIG}", "--leader-elect=false", f"--cert-dir={STATE}/run")
    start_part(
        *("controllers", str(programs / "kube-controller-manager"), *common),
        f"--service-account-private-key-file={PKI}/sa.key",
        f"--root-ca-file={PKI}/ca.crt",
        "--use-service-account-credentials=true",
        "--allocate-node-cidrs=true",
        f"--cluster-cidr={SUBNET.replace('/24', '/16')}",
        f"--cluster-signing-cert-file={PKI}/ca.crt",
        f"--cluster-signing-key-file={PKI}/ca.key",
    )
    start_part("scheduler", str(programs / "kube-scheduler"), *common)
    start_kubelet()
    start_part("proxy", str(programs / "kube-proxy"), f"--config={STATE}/proxy.yaml")


def _start_s3() -> None:
    (STATE / "s3" / BUCKET).mkdir(parents=True)
    CREDENTIALS.touch(0o600)
    CREDENTIALS.write_text(Credentials(ACCESS_KEY, SECRET_KEY).to_text())
    start_part(
        *("s3", str(go_program("versitygw")), "--port", f"{HOST}:{S3_PORT}"),
        *("posix", str(STATE / "s3")),
        environ={"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY},
    )


def _is_ready() -> bool:
    pids = [int(path.read_text()) for path in (STATE / "run").glob("*.pid")]
    if not DETAILS.exists() or not pids or not all(Path(f"/proc/{pid}").exists() for pid in pids):
        return False
    try:
        return is_node_ready()
    except RuntimeError:
        return False


def _has_cri() -> bool:
    found = subprocess.run(
        ["ctr", "-a", str(CONTAINERD), "plugins", "ls"], capture_output=True, text=True
    ).stdout
    return any(line.split()[-1] == "ok" for line in found.splitlines() if " cri " in line)


def _until(what: str, is_there: Callable[[], bool]) -> None:
    deadline, reason = time.monotonic() + READY_S, ""
    while time.monotonic() < deadline:
        try:
            if is_there():
                return
        except RuntimeError as error:
            reason = str(error)
        time.sleep(0.2)
    raise CannotRun(f"{what} did not come up in {READY_S:g} s: {reason}; see {STATE}/logs")


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time start or end the cluster of this computer."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


__all__ = [
    "API",
    "CannotRun",
    "Missing",
    "down",
    "is_node_ready",
    "is_up",
    "kubectl",
    "prepare",
    "start_api_server",
    "start_kubelet",
    "stop_part",
    "up",
]
