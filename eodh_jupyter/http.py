"""Requests to a runner: problems become exceptions, a restarted runner is found again."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from .errors import EodhError, Problem, RunnerUnreachable
from .local import Connection, connect

TRIES = 4
#: Above the runner's heartbeat of 15 s.
SILENCE_S = 45.0


class Transport:
    """One connection to a runner, opened when first used; threads may share it.

    Parameters
    ----------
    url
        Address of a shared runner; None for the user's own.
    token
        Bearer token; it is sent to the runner's address alone.
    autostart
        Start the user's own runner when it is not up.
    """

    def __init__(self, url: str | None, token: str | None, *, autostart: bool = True) -> None:
        self.named_url, self._token, self._autostart = url, token, autostart
        self._lock = threading.Lock()
        self._opened: tuple[httpx.Client, Connection] | None = None

    def request(
        self,
        method: str,
        path: str,
        *,
        is_repeatable: bool = False,
        body: Callable[[], Iterator[bytes]] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send a request; one that never reached the runner is sent again.

        A `body` gives its bytes anew for each try.

        One that may have reached it is sent again only when that cannot do anything twice:
        GET, HEAD, PUT, what carries an idempotency key, and what the caller says `is_repeatable`.

        Raises
        ------
        Problem
            When the runner refuses.
        RunnerUnreachable
            When it does not answer.
        """
        is_repeatable |= method in ("GET", "HEAD", "PUT")
        is_repeatable |= "Idempotency-Key" in options.get("headers", {})
        for attempt in range(TRIES):
            client, connection = self._open()
            if body is not None:
                options["content"] = body()
            try:
                response = self._send(client, connection, method, path, options)
            except httpx.ReadTimeout as error:
                raise RunnerUnreachable("the runner is up but did not answer in 2 min") from error
            except httpx.TransportError as error:
                reason = error
            else:
                return _checked(response)
            self.forget(client)
            if not is_repeatable and not isinstance(reason, httpx.ConnectError):
                raise RunnerUnreachable(f"the runner stopped answering: {reason}") from reason
            time.sleep(0.2 * 2**attempt)
        raise RunnerUnreachable(f"the runner does not answer: {reason}") from reason

    @contextmanager
    def stream(
        self, path: str, *, read_timeout_s: float = SILENCE_S, **options: Any
    ) -> Iterator[httpx.Response]:
        """Open an answer for reading as it comes; raises httpx.TransportError when cut."""
        client, connection = self._open()
        timeout = httpx.Timeout(10, read=read_timeout_s)
        url = _address(connection, path)
        sender: Any = client
        if not _is_same_origin(url, connection):
            sender = httpx
        try:
            with sender.stream("GET", url, timeout=timeout, **options) as response:
                if response.status_code >= 400:
                    response.read()
                yield _checked(response)
        except httpx.TransportError:
            self.forget(client)
            raise

    def save(self, path: str, target: Path, progress: Callable[[int], None] | None = None) -> None:
        """Write the bytes behind a path to a file; a cut answer is continued where it ended.

        Parameters
        ----------
        progress
            Called with the length of each piece.

        Raises
        ------
        RunnerUnreachable
            When it is cut again and again; nothing is left behind.
        """
        position, failures = 0, 0
        with target.open("wb") as file:
            while True:
                headers = {"Accept-Encoding": "identity"}
                if position:
                    headers["Range"] = f"bytes={position}-"
                try:
                    with self.stream(path, headers=headers) as answer:
                        if position and answer.status_code != 206:
                            file.seek(0)
                            file.truncate()
                        for chunk in answer.iter_bytes():
                            file.write(chunk)
                            if progress is not None:
                                progress(len(chunk))
                    return
                except httpx.TransportError as error:
                    failures = 1 if file.tell() > position else failures + 1
                    position = file.tell()
                    if failures >= TRIES:
                        raise RunnerUnreachable(f"the download was cut: {error}") from error
                    time.sleep(0.2 * 2**failures)

    @property
    def is_local(self) -> bool:
        """True for the user's own runner, which sees the same files."""
        return self._open()[1].uds is not None

    def forget(self, client: httpx.Client | None = None) -> None:
        """Look for the runner anew at the next request; what still runs is left to end."""
        with self._lock:
            if client is None or (self._opened and self._opened[0] is client):
                self._opened = None

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened[0].close()

    def _open(self) -> tuple[httpx.Client, Connection]:
        with self._lock:
            if self._opened is None:
                connection = connect(self.named_url, autostart=self._autostart)
                token = self._token or connection.token
                # Certificates take their time to load, and a unix socket has none.
                is_remote = connection.uds is None
                client = httpx.Client(
                    transport=httpx.HTTPTransport(uds=connection.uds, verify=is_remote),
                    trust_env=is_remote,
                    timeout=httpx.Timeout(10, read=120),
                    headers={"Authorization": f"Bearer {token}"} if token else {},
                )
                self._opened = (client, connection)
            return self._opened

    @staticmethod
    def _send(
        client: httpx.Client, connection: Connection, method: str, path: str, options: Any
    ) -> httpx.Response:
        url = _address(connection, path)
        try:
            if _is_same_origin(url, connection):
                return client.request(method, url, **options)
            # A signed address of a store, say: neither our token nor our socket is for it.
            return httpx.request(method, url, timeout=120, **options)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise EodhError(f"'{url}' is not an address of a runner: {error}") from error


def _address(connection: Connection, path: str) -> str:
    return path if "://" in path.partition("?")[0] else f"{connection.base_url}/{path}"


def _is_same_origin(url: str, connection: Connection) -> bool:
    with contextlib.suppress(httpx.InvalidURL):
        one, other = httpx.URL(url), httpx.URL(connection.base_url)
        return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)
    return True


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        body = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        body = {}
    raise Problem(response.status_code, body if isinstance(body, dict) else {})
