"""What a registry knows of an image: digest, entry point, environment (OCI Distribution 1.1)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin

from .reference import Reference
from .resolve import Resolved

if TYPE_CHECKING:
    import httpx

#: Makes the request for an address, or refuses the address with ValueError.
Gate = Callable[["httpx.AsyncClient", str], Awaitable["httpx.Request"]]
MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
DOCKER_HUB = "registry-1.docker.io"
TIMEOUT_S, MAX_BYTES, MAX_REDIRECTS = 5.0, 8 << 20, 3
#: How long an answer for a tag is good; digests never change.
TAG_S, NOTHING_S = 300.0, 60.0
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class RegistryRefused(ValueError):
    """The registry does not give the image; says why."""


@dataclass
class Registries:
    """Asks registries over https, at public addresses alone but for those that are named.

    Parameters
    ----------
    mirrors
        Address by the host that references name, for example
        `{"docker.io": "http://registry.local:5000"}`; these may be private, and plain http.
    logins
        User and password by host.
    """

    gate: Gate
    mirrors: Mapping[str, str] = field(default_factory=dict)
    logins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    _known: dict[str, tuple[float, Resolved | RegistryRefused]] = field(default_factory=dict)

    async def resolve(self, reference: Reference, platform: str) -> Resolved:
        """Give what the registry knows of an image.

        Raises
        ------
        RegistryRefused
            The registry does not answer, or has no such image for this platform.
        """
        key = f"{reference} {platform}"
        until, known = self._known.get(key, (0.0, None))
        if known is None or time.monotonic() > until:
            known, lasts_s = await self._ask(reference, platform)
            self._known[key] = (time.monotonic() + lasts_s, known)
        if isinstance(known, RegistryRefused):
            raise known
        return known

    async def _ask(
        self, reference: Reference, platform: str
    ) -> tuple[Resolved | RegistryRefused, float]:
        import httpx

        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
                found = await _Asking(self, client, reference).resolve(platform)
                return found, float("inf") if reference.digest else TAG_S
        except RegistryRefused as error:
            return error, NOTHING_S
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            return RegistryRefused(f"{reference.registry} does not give {reference}: {error}"), (
                NOTHING_S
            )

    def address(self, registry: str) -> str:
        """Give the address of a registry by the host that references name."""
        named = self.mirrors.get(registry)
        host = DOCKER_HUB if registry == "docker.io" else registry
        return (named or f"https://{host}").rstrip("/")


class _Asking:
    """One conversation with one registry about one image."""

    def __init__(
        self, registries: Registries, client: httpx.AsyncClient, reference: Reference
    ) -> None:
        self._all, self._client, self._reference = registries, client, reference
        self._base = registries.address(reference.registry)
        self._token: str | None = None

    async def resolve(self, platform: str) -> Resolved:
        reference = self._reference
        body = await self._manifest(reference.digest or reference.tag or "latest")
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        manifest = json.loads(body)
        if "manifests" in manifest:
            manifest = json.loads(await self._manifest(self._choose(manifest, platform)))
        identity = manifest["config"]["digest"]
        config = json.loads(await self._get(f"blobs/{identity}", identity))
        inner = config.get("config") or {}
        pairs = (line.partition("=") for line in inner.get("Env") or ())
        return Resolved(
            id=identity,
            digest=digest,
            entrypoint=tuple(inner.get("Entrypoint") or ()),
            env={name: value for name, _, value in pairs},
            platform=f"{config.get('os', 'linux')}/{config.get('architecture', '')}",
        )

    def _choose(self, index: dict[str, Any], platform: str) -> str:
        offered = []
        for item in index["manifests"]:
            about = item.get("platform") or {}
            offered.append(f"{about.get('os')}/{about.get('architecture')}")
            if offered[-1] == platform:
                return str(item["digest"])
        raise RegistryRefused(
            f"{self._reference} is not for {platform}; it is for {', '.join(offered)}"
        )

    async def _manifest(self, name: str) -> bytes:
        return await self._get(f"manifests/{name}", name if ":" in name else None)

    async def _get(self, path: str, digest: str | None) -> bytes:
        url = f"{self._base}/v2/{self._reference.repository}/{path}"
        answer = await self._send(url)
        if answer.status_code == 401 and self._token is None:
            self._token = await self._log_in(answer.headers.get("www-authenticate", ""))
            answer = await self._send(url)
        if answer.status_code != 200:
            raise RegistryRefused(
                f"{self._reference.registry} answers {answer.status_code} for {self._reference}"
            )
        body = answer.content
        if digest and digest != f"sha256:{hashlib.sha256(body).hexdigest()}":
            raise RegistryRefused(f"{self._reference.registry} gave another {path} than asked for")
        return body

    async def _send(self, url: str) -> httpx.Response:
        import httpx

        is_own = True
        for _ in range(MAX_REDIRECTS + 1):
            if is_own and url.startswith(tuple(self._all.mirrors.values())):
                request = self._client.build_request("GET", url)
            else:
                request = await self._all.gate(self._client, url)
            request.headers["Accept"] = ", ".join(MANIFESTS)
            if self._token is not None and is_own:
                request.headers["Authorization"] = self._token
            answer = await self._client.send(request, stream=True)
            try:
                if answer.is_redirect:
                    url, is_own = urljoin(url, answer.headers["location"]), False
                    continue
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise RegistryRefused(f"the answer of {self._base} is too large")
                headers = {
                    name: value
                    for name, value in answer.headers.items()
                    if name == "www-authenticate"
                }
                return httpx.Response(answer.status_code, headers=headers, content=bytes(body))
            finally:
                await answer.aclose()
        raise RegistryRefused(f"{self._base} redirects too often")

    async def _log_in(self, challenge: str) -> str:
        login = self._all.logins.get(self._reference.registry)
        basic = "Basic " + base64.b64encode(":".join(login).encode()).decode() if login else None
        kind, _, rest = challenge.partition(" ")
        if kind.lower() == "basic":
            if basic is None:
                raise RegistryRefused(f"{self._reference.registry} asks for a login")
            return basic
        about = dict(_PARAMETER.findall(rest))
        scope = f"repository:{self._reference.repository}:pull"
        query = urlencode({"service": about.get("service", ""), "scope": scope})
        asking = _Asking(self._all, self._client, self._reference)
        asking._token = basic
        answer = await asking._send(f"{about['realm']}?{query}")
        if answer.status_code != 200:
            raise RegistryRefused(f"{self._reference.registry} refuses the login")
        found = json.loads(answer.content)
        return f"Bearer {found.get('token') or found['access_token']}"


def read_logins(path: Path) -> dict[str, tuple[str, str]]:
    """Read the logins of a docker `config.json`.

    Raises
    ------
    ValueError
        Naming the file, when it cannot be read as one.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get("auths") or {}
        logins = {}
        for host, value in found.items():
            user, _, password = base64.b64decode(value["auth"]).decode().partition(":")
            name = host.removeprefix("https://").partition("/")[0]
            logins["docker.io" if name == "index.docker.io" else name] = (user, password)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise ValueError(f"{path} cannot be read as a config.json of docker") from None
    return logins
