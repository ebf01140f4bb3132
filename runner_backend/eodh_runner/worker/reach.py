"""What the engine of one job may look at: its inputs and its own objects, nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ..domain.failure import Failure, FailureClass, StepFailed
from ..store import FILE_SCHEME, SCHEME, Store, key_at, key_of, location_of

CHUNK = 1 << 20


class Reach:
    """Answers the engine's questions about locations."""

    def __init__(self, store: Store, workspace: str, job_id: str, job_order: Any) -> None:
        self._store = store
        self._prefix = key_of(workspace, "jobs", job_id) + "/"
        self._roots = frozenset(_files(job_order))
        #: Files of the store that the job was given: those its caller brought.
        self._given = frozenset(_stored(job_order))
        self._sums: dict[tuple[str, int, int], str] = {}

    def require(self, location: str) -> None:
        """Raise `StepFailed` for a location that is not the job's."""
        if location.startswith(SCHEME):
            try:
                key = key_at(location)
                if key in self._given or f"{key}/".startswith(self._prefix):
                    return
            except ValueError:
                pass
        elif location.startswith(FILE_SCHEME):
            path = Path(unquote(location[len(FILE_SCHEME) :]))
            if ".." not in path.parts and any(path == r or r in path.parents for r in self._roots):
                return
        raise StepFailed(
            Failure(
                FailureClass.PERMISSION,
                f"the document refers to {location}, which is not an input of this job",
                "Pass the file or folder as an input.",
            )
        )

    def stat(self, location: str) -> dict[str, Any] | None:
        """Give kind, size and checksum, or None when nothing is there."""
        self.require(location)
        path = self._path(location)
        if path is not None:
            if path.is_dir():
                return {"kind": "directory", "location": location}
            if not path.is_file():
                return None
            size = path.stat().st_size
            return {
                "kind": "file",
                "size_bytes": size,
                "checksum": self._sha1(path),
                "location": location,
            }
        key = key_at(location)
        info = self._store.stat(key)
        if info is not None:
            return {"kind": "file", "size_bytes": info.size_bytes, "location": location}
        if self._store.has_folder(key):
            return {"kind": "directory", "location": location}
        return None

    def list(self, location: str) -> list[dict[str, Any]]:
        """Give the children of a folder by name."""
        self.require(location)
        path = self._path(location)
        if path is not None:
            return [
                {
                    "name": child.name,
                    **(self.stat(f"{location.rstrip('/')}/{quote(child.name)}") or {}),
                }
                for child in sorted(path.iterdir())
                if child.exists()
            ]
        key = key_at(location)
        names: dict[str, dict[str, Any]] = {}
        for info in self._store.list(key, limit=1_000_000):
            name, _, rest = info.key[len(key) + 1 :].partition("/")
            names[name] = (
                {"name": name, "kind": "directory"}
                if rest
                else {"name": name, "kind": "file", "size_bytes": info.size_bytes}
            )
        return [{**child, "location": location_of(f"{key}/{n}")} for n, child in names.items()]

    def read(self, location: str, offset: int, limit: int) -> bytes:
        """Give a range of a file."""
        self.require(location)
        path = self._path(location)
        if path is None:
            return self._store.read(key_at(location), offset, limit)
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(limit)

    def _path(self, location: str) -> Path | None:
        if location.startswith(FILE_SCHEME):
            return Path(unquote(location[len(FILE_SCHEME) :]))
        return self._store.local_path(key_at(location))

    def _sha1(self, path: Path) -> str:
        status = path.stat()
        known = (str(path), status.st_mtime_ns, status.st_size)
        if known not in self._sums:
            digest = hashlib.sha1(usedforsecurity=False)
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
            self._sums[known] = "sha1$" + digest.hexdigest()
        return self._sums[known]


def _stored(value: Any) -> list[str]:
    if isinstance(value, dict):
        location = value.get("location", "")
        is_stored = isinstance(location, str) and location.startswith(SCHEME)
        here = [key_at(location)] if is_stored else []
        return here + [key for item in value.values() for key in _stored(item)]
    if isinstance(value, list):
        return [key for item in value for key in _stored(item)]
    return []


def _files(value: Any) -> list[Path]:
    if isinstance(value, dict):
        location = value.get("location", "")
        here = (
            [Path(unquote(location[len(FILE_SCHEME) :]))]
            if isinstance(location, str) and location.startswith(FILE_SCHEME)
            else []
        )
        return here + [path for item in value.values() for path in _files(item)]
    if isinstance(value, list):
        return [path for item in value for path in _files(item)]
    return []
