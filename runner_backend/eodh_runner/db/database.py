"""One database of one runner: SQLite by file, or what a URL names."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..errors import NoSpace
from . import postgres, schema


def now() -> datetime:
    """Give the time as stored: aware, UTC."""
    return datetime.now(UTC)


def to_text(time: datetime) -> str:
    """Give the stored form of a time; sorts as text."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_time(text: str | None) -> datetime | None:
    """Read the stored form of a time back."""
    return datetime.fromisoformat(text) if text else None


class Database:
    """Connections, transactions and the epoch of this life of the runner.

    Notes
    -----
    Writes are serialised in this process; a durable one waits for the disk, the others
    survive a crash of the runner but may lose the last moments at a loss of power
    (SQLite: `synchronous`, Postgres: `synchronous_commit`).
    """

    def __init__(self, url: str | sa.URL) -> None:
        address = sa.make_url(url)
        more: dict[str, Any] = {}
        if address.get_backend_name() == "postgresql":
            more = {"pool_pre_ping": True, "connect_args": postgres.CONNECT_ARGS}
        self._engine = sa.create_engine(address, pool_size=8, max_overflow=16, **more)
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self._writing = threading.Lock()
        self.epoch = 0
        if self._is_sqlite:
            sa.event.listen(self._engine, "connect", _set_up_sqlite)

    @classmethod
    def at(cls, file: Path) -> Database:
        """Open the SQLite database in `file`."""
        return cls(f"sqlite:///{file}")

    def migrate(self) -> None:
        """Bring the tables to the newest revision."""
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def begin_epoch(self) -> int:
        """Count this life; a write of an earlier life is refused from here on."""
        table = schema.runner
        with self.write(durable=True) as connection:
            epoch = connection.scalar(sa.select(table.c.epoch)) or 0
            if epoch == 0:
                connection.execute(table.insert().values(id=1, epoch=1))
            else:
                connection.execute(table.update().values(epoch=epoch + 1))
        self.epoch = epoch + 1
        return self.epoch

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection for reading."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sa.Connection]:
        """Give a transaction; `durable` ones are on the disk when it ends.

        Raises
        ------
        RuntimeError
            When another runner took over the database.
        NoSpace
            When its disk is full; nothing of the transaction is kept.
        """
        try:
            with self._writing, self._begin(durable) as connection:
                yield connection
                connection.commit()
        except sa.exc.OperationalError as error:
            if "disk is full" in str(error.orig) or postgres.is_full(error):
                raise NoSpace from error
            raise

    @contextmanager
    def _begin(self, durable: bool) -> Iterator[sa.Connection]:
        with self._engine.connect() as connection:
            if self._is_sqlite:
                level = "FULL" if durable else "NORMAL"
                connection.exec_driver_sql(f"PRAGMA synchronous={level}")
                connection.rollback()
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif not durable:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            if self.epoch:
                # Held to the end: who takes over waits for this transaction.
                mine = sa.select(schema.runner.c.epoch).with_for_update(read=True)
                held = connection.scalar(mine)
                if held != self.epoch:
                    raise RuntimeError(
                        f"another runner took over (epoch {held}, ours {self.epoch})"
                    )
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
