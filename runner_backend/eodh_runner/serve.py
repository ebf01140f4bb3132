"""One runner from start to end: lock, parts, socket, idle end."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from . import API_VERSION, __version__
from .db.database import Database
from .db.postgres import LOOK_S, Lead, read_url
from .errors import BadDocument
from .executor import Executor
from .executor.local.executor import LocalExecutor
from .file_system import refuse_network
from .hold import hold_data, hold_database, runtime_folder
from .service import Service
from .service.upload import Uploads
from .service.watch import Watch
from .settings import Settings
from .staging.fetch import FetchRefused, fetch
from .store import Store
from .store.folder import FolderStore
from .worker.engine import EngineHost
from .worker.worker import Worker

MAX_DOCUMENT_BYTES = 2 << 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tcp:
    """A listener on TCP, beside the unix socket."""

    host: str
    port: int
    #: What requests must bear; None on loopback for tests.
    token: str | None
    #: Names under which clients reach it; none admits every name that bears the token.
    names: tuple[str, ...] = ()
    #: True behind a proxy whose `X-Forwarded-*` make the links.
    is_behind_proxy: bool = False
    #: True when documents may be read without a jail, as was asked for by name.
    may_be_unjailed: bool = False


class NoJail(RuntimeError):
    """A runner that others reach has no jail for their documents."""


def serve(settings: Settings, tcp: Tcp | None) -> None:
    """Run until idle, or until a signal; the socket and its file are gone at the end.

    Raises
    ------
    AlreadyRunning
        When another runner holds the data folder; one that others reach over TCP waits.
    NoJail
        When it is to be reached over TCP, and the engine cannot be jailed.
    ValueError
        When the data folder is on a network file system.
    """
    refuse_network(settings.data)
    with (
        hold_database(settings) as lead,
        hold_data(settings.data, waits=lead is not None or tcp is not None),
    ):
        folder = runtime_folder()
        name = hashlib.sha256(str(settings.data).encode()).hexdigest()[:16]
        path, connection_file = folder / f"{name}.sock", folder / f"{name}.json"
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
        try:
            asyncio.run(_live(settings, listener, connection_file, tcp, lead))
        finally:
            connection_file.unlink(missing_ok=True)
            path.unlink(missing_ok=True)


async def _live(
    settings: Settings,
    listener: socket.socket,
    connection_file: Path,
    tcp: Tcp | None,
    lead: Lead | None,
) -> None:
    engine = EngineHost(settings.workspace, settings.expression_limit_s, settings.engine_socket)
    async with _warming(engine) as warming:
        make_app = await asyncio.to_thread(_import_app)
        database = open_database(settings)
        await asyncio.to_thread(database.migrate)
        database.begin_epoch()
        watch, store = Watch(), await asyncio.to_thread(open_store, settings)
        executor = make_executor(settings, store)
        await executor.start()
        worker = Worker(database, store, engine, executor, watch, settings)

        def health_parts() -> dict[str, Any]:
            return {
                "version": __version__,
                "worker": worker.describe(),
                "engine": {
                    "state": "ready" if engine.is_warm else "starting",
                    "isolation": engine.isolation,
                },
                "executor": {"name": executor.name, **executor.describe()},
                "store": settings.s3.url if settings.s3 else "folder",
                "workspace": settings.workspace,
                "input_limit_bytes": settings.input_limit_bytes,
                "disk_free_bytes": shutil.disk_usage(settings.data).free,
            }

        get = partial(_fetch_document, allow_private=settings.allow_private_addresses)
        uploads = Uploads(
            database, store, settings.data, settings.input_limit_bytes, settings.input_kept_s
        )
        service = Service(
            database, store, engine, get, watch, health_parts, settings.workspace, uploads
        )
        activity = Activity()
        servers = [_server(activity.around(make_app(service, token=None)), fd=listener.fileno())]
        if tcp is not None:
            app = make_app(
                service,
                token=tcp.token,
                is_tcp=True,
                hosts=tcp.names,
                trusts_forwarded=tcp.is_behind_proxy,
            )
            servers.append(_server(activity.around(app), host=tcp.host, port=tcp.port))
        if tcp is not None:
            await warming
            if not engine.is_jailed and not tcp.may_be_unjailed:
                raise NoJail(
                    "this computer gives the engine no jail (Landlock and seccomp), and others' "
                    "documents are read in it; use a newer kernel, install libseccomp2, or say "
                    "--no-jail where you trust everybody who bears the token"
                )
        # Until it is warm nobody could have used the runner: idle time begins then.
        activity.begin()
        warming.add_done_callback(lambda _: activity.end())
        working = asyncio.create_task(_after(warming, worker.run()))
        serving = [asyncio.create_task(server.serve()) for server in servers]
        holding = [asyncio.create_task(_signal())]
        if lead is not None:
            holding.append(asyncio.create_task(_while_held(lead)))
        if settings.input_kept_s:
            holding.append(asyncio.create_task(uploads.tidy(settings.workspace)))
        parts = [working, *serving, *holding]
        _write(connection_file, listener.getsockname(), settings.data)
        try:
            await _until_idle(activity, worker, settings.idle_timeout_s, parts)
        finally:
            for task in holding:
                task.cancel()
            for server in servers:
                server.should_exit = True
            await asyncio.gather(*serving, return_exceptions=True)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            service.close()
            await executor.stop()
            database.close()


@asynccontextmanager
async def _warming(engine: EngineHost) -> AsyncIterator[asyncio.Task[None]]:
    """Start the engine while everything else is made: it takes longest to be ready."""
    task = asyncio.create_task(engine.start(), name="engine")
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await engine.stop()


def _import_app() -> Callable[..., Any]:
    """Give `make_app`; to import it takes a second."""
    from .api.app import make_app

    return make_app


def open_database(settings: Settings) -> Database:
    """Give the database of the settings."""
    if settings.database_url is None:
        return Database.at(settings.data / "runner.sqlite")
    return Database(read_url(settings.database_url))


async def _while_held(lead: Lead) -> None:
    while True:
        await asyncio.to_thread(lead.check)
        await asyncio.sleep(LOOK_S)


def open_store(settings: Settings) -> Store:
    """Give the store of the settings.

    Raises
    ------
    ValueError
        When the bucket cannot be used, with the remedy.
    """
    if settings.s3 is None:
        return FolderStore(settings.data / "store")
    from .store.s3 import S3Store

    store = S3Store(settings.s3)
    store.check()
    return store


def make_executor(settings: Settings, store: Store) -> Executor:
    """Give what runs step runs.

    Raises
    ------
    ValueError
        When there is no way to the cluster.
    """
    if settings.pods is None or settings.s3 is None:
        return LocalExecutor(
            containers=settings.containers,
            host_tools=settings.host_tools,
            log_limit_bytes=settings.log_limit_bytes,
            disk_limit_mib=settings.disk_limit_mib,
            cores=settings.cores,
            ram_mib=settings.ram_mib,
            store=store,
            control=settings.data / "work",
        )
    from .executor.kubernetes.api import Api
    from .executor.kubernetes.executor import KubernetesExecutor

    api = Api.connect(settings.kubeconfig, settings.kube_context)
    name = hashlib.sha256(settings.s3.url.encode()).hexdigest()[:16]
    return KubernetesExecutor(api, settings.pods, store, settings.s3, name)


async def _signal() -> None:
    """Wait for a signal that ends the runner, so that it ends in order."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()


