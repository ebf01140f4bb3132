"""Drives engines: one warm forkserver for the workspace, one child for each request."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from ..domain.failure import Failure, StepFailed
from ..domain.process import Diagnostic, Inspection
from ..domain.step import StepDone, StepRun
from ..errors import BadDocument, NotFound, Unavailable
from ..executor.local.executor import find_bwrap
from .namespace import namespace_options

LENGTH = struct.Struct("!I")
MAX_FRAME_BYTES = 256 << 20
MAX_SOURCE_BYTES = 2 << 20
WARM_S = 60.0
INSPECT_S = 60.0
JOIN_S, JOIN_AGAIN_S = 10.0, 0.1
PACKAGE = "https://package.invalid/package.cwl"

Fetch = Callable[[str], Awaitable[bytes]]
_log = logging.getLogger(__name__)


class EngineDied(RuntimeError):
    """The engine's process ended without an answer."""


class Port(Protocol):
    """What an engine may ask of its job."""

    async def run_step(self, step_run: StepRun) -> StepDone:
        """Run a step to its end."""
        ...

    async def stat(self, location: str) -> dict[str, Any] | None:
        """Give what is at a location."""
        ...

    async def list(self, location: str) -> list[dict[str, Any]]:
        """Give the children of a folder."""
        ...

    async def read(self, location: str, offset: int, limit: int) -> bytes:
        """Give a range of a file."""
        ...


