"""A small runner on a unix socket, and what its tests ask of the server extension."""

import asyncio
import json
from pathlib import Path

SECRET = "cookie-of-the-user"


TOKEN = "token-of-the-server"


class SmallRunner:
    """Speaks enough HTTP/1.1 to be asked, to stream, and to break off."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.requests: list[str] = []
        self.health: dict[str, object] = {"status": "ok", "jobs_unfinished": 0}
        #: Events of job j1; a stream of them stops behind `stop` and waits, or breaks off.
        self.events: list[dict[str, object]] = []
        self.breaks_after: int | None = None
        self.matched = 0
        self.left = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        Path(self.path).unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    (
                        int(line.partition(":")[2])
                        for line in head.splitlines()
                        if line.lower().startswith("content-length:")
                    ),
                    0,
                )
                body = await reader.readexactly(length)
                self.requests.append(head + body.decode())
                await self._answer(head.split()[1], reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, target, reader, writer) -> None:
        path, _, query = target.removeprefix("/ogc-api/").partition("?")
        if path.startswith("inputs/"):
            head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLocation: eodh-store:///x\r\n\r\n"
            writer.write(head.encode())
        elif path == "health":
            self._whole(writer, json.dumps(self.health).encode())
        elif path == "jobs/j1/events":
            await self._stream(int(query.removeprefix("after=") or 0), writer)
        elif path == "events":
            self._begin(writer)
            await reader.read()
        elif path == "silent":
            self._begin(writer)
            await reader.read()
            self.left.set()
        elif path == "half":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
            await writer.drain()
            raise ConnectionResetError
        elif path == "empty":
            self._whole(writer, b"", "image/tiff")
        elif path == "jobs/none/events":
            self._whole(writer, b'{"status": 404, "detail": "no such job"}', status="404 Not Found")
        else:
            jobs = {"numberMatched": self.matched} if path == "jobs" and self.matched else {}
            self._whole(writer, json.dumps({"target": target, **jobs}).encode())
        await writer.drain()

    def _whole(self, writer, body, media_type="application/json", status="200 OK") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}"
        writer.write(f"{head}\r\n\r\n".encode() + body)

    def _begin(self, writer) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        writer.write(f"{head}: events follow\n\n".encode())

    async def _stream(self, after, writer) -> None:
        self._begin(writer)
        sent = after
        while True:
            for event in self.events:
                if event["seq"] > sent:
                    sent = event["seq"]
                    writer.write(f"id: {sent}\ndata: {json.dumps(event)}\n\n".encode())
                    await writer.drain()
                    if event["data"].get("status") == "successful":
                        raise ConnectionResetError
                    if self.breaks_after == sent:
                        self.breaks_after = None
                        raise ConnectionResetError
            await asyncio.sleep(0.01)


def event(seq: int, kind: str = "progress", **data: object) -> dict[str, object]:
    return {"seq": seq, "position": 100 + seq, "kind": kind, "data": data, "jobID": "j1"}


async def messages(socket, last, timeout_s=5.0):
    """Read up to the first message of a type."""
    found = []
    while not found or found[-1]["type"] != last:
        text = await asyncio.wait_for(socket.read_message(), timeout_s)
        assert text is not None, "the stream was closed"
        found.append(json.loads(text))
    return found


async def wait_for(is_true, timeout_s=5.0):
    async with asyncio.timeout(timeout_s):
        while not is_true():
            await asyncio.sleep(0.01)


def seqs(found):
    return [message["event"]["seq"] for message in found if message["type"] == "event"]
