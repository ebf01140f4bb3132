"""What a request prefers (RFC 7240)."""

from __future__ import annotations

from fastapi import Request


def preferences(request: Request) -> dict[str, str]:
    """Give the preferences of a request by name (RFC 7240).

    Examples
    --------
    >>> preferences(Request({"type": "http", "headers": [(b"prefer", b"respond-async, wait=5")]}))
    {'respond-async': '', 'wait': '5'}
    """
    found = {}
    for part in ",".join(request.headers.getlist("prefer")).split(","):
        name, _, value = part.split(";")[0].partition("=")
        if name.strip():
            found[name.strip().lower()] = value.strip().strip('"')
    return found
