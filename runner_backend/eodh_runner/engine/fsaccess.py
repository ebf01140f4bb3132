"""What the engine knows of files: manifests that came with step ends, and answers it asked for."""

from __future__ import annotations

import fnmatch
import io
import posixpath
import re
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import quote, unquote

from cwltool.errors import WorkflowException
from cwltool.stdfsaccess import StdFsAccess

Node = dict[str, Any]
Ask = Callable[..., Any]
MAX_READ_BYTES = 64 << 20
_URI = re.compile(r"[a-z_][a-z0-9+.-]*://?")


def own(location: str) -> str:
    """Give the location in our scheme: the engine never sees `file:`."""
    return "eodh-file" + location[4:] if location.startswith("file:///") else location


class Files:
    """Nodes by unquoted location: kind, size_bytes, checksum, location."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._nodes: dict[str, Node | None] = {}
        self._children: dict[str, dict[str, str]] = {}
        self._bases: set[str] = set()
        self.literals: dict[str, str] = {}

    @staticmethod
    def key(location: str) -> str:
        """Give the form under which a location is kept."""
        if location.startswith("eodh-store:/") and not location.startswith("eodh-store:///"):
            # cwltool normalises some locations as paths, which joins their slashes.
            location = "eodh-store:///" + location[len("eodh-store:") :].lstrip("/")
        return unquote(location.rstrip("/"))

    def add_manifest(self, base: str, entries: list[Node]) -> None:
        """Take what a step run left; the manifest is complete."""
        root = self.key(base)
        self._bases.add(root)
        self._nodes[root] = {"kind": "directory", "location": base}
        self._children[root] = {}
        for entry in entries:
            key = f"{root}/{entry['path']}"
            location = entry.get("location") or f"{base}/{quote(entry['path'])}"
            self._nodes[key] = {**entry, "location": location}
            parent = self._children.get(posixpath.dirname(key))
            if parent is not None:
                parent[posixpath.basename(key)] = key
            if entry["kind"] == "directory" and not entry.get("location"):
                self._children.setdefault(key, {})

    def change(self, change: Node) -> None:
        """Take what an earlier location holds now (InplaceUpdateRequirement)."""
        key = self.key(change["location"])
        if change["kind"] == "directory":
            for gone in [k for k in self._nodes if k.startswith(key + "/")]:
                del self._nodes[gone]
                self._children.pop(gone, None)
            is_base = key in self._bases
            self.add_manifest(change["location"], change["manifest"])
            if not is_base:
                self._bases.discard(key)
        else:
            self._nodes[key] = {k: v for k, v in change.items() if k != "manifest"}

    def stat(self, location: str) -> Node | None:
        """Give the node, or None when nothing is there."""
        key = self.key(location)
        if key in self._nodes:
            return self._nodes[key]
        if key.startswith("_:"):
            kind = "file" if location in self.literals else "directory"
            return {"kind": kind, "location": location}
        linked = self._behind_link(key)
        if linked is not None:
            node = self.stat(linked)
        elif self._is_within_manifest(key):
            return None
        else:
            node = self._ask("stat", location=location)
        self._nodes[key] = node
        return node

    def children(self, location: str) -> list[str]:
        """Give the locations of a folder's children."""
        key = self.key(location)
        if key in self._children:
            return [
                str((self._nodes[child] or {})["location"])
                for _, child in sorted(self._children[key].items())
            ]
        node = self.stat(location)
        target = str(node["location"]) if node else location
        found = []
        for entry in self._ask("list", location=target):
            child = f"{target.rstrip('/')}/{quote(entry['name'])}"
            self._nodes[self.key(child)] = {**entry, "location": child}
            found.append(child)
        return found

    def named(self, key: str, location: str) -> list[tuple[str, str, str]]:
        """Give (name, key, location under the asked one) of a folder's children."""
        if key in self._children:
            children = self._children[key]
            return [(n, c, f"{location}/{quote(n)}") for n, c in sorted(children.items())]
        if not self.is_directory(location):
            return []
        names = [unquote(c.rsplit("/", 1)[1]) for c in self.children(location)]
        return [(n, f"{key}/{n}", f"{location}/{quote(n)}") for n in names]

    def is_directory(self, location: str) -> bool:
        """Tell whether a folder is there."""
        node = self.stat(location)
        return bool(node) and node is not None and node["kind"] == "directory"

    def read(self, location: str, offset: int, limit: int) -> bytes:
        """Give a range of a file."""
        import base64

        node = self.stat(location)
        target = node["location"] if node else location
        return base64.b64decode(self._ask("read", location=target, offset=offset, limit=limit))

    def _behind_link(self, key: str) -> str | None:
        """Give the location of what stands below an input that a work folder shows."""
        at = key
        while "/" in at and not at.endswith((":/", "://")):
            at = posixpath.dirname(at)
            node = self._nodes.get(at)
            if node and self.key(node["location"]) != at:
                return f"{node['location'].rstrip('/')}/{quote(key[len(at) + 1 :])}"
            if at in self._bases:
                return None
        return None

    def _is_within_manifest(self, key: str) -> bool:
        while "/" in key:
            key = posixpath.dirname(key)
            if key in self._bases:
                return True
            node = self._nodes.get(key)
            if node and node["kind"] == "directory" and key not in self._children:
                return False
            if key.endswith((":/", "://")):
                return False
        return False


