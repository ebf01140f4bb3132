"""Files that callers bring: kept by their content, inputs for jobs of their workspace."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from ..errors import BadInput, ContentDiffers, TooLarge, Unavailable
from ..store import ObjectInfo, Store, key_at, key_of, location_of

#: Folder of a workspace that holds them.
FOLDER = "inputs"
MAX_BYTES = 20 << 30
MAX_NAME_BYTES = 200
BUFFER = 1 << 20
#: Room that stays free on the disk.
SPARE_BYTES = 256 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Upload:
    """A file that is there."""

    name: str
    size_bytes: int
    #: What `execute` takes as the location of a File.
    location: str
    #: False when it was there before.
    is_new: bool = False


class Uploads:
    """Takes files into the store, each under the SHA-256 of its content.

    Parameters
    ----------
    scratch
        Folder for what is under way; None for the system's.
    """

    def __init__(
        self, store: Store, scratch: Path | None = None, max_bytes: int = MAX_BYTES
    ) -> None:
        self._store, self._scratch, self._max_bytes = store, scratch, max_bytes

    def find(self, workspace: str, sha256: str, name: str) -> Upload | None:
        """Give the file of a content and a name, where it is there."""
        key = _key(workspace, sha256, name)
        info = self._store.stat(key)
        return _upload(info, name) if info else None

    async def take(
        self,
        workspace: str,
        sha256: str,
        name: str,
        content: AsyncIterator[bytes],
        told_bytes: int | None = None,
    ) -> Upload:
        """Take a file; it is there whole, or not at all.

        Parameters
        ----------
        told_bytes
            Its length, where the caller tells it.

        Raises
        ------
        BadInput
            For a name or a hash that cannot be one.
        TooLarge
            When it is larger than this runner takes.
        ContentDiffers
            When the content has another hash.
        Unavailable
            When there is no room for it.
        """
        key = _key(workspace, sha256, name)
        self._require_room(told_bytes or 0)
        known = await asyncio.to_thread(self._store.stat, key)
        with tempfile.TemporaryFile(dir=self._scratch) as file:
            size, found = await self._receive(content, None if known else file)
            if found != sha256:
                raise ContentDiffers(
                    f"the content of '{name}' has the SHA-256 {found}, not {sha256}; send it again"
                )
            if known is None:
                file.seek(0)
                await asyncio.to_thread(self._store.put_stream, key, file)
        return _upload(ObjectInfo(key, size), name, is_new=known is None)

    def entry(self, location: str, workspace: str) -> dict[str, Any]:
        """Give the File of a location for a job of a workspace.

        Raises
        ------
        ValueError
            When it is no file that was brought to this workspace.
        """
        parts = key_at(location).split("/")
        name = unquote(parts[-1])
        if len(parts) != 4 or parts[:2] != [key_of(workspace), FOLDER]:
            raise ValueError("objects of the runner's store cannot be inputs by location")
        if self._store.stat("/".join(parts)) is None:
            raise ValueError(f"the file '{name}' is not in the runner's store; upload it again")
        return {"location": location_of("/".join(parts)), "basename": name}

    async def _receive(
        self, content: AsyncIterator[bytes], file: IO[bytes] | None
    ) -> tuple[int, str]:
        digest, buffer, size = hashlib.sha256(), bytearray(), 0

        def flush() -> None:
            digest.update(buffer)
            if file is not None:
                file.write(buffer)
            buffer.clear()

        async for chunk in content:
            size += len(chunk)
            self._require_size(size)
            buffer += chunk
            if len(buffer) >= BUFFER:
                try:
                    await asyncio.to_thread(flush)
                except OSError as error:
                    raise _no_room(size) from error
        await asyncio.to_thread(flush)
        return size, digest.hexdigest()

    def _require_room(self, size_bytes: int) -> None:
        self._require_size(size_bytes)
        free = shutil.disk_usage(self._scratch or tempfile.gettempdir()).free
        if size_bytes and size_bytes > free - SPARE_BYTES:
            raise _no_room(size_bytes)

    def _require_size(self, size_bytes: int) -> None:
        if size_bytes > self._max_bytes:
            raise TooLarge(
                f"the file is larger than the {self._max_bytes / 1e9:g} GB that this runner takes; "
                "give its address or path instead, or raise EODH_INPUT_LIMIT_BYTES"
            )


def _no_room(size_bytes: int) -> Unavailable:
    return Unavailable(
        f"there is no room for a file of {size_bytes / 1e6:.0f} MB; free some space and try again"
    )


def _key(workspace: str, sha256: str, name: str) -> str:
    if not _SHA256.fullmatch(sha256):
        message = f"'{sha256}' is no SHA-256; write its 64 digits in small letters"
        raise BadInput(message, {"sha256": message})
    is_short = 0 < len(name.encode("utf-8", "surrogateescape")) <= MAX_NAME_BYTES
    if not is_short or {"/", "\0"} & set(name) or name in (".", ".."):
        message = f"the name of a file must have 1 to {MAX_NAME_BYTES} bytes and no slash"
        raise BadInput(message, {"name": message})
    return key_of(workspace, FOLDER, sha256, name)


def _upload(info: ObjectInfo, name: str, *, is_new: bool = False) -> Upload:
    return Upload(name, info.size_bytes, location_of(info.key), is_new)