class EngineHost:
    """The forkserver of one workspace; started again when it died.

    Parameters
    ----------
    expression_limit_s
        Processor time of one JavaScript expression, of an engine that is started here.
    address
        Socket of an engine that runs elsewhere, as another user; None starts one here.
    """

    def __init__(
        self, workspace: str, expression_limit_s: float = 5.0, address: Path | None = None
    ) -> None:
        self.workspace, self._limit_s, self._address = workspace, expression_limit_s, address
        self.isolation: dict[str, object] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()

    @property
    def is_warm(self) -> bool:
        """Tell whether a request would be answered at once."""
        if self._address is not None:
            return self._control is not None and not _is_closed(self._control)
        return self._process is not None and self._process.returncode is None

    @property
    def is_jailed(self) -> bool:
        """Tell whether what reads documents can open no file and reach nothing."""
        return bool(self.isolation.get("landlock")) and bool(self.isolation.get("seccomp"))

    async def start(self) -> None:
        """Start the forkserver and wait until it is warm."""
        async with self._starting:
            if self.is_warm:
                return
            if self._address is not None:
                await self._join(self._address)
                return
            bwrap = await asyncio.to_thread(find_bwrap)
            ways = [namespace_options(bwrap, _packages()), []] if bwrap else [[]]
            for around in ways:
                if await self._start(around):
                    return
                _log.warning("the engine did not start%s", " in namespaces" if around else "")
            raise Unavailable("the engine did not start; see the runner's log")

    async def _start(self, around: list[str]) -> bool:
        """Start it with these words before its command; tells whether it answers."""
        ours, theirs = socket.socketpair()
        process = await asyncio.create_subprocess_exec(
            *around,
            sys.executable,
            "-P",  # the working folder is the user's, not a place of packages
            "-m",
            "eodh_runner.engine.main",
            str(self._limit_s),
            stdin=theirs.fileno(),
            stdout=asyncio.subprocess.DEVNULL,
            env=_environment(),
        )
        theirs.close()
        ours.setblocking(False)
        try:
            async with asyncio.timeout(WARM_S):
                line = await asyncio.get_running_loop().sock_recv(ours, 1 << 16)
                state = json.loads(line)["isolation"]
        except (TimeoutError, ValueError):
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            ours.close()
            return False
        self.isolation = {**state, "namespaces": bool(around)}
        self._process, self._control = process, ours
        return True

    async def _join(self, address: Path) -> None:
        """Connect to the engine of another container, which may still be starting."""
        await self.stop()
        loop, reason = asyncio.get_running_loop(), "it does not answer"
        deadline = loop.time() + WARM_S
        while loop.time() < deadline:
            ours = socket.socket(socket.AF_UNIX)
            ours.setblocking(False)
            try:
                async with asyncio.timeout(JOIN_S):
                    await loop.sock_connect(ours, str(address))
                    state = json.loads(await loop.sock_recv(ours, 1 << 16))["isolation"]
            except (OSError, TimeoutError, ValueError) as error:
                ours.close()
                reason = str(error)
                await asyncio.sleep(JOIN_AGAIN_S)
                continue
            self.isolation = {**state, "namespaces": False, "container": True}
            self._control = ours
            return
        raise Unavailable(f"the engine at {address} is not there: {reason}")

    async def stop(self) -> None:
        """End the forkserver; its children end with it."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def inspect(
        self, source: bytes, name: str, fetch: Fetch, workflow: str | None = None
    ) -> Inspection:
        """Give what a document holds.

        Parameters
        ----------
        name
            Base address of relative references, or a plain name when it has none.

        Raises
        ------
        BadDocument
            With line and column of what is wrong.
        NotFound
            When it has no workflow of the wanted name.
        """
        if len(source) > MAX_SOURCE_BYTES:
            raise BadDocument(f"the document is larger than {MAX_SOURCE_BYTES >> 20} MiB")
        try:
            text = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadDocument(f"the document is not UTF-8: {error.reason}") from error
        base = name if "://" in name else PACKAGE
        request = {"op": "inspect", "text": text, "base": base, "workflow": workflow}
        try:
            async with asyncio.timeout(INSPECT_S):
                answer = await self._converse(request, _Inspecting(fetch))
        except TimeoutError as error:
            raise BadDocument(f"the document took longer than {INSPECT_S:g} s to read") from error
        except EngineDied as error:
            raise BadDocument("the document is too large to read") from error
        if answer["t"] == "unknown":
            raise NotFound("workflow", answer["name"], "the document has no such workflow")
        if answer["t"] == "failed":
            raise BadDocument(Failure.from_json(answer["failure"]).message)
        if answer["t"] == "refused":
            found = [Diagnostic(**diagnostic) for diagnostic in answer["diagnostics"]]
            raise BadDocument(answer["message"], found)
        value = answer["value"]
        listed = ("keywords", "metadata", "warnings", "images")
        tuples = {key: tuple(value[key]) for key in listed}
        return Inspection(**{**value, **tuples})

    async def run(
        self, document: dict[str, Any], process_id: str, job_order: dict[str, Any], port: Port
    ) -> dict[str, Any]:
        """Run a process to its end; gives the CWL output object.

        Raises
        ------
        StepFailed
            With why the run has no results.
        EngineDied
            When its process was ended; the same call goes on with what is recorded.
        """
        request = {
            "op": "run",
            "document": document,
            "process_id": process_id,
            "job_order": job_order,
        }
        answer = await self._converse(request, _Running(port))
        if answer["t"] == "failed":
            raise StepFailed(Failure.from_json(answer["failure"]))
        if answer["t"] == "refused":
            raise BadDocument(answer["message"])
        outputs: dict[str, Any] = answer["value"]
        return outputs

    async def _fork(self) -> tuple[socket.socket, socket.socket]:
        """Give the channel to a new child, and its forkserver; one that died is started again."""
        for _ in range(2):
            await self.start()
            ours, theirs = socket.socketpair()
            try:
                if self._control is None:
                    break
                socket.send_fds(self._control, [b"f"], [theirs.fileno()])
            except OSError:
                ours.close()
                await self.stop()
            else:
                return ours, self._control
            finally:
                theirs.close()
        raise EngineDied("the forkserver cannot be started")

    async def _converse(self, request: dict[str, Any], side: _Side) -> dict[str, Any]:
        ours, control = await self._fork()
        reader, writer = await asyncio.open_connection(sock=ours)
        tasks: set[asyncio.Task[None]] = set()

        def end_step(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            error = None if task.cancelled() else task.exception()
            if isinstance(error, Exception):
                reader.set_exception(error)

        child = None
        try:
            child = int((await _receive(reader))["pid"])
            await _send(writer, request)
            while True:
                message = await _receive(reader)
                if message["t"] == "ask":
                    await _send(writer, await side.answer(message))
                elif message["t"] == "step":
                    task = asyncio.create_task(side.step(message["step"], writer))
                    tasks.add(task)
                    task.add_done_callback(end_step)
                elif message["t"] == "bug":
                    raise RuntimeError(f"the engine failed: {message['text']}")
                else:
                    return message
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EngineDied("its process ended") from error
        finally:
            for task in tasks:
                task.cancel()
            writer.close()
            if child is not None:
                # By its parent: it may be another user's, and its number another namespace's.
                with suppress(OSError):
                    control.send(b"k" + LENGTH.pack(child))


class _Side(Protocol):
    async def answer(self, message: dict[str, Any]) -> dict[str, Any]: ...

    async def step(self, step: dict[str, Any], writer: asyncio.StreamWriter) -> None: ...


class _Inspecting:
    """Answers an engine that reads a document: other documents, and nothing else."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    async def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["op"] != "fetch":
            return {"t": "answer", "value": None}
        url = str(message["url"])
        if url.startswith("https://package.invalid/"):
            name = url.removeprefix("https://package.invalid/")
            return {
                "t": "answer",
                "refused": f"the document refers to the file '{name}', which was not sent with it; "
                "put everything into one document ($graph)",
            }
        try:
            return {"t": "answer", "value": (await self._fetch(url)).decode("utf-8")}
        except (BadDocument, UnicodeDecodeError) as error:
            return {"t": "answer", "refused": str(error)}

    async def step(self, step: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        raise AssertionError("an inspection runs no steps")


class _Running:
    """Answers an engine that runs a job."""

    def __init__(self, port: Port) -> None:
        self._port = port

    async def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        op: str = message["op"]
        value: Any = None
        try:
            if op == "stat":
                value = await self._port.stat(message["location"])
            elif op == "list":
                value = await self._port.list(message["location"])
            elif op == "read":
                data = await self._port.read(
                    message["location"], message["offset"], message["limit"]
                )
                return {"t": "answer", "value": base64.b64encode(data).decode()}
            else:
                return {"t": "answer", "refused": f"{message.get('url')} was not deployed"}
        except StepFailed as error:
            return {"t": "answer", "failure": error.failure.to_json()}
        except (OSError, ValueError):
            return {"t": "answer", "value": None}
        return {"t": "answer", "value": value}

    async def step(self, step: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        step_run = StepRun.from_json(step)
        try:
            done = await self._port.run_step(step_run)
        except StepFailed as error:
            done = StepDone(step_run.id, None, failure=error.failure.to_json())
        with suppress(ConnectionError):
            await _send(writer, {"t": "done", "done": done.to_json()})


async def _receive(reader: asyncio.StreamReader) -> dict[str, Any]:
    size = LENGTH.unpack(await reader.readexactly(LENGTH.size))[0]
    if size > MAX_FRAME_BYTES:
        raise ConnectionError("frame too large")
    message: dict[str, Any] = json.loads(await reader.readexactly(size))
    return message


async def _send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    writer.write(LENGTH.pack(len(body)) + body)
    await writer.drain()


def _is_closed(control: socket.socket) -> bool:
    try:
        return not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _packages() -> list[str]:
    """Give the folders of installed packages, and that of this one."""
    found = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return [*found, str(Path(__file__).parents[2])]


def _environment() -> dict[str, str]:
    kept = {k: os.environ[k] for k in ("PATH", "LANG", "PYTHONPATH") if k in os.environ}
    return {**kept, "PYTHONHASHSEED": "0", "HOME": "/nonexistent"}
