"""Logs of step runs: chunks named by their offset, read as one text."""

from __future__ import annotations

from bisect import bisect_right

from ..store import ObjectInfo, Store

#: More chunks than the longest log that is kept can have.
MAX_CHUNKS = 1_000_000


class LogText:
    """A log as it is at one moment; what is appended later is not seen."""

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._chunks = list(store.list(key, limit=MAX_CHUNKS))
        self._starts = [_start(chunk) for chunk in self._chunks]
        self.size_bytes = self._starts[-1] + self._chunks[-1].size_bytes if self._chunks else 0

    def read(self, offset: int, limit: int) -> bytes:
        """Give a range; short at the end."""
        text = bytearray()
        first = max(0, bisect_right(self._starts, offset) - 1)
        for chunk, start in zip(self._chunks[first:], self._starts[first:], strict=True):
            position = offset + len(text)
            if start + chunk.size_bytes <= position:
                continue
            if len(text) >= limit or start > position:
                break
            text += self._store.read(chunk.key, position - start, limit - len(text))
        return bytes(text)


def size_bytes(store: Store, key: str) -> int:
    """Give how much of the log below a key is stored."""
    return LogText(store, key).size_bytes


def read(store: Store, key: str, offset: int, limit: int) -> bytes:
    """Give a range of the log below a key; short at its end."""
    return LogText(store, key).read(offset, limit)


def tail(store: Store, key: str, limit: int) -> bytes:
    """Give the last bytes of the log below a key."""
    text = LogText(store, key)
    return text.read(max(0, text.size_bytes - limit), limit)


def _start(chunk: ObjectInfo) -> int:
    return int(chunk.key.rsplit("/", 1)[-1])
