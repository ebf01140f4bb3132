"""Programs built from their Go modules, kept outside the tree."""

import json
import os
import shutil
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("EODH_CACHE", Path.home() / ".cache" / "eodh-jupyter"))
#: Module with its version, and the folder of the program in it.
PROGRAMS = {
    "versitygw": ("github.com/versity/versitygw@v1.8.0", "cmd/versitygw"),
    "opa": ("github.com/open-policy-agent/opa@v1.22.2", "."),
    "kwok": ("sigs.k8s.io/kwok@v0.8.0", "cmd/kwok"),
    "s5cmd": ("github.com/peak/s5cmd/v2@v2.3.0", "."),
}


class Missing(RuntimeError):
    """A program cannot be had here; says why."""


def is_built(name: str) -> bool:
    """Tell whether a program of `PROGRAMS` is there already: to build one takes minutes."""
    return (_folder(name) / name).exists()


def go_program(name: str) -> Path:
    """Give a program of `PROGRAMS`, built when it is not in the cache."""
    (module, package), folder = PROGRAMS[name], _folder(name)
    if not is_built(name):
        if shutil.which("go") is None:
            raise Missing(f"{name} is not in {CACHE}, and there is no Go to build it")
        part = folder.with_name(f"{folder.name}.{os.getpid()}")
        # From the module's own folder: `go install` asks for lists that a proxy may not have.
        source = json.loads(_go("mod", "download", "-json", module, folder=CACHE))["Dir"]
        _go(
            "build",
            "-mod=readonly",
            "-trimpath",
            "-o",
            str(part / name),
            f"./{package}",
            folder=source,
        )
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    return folder / name


def _folder(name: str) -> Path:
    return CACHE / "go" / f"{name}-{PROGRAMS[name][0].replace('/', '_')}"


def _go(*arguments: str, folder: Path | str) -> str:
    answer = subprocess.run(
        ["nice", "go", *arguments],
        cwd=folder,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
    )
    if answer.returncode != 0:
        reason = (answer.stderr or answer.stdout).strip()[-300:]
        raise Missing(f"go {' '.join(arguments)}: {reason}")
    return answer.stdout
