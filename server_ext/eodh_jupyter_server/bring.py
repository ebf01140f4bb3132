"""Files of this server's disk for a runner that does not see it: sent once, by their content."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import ensure_async
from tornado import web
from tornado.iostream import StreamClosedError

from eodh_jupyter.errors import RunnerUnreachable

from .handler import EodhHandler

CHUNK = 1 << 20
#: The page is told how far it is this often.
TOLD_S = 0.2
MAX_FILES = 10_000
#: Tells the page: what is done, of which file, bytes by now, bytes in all.
Tell = Callable[[str, str, int, int], None]


class Refused(Exception):
    """A file cannot be sent; the text is for the person."""


class BringHandler(EodhHandler):
    """Sends a file or folder to the runner; the answer is JSON by lines, the last is the end."""

    _bringing: asyncio.Task[None] | None = None

    def on_connection_close(self) -> None:
        """Stop when the page goes."""
        super().on_connection_close()
        if self._bringing is not None:
            self._bringing.cancel()

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Take `path` on this disk and `class` (File, Directory); end with `value` or `problem`."""
        may_read = await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, "read", "contents")
        )
        if not may_read:
            raise web.HTTPError(403)
        asked = self.get_json_body() or {}
        self.set_header("Content-Type", "application/x-ndjson")
        self._bringing = asyncio.create_task(self._bring(asked))
        await asyncio.wait([self._bringing])
        if not self._bringing.cancelled():
            self._bringing.result()

    async def _bring(self, asked: dict[str, Any]) -> None:
        import httpx

        try:
            path = self._allowed(str(asked.get("path", "")))
            client, base = await self.link.open()
            sender = _Sender(client, base, self._tell)
            value = await sender.value(path, str(asked.get("class", "File")))
            line: dict[str, Any] = {"value": value}
        except (Refused, RunnerUnreachable) as error:
            line = {"problem": {"detail": str(error)}}
        except httpx.HTTPError as error:
            detail = f"the runner stopped answering ({type(error).__name__}); try again"
            line = {"problem": {"detail": detail}}
        except OSError as error:
            name = os.path.basename(str(error.filename or asked.get("path")))
            line = {"problem": {"detail": f"{name} cannot be read: {error.strerror}"}}
        self.write(json.dumps(line) + "\n")
        self.finish(set_content_type="application/x-ndjson")

    def _allowed(self, text: str) -> Path:
        """Give the path of what the file browser shows."""
        root = Path(self.settings.get("server_root_dir", "")).expanduser().absolute()
        path = Path(os.path.normpath(text))
        if not (path.is_absolute() and path.is_relative_to(root)) or "\0" in text:
            raise Refused(
                f"{text} is outside of {root}, which the file browser shows; move it there, or "
                "give an address"
            )
        shows_hidden = getattr(self.contents_manager, "allow_hidden", False)
        if not shows_hidden and any(p.startswith(".") for p in path.relative_to(root).parts):
            raise Refused(f"{text} is hidden, and this server shows no hidden files")
        return path

    def _tell(self, doing: str, name: str, done: int, size: int) -> None:
        line = {"doing": doing, "name": name, "done": done, "size_bytes": size}
        self.write(json.dumps(line) + "\n")
        try:
            self.flush()
        except StreamClosedError:
            # `on_connection_close` ends what goes on.
            return


class _Sender:
    """Sends files to one runner."""

    def __init__(self, client: Any, base: str, tell: Tell) -> None:
        self._client, self._base, self._tell = client, base, tell

    async def value(self, path: Path, cwl_class: str) -> dict[str, Any]:
        """Give what `execute` takes for a path, whose files are there then."""
        is_folder = cwl_class == "Directory"
        if not (path.is_dir() if is_folder else path.is_file()):
            raise Refused(f"there is no {'folder' if is_folder else 'file'} {path}")
        files = await asyncio.to_thread(lambda: list(_files(path)) if is_folder else [path])
        await self._require_size(files)
        places = {file: await self._file(file) for file in files}
        return _folder(path, places) if is_folder else places[path]

    async def _require_size(self, files: list[Path]) -> None:
        """Refuse what is too large before it is read."""
        health = (await self._client.get(f"{self._base}/health")).json()
        limit = health.get("input_limit_bytes")
        for file in files:
            size = file.stat().st_size
            if limit is not None and size > limit:
                raise Refused(
                    f"{file.name} has {size / 1e9:.3g} GB; this runner takes files of at most "
                    f"{limit / 1e9:.3g} GB; put it where the runner can fetch it, and give its "
                    "address"
                )

    async def _file(self, file: Path) -> dict[str, Any]:
        size = file.stat().st_size
        sha256 = await self._hash(file, size)
        url = f"{self._base}/inputs/{sha256}/{quote(file.name, safe='', errors='surrogateescape')}"
        answer = await self._client.head(url)
        if answer.status_code == 200:
            href = answer.headers["Location"]
        else:
            headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
            answer = await self._client.put(url, headers=headers, content=self._chunks(file, size))
            if answer.status_code not in (200, 201):
                raise Refused(f"{file.name}: {_detail(answer)}")
            href = answer.json()["href"]
        return {"class": "File", "location": href, "basename": file.name}

    async def _hash(self, file: Path, size: int) -> str:
        digest = hashlib.sha256()
        async for chunk in self._pieces(file, size, "reading"):
            digest.update(chunk)
        return digest.hexdigest()

    def _chunks(self, file: Path, size: int) -> AsyncIterator[bytes]:
        return self._pieces(file, size, "sending")

    async def _pieces(self, file: Path, size: int, doing: str) -> AsyncIterator[bytes]:
        """Read a file up to the length that was told, and tell how far it is."""
        done, told_at = 0, 0.0
        with file.open("rb") as source:
            while done < size:
                chunk = await asyncio.to_thread(source.read, min(CHUNK, size - done))
                if not chunk:
                    raise Refused(f"{file.name} changed while it was read; try again")
                done += len(chunk)
                if time.monotonic() - told_at > TOLD_S or done == size:
                    told_at = time.monotonic()
                    self._tell(doing, file.name, done, size)
                yield chunk


def _files(folder: Path) -> Iterator[Path]:
    """Give the files below a folder, of which no link leads out."""
    root, count = folder.resolve(), 0
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in (*folders, *sorted(names)):
            path = Path(parent, name)
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                raise Refused(f"{path} is a link that leads out of its folder")
            if path.is_dir():
                continue
            count += 1
            if count > MAX_FILES:
                raise Refused(f"{folder} holds more than {MAX_FILES} files; pack them into one")
            if path.is_file():
                yield path


def _folder(folder: Path, places: dict[Path, dict[str, Any]]) -> dict[str, Any]:
    listing = []
    for entry in sorted(folder.iterdir()):
        if entry in places:
            listing.append(places[entry])
        elif entry.is_dir() and not entry.is_symlink():
            listing.append(_folder(entry, places))
    return {"class": "Directory", "basename": folder.name, "listing": listing}


def _detail(answer: Any) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the runner answered {answer.status_code}"
