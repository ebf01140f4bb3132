"""Objects of jobs: inputs, outputs of steps, logs, results.

Keys are `/`-joined segments; each segment is percent-encoded by `key_of`, the one
crossing from names to keys, so that no name can leave its place. Inside an attempt's
`out/` folder the tool's own names stand as they are on disk (`output_key`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import quote, unquote

SCHEME = "eodh-store:///"
FILE_SCHEME = "eodh-file://"
#: Longest name that file systems keep, in bytes; longer segments end with a hash.
MAX_SEGMENT, MAX_START = 255, 180


@dataclass(frozen=True)
class ObjectInfo:
    """What is known of one object."""

    key: str
    size_bytes: int


@dataclass(frozen=True)
class Child:
    """What stands directly in a folder: an object, or a folder of objects."""

    name: str
    is_folder: bool
    #: Of an object.
    size_bytes: int = 0

    @property
    def place(self) -> str:
        """The place in key order, where a page begins: folders end with a slash."""
        return f"{self.name}/" if self.is_folder else self.name


def key_of(*segments: str) -> str:
    """Join names into a key; no name can hold a separator or be `.` or `..`."""
    return "/".join(_segment(segment) for segment in segments)


def _segment(name: str) -> str:
    text = quote(name, safe="!$&'()*+,:;=@ ~")
    if len(text) > MAX_SEGMENT:
        # Escapes make one letter nine bytes. No other name gives '%~'.
        start = re.sub(r"%.?$", "", text[:MAX_START])
        return f"{start}%~{hashlib.sha256(name.encode()).hexdigest()}"
    return text.replace(".", "%2E") if set(name) == {"."} else text


def log_key(workspace: str, job_id: str, log: str, attempt: int) -> str:
    """Give the key below which the chunks of a step run's log stand."""
    return key_of(workspace, "jobs", job_id, "logs", log, str(attempt))


def location_of(key: str) -> str:
    """Give the location of a key, as the engine sees it."""
    return SCHEME + quote(key, safe="/")


def key_at(location: str) -> str:
    """Give the key of a location.

    Raises
    ------
    ValueError
        When the location is not of the store or climbs out of it.
    """
    if not location.startswith(SCHEME):
        raise ValueError(f"not a location of the store: {location}")
    key = unquote(location[len(SCHEME) :])
    try:
        require_key(key)
    except ValueError:
        raise ValueError(f"not a location of the store: {location}") from None
    return key


def keys_in(value: Any, folder: str) -> set[str]:
    """Give the keys below a folder that the locations in a value name."""
    if isinstance(value, list):
        return {key for item in value for key in keys_in(item, folder)}
    if not isinstance(value, dict):
        return set()
    found = {key for item in value.values() for key in keys_in(item, folder)}
    location = value.get("location")
    if isinstance(location, str) and location.startswith(SCHEME):
        with suppress(ValueError):  # a text of that name need not be a location
            found.add(key_at(location))
    return {key for key in found if key.startswith(f"{folder}/")}


def require_key(key: str) -> None:
    """Raise ValueError for what is no key: an empty, `.` or `..` segment, a NUL."""
    if any(part in ("", ".", "..") for part in key.split("/")) or "\0" in key:
        raise ValueError(f"not a key: {key!r}")


class Store(Protocol):
    """Where objects live: a folder, or S3."""

    def put(self, key: str, data: bytes) -> None:
        """Write a small object whole; visible only when complete."""
        ...

    def put_file(self, key: str, path: Path) -> None:
        """Copy a file into the store; visible only when complete."""
        ...

    def put_stream(self, key: str, source: IO[bytes]) -> None:
        """Write an object from what is read once, from its start to its end."""
        ...

    def adopt(self, key: str, folder: Path) -> None:
        """Take a whole folder as the objects below `key`; the folder is gone after.

        Doing it again after a crash in the middle completes it.
        """
        ...

    def stat(self, key: str) -> ObjectInfo | None:
        """Give what is known of the object, or None."""
        ...

    def read(self, key: str, offset: int = 0, limit: int | None = None) -> bytes:
        """Read a range; raises `FileNotFoundError` when there is no such object."""
        ...

    def get_file(self, key: str, path: Path) -> None:
        """Bring an object into a file, which appears when it is complete."""
        ...

    def get_folder(self, key: str, path: Path) -> None:
        """Bring everything below a folder; raises FileNotFoundError when there is none."""
        ...

    def has_folder(self, key: str) -> bool:
        """Tell whether anything is below a folder, or it was taken empty."""
        ...

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Iterator[ObjectInfo]:
        """Give the objects below the folder `prefix` by key order, beginning behind `after`."""
        ...

    def children(self, prefix: str, after: str = "", limit: int = 1000) -> Iterator[Child]:
        """Give what stands directly in the folder `prefix` by key order, from behind a place."""
        ...

    def delete(self, prefix: str) -> None:
        """Remove the object and everything below it; idempotent."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Give the file of a key where objects are local files, else None."""
        ...

    def link(self, key: str, lives_s: int, **headers: str) -> str | None:
        """Give an address that reads the object for some time, where there is one."""
        ...
