"""Requests to a runner: problems become exceptions, a restarted runner is found again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from .errors import Problem, RunnerUnreachable
from .local import Connection, connect

TRIES = 4


class Transport:
    """One connection to a runner, opened when first used."""

    def __init__(self, url: str | None, token: str | None) -> None:
        self._url, self._token = url, token
        self._client: httpx.Client | None = None
        self._connection: Connection | None = None

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; one that never reached the runner is sent again.

        Raises
        ------
        Problem
            When the runner refuses.
        RunnerUnreachable
            When it does not answer.
        """
        can_repeat = method in ("GET", "PUT") or "Idempotency-Key" in options.get("headers", {})
        for attempt in range(TRIES):
            try:
                response = self._open().request(method, self.url(path), **options)
            except httpx.ConnectError as error:
                reason: Exception = error
            except httpx.TransportError as error:
                if not can_repeat:
                    raise RunnerUnreachable(f"the runner stopped answering: {error}") from error
                reason = error
            else:
                return _checked(response)
            self.close()
            time.sleep(0.2 * 2**attempt)
        raise RunnerUnreachable(f"the runner does not answer: {reason}") from reason

    @contextmanager
    def stream(self, path: str, **options: Any) -> Iterator[httpx.Response]:
        """Open an answer for reading as it comes; raises httpx.TransportError when cut."""
        timeout = httpx.Timeout(10, read=60)
        with self._open().stream("GET", self.url(path), timeout=timeout, **options) as response:
            if response.status_code >= 400:
                response.read()
            yield _checked(response)

    def url(self, path: str) -> str:
        """Give the address of a path below the API; an address stays what it is."""
        self._open()
        base = self._connection.base_url if self._connection else ""
        return path if "://" in path else f"{base}/{path}"

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def _open(self) -> httpx.Client:
        if self._client is None:
            self._connection = connect(self._url)
            token = self._token or self._connection.token
            self._client = httpx.Client(
                transport=httpx.HTTPTransport(uds=self._connection.uds),
                timeout=httpx.Timeout(10, read=120),
                headers={"Authorization": f"Bearer {token}"} if token else {},
            )
        return self._client


def _checked(response: httpx.Response) -> httpx.Response:
    if response.status_code < 400:
        return response
    try:
        body = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        body = {}
    raise Problem(response.status_code, body if isinstance(body, dict) else {})
