"""A folder of results as a store of Zarr: each chunk is fetched when it is read.

Imported where Zarr is installed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any
from urllib.parse import quote

from zarr.abc.store import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    Store,
    SuffixByteRequest,
)
from zarr.core.buffer import Buffer, BufferPrototype

from .errors import Problem
from .http import Transport

LEVEL = 1000
_Names = list[tuple[str, bool]]


class ResultStore(Store):
    """Reads what is below a folder of a job's results through the runner.

    Parameters
    ----------
    job
        Path of the job at the runner.
    base
        Address of the folder.
    place
        Path of the folder within the job's results.
    """

    supports_writes = False
    supports_deletes = False
    supports_listing = True

    def __init__(self, http: Transport, job: str, base: str, place: str) -> None:
        super().__init__(read_only=True)
        self._http, self._job, self._base, self._place = http, job, base, place

    def __eq__(self, other: object) -> bool:
        """Tell whether another store reads the same."""
        return isinstance(other, ResultStore) and other._base == self._base

    def __hash__(self) -> int:
        """Give a hash by what it reads."""
        return hash(self._base)

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Give an object or a range of it; None when there is none, which Zarr fills."""
        content = await asyncio.to_thread(self._read, key, _header(byte_range))
        return None if content is None else prototype.buffer.from_bytes(content)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Give ranges of objects."""
        asked = (self.get(key, prototype, byte_range) for key, byte_range in key_ranges)
        return list(await asyncio.gather(*asked))

    async def exists(self, key: str) -> bool:
        """Tell whether there is an object."""
        return await asyncio.to_thread(self._is_there, key)

    async def set(self, key: str, value: Buffer) -> None:
        """Refuse: results do not change."""
        raise ValueError("results cannot be written to")

    async def delete(self, key: str) -> None:
        """Refuse: results do not change."""
        raise ValueError("results cannot be written to")

    async def list(self) -> AsyncIterator[str]:
        """Give all keys."""
        async for key in self.list_prefix(""):
            yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Give the keys that begin with a text."""
        folder = prefix.rpartition("/")[0]
        for name, is_folder in await asyncio.to_thread(self._level, folder):
            key = f"{folder}/{name}" if folder else name
            if is_folder and (f"{key}/".startswith(prefix) or prefix.startswith(f"{key}/")):
                async for inner in self.list_prefix(f"{key}/"):
                    yield inner
            elif not is_folder and key.startswith(prefix):
                yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Give the names directly in a folder."""
        for name, _ in await asyncio.to_thread(self._level, prefix.rstrip("/")):
            yield name

    def _read(self, key: str, headers: dict[str, str]) -> bytes | None:
        try:
            # Bodies come as they are stored: a chunk is compressed already.
            headers = {**headers, "Accept-Encoding": "identity"}
            return self._http.request("GET", self._address(key), headers=headers).content
        except Problem as problem:
            if problem.status not in (400, 404):
                raise
            return None

    def _address(self, key: str) -> str:
        return f"{self._base}/{quote(key, errors='surrogateescape')}"

    def _is_there(self, key: str) -> bool:
        try:
            self._http.request("HEAD", self._address(key))
        except Problem as problem:
            if problem.status not in (400, 404):
                raise
            return False
        return True

    def _level(self, folder: str) -> _Names:
        """Give names and whether they are folders, page by page."""
        place = f"{self._place}/{folder}" if folder else self._place
        params: dict[str, Any] = {"path": place, "limit": LEVEL}
        found: _Names = []
        while True:
            try:
                page = self._http.request("GET", f"{self._job}/browse", params=params).json()
            except Problem as problem:
                if problem.status != 404:
                    raise
                return found
            found += [(entry["name"], entry["kind"] == "directory") for entry in page["entries"]]
            if page.get("next") is None:
                return found
            params["after"] = page["next"]


def _header(byte_range: ByteRequest | None) -> dict[str, str]:
    match byte_range:
        case RangeByteRequest(start=start, end=end):
            return {"Range": f"bytes={start}-{end - 1}"}
        case OffsetByteRequest(offset=offset):
            return {"Range": f"bytes={offset}-"}
        case SuffixByteRequest(suffix=suffix):
            return {"Range": f"bytes=-{suffix}"}
        case _:
            return {}
