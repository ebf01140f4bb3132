"""The API server, as few and as plain requests as the executor needs.

Raw JSON over one pool of connections: the official client's models cost more than the
requests themselves. It is used for what it is good at: finding the cluster and the
credentials, and renewing these.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson

OLDEST = (1, 29)
CONNECTIONS = 32
TIMEOUT_S = 30.0
#: A request that may be lost is sent again for so long; what follows from names makes that safe.
AGAIN_S = 90.0
#: A token is looked up again after so long, and when the server refuses it.
TOKEN_S = 10.0
#: A server that starts again refuses what it allows, until it has read its roles and accounts.
REFUSED_AGAIN_S = 20.0
IN_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


DELETE = {"apiVersion": "v1", "kind": "DeleteOptions"}
_log = logging.getLogger(__name__)


class ApiError(Exception):
    """The API server refuses; `status` and `reason` are its own."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


class ApiDown(Exception):
    """The API server did not answer in time."""


@dataclass
class Rate:
    """Requests a second that the server stands: grows slowly, halves when it says 429."""

    per_s: float = 100.0
    burst: float = 200.0
    least: float = 2.0
    most: float = 400.0
    _tokens: float = field(default=200.0)
    _last: float = field(default_factory=time.monotonic)
    _closed_until: float = 0.0
    _halved: float = 0.0
    _first: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take(self) -> None:
        """Wait for one's turn; of thousands that wait the first alone looks at the clock."""
        async with self._first:
            await self._wait()

    async def _wait(self) -> None:
        while True:
            now = time.monotonic()
            self._tokens = min(self.burst, self._tokens + (now - self._last) * self.per_s)
            self._last = now
            wait_s = max(self._closed_until - now, (1 - self._tokens) / self.per_s)
            if wait_s <= 0:
                self._tokens -= 1
                self.per_s = min(self.most, self.per_s + 0.1)
                return
            await asyncio.sleep(wait_s)

    def refuse(self, retry_after_s: float) -> None:
        """Note that the server said 429."""
        now = time.monotonic()
        self._closed_until = max(self._closed_until, now + retry_after_s)
        if now - self._halved > 1.0:
            self._halved, self._tokens = now, 0.0
            self.per_s = max(self.least, self.per_s / 2)


