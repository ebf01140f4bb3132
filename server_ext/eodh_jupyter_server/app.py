"""Wires the handlers into Jupyter Server."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Unicode

from .activity import attend
from .bring import BringHandler
from .own import LogHandler, RestartHandler, StatusHandler
from .proxy import ProxyHandler
from .runner import RunnerLink
from .stream import StreamHandler


class EodhExtension(ExtensionApp):
    """Passes `/eodh/...` on to the user's runner."""

    name = "eodh_jupyter_server"

    runner_url = Unicode(
        "", help="Address of a shared runner; empty for the user's own on this computer."
    ).tag(config=True)
    autostart = Bool(True, help="Start the user's own runner when a page asks for it.").tag(
        config=True
    )

    _attending: asyncio.Task[None] | None = None

    def initialize_settings(self) -> None:
        """Make the one link to the runner."""
        self.settings["eodh_link"] = RunnerLink(self.runner_url or None, self.autostart)

    def initialize_handlers(self) -> None:
        """Register the handlers; the last takes whatever the runner may offer."""
        self.handlers.extend(
            [
                (r"/eodh/status", StatusHandler),
                (r"/eodh/runner/log", LogHandler),
                (r"/eodh/runner/restart", RestartHandler),
                (r"/eodh/runner/inputs", BringHandler),
                (r"/eodh/stream", StreamHandler),
                (r"/eodh/(.*)", ProxyHandler),
            ]
        )

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        self._attending = asyncio.create_task(attend(self.settings, self.settings["eodh_link"]))

    async def stop_extension(self) -> None:
        """Close the link; the runner lives on."""
        if self._attending is not None:
            self._attending.cancel()
        link: Any = self.settings.get("eodh_link")
        if link is not None:
            await link.close()
