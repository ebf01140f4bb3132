"""Logs of the step runs of a job: by range, by line, searched."""

from __future__ import annotations

from ..db import step_run
from ..db.database import Database
from ..errors import NotFound
from ..store import Store, log_key
from . import log as text
from .log_lines import Found, LogLines, Page, Wanted


class JobLogs:
    """Reads the logs of jobs that a caller may see; that is checked before."""

    def __init__(self, database: Database, store: Store) -> None:
        self._db, self._store = database, store
        self._lines = LogLines(store)

    def info(self, workspace: str, job_id: str, log: str) -> tuple[int, bool]:
        """Give the size of a log so far in bytes, and whether it is complete."""
        key, is_complete = self._find(workspace, job_id, log)
        return text.size_bytes(self._store, key), is_complete

    def read(self, workspace: str, job_id: str, log: str, offset: int, limit: int) -> bytes:
        """Give a range of a log."""
        return text.read(self._store, self._find(workspace, job_id, log)[0], offset, limit)

    def page(
        self, workspace: str, job_id: str, log: str, first: int, count: int
    ) -> tuple[Page, bool]:
        """Give lines of a log, and whether it is complete."""
        key, is_complete = self._find(workspace, job_id, log)
        return self._lines.page(key, first, count), is_complete

    def search(
        self,
        workspace: str,
        job_id: str,
        log: str,
        wanted: Wanted,
        behind: int = -1,
        limit: int = 100,
        first: int = 0,
    ) -> Found:
        """Find lines of a log; see `LogLines.search`."""
        key, _ = self._find(workspace, job_id, log)
        return self._lines.search(key, wanted, behind, limit, first)

    def _find(self, workspace: str, job_id: str, log: str) -> tuple[str, bool]:
        """Give the key of the newest attempt's log, and whether it is complete."""
        with self._db.read() as connection:
            found = step_run.by_log(connection, job_id, log)
        if found is None:
            raise NotFound("log", log, "see the job's steps")
        return log_key(workspace, job_id, log, found.attempt), found.state.is_terminal
