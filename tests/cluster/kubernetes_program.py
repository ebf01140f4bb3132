"""All of Kubernetes in one program, built once for its sources."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from .place import KEPT, CannotRun

SOURCE = Path(__file__).parent / "kubernetes"
VERSION = "v1.34.4"
NAMES = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubectl",
    "kubelet",
)
FLAGS = f"-s -w -X k8s.io/component-base/version.gitVersion={VERSION}"


def is_built() -> bool:
    """Tell whether it is there already: to build it takes minutes."""
    return _folder().is_dir()


def kubernetes() -> Path:
    """Give the folder that holds every component by its name."""
    folder = _folder()
    if folder.is_dir():
        return folder
    if shutil.which("go") is None:
        raise CannotRun("Kubernetes is built once from its Go modules, and there is no Go here")
    print("building Kubernetes, some minutes the first time", flush=True)
    part = folder.with_name(f"{folder.name}.{os.getpid()}")
    part.mkdir(parents=True)
    answer = subprocess.run(
        ["nice", "go", "build", "-trimpath", "-ldflags", FLAGS, "-o", str(part / "program"), "."],
        cwd=SOURCE,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"},
        capture_output=True,
        text=True,
    )
    if answer.returncode != 0:
        raise CannotRun(f"Kubernetes could not be built: {answer.stderr.strip()[-500:]}")
    for name in NAMES:
        (part / name).symlink_to("program")
    part.rename(folder)
    return folder


def _folder() -> Path:
    digest = hashlib.sha256(FLAGS.encode())
    for name in ("go.mod", "go.sum", "main.go"):
        digest.update((SOURCE / name).read_bytes())
    return KEPT / f"kubernetes-{digest.hexdigest()[:16]}"