async def _after(first: asyncio.Task[None], then: Any) -> None:
    await first
    await then


async def _fetch_document(url: str, *, allow_private: bool) -> bytes:
    try:
        return await fetch(url, max_bytes=MAX_DOCUMENT_BYTES, allow_private=allow_private)
    except FetchRefused as error:
        raise BadDocument(f"the document refers to {url}: {error}") from error


class Activity:
    """When the last request ended, and how many are open; to look after the runner is no use."""

    def __init__(self) -> None:
        self.open = 0
        self.last = time.monotonic()

    def around(self, app: Any) -> Any:
        """Give the application with its requests counted."""

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            if str(scope.get("path", "")).endswith(("/ping", "/health")):
                await app(scope, receive, send)
                return
            self.begin()
            try:
                await app(scope, receive, send)
            finally:
                self.end()

        return counted

    def begin(self) -> None:
        """Count something that keeps the runner from its idle end."""
        self.open += 1

    def end(self) -> None:
        """Count it no longer."""
        self.open -= 1
        self.last = time.monotonic()

    def idle_s(self) -> float:
        """Give the seconds without any request."""
        return 0.0 if self.open else time.monotonic() - self.last


async def _until_idle(
    activity: Activity, worker: Worker, idle_timeout_s: float, parts: list[asyncio.Task[None]]
) -> None:
    while True:
        done, _ = await asyncio.wait(parts, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        if done:
            for task in done:
                if not task.cancelled() and (error := task.exception()):
                    raise error
            return
        if worker.is_idle and idle_timeout_s and activity.idle_s() > idle_timeout_s:
            _log.info("ends after %.0f s without jobs or requests", idle_timeout_s)
            return


def _server(app: Any, **where: Any) -> Any:
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,  # api/scope.py decides whose word makes the links
        timeout_graceful_shutdown=2,
        **where,
    )
    server: Any = uvicorn.Server(config)
    server.capture_signals = nullcontext  # signals are for the whole runner
    return server


def _write(connection_file: Path, path: str, data: Path) -> None:
    text = json.dumps(
        {
            "pid": os.getpid(),
            "start_time": _start_time(),
            "socket": path,
            "api_version": API_VERSION,
            "api_min": API_VERSION,
            "version": __version__,
            "python": sys.executable,
            "data": str(data),
        }
    )
    part = connection_file.with_suffix(".part")
    part.write_text(text)
    part.chmod(0o600)
    part.replace(connection_file)


def _start_time() -> int:
    """Give the start of this process in clock ticks: with the pid it names one process."""
    try:
        return int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0
