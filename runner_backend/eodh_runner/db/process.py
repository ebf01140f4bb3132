"""Processes and their revisions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from ..domain.process import Inspection, Process
from . import schema, search
from .database import now, to_text, to_time

_process, _revision = schema.process, schema.process_revision


def deployed(connection: sa.Connection, workspace: str, process_id: str) -> Process | None:
    """Give the current revision of a deployed process."""
    rows = connection.execute(
        _select().where(_process.c.workspace == workspace, _process.c.process_id == process_id)
    )
    row = rows.one_or_none()
    return _read(row._mapping) if row else None


def list_deployed(
    connection: sa.Connection, workspace: str, limit: int, after: str, q: str = ""
) -> list[Process]:
    """Give deployed processes by id, beginning behind `after`; `q` is in id, title or keyword."""
    where = [_process.c.workspace == workspace, _process.c.process_id > after]
    if q.strip():
        where.append(search.holds(_process.c.search, q))
    rows = connection.execute(_select().where(*where).order_by(_process.c.process_id).limit(limit))
    return [_read(row._mapping) for row in rows]


def newest_revision(connection: sa.Connection, workspace: str, process_id: str) -> int | None:
    """Give the number of the deployed revision."""
    key = {"workspace": workspace, "process_id": process_id, "is_deployed": True}
    return connection.scalar(sa.select(_process.c.revision).filter_by(**key))


def revision(
    connection: sa.Connection, workspace: str, process_id: str, number: int
) -> Process | None:
    """Give one revision, also of a process that is deployed no more."""
    row = connection.execute(
        sa.select(_revision).where(
            _revision.c.workspace == workspace,
            _revision.c.process_id == process_id,
            _revision.c.revision == number,
        )
    ).one_or_none()
    return _read(row._mapping) if row else None


def add(
    connection: sa.Connection, workspace: str, inspection: Inspection, source: bytes, media: str
) -> Process:
    """Add the next revision and make it the deployed one."""
    key = {"workspace": workspace, "process_id": inspection.process_id}
    last = connection.scalar(sa.select(_process.c.revision).filter_by(**key))
    number = (last or 0) + 1
    values = {
        "revision": number,
        "is_deployed": True,
        "search": search.text_of(inspection.process_id, inspection.title, inspection.keywords),
    }
    if last:
        connection.execute(_process.update().filter_by(**key).values(**values))
    else:
        connection.execute(_process.insert().values(**key, **values))
    created = now()
    connection.execute(
        _revision.insert().values(
            **key,
            revision=number,
            created=to_text(created),
            inspection=asdict(inspection),
            source=source,
            media_type=media,
        )
    )
    return Process(workspace, inspection.process_id, number, created, inspection, source, media)


def undeploy(connection: sa.Connection, workspace: str, process_id: str) -> bool:
    """Take the process off the list; its revisions stay for its jobs."""
    result = connection.execute(
        _process.update()
        .filter_by(workspace=workspace, process_id=process_id, is_deployed=True)
        .values(is_deployed=False)
    )
    return result.rowcount == 1


def _select() -> sa.Select[Any]:
    return (
        sa.select(_revision)
        .join(
            _process,
            (_process.c.workspace == _revision.c.workspace)
            & (_process.c.process_id == _revision.c.process_id)
            & (_process.c.revision == _revision.c.revision),
        )
        .where(_process.c.is_deployed)
    )


def _read(row: sa.RowMapping) -> Process:
    fields = row["inspection"]
    listed = ("keywords", "metadata", "warnings", "images")
    tuples = {key: tuple(fields.get(key, ())) for key in listed}
    created = to_time(row["created"])
    assert created is not None  # noqa: S101  the column is not nullable
    return Process(
        row["workspace"],
        row["process_id"],
        row["revision"],
        created,
        Inspection(**{**fields, **tuples}),
        row["source"],
        row["media_type"],
    )
