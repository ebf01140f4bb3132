"""Logs of step runs: chunks named by their offset, read as one text."""

from __future__ import annotations

from ..store import ObjectInfo, Store

#: More chunks than the longest log that is kept can have.
MAX_CHUNKS = 1_000_000


def size_bytes(store: Store, key: str) -> int:
    """Give how much of the log below a key is stored."""
    return _end(chunks[-1]) if (chunks := _chunks(store, key)) else 0


def read(store: Store, key: str, offset: int, limit: int) -> bytes:
    """Give a range of the log below a key; short at its end."""
    text = bytearray()
    for chunk in _chunks(store, key):
        position = offset + len(text)
        if _end(chunk) <= position:
            continue
        if len(text) >= limit or _start(chunk) > position:
            break
        text += store.read(chunk.key, position - _start(chunk), limit - len(text))
    return bytes(text)


def tail(store: Store, key: str, limit: int) -> bytes:
    """Give the last bytes of the log below a key."""
    return read(store, key, max(0, size_bytes(store, key) - limit), limit)


def _chunks(store: Store, key: str) -> list[ObjectInfo]:
    return list(store.list(key, limit=MAX_CHUNKS))


def _start(chunk: ObjectInfo) -> int:
    return int(chunk.key.rsplit("/", 1)[-1])


def _end(chunk: ObjectInfo) -> int:
    return _start(chunk) + chunk.size_bytes
