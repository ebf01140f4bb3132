"""Objects as files below one folder."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from heapq import nsmallest
from itertools import islice
from pathlib import Path
from typing import IO

from . import Child, ObjectInfo, require_key

#: Holds what is not complete yet, beside the workspaces.
PART = ".part"
CHUNK = 1 << 20
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EISDIR}


class FolderStore:
    """A store in a folder of this computer; a write is seen whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root
        (root / PART).mkdir(parents=True, exist_ok=True)

    def put(self, key: str, data: bytes) -> None:
        """Write a small object whole."""
        target = self._path(key)
        part = self._part()
        try:
            part.write_bytes(data)
            _move(part, target)
        finally:
            part.unlink(missing_ok=True)

    def put_file(self, key: str, path: Path) -> None:
        """Copy a file into the store."""
        target = self._path(key)
        part = self._part()
        try:
            shutil.copyfile(path, part)
            _move(part, target)
        finally:
            part.unlink(missing_ok=True)

    def put_stream(self, key: str, source: IO[bytes]) -> None:
        """Write an object from what is read once."""
        target = self._path(key)
        part = self._part()
        try:
            with part.open("wb") as file:
                shutil.copyfileobj(source, file, CHUNK)
            _move(part, target)
        finally:
            part.unlink(missing_ok=True)

    def adopt(self, key: str, folder: Path) -> None:
        """Take a whole folder by renaming it; done before, it stays done."""
        target = self._path(key)
        if not target.exists():
            try:
                _move(folder, target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                part = Path(tempfile.mkdtemp(dir=self._root / PART)) / "folder"
                shutil.copytree(folder, part, symlinks=True)
                _move(part, target)
                part.parent.rmdir()
        shutil.rmtree(folder, ignore_errors=True)

    def stat(self, key: str) -> ObjectInfo | None:
        """Give what is known of the object, or None."""
        path = self._path(key)
        return ObjectInfo(key, path.stat().st_size) if os.path.isfile(path) else None

    def read(self, key: str, offset: int = 0, limit: int | None = None) -> bytes:
        """Read a range; raises FileNotFoundError when there is no such object."""
        try:
            with self._path(key).open("rb") as file:
                file.seek(offset)
                return file.read() if limit is None else file.read(limit)
        except OSError as error:
            if error.errno in _ABSENT:
                raise FileNotFoundError(errno.ENOENT, "no such object", key) from error
            raise

    def get_file(self, key: str, path: Path) -> None:
        """Copy an object into a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name[:200]}.part")
        try:
            shutil.copyfile(self._path(key), part)
            part.replace(path)
        except OSError as error:
            if error.errno in _ABSENT:
                raise FileNotFoundError(errno.ENOENT, "no such object", key) from error
            raise
        finally:
            part.unlink(missing_ok=True)

    def get_folder(self, key: str, path: Path) -> None:
        """Copy everything below a folder."""
        source = self._path(key)
        if not source.is_dir():
            raise FileNotFoundError(errno.ENOENT, "no such folder", key)
        shutil.copytree(source, path, dirs_exist_ok=True)

    def has_folder(self, key: str) -> bool:
        """Tell whether there is such a folder."""
        return os.path.isdir(self._path(key))

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Iterator[ObjectInfo]:
        """Give the objects below a folder by key order."""
        return islice(_walk(self._path(prefix), prefix, after), limit)

    def children(self, prefix: str, after: str = "", limit: int = 1000) -> Iterator[Child]:
        """Give what stands directly in a folder by key order."""
        folder = self._path(prefix)
        # Not all of a large folder is put in order for one page of it.
        for place in nsmallest(limit, (name for name in _places(folder) if name > after)):
            if place.endswith("/"):
                yield Child(place[:-1], is_folder=True)
            else:
                yield Child(place, is_folder=False, size_bytes=os.stat(folder / place).st_size)

    def delete(self, prefix: str) -> None:
        """Remove the object and everything below it."""
        path = self._path(prefix)
        grave = Path(tempfile.mkdtemp(dir=self._root / PART))
        try:
            path.rename(grave / "gone")
        except OSError as error:
            if error.errno not in _ABSENT:
                raise
        finally:
            shutil.rmtree(grave, ignore_errors=True)

    def local_path(self, key: str) -> Path | None:
        """Give the file of a key."""
        return self._path(key)

    def link(self, key: str, lives_s: int, **headers: str) -> str | None:
        """Give None: files have no address that others could use."""
        return None

    def _path(self, key: str) -> Path:
        require_key(key)
        parts = key.split("/")
        if parts[0] == PART:
            raise ValueError(f"not a key: {key!r}")
        return self._root.joinpath(*parts)

    def _part(self) -> Path:
        handle, name = tempfile.mkstemp(dir=self._root / PART)
        os.close(handle)
        return Path(name)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)


def _walk(folder: Path, prefix: str, after: str) -> Iterator[ObjectInfo]:
    """Give files in the order of their keys: `a.b` comes before `a/b`."""
    for name in sorted(_places(folder)):
        key = f"{prefix}/{name}"
        if name.endswith("/"):
            if key > after or after.startswith(key):
                yield from _walk(folder / name[:-1], key[:-1], after)
        elif key > after:
            yield ObjectInfo(key, os.stat(folder / name).st_size)


def _places(folder: Path) -> list[str]:
    """Give the names in a folder, those of folders with a slash at the end."""
    try:
        with os.scandir(folder) as entries:
            return [(e.name + "/" if e.is_dir(follow_symlinks=False) else e.name) for e in entries]
    except OSError as error:
        if error.errno in _ABSENT:
            return []
        raise
