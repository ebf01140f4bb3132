"""The Jupyter server extension: an authenticated way from the browser to the runner."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .app import EodhExtension

    return [{"module": "eodh_jupyter_server", "app": EodhExtension}]
