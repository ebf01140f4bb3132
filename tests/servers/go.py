"""Programs made by `go install`, kept outside the tree."""

import os
import shutil
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("EODH_CACHE", Path.home() / ".cache" / "eodh-jupyter"))
PROGRAMS = {
    "versitygw": "github.com/versity/versitygw/cmd/versitygw@v1.8.0",
    "opa": "github.com/open-policy-agent/opa@v1.22.2",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok@v0.8.0",
}


class Missing(RuntimeError):
    """A program cannot be had here; says why."""


def go_program(name: str) -> Path:
    """Give a program of `PROGRAMS`, built when it is not in the cache."""
    source = PROGRAMS[name]
    folder = CACHE / "go" / source.replace("/", "_")
    if not (folder / name).exists():
        if shutil.which("go") is None:
            raise Missing(f"{name} is not in {CACHE}, and there is no Go to build it")
        part = folder.with_name(f"{folder.name}.{os.getpid()}")
        answer = subprocess.run(
            ["nice", "go", "install", "-trimpath", source],
            env={**os.environ, "GOBIN": str(part), "CGO_ENABLED": "0"},
            capture_output=True,
            text=True,
        )
        if answer.returncode != 0:
            raise Missing(f"{name} could not be built: {answer.stderr.strip()[-300:]}")
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    return folder / name
