"""A file behind an address as a seekable one: ranges are read when they are asked for."""

from __future__ import annotations

import io
import re
import threading
from collections import OrderedDict
from typing import BinaryIO

from .errors import EodhError
from .http import Transport

BLOCK_BYTES = 64 * 1024
#: At most 8 MB are kept of one open file.
MAX_BLOCKS = 128
#: One request brings at most 2 MB ahead of a reader that goes straight on.
MAX_AHEAD = 32


def open_ranged(http: Transport, href: str, size_bytes: int | None = None) -> BinaryIO:
    """Open the file behind an address of the runner for reading; nothing is copied first."""
    raw = RangeFile(http, href, length_of(http, href) if size_bytes is None else size_bytes)
    return io.BufferedReader(raw, BLOCK_BYTES // 8)


def length_of(http: Transport, href: str) -> int:
    """Give how many bytes are behind an address."""
    return int(http.request("HEAD", href).headers["Content-Length"])


class RangeFile(io.RawIOBase):
    """Blocks of a remote file, the last ones kept; reading straight on fetches ahead.

    Parameters
    ----------
    size_bytes
        Length of the whole; results never change, so that it stays true.
    """

    def __init__(self, http: Transport, href: str, size_bytes: int) -> None:
        self._http, self._href, self._size = http, href, size_bytes
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._ahead, self._expected = 1, -1
        self._lock = threading.Lock()

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that any place can be read."""
        return True

    def tell(self) -> int:
        """Give the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position; nothing is read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"{base + offset} lies before the file")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer from the position on; gives how many bytes, 0 at the end."""
        start = self._position
        end = min(self._size, start + len(buffer))
        if start >= end:
            return 0
        with self._lock:
            first, last = start // BLOCK_BYTES, (end - 1) // BLOCK_BYTES
            # A reader that asks for more than is kept gets it in parts, as any raw file may.
            last = min(last, first + MAX_AHEAD - 1)
            self._fetch(first, last)
            found = b"".join(self._blocks[i] for i in range(first, last + 1))
            while len(self._blocks) > MAX_BLOCKS:
                self._blocks.popitem(last=False)
        part = found[start - first * BLOCK_BYTES :][: end - start]
        buffer[: len(part)] = part
        self._position = start + len(part)
        return len(part)

    def _fetch(self, first: int, last: int) -> None:
        for index in range(first, last + 1):
            if index in self._blocks:
                self._blocks.move_to_end(index)
        missing = [i for i in range(first, last + 1) if i not in self._blocks]
        if not missing:
            return
        low, high = missing[0], missing[-1]
        self._ahead = min(2 * self._ahead, MAX_AHEAD) if low == self._expected else 1
        high = min(max(high, low + self._ahead - 1), (self._size - 1) // BLOCK_BYTES)
        content = self._read(low * BLOCK_BYTES, min(self._size, (high + 1) * BLOCK_BYTES))
        for index in range(low, high + 1):
            begin = (index - low) * BLOCK_BYTES
            self._blocks[index] = content[begin : begin + BLOCK_BYTES]
            self._blocks.move_to_end(index)
        self._expected = high + 1

    def _read(self, start: int, end: int) -> bytes:
        headers = {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        answer = self._http.request("GET", self._href, headers=headers)
        found = re.match(r"bytes (\d+)-(\d+)/", answer.headers.get("Content-Range", ""))
        if answer.status_code != 206 or found is None:
            # A server that knows no ranges sent all of it.
            return answer.content[start:end]
        if int(found[1]) != start or len(answer.content) != end - start:
            raise EodhError(f"bytes {start} to {end} were asked for, others came")
        return answer.content
