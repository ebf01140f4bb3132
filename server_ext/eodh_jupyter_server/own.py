"""What this server says and does itself of the runner: its state, its log, its restart."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from eodh_jupyter.errors import RunnerUnreachable
from eodh_jupyter.local import data_folder

from .handler import POLICY, EodhHandler
from .runner import NotOurs, note_activity, problem_of

HEALTH_S = 10.0
LOG_BYTES = 64 * 1024


class StateHandler(EodhHandler):
    """Answers with the state of the runner."""

    async def tell(self, *, start: bool) -> None:
        """Answer with the state of the runner."""
        client: Any = None
        try:
            client, base = await self.link.open(start=start)
            health = (await client.get(f"{base}/health", timeout=HEALTH_S)).json()
        except RunnerUnreachable as error:
            self.say_down(error)
            return
        except Exception as error:  # noqa: BLE001  whatever is wrong, the page must hear of it
            self.link.forget(client)
            self.say_down(f"the runner does not answer ({type(error).__name__})")
            return
        if health.get("jobs_unfinished"):
            note_activity(self.settings)
        is_starting = health.get("engine", {}).get("state") == "starting"
        message = remedy = ""
        if health.get("status") != "ok" and not is_starting:
            parts = {name: part for name, part in health.items() if str(part).startswith("failed")}
            message = "part of the runner fails: " + (json.dumps(parts) if parts else "its engine")
            remedy = "its log, runner.log in the data folder, says why"
        state = "starting" if is_starting else "ready"
        self._say({"state": state, "message": message, "remedy": remedy}, health)

    def say_down(self, error: RunnerUnreachable | str) -> None:
        """Answer that no runner answers, and what to do."""
        problem = problem_of(error)
        words = {"message": problem["detail"], "remedy": problem["remedy"]}
        self._say({"state": problem["state"], **words}, None)

    def _say(self, words: dict[str, str], health: Any) -> None:
        self.finish({**words, "runner": health, "root": self.root, "shared": self.link.is_shared})

    @property
    def root(self) -> str:
        """Folder that the file browser shows, without the `~` of the page's own `serverRoot`."""
        shown = str(self.settings.get("server_root_dir", ""))
        return os.path.abspath(os.path.expanduser(shown))


class StatusHandler(StateHandler):
    """Tells whether the runner is up; starts it where that is allowed, unless `start=no`."""

    # To look is no activity; jobs that run are.
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Give state, message, remedy and the runner's health."""
        await self.tell(start=self.get_query_argument("start", "yes") != "no")


class RestartHandler(StateHandler):
    """Ends the user's own runner and starts the next."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Restart, and give the state as it is then."""
        try:
            await self.link.restart()
        except NotOurs as error:
            self.set_status(409)
            problem = {"status": 409, "title": "Not restarted", "detail": str(error)}
            self.finish(json.dumps(problem), set_content_type="application/problem+json")
        except RunnerUnreachable as error:
            self.say_down(error)
        else:
            await self.tell(start=True)


class LogHandler(EodhHandler):
    """Gives the end of the own runner's log: what it said when it cannot answer itself."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Give its last part as text."""
        if self.link.is_shared:
            self.set_status(404)
            detail = "the log of a shared runner is kept by those who run it"
            problem = {"status": 404, "title": "No log", "detail": detail}
            self.finish(json.dumps(problem), set_content_type="application/problem+json")
            return
        log = data_folder() / "runner.log"
        text = await asyncio.to_thread(_end_of, log)
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(text, set_content_type="text/plain; charset=utf-8")


def _end_of(log: Path) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_BYTES))
            return file.read()
    except OSError:  # no runner has begun: the folder may be none
        return b""
