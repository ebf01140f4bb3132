"""Objects as files below one folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import ObjectInfo


class FolderStore:
    """A store in a folder of this computer; a write is seen whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, data: bytes) -> None:
        """Write a small object whole."""
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._root, prefix=".put-", delete=False) as file:
            file.write(data)
        Path(file.name).replace(target)

    def put_file(self, key: str, path: Path) -> None:
        """Copy a file into the store."""
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = self._root / f".put-{os.getpid()}-{abs(hash(key))}"
        shutil.copyfile(path, part)
        part.replace(target)

    def adopt(self, key: str, folder: Path) -> None:
        """Take a whole folder by renaming it; done before, it stays done."""
        target = self._path(key)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(target)
        except OSError:
            part = target.with_name(target.name + ".part")
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(folder, part, symlinks=True)
            part.rename(target)
            shutil.rmtree(folder)

    def stat(self, key: str) -> ObjectInfo | None:
        """Give what is known of the object, or None."""
        path = self._path(key)
        return ObjectInfo(key, path.stat().st_size) if path.is_file() else None

    def read(self, key: str, offset: int = 0, limit: int | None = None) -> bytes:
        """Read a range; raises FileNotFoundError when there is no such object."""
        with self._path(key).open("rb") as file:
            file.seek(offset)
            return file.read() if limit is None else file.read(limit)

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Iterator[ObjectInfo]:
        """Give the objects below a folder by key order."""
        root, given = self._path(prefix), 0
        for path in _walk(root):
            key = f"{prefix}/{path.relative_to(root).as_posix()}"
            if key > after:
                if given >= limit:
                    return
                given += 1
                yield ObjectInfo(key, path.stat().st_size)

    def delete(self, prefix: str) -> None:
        """Remove the object and everything below it."""
        path = self._path(prefix)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def local_path(self, key: str) -> Path | None:
        """Give the file of a key."""
        return self._path(key)

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if any(part in ("", ".", "..") for part in parts) or "\0" in key:
            raise ValueError(f"not a key: {key!r}")
        return self._root.joinpath(*parts)


def _walk(folder: Path) -> Iterator[Path]:
    """Give files in the order of their keys: `a.b` comes before `a/b`."""
    if not folder.is_dir():
        return
    entries = [(e.name + "/" if e.is_dir() else e.name, e) for e in folder.iterdir()]
    for _, entry in sorted(entries):
        if entry.is_dir():
            yield from _walk(entry)
        else:
            yield entry
