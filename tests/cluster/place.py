"""Where the test cluster is, and what this computer must have for it."""

import os
import shutil
import subprocess
from pathlib import Path

from ..servers.go import CACHE

#: State of a running cluster; gone after `down`.
STATE = Path(os.environ.get("EODH_CLUSTER", "/tmp/eodh-cluster"))
#: What is kept from one cluster to the next: programs and images.
KEPT = CACHE / "cluster"
BRIDGE, HOST, SUBNET = "eodhcni0", "10.77.0.1", "10.77.0.0/24"
NETWORK = "eodhnet"
API_PORT, ETCD_PORT, S3_PORT, REGISTRY_PORT = 6443, 23790, 7070, 5000
REGISTRY = f"http://{HOST}:{REGISTRY_PORT}"
API = f"https://{HOST}:{API_PORT}"
KUBECONFIG = STATE / "kubeconfig"
CONTAINERD = STATE / "run" / "containerd.sock"
BUCKET = "eodh"
NAMESPACE, RUNNER_NAMESPACE = "eodh-jobs", "eodh"
#: Every pod of the namespace must meet the restricted standard.
NAMESPACE_OBJECT = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {
        "name": NAMESPACE,
        "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
    },
}

PROGRAMS = {
    "etcd": "etcd-server",
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "gcc": "gcc",
    "openssl": "openssl",
    "docker-registry": "docker-registry",
}
FILES = {
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "/bin/busybox": "busybox-static",
    "/usr/include/signal.h": "libc6-dev",
}


class CannotRun(RuntimeError):
    """The cluster cannot run on this computer; says why in one line."""


def require_system() -> None:
    """Install what is missing, or say why the cluster cannot run here."""
    if os.geteuid() != 0:
        raise CannotRun("the test cluster needs root: it makes a bridge, mounts and cgroups")
    if not Path("/sys/fs/cgroup").is_dir():
        raise CannotRun("the test cluster needs cgroups, and /sys/fs/cgroup is not there")
    missing = sorted(
        {package for name, package in PROGRAMS.items() if shutil.which(name) is None}
        | {package for path, package in FILES.items() if not Path(path).exists()}
    )
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise CannotRun(f"the test cluster needs {', '.join(missing)}, and this is no Debian")
    for argv in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
    ):
        answer = subprocess.run(argv, capture_output=True, text=True)
        if answer.returncode != 0:
            raise CannotRun(f"{' '.join(argv[:2])} failed: {answer.stderr.strip()[-300:]}")
