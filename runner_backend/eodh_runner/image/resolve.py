"""What a container engine of this computer knows of an image."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from typing import Any

from ..domain.failure import Failure, FailureClass, StepFailed
from .engine import ContainerEngine
from .reference import Reference

INSPECT_S = 30
PULL_S = 3600
_NO_NETWORK = re.compile(
    r"no such host|dial tcp|i/o timeout|connection refused|network is unreachable"
)
_REFUSED = re.compile(r"denied|unauthorized|authentication required", re.I)
_FRAME = re.compile(
    r"^(error response from daemon|error|.*msg=\".*|initializing source \S+): ", re.IGNORECASE
)


@dataclass(frozen=True)
class Resolved:
    """An image that is here."""

    #: Identifier of its configuration, `sha256:<hex>`: what is run, whatever the tag does.
    id: str
    #: `sha256:<hex>` in its registry; None for an image built here.
    digest: str | None
    entrypoint: tuple[str, ...]
    env: dict[str, str]
    #: `linux/amd64`.
    platform: str


def resolve(engine: ContainerEngine, reference: str) -> Resolved | None:
    """Ask the engine for an image; None when it is not here yet."""
    try:
        answer = engine.ask("image", "inspect", "--", reference, timeout_s=INSPECT_S)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return read(answer.stdout) if answer.returncode == 0 else None


def pull(engine: ContainerEngine, reference: Reference) -> None:
    """Bring an image here.

    Raises
    ------
    StepFailed
        Class image, with the engine's reason and what to do about it.
    """
    try:
        answer = engine.ask("pull", "--quiet", str(reference), timeout_s=PULL_S)
    except subprocess.TimeoutExpired as error:
        raise cannot_be_had(reference, f"it did not come within {PULL_S} s") from error
    except OSError as error:
        raise cannot_be_had(reference, str(error)) from error
    if answer.returncode != 0:
        raise cannot_be_had(reference, _reason(answer.stderr.decode("utf-8", "replace")))


def cannot_be_had(reference: Reference, reason: str) -> StepFailed:
    """Give the failure of an image that does not come."""
    remedy = "Check its name and tag in dockerPull."
    if _NO_NETWORK.search(reason):
        remedy = (
            f"Check that this computer reaches {reference.registry}; or load the image from a "
            "file with 'podman load' or 'docker load'."
        )
    elif _REFUSED.search(reason):
        remedy = (
            "Check its name in dockerPull; where it is private, log in with "
            f"'podman login {reference.registry}' or 'docker login {reference.registry}'."
        )
    elif "no space left" in reason:
        remedy = "Free space on the disk of the container engine."
    message = f"the image {reference} cannot be had: {reason}"
    return StepFailed(Failure(FailureClass.IMAGE, message, remedy))


def _reason(text: str) -> str:
    """Give the engine's last line without its frames."""
    line = next((line for line in reversed(text.splitlines()) if line.strip()), "no reason given")
    while (shorter := _FRAME.sub("", line)) != line:
        line = shorter
    return line.strip()[:300]


def read(text: bytes) -> Resolved | None:
    """Read the answer of `podman image inspect` or `docker image inspect`."""
    found = json.loads(text)
    if not found:
        return None
    image: dict[str, Any] = found[0]
    config = image.get("Config") or {}
    pairs = (line.partition("=") for line in config.get("Env") or ())
    digests = [name.rpartition("@")[2] for name in image.get("RepoDigests") or ()]
    identity = str(image["Id"])
    return Resolved(
        id=identity if ":" in identity else f"sha256:{identity}",
        digest=digests[0] if digests else image.get("Digest") or None,
        entrypoint=tuple(config.get("Entrypoint") or ()),
        env={name: value for name, _, value in pairs},
        platform=f"{image.get('Os', 'linux')}/{image.get('Architecture', '')}",
    )
