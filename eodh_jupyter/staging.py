"""Brings what an input holds to the runner: by path to one's own, else once by its content."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .errors import Problem
from .http import Transport

CHUNK = 1 << 20
#: The runner takes away what no job names after a while, and is asked again.
FRESH_S = 600.0


class Staging:
    """Gives CWL File and Directory objects that the runner can read.

    What a runner elsewhere has already, by its SHA-256, is not sent again.

    Parameters
    ----------
    http
        None for a runner that sees the same files and is not asked.
    """

    def __init__(self, http: Transport | None = None) -> None:
        self._http = http
        #: Location by place, of what the runner was known to have at a time.
        self._placed: dict[str, tuple[str, float]] = {}
        self._hashes: dict[tuple[str, int, int], str] = {}

    def path(self, path: Path, cwl_class: str) -> dict[str, Any]:
        """Give the object of a local file or folder.

        Raises
        ------
        ValueError
            When there is none.
        """
        path = path.expanduser().absolute()
        is_there = path.is_dir() if cwl_class == "Directory" else path.is_file()
        if not is_there:
            what = "folder" if cwl_class == "Directory" else "file"
            raise ValueError(f"there is no {what} {path}")
        if self._http is None or self._http.is_local:
            return {"class": cwl_class, "location": path.as_uri()}
        return self._folder(path) if cwl_class == "Directory" else self._file(path)

    def content(self, content: bytes, name: str) -> dict[str, Any]:
        """Give the object of a file that holds these bytes; the runner keeps them."""
        return self._put(hashlib.sha256(content).hexdigest(), name, content)

    def _folder(self, path: Path) -> dict[str, Any]:
        listing = []
        for entry in sorted(path.iterdir()):
            if entry.is_symlink() and not _is_within(entry, path):
                raise ValueError(f"{entry} is a link that leads out of its folder")
            if entry.is_dir():
                listing.append(self._folder(entry))
            elif entry.is_file():
                listing.append(self._file(entry))
        return {"class": "Directory", "basename": path.name, "listing": listing}

    def _file(self, path: Path) -> dict[str, Any]:
        found = path.stat()
        key = (os.fspath(path), found.st_mtime_ns, found.st_size)
        if key not in self._hashes:
            with path.open("rb") as file:
                self._hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._put(self._hashes[key], path.name, path)

    def _put(self, sha256: str, name: str, body: bytes | Path) -> dict[str, Any]:
        if self._http is None:
            raise ValueError("it has no place of its own; save it and give the path")
        place = f"inputs/{sha256}/{quote(name, safe='')}"
        location, since = self._placed.get(place, ("", 0.0))
        if not location or time.monotonic() - since > FRESH_S:
            location = self._known(place) or self._sent(place, body)
            self._placed[place] = (location, time.monotonic())
        return {"class": "File", "location": location, "basename": name}

    def _known(self, place: str) -> str | None:
        """Give the location of what the runner has; None when it has it not."""
        assert self._http is not None  # noqa: S101  asked by `_put`
        try:
            found: str | None = self._http.request("HEAD", place).headers.get("Location")
        except Problem as problem:
            if problem.status != 404:
                raise
            return None
        return found

    def _sent(self, place: str, body: bytes | Path) -> str:
        assert self._http is not None  # noqa: S101  asked by `_put`
        size_bytes = len(body) if isinstance(body, bytes) else body.stat().st_size
        # The body is made anew for each try: one that was read half cannot be sent again.
        answer = self._http.request(
            "PUT",
            place,
            headers={"Content-Length": str(size_bytes), "Content-Type": "application/octet-stream"},
            body=lambda: _chunks(body),
        )
        return str(answer.json()["href"])


def _chunks(body: bytes | Path) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    with body.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _is_within(link: Path, folder: Path) -> bool:
    return link.resolve().is_relative_to(folder.resolve())
