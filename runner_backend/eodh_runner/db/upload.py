"""Files that callers brought: when they were last asked for, and the jobs that name them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from . import schema
from .database import now, to_text

_upload, _use = schema.upload, schema.upload_use


def touch(connection: sa.Connection, key: str) -> None:
    """Note that a file was brought or asked for now."""
    moment = to_text(now())
    known = connection.execute(_upload.update().filter_by(key=key).values(touched=moment))
    if known.rowcount == 0:
        connection.execute(_upload.insert().values(key=key, touched=moment))


def note_missing(connection: sa.Connection, keys: Collection[str]) -> None:
    """Note files that are there and of which nothing is known, as if they were brought now."""
    found = connection.scalars(sa.select(_upload.c.key).where(_upload.c.key.in_(keys)))
    for key in set(keys).difference(found):
        connection.execute(_upload.insert().values(key=key, touched=to_text(now())))


def use(connection: sa.Connection, job_id: str, keys: Collection[str]) -> set[str]:
    """Note that a job names files; gives those that are not there any more."""
    found = set(connection.scalars(sa.select(_upload.c.key).where(_upload.c.key.in_(keys))))
    for key in sorted(found):
        connection.execute(_use.insert().values(job_id=job_id, key=key))
    return set(keys) - found


def release(connection: sa.Connection, job_id: str) -> None:
    """Note that a job names its files no longer; their time begins now."""
    mine = sa.select(_use.c.key).filter_by(job_id=job_id)
    connection.execute(
        _upload.update().where(_upload.c.key.in_(mine)).values(touched=to_text(now()))
    )
    connection.execute(_use.delete().filter_by(job_id=job_id))


def unused(connection: sa.Connection, before: datetime, limit: int) -> list[str]:
    """Give files that no job names and nobody asked for since a time."""
    return list(
        connection.scalars(sa.select(_upload.c.key).where(*_is_unused(before)).limit(limit))
    )


def remove(connection: sa.Connection, key: str, before: datetime) -> bool:
    """Forget a file; False when it was asked for, or is named by a job, meanwhile."""
    gone = connection.execute(_upload.delete().where(_upload.c.key == key, *_is_unused(before)))
    return gone.rowcount == 1


def _is_unused(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    is_named = sa.exists().where(_use.c.key == _upload.c.key)
    return _upload.c.touched < to_text(before), sa.not_(is_named)
