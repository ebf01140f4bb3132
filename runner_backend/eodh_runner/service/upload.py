"""Files that callers bring: kept by their content, inputs for jobs of their workspace."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

import sqlalchemy as sa

from ..db import upload
from ..db.database import Database, now
from ..domain.job import Job
from ..errors import BadInput, ContentDiffers, TooLarge, Unavailable
from ..store import ObjectInfo, Store, key_at, key_of, keys_in, location_of

#: Folder of a workspace that holds them.
FOLDER = "inputs"
MAX_BYTES = 20 << 30
MAX_NAME_BYTES = 200
KEPT_S = 7 * 86400.0
#: Longest time between two looks for files that nobody needs.
SWEEP_S = 3600.0
TURNS = 64
BUFFER = 1 << 20
#: Room that stays free on the disk.
SPARE_BYTES = 256 << 20
_log = logging.getLogger(__name__)
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
    kept_s
        How long a file is kept that no job names and nobody asks for; 0 for ever.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        scratch: Path | None = None,
        max_bytes: int = MAX_BYTES,
        kept_s: float = KEPT_S,
    ) -> None:
        self._db, self._store = database, store
        self._scratch, self._max_bytes, self._kept_s = scratch, max_bytes, kept_s
        #: A file is asked for, or taken away; never both at once.
        self._turns = [threading.Lock() for _ in range(TURNS)]

    def find(self, workspace: str, sha256: str, name: str) -> Upload | None:
        """Give the file of a content and a name, where it is there; its time begins anew."""
        info = self._ask_for(_key(workspace, sha256, name))
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
        known = await asyncio.to_thread(self._ask_for, key, is_brought=True)
        with tempfile.TemporaryFile(dir=self._scratch) as file:
            size, found = await self._receive(content, None if known else file)
            if found != sha256:
                raise ContentDiffers(
                    f"the content of '{name}' has the SHA-256 {found}, not {sha256}; send it again"
                )
            if known is None:
                file.seek(0)
                await asyncio.to_thread(self._store.put_stream, key, file)
            if await asyncio.to_thread(self._ask_for, key) is None:
                raise Unavailable(f"'{name}' was taken away while it was sent; send it again")
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
        if self._ask_for("/".join(parts)) is None:
            raise ValueError(f"the file '{name}' is not in the runner's store; upload it again")
        return {"location": location_of("/".join(parts)), "basename": name}

    def use(self, connection: sa.Connection, job: Job, order: dict[str, Any]) -> None:
        """Keep the files that a job names for as long as there is the job.

        Raises
        ------
        BadInput
            When one was taken away meanwhile.
        """
        gone = upload.use(connection, job.job_id, keys_in(order, key_of(job.workspace, FOLDER)))
        if gone:
            names = ", ".join(sorted(unquote(key.rpartition("/")[2]) for key in gone))
            raise BadInput(f"{names}: not in the runner's store any more; upload it again")

    async def tidy(self, workspace: str) -> None:
        """Take unused files away, again and again, until cancelled."""
        is_begun = False
        while True:
            try:
                if not is_begun:
                    await asyncio.to_thread(self._note_missing, workspace)
                    is_begun = True
                await asyncio.to_thread(self.sweep)
            except (OSError, Unavailable, sa.exc.OperationalError) as error:
                _log.warning("inputs that no job names stay for now: %s", error)
            await asyncio.sleep(min(SWEEP_S, max(1.0, self._kept_s / 4)))

    def sweep(self) -> int:
        """Take away files that no job names and nobody asked for in time; gives their number."""
        before, count = now() - timedelta(seconds=self._kept_s), 0
        while True:
            with self._db.read() as connection:
                keys = upload.unused(connection, before, limit=500)
            for key in keys:
                with self._turn(key):
                    with self._db.write() as connection:
                        is_gone = upload.remove(connection, key, before)
                    if is_gone:
                        self._store.delete(key)
                        count += 1
            if not keys:
                if count:
                    _log.info("%d inputs that no job names were taken away", count)
                return count

    def _ask_for(self, key: str, *, is_brought: bool = False) -> ObjectInfo | None:
        """Give what is known of a file that is there, and keep it from now on."""
        with self._turn(key):
            info = self._store.stat(key)
            if info or is_brought:
                with self._db.write() as connection:
                    upload.touch(connection, key)
            return info

    def _turn(self, key: str) -> threading.Lock:
        return self._turns[hash(key) % TURNS]

    def _note_missing(self, workspace: str) -> None:
        """Begin the time of files that were brought before times were kept."""
        folder, after = key_of(workspace, FOLDER), ""
        while keys := [info.key for info in self._store.list(folder, after)]:
            with self._db.write() as connection:
                upload.note_missing(connection, keys)
            after = keys[-1]

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
