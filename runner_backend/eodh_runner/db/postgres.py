"""What is particular to Postgres: its connections, its full disk, and who writes to it."""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError

#: Seconds between two looks at the lock, by who waits for it and by who holds it.
LOOK_S = 1.0
#: Advisory locks are numbers, each database has its own.
_LOCK = int.from_bytes(b"eodh-run")
_DISK_FULL = "53100"
#: A peer that is gone without a word is missed by both sides within seconds, and a runner that
#: hangs within a transaction does not keep the next one from its first write.
CONNECT_ARGS = {
    "connect_timeout": 10,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 6000,
    "options": "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3"
    " -c tcp_user_timeout=6000 -c idle_in_transaction_session_timeout=5000",
}

_log = logging.getLogger(__name__)


class LeadLost(RuntimeError):
    """The connection that held the lock is gone: another runner may write by now."""


def is_full(error: DBAPIError) -> bool:
    """Tell whether the disk of the server is full."""
    return getattr(error.orig, "sqlstate", None) == _DISK_FULL


def read_url(text: str) -> sa.URL:
    """Give the address of a Postgres database.

    Raises
    ------
    ValueError
        When it is none; the text, which may hold a password, is not repeated.
    """
    try:
        url = sa.make_url(text)
        url.get_dialect()
    except (sa.exc.ArgumentError, NoSuchModuleError, ValueError):
        url = None
    if url is None or url.drivername != "postgresql+psycopg" or not url.database:
        raise ValueError(
            "EODH_DATABASE_URL must be like postgresql+psycopg://user@host/database; leave it "
            "away for SQLite in the data folder"
        )
    return url


class Lead:
    """The right to write to a database, held as a lock of one connection's session."""

    def __init__(self, url: sa.URL) -> None:
        self._engine = sa.create_engine(
            url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", connect_args=CONNECT_ARGS
        )
        self.name = url.render_as_string(hide_password=True)
        self._connection: sa.Connection | None = None

    def take(self, *, waits: bool) -> bool:
        """Hold the lock, when no other runner holds it any more; False for not to be had now.

        Raises
        ------
        ValueError
            When the database cannot be reached at the start.
        """
        try:
            self._connection = self._engine.connect()
        except OperationalError as error:
            raise ValueError(
                f"EODH_DATABASE_URL: {self.name} cannot be used: {str(error.orig).strip()}"
            ) from error
        is_standby = False
        while not self._is_given():
            if not waits:
                return False
            if not is_standby:
                is_standby = True
                _log.info("standby: another runner writes to %s; waits for its end", self.name)
            time.sleep(LOOK_S)
        if is_standby:
            _log.info("takes over %s", self.name)
        return True

    def check(self) -> None:
        """Do nothing while the lock is held.

        Raises
        ------
        LeadLost
            When its connection is gone.
        """
        try:
            if self._connection is not None:
                self._connection.exec_driver_sql("SELECT 1")
                return
        except DBAPIError as error:
            raise LeadLost(f"the lock of {self.name} is lost: {error.orig}") from error
        raise LeadLost(f"the lock of {self.name} is not held")

    def release(self) -> None:
        """Let the next runner write."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()

    def _is_given(self) -> bool:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            lock = sa.select(sa.func.pg_try_advisory_lock(_LOCK))
            return bool(self._connection.scalar(lock))
        except DBAPIError as error:
            # A standby outlives a server that starts again.
            _log.warning("%s: %s", self.name, str(error.orig).strip())
            if self._connection is not None:
                self._connection.invalidate()
                self._connection.close()
                self._connection = None
            return False
