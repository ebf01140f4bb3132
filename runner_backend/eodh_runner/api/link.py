"""Links."""

from __future__ import annotations

from eodh_jupyter.ogc import Link


def link(rel: str, href: str, title: str, type_: str = "application/json") -> Link:
    """Give a link."""
    return Link(rel=rel, type=type_, title=title, href=href)
