"""What all handlers of the extension need."""

from __future__ import annotations

import json

from jupyter_server.base.handlers import APIHandler

from eodh_jupyter.errors import RunnerUnreachable

from .runner import RunnerLink, problem_of

#: For bodies of which the runner says nothing: they are of Jupyter's own origin.
POLICY = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"


class EodhHandler(APIHandler):
    """A handler of `/eodh/...`."""

    auth_resource = "eodh"

    @property
    def link(self) -> RunnerLink:
        """The link to the runner."""
        link: RunnerLink = self.settings["eodh_link"]
        return link

    def refuse(self, error: RunnerUnreachable | str) -> None:
        """Say that no runner answers, and what to do."""
        self.set_status(503)
        self.finish(json.dumps(problem_of(error)), set_content_type="application/problem+json")
