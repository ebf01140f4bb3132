"""Pages of what stands in the outputs of a job, one level at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from ..errors import NotFound
from ..store import Child, Store, key_at
from .place import Stored, place_at
from .result import media_type_of

#: A folder with more stands in the order of names alone; others show their folders first.
MAX_SORTED = 10_000
#: Folders whose entries are remembered: results of a job that ended do not change.
MAX_REMEMBERED = 8
MAX_LIMIT = 1000


@dataclass(frozen=True)
class Entry:
    """One line of a level."""

    name: str
    kind: Literal["file", "directory", "value"]
    size_bytes: int | None = None
    #: Name of the file behind an output or an item, where it has another.
    basename: str | None = None
    #: Of a value.
    value: Any = None

    @property
    def media_type(self) -> str | None:
        """The media type of a file, by its name."""
        return media_type_of(self.basename or self.name) if self.kind == "file" else None


@dataclass(frozen=True)
class Level:
    """A page of one level."""

    entries: list[Entry]
    #: Where the next page begins; None at the end.
    next: str | None = None
    #: Entries of the whole level, where they were counted.
    total: int | None = None


class Browser:
    """Lists outputs level by level."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        #: Sorted entries by folder key; None for a folder with too many.
        self._known: OrderedDict[str, list[Entry] | None] = OrderedDict()

    def level(self, outputs: dict[str, Any], path: list[str], limit: int, after: str) -> Level:
        """Give a page of what stands at a path; the empty path is all outputs.

        Raises
        ------
        NotFound
            When nothing is there, or a file.
        """
        limit = min(limit, MAX_LIMIT)
        if not path:
            return _page(_folders_first(_members(self._store, outputs)), limit, after)
        value = place_at(outputs, path)
        if isinstance(value, list):
            items = {str(index): item for index, item in enumerate(value)}
            return _page(list(_members(self._store, items)), limit, after)
        if isinstance(value, Stored):
            return self._stored(value.key, path, limit, after)
        if isinstance(value, dict):
            return self._of_object(value, path, limit, after)
        raise NotFound("folder", "/".join(path), "it is a value")

    def _of_object(self, value: dict[str, Any], path: list[str], limit: int, after: str) -> Level:
        if value.get("class") == "Directory" and "listing" not in value:
            return self._stored(key_at(value["location"]), path, limit, after)
        if value.get("class") in ("File", "Directory"):
            inside = value.get("listing", value.get("secondaryFiles", []))
            if not inside and value["class"] == "File":
                raise NotFound("folder", "/".join(path), "it is a file")
            named = {str(entry["basename"]): entry for entry in inside}
            return _page(_folders_first(_members(self._store, named)), limit, after)
        return _page(_folders_first(_members(self._store, value)), limit, after)

    def _stored(self, key: str, path: list[str], limit: int, after: str) -> Level:
        known = self._sorted(key)
        if known is not None:
            if not known and not self._store.has_folder(key):
                raise NotFound("folder", "/".join(path))
            return _page(known, limit, after)
        found = list(self._store.children(key, after, limit + 1))
        more = found[limit - 1].place if len(found) > limit else None
        return Level([_entry(child) for child in found[:limit]], more)

    def _sorted(self, key: str) -> list[Entry] | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = [_entry(c) for c in self._store.children(key, "", MAX_SORTED + 1)]
        known = None if len(found) > MAX_SORTED else _folders_first(found)
        if found:
            with self._lock:
                self._known[key] = known
                while len(self._known) > MAX_REMEMBERED:
                    self._known.popitem(last=False)
        return known


def _page(entries: list[Entry], limit: int, after: str) -> Level:
    begin = 0
    if after:
        names = [entry.name for entry in entries]
        if after.removesuffix("/") not in names:
            raise NotFound("entry", after, "list the folder again")
        begin = names.index(after.removesuffix("/")) + 1
    page = list(islice(entries, begin, begin + limit))
    is_last = begin + limit >= len(entries)
    return Level(page, None if is_last else page[-1].name, len(entries))


def _members(store: Store, values: dict[str, Any]) -> Iterable[Entry]:
    return [_member(store, name, value) for name, value in values.items()]


def _member(store: Store, name: str, value: Any) -> Entry:
    if isinstance(value, dict) and value.get("class") == "File":
        size = value.get("size")
        if size is None:
            info = store.stat(key_at(value["location"]))
            size = info.size_bytes if info else None
        return Entry(name, "file", size, str(value.get("basename", name)))
    is_folder = isinstance(value, dict | list) and _holds_files(value)
    if is_folder:
        own = value.get("basename") if isinstance(value, dict) else None
        return Entry(name, "directory", basename=str(own) if own else None)
    return Entry(name, "value", value=value)


def _holds_files(value: Any) -> bool:
    """Tell whether a value is, or holds, a file or a folder."""
    if isinstance(value, dict):
        if value.get("class") in ("File", "Directory"):
            return True
        return any(_holds_files(item) for item in value.values())
    return isinstance(value, list) and any(_holds_files(item) for item in value)


def _folders_first(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.kind != "directory", entry.name))


def _entry(child: Child) -> Entry:
    if child.is_folder:
        return Entry(child.name, "directory")
    return Entry(child.name, "file", child.size_bytes)
