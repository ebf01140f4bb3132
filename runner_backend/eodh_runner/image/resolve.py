"""What a container engine of this computer knows of an image."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import Any

INSPECT_S = 30


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


def resolve(engine: str, reference: str) -> Resolved | None:
    """Ask the engine for an image; None when it is not here yet."""
    argv = [engine, "image", "inspect", "--", reference]
    try:
        answer = subprocess.run(  # noqa: S603  a fixed command, the reference behind `--`
            argv, capture_output=True, timeout=INSPECT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return read(answer.stdout) if answer.returncode == 0 else None


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
