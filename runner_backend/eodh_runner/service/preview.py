"""What a result is, at a glance: by a bounded look at its first bytes, never by its name alone."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from typing import Any

from ..errors import NotFound
from ..preview import Drawing, Renderer, Undrawable
from ..store import Store, key_at
from . import zarr
from .place import Stored, place_at
from .result import OutputFile, find_file
from .stac import summary
from .table import read_table

TEXT_BYTES = 64 << 10
JSON_BYTES = 1 << 20
TABLE_BYTES = 256 << 10
SIZE = 512
MAX_SIZE = 1024
#: Drawings that are remembered: results do not change.
MAX_REMEMBERED = 16
#: How files that hold pixels begin, and the only driver that reads them.
_MAGIC = (
    (b"II*\0", "GTiff"),
    (b"MM\0*", "GTiff"),
    (b"II+\0", "GTiff"),
    (b"MM\0+", "GTiff"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_PICTURES = {"image/tiff": "GTiff", "image/png": "PNG", "image/jpeg": "JPEG"}
_WORDS = {"GTiff": "a TIFF", "PNG": "a PNG", "JPEG": "a JPEG"}
_TABLES = {"text/csv": ",", "text/tab-separated-values": "\t"}


class Previews:
    """Gives previews of results; drawings are remembered."""

    def __init__(self, store: Store, renderer: Renderer) -> None:
        self._store, self._renderer = store, renderer
        self._lock = threading.Lock()
        self._drawn: OrderedDict[tuple[str, int, int], Drawing] = OrderedDict()

    def preview(self, outputs: dict[str, Any], path: list[str]) -> dict[str, Any]:
        """Give kind, size, media type and what is shown; `has_image` where `png` has one.

        Raises
        ------
        NotFound
            When nothing is there.
        """
        value = place_at(outputs, path)
        if not isinstance(value, Stored) and not (
            isinstance(value, dict) and value.get("class") in ("File", "Directory")
        ):
            return {"kind": "json", "media_type": "application/json", "json": value}
        if isinstance(value, dict) and value["class"] == "Directory":
            is_stored = "listing" not in value
            return self._of_folder(key_at(value["location"])) if is_stored else _folder()
        if isinstance(value, Stored) and self._store.stat(value.key) is None:
            if self._store.has_folder(value.key):
                return self._of_folder(value.key)
            raise NotFound("file", "/".join(path))
        file = find_file(self._store, outputs, path)
        facts = {"size_bytes": file.size_bytes, "media_type": file.media_type}
        return {**facts, **self._of_file(file)}

    def png(self, outputs: dict[str, Any], path: list[str], size: int = SIZE) -> bytes:
        """Give the picture of a file, at most `size` pixels on its long side.

        Raises
        ------
        NotFound
            When there is none, with the reason.
        """
        file = find_file(self._store, outputs, path)
        driver = driver_of(self._store.read(file.key, 0, 16))
        if driver is None:
            raise NotFound("picture", "/".join(path), "the file holds no pixels")
        try:
            drawing = self._draw(file, driver, max(16, min(size, MAX_SIZE)))
        except Undrawable as error:
            raise NotFound("picture", "/".join(path), str(error)) from error
        if not drawing.picture:
            raise NotFound("picture", "/".join(path), drawing.reason or "it cannot be drawn")
        return drawing.picture

    def _of_folder(self, key: str) -> dict[str, Any]:
        return zarr.describe(self._store, key) or _folder()

    def _of_file(self, file: OutputFile) -> dict[str, Any]:
        head = self._store.read(file.key, 0, TABLE_BYTES)
        media_type = file.media_type.split(";")[0]
        driver, named = driver_of(head), _PICTURES.get(media_type)
        if driver is not None:
            return self._pixels(file, driver)
        if named is not None:
            return _none(f"it is named as {_WORDS[named]}, but is none")
        text = text_of(head[:TEXT_BYTES], is_cut=file.size_bytes > TEXT_BYTES)
        if text is None:
            return _none("there is no preview for this kind of file")
        if media_type in _TABLES:
            whole = text_of(head, is_cut=file.size_bytes > len(head)) or text
            is_cut = file.size_bytes > len(head)
            if (table := read_table(whole, _TABLES[media_type], is_cut=is_cut)) is not None:
                return {"kind": "table", "table": table}
        if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and file.size_bytes <= JSON_BYTES:
            found = _parsed(self._store.read(file.key, 0, JSON_BYTES))
            if found is not None:
                told = summary(found)
                return {"kind": "stac", "stac": told} if told else {"kind": "json", "json": found}
        return {"kind": "text", "text": text, "is_cut": file.size_bytes > TEXT_BYTES}

    def _pixels(self, file: OutputFile, driver: str) -> dict[str, Any]:
        try:
            drawing = self._draw(file, driver, SIZE)
        except Undrawable as error:
            return _none(str(error))
        kind = "raster" if driver == "GTiff" else "image"
        if not drawing.picture and kind == "image":
            return _none(drawing.reason or "it cannot be drawn")
        shown: dict[str, Any] = {"kind": kind, "raster": drawing.facts}
        if drawing.picture:
            shown["has_image"] = True
        if drawing.reason:
            shown["reason"] = drawing.reason
        return shown

    def _draw(self, file: OutputFile, driver: str, size: int) -> Drawing:
        key = (file.key, file.size_bytes, size)
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]

        def read(offset: int, limit: int) -> bytes:
            return self._store.read(file.key, offset, limit)

        drawing = self._renderer.draw(read, file.size_bytes, driver, size)
        with self._lock:
            self._drawn[key] = drawing
            while len(self._drawn) > MAX_REMEMBERED:
                self._drawn.popitem(last=False)
        return drawing


def driver_of(head: bytes) -> str | None:
    """Give the driver for a file that begins so; None for what holds no pixels."""
    return next((driver for magic, driver in _MAGIC if head.startswith(magic)), None)


def text_of(data: bytes, *, is_cut: bool) -> str | None:
    """Give bytes as text; None when they are none. A cut may go through a character."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not is_cut or error.start < len(data) - 3:
            return None
        text = data[: error.start].decode("utf-8")
    strange = sum(ord(letter) < 32 and letter not in "\t\n\r\f\x1b\b" for letter in text)
    return text if strange <= len(text) // 1000 and "\0" not in text else None


def _parsed(data: bytes) -> Any:
    try:
        found = json.loads(data)
        # What is shown must be JSON again: no NaN, no halves of characters.
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found


def _none(reason: str) -> dict[str, Any]:
    return {"kind": "none", "reason": reason}


def _folder() -> dict[str, Any]:
    return {"kind": "none", "reason": "it is a folder; open it to see what is in it"}