class Api:
    """One API server, and the namespace that the configuration names."""

    def __init__(self, configuration: Any, namespace: str | None) -> None:
        self._configuration, self.namespace = configuration, namespace
        self._token: tuple[str | None, float] = (None, 0.0)
        self._session: aiohttp.ClientSession | None = None
        self.rate = Rate()
        #: Set once the server allowed what is needed: from then on a refusal may be a passing one.
        self.was_allowed = False

    @classmethod
    def connect(cls, kubeconfig: str | None, context: str | None) -> Api:
        """Read where the cluster is: a kubeconfig, or the pod that this runs in.

        Raises
        ------
        ValueError
            With what is wrong, and the remedy.
        """
        from kubernetes.client import Configuration
        from kubernetes.config import ConfigException, load_incluster_config
        from kubernetes.config.kube_config import list_kube_config_contexts, load_kube_config

        configuration = Configuration()
        if kubeconfig is None and IN_POD.exists() and "KUBERNETES_SERVICE_HOST" in os.environ:
            load_incluster_config(client_configuration=configuration)
            return cls(configuration, IN_POD.read_text(encoding="ascii").strip())
        path = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
        shown = Path(path).expanduser()
        if not shown.is_file():
            raise ValueError(
                f"there is no kubeconfig at {shown}; set EODH_KUBECONFIG to one, or run in a pod"
            )
        try:
            contexts, current = list_kube_config_contexts(str(shown))
            names = {item["name"]: item.get("context") or {} for item in contexts}
            if context is not None and context not in names:
                raise ValueError(
                    f"{shown} has no context '{context}'; it has: {', '.join(sorted(names))}"
                )
            load_kube_config(str(shown), context, configuration)
        except (ConfigException, OSError, TypeError, KeyError) as error:
            raise ValueError(f"{shown} cannot be used as a kubeconfig: {error}") from error
        chosen = names.get(context or current["name"], {})
        return cls(configuration, chosen.get("namespace"))

    @property
    def host(self) -> str:
        """Address of the server."""
        return str(self._configuration.host)

    async def close(self) -> None:
        """End every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def check_version(self) -> str:
        """Give the server's version.

        Raises
        ------
        ValueError
            When it is older than what native sidecars need.
        """
        found = await self.request("GET", "/version")
        numbers = [int("".join(filter(str.isdigit, found[k])) or 0) for k in ("major", "minor")]
        if tuple(numbers) < OLDEST:
            raise ValueError(
                f"the Kubernetes at {self.host} is {found['gitVersion']}; step runs need "
                f"{OLDEST[0]}.{OLDEST[1]} or later, which has native sidecars"
            )
        return str(found["gitVersion"])

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send a request until it is answered; every one here may be sent twice.

        Raises
        ------
        ApiError
            The server refuses.
        ApiDown
            There was no answer for `AGAIN_S`.
        """
        began, wait_s, has_new_token = time.monotonic(), 0.1, False
        data = json.dumps(body).encode() if body is not None else None
        while True:
            await self.rate.take()
            try:
                async with self._open().request(
                    method,
                    self.host + path,
                    data=data,
                    params=query,
                    headers=await self._headers(),
                    timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                ) as answer:
                    text = await answer.read()
                    if answer.status < 300:
                        found: dict[str, Any] = orjson.loads(text)
                        return found
                    error = _error(answer.status, text)
                    if answer.status == 401 and not has_new_token:
                        self._token, has_new_token = (None, 0.0), True
                        continue
                    if answer.status == 429:
                        self.rate.refuse(_seconds(answer.headers.get("Retry-After")))
                    elif answer.status < 500 and not self._may_pass(error, began):
                        raise error
                    reason: Exception = error
            except (aiohttp.ClientError, TimeoutError, ValueError) as failed:
                reason = failed
            is_throttled = isinstance(reason, ApiError) and reason.status == 429
            if time.monotonic() - began > AGAIN_S and not is_throttled:
                raise ApiDown(f"{self.host} does not answer: {reason}") from reason
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311  only jitter
            wait_s = min(5.0, wait_s * 2)

    def _may_pass(self, error: ApiError, began: float) -> bool:
        is_refusal = error.status == 401 or (error.status == 403 and " cannot " in error.message)
        return is_refusal and self.was_allowed and time.monotonic() - began < REFUSED_AGAIN_S

    async def delete(self, path: str, **options: Any) -> None:
        """Delete one thing; one that is not there is deleted. Failures are logged alone."""
        try:
            await self.request("DELETE", path, {**DELETE, **options})
        except (ApiError, ApiDown) as error:
            if not isinstance(error, ApiError) or error.status != 404:
                _log.warning("%s could not be deleted: %s", path, error)

    async def delete_all(self, path: str, selector: str, **options: Any) -> None:
        """Delete everything of a kind with some labels; errors are those of `request`."""
        await self.request("DELETE", path, {**DELETE, **options}, {"labelSelector": selector})

    async def watch(
        self, path: str, query: Mapping[str, str], silence_s: float
    ) -> AsyncIterator[dict[str, Any]]:
        """Give the events of a watch until it ends, or is silent for too long.

        Raises
        ------
        ApiError
            The server refuses, 410 among others.
        aiohttp.ClientError, TimeoutError
            The connection is lost, or silent.
        """
        timeout = aiohttp.ClientTimeout(total=None, connect=TIMEOUT_S, sock_read=silence_s)
        async with self._open().get(
            self.host + path,
            params={**query, "watch": "true"},
            headers=await self._headers(),
            timeout=timeout,
        ) as answer:
            if answer.status != 200:
                raise _error(answer.status, await answer.read())
            buffer = bytearray()
            async for chunk in answer.content.iter_any():
                buffer += chunk
                *lines, rest = buffer.split(b"\n")
                buffer = bytearray(rest)
                for line in lines:
                    if line:
                        yield orjson.loads(line)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=CONNECTIONS, ssl=self._tls(), keepalive_timeout=60
            )
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    def _tls(self) -> ssl.SSLContext | bool:
        configuration = self._configuration
        if not configuration.verify_ssl:
            return False
        context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
        if configuration.cert_file:
            context.load_cert_chain(configuration.cert_file, configuration.key_file)
        return context

    async def _headers(self) -> dict[str, str]:
        token, good_until = self._token
        if time.monotonic() > good_until:
            # The hook reads tokens again, and may start the program of a cloud.
            has_hook = self._configuration.refresh_api_key_hook is not None
            token = await asyncio.to_thread(self._read_token) if has_hook else self._read_token()
            self._token = token, time.monotonic() + TOKEN_S
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return headers | ({"Authorization": token} if token else {})

    def _read_token(self) -> str | None:
        found: str | None = self._configuration.get_api_key_with_prefix(
            "BearerToken", alias="authorization"
        )
        return found


def _error(status: int, text: bytes) -> ApiError:
    try:
        found = json.loads(text)
        return ApiError(status, str(found.get("reason") or ""), str(found.get("message") or ""))
    except (ValueError, AttributeError):
        return ApiError(status, "", text.decode("utf-8", "replace")[:300])


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdigit() else 1.0