class _Reader(io.RawIOBase):
    def __init__(self, files: Files, location: str) -> None:
        self._files, self._location, self._offset = files, location, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        wanted = MAX_READ_BYTES if size is None or size < 0 else min(size, MAX_READ_BYTES)
        data = self._files.read(self._location, self._offset, wanted)
        self._offset += len(data)
        return data


class EngineFs(StdFsAccess):  # type: ignore[misc]
    """cwltool's view of files; nothing here touches a disk."""

    files: ClassVar[Files]

    def join(self, path: str, *paths: str) -> str:
        """Join; an address stands for itself."""
        joined = path
        for part in paths:
            joined = part if _URI.match(part) else posixpath.join(joined, part)
        return joined

    def realpath(self, path: str) -> str:
        """Give the path: links were resolved by the side that sees the files."""
        return path

    def exists(self, fn: str) -> bool:
        """Tell whether something is there."""
        return self.files.stat(self._at(fn)) is not None

    def isfile(self, fn: str) -> bool:
        """Tell whether a file is there."""
        node = self.files.stat(self._at(fn))
        return node is not None and node["kind"] == "file"

    def isdir(self, fn: str) -> bool:
        """Tell whether a folder is there."""
        return self.files.is_directory(self._at(fn))

    def size(self, fn: str) -> int:
        """Give the size in bytes."""
        node = self.files.stat(self._at(fn))
        if node is None or "size_bytes" not in node:
            raise FileNotFoundError(fn)
        return int(node["size_bytes"])

    def listdir(self, fn: str) -> list[str]:
        """Give the locations of a folder's children."""
        return self.files.children(self._at(fn))

    def open(self, fn: str, mode: str) -> Any:
        """Open for reading."""
        location = self._at(fn)
        if self.files.stat(location) is None:
            raise FileNotFoundError(fn)
        raw: Any = (
            io.BytesIO(self.files.literals[location].encode())
            if location.startswith("_:")
            else _Reader(self.files, location)
        )
        return raw if "b" in mode else io.StringIO(raw.read().decode("utf-8"))

    def glob(self, pattern: str) -> list[str]:
        """Give the locations in the step's manifest that match."""
        if pattern != self.basedir and not pattern.startswith(self.basedir + "/"):
            raise WorkflowException(f"glob {pattern} is not within the work folder")
        rest = posixpath.normpath(pattern[len(self.basedir) + 1 :] or ".")
        if rest == ".":
            return [str(self.basedir)]
        if rest.startswith("../") or rest == "..":
            raise WorkflowException(f"glob {rest} leaves the work folder")
        found = [(self.files.key(self.basedir), str(self.basedir))]
        for part in rest.split("/"):
            found = [
                (key, location)
                for parent, at in found
                for name, key, location in self.files.named(parent, at)
                if _matches(name, part)
            ]
        return [location for _, location in found]

    def _at(self, path: str) -> str:
        if ":" in path.split("/", 1)[0]:
            return path
        if path.startswith("/"):
            return "eodh-file://" + quote(path)
        return f"{self.basedir.rstrip('/')}/{path}"


def _matches(name: str, pattern: str) -> bool:
    if name.startswith(".") and not pattern.startswith("."):
        return False
    return fnmatch.fnmatchcase(name, pattern)
