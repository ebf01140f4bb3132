"""Fetches over http(s) from public addresses alone.

The address is resolved here, checked, and connected to as checked, so that a name
cannot point elsewhere a moment later; each redirect goes through the same gate.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

if TYPE_CHECKING:
    import httpx

MAX_REDIRECTS = 5
TIMEOUT_S = 30.0


class FetchRefused(ValueError):
    """The address may not be fetched, or did not answer; the text names it."""


async def fetch(url: str, *, max_bytes: int, allow_private: bool = False) -> bytes:
    """Give the body behind an address.

    Raises
    ------
    FetchRefused
        When the address is not public http(s), is too large, or does not answer.
    """
    body = bytearray()
    async with stream(url, allow_private=allow_private) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > max_bytes:
                raise FetchRefused(f"{url} is larger than {max_bytes >> 20} MiB")
    return bytes(body)


@asynccontextmanager
async def stream(url: str, *, allow_private: bool = False) -> AsyncIterator[AsyncIterator[bytes]]:
    """Open an address for reading in chunks; same errors as `fetch`."""
    import httpx

    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
        for _ in range(MAX_REDIRECTS + 1):
            request = await pinned(client, url, allow_private=allow_private)
            try:
                response = await client.send(request, stream=True)
            except httpx.HTTPError as error:
                raise FetchRefused(f"{url} does not answer: {error}") from error
            try:
                if response.is_redirect:
                    url = urljoin(url, response.headers["location"])
                    continue
                if response.status_code != 200:
                    raise FetchRefused(f"{url} answered {response.status_code}")
                yield response.aiter_bytes(1 << 16)
                return
            finally:
                await response.aclose()
        raise FetchRefused(f"{url} redirects more than {MAX_REDIRECTS} times")


async def pinned(
    client: httpx.AsyncClient, url: str, *, allow_private: bool = False
) -> httpx.Request:
    """Give the request for an address, connected to as it was checked.

    Raises
    ------
    FetchRefused
        When it is not public http(s).
    """
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchRefused(f"{url} is not an address: {error}") from error
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "%" in host:
        raise FetchRefused(f"{url} is not an http(s) address that can be fetched")
    address = await _resolve(url, host, port or (443 if parts.scheme == "https" else 80))
    if not allow_private and not is_public(address):
        raise FetchRefused(f"{url} is at {address}, which is not a public address")
    shown = f"[{address}]" if ":" in address else address
    netloc = f"{shown}:{port}" if port else shown
    pinned = urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))
    header = f"{host}:{port}" if port else host
    return client.build_request(
        "GET", pinned, headers={"Host": header}, extensions={"sni_hostname": host}
    )


async def _resolve(url: str, host: str, port: int) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchRefused(f"the host of {url} is not known") from error
    return str(found[0][4][0])


def is_public(address: str) -> bool:
    """Tell whether an address is on the public internet."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (mapped := ip.ipv4_mapped or ip.sixtofour):
        ip = mapped
    return ip.is_global and not ip.is_multicast
