"""What one runner at a time holds: its data folder, its database, the folder of sockets."""

from __future__ import annotations

import fcntl
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .db.postgres import Lead, read_url
from .settings import Settings

_log = logging.getLogger(__name__)


class AlreadyRunning(RuntimeError):
    """Another runner holds the data folder."""


@contextmanager
def hold_data(data: Path, *, waits: bool = False) -> Iterator[None]:
    """Hold the data folder for one life of the runner.

    Parameters
    ----------
    waits
        True where the runner that holds it is about to end: one that lost its database is, or
        one that others reach and that is being started again.

    Raises
    ------
    AlreadyRunning
        When another runner holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    with (data / "runner.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if not waits:
                raise AlreadyRunning(f"a runner holds {data} already") from error
            _log.info("waits for the runner that holds %s to end", data)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def runtime_folder() -> Path:
    """Give the private folder of sockets and connection files; the client has the same rule.

    Raises
    ------
    PermissionError
        When the folder belongs to somebody else.
    """
    base = os.environ.get("XDG_RUNTIME_DIR")
    uid = os.getuid()
    folder = Path(base) / "eodh-jupyter" if base else Path(f"/tmp/eodh-{uid}")  # noqa: S108
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != uid or not stat.S_ISDIR(status.st_mode):
        raise PermissionError(f"{folder} belongs to another user; remove it or set XDG_RUNTIME_DIR")
    folder.chmod(0o700)
    return folder


@contextmanager
def hold_database(settings: Settings, *, waits: bool = True) -> Iterator[Lead | None]:
    """Hold the right to write to Postgres, once no other runner does; SQLite needs none.

    Raises
    ------
    AlreadyRunning
        When another runner writes to it, and this one does not wait for its end.
    ValueError
        When the database cannot be used, with the remedy.
    """
    if settings.database_url is None:
        yield None
        return
    lead = Lead(read_url(settings.database_url))
    try:
        if not lead.take(waits=waits):
            raise AlreadyRunning(f"a runner writes to {lead.name} already")
        yield lead
    finally:
        lead.release()
