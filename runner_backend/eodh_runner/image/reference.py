"""The name of a container image, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(
    r"(?P<repository>[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-f]{32,}))?",
    re.ASCII,
)
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?", re.ASCII)


@dataclass(frozen=True)
class Reference:
    """An image reference in full.

    Examples
    --------
    >>> str(parse("alpine"))
    'docker.io/library/alpine:latest'
    >>> parse("ghcr.io/a/b@sha256:" + "0" * 64).tag is None
    True
    """

    registry: str
    repository: str
    tag: str | None = None
    #: `sha256:<hex>`; wins over the tag.
    digest: str | None = None

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.registry}/{self.repository}{tag}{digest}"


def parse(text: str) -> Reference:
    """Read a reference as docker does: no registry is docker.io, no tag is `latest`.

    Raises
    ------
    ValueError
        Naming the text, when it is no reference.
    """
    first, slash, rest = text.partition("/")
    has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, name = (first, rest) if has_host else ("docker.io", text)
    match = _NAME.fullmatch(name)
    if match is None or not _HOST.fullmatch(registry):
        raise ValueError(f"'{text}' is not the name of a container image")
    repository, tag, digest = match["repository"], match["tag"], match["digest"]
    if registry == "docker.io" and "/" not in repository:
        repository = f"library/{repository}"
    if tag is None and digest is None:
        tag = "latest"
    return Reference(registry, repository, tag, digest)
