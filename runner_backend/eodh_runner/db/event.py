"""The event log, appended in the transaction of the change it reports."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..domain.event import Event, EventKind
from . import schema
from .database import now, to_text, to_time

_event, _job = schema.event, schema.job
# Made once: to make a statement costs more than to run it.
_NEXT = (
    _job.update()
    .where(_job.c.job_id == sa.bindparam("of_job"))
    .values(last_seq=_job.c.last_seq + 1)
    .returning(_job.c.last_seq)
)
_ADD = _event.insert()

#: Kinds that the workspace's stream carries.
WORKSPACE_KINDS = (EventKind.JOB, EventKind.PROGRESS, EventKind.PROCESS)


def append(
    connection: sa.Connection,
    workspace: str,
    job_id: str | None,
    kind: EventKind,
    data: dict[str, Any],
) -> None:
    """Append one event; a job's are numbered without a gap."""
    seq = 0
    if job_id is not None:
        seq = connection.execute(_NEXT, {"of_job": job_id}).scalar_one()
    connection.execute(
        _ADD,
        {
            "workspace": workspace,
            "job_id": job_id,
            "seq": seq,
            "time": to_text(now()),
            "kind": kind,
            "data": data,
        },
    )


def of_job(connection: sa.Connection, job_id: str, after: int, limit: int) -> list[Event]:
    """Give a job's events behind sequence number `after`."""
    rows = connection.execute(
        sa.select(_event)
        .where(_event.c.job_id == job_id, _event.c.seq > after)
        .order_by(_event.c.seq)
        .limit(limit)
    )
    return [_read(row._mapping) for row in rows]


def of_workspace(connection: sa.Connection, workspace: str, after: int, limit: int) -> list[Event]:
    """Give the workspace's events behind position `after`."""
    rows = connection.execute(
        sa.select(_event)
        .where(
            _event.c.workspace == workspace,
            _event.c.kind.in_(WORKSPACE_KINDS),
            _event.c.position > after,
        )
        .order_by(_event.c.position)
        .limit(limit)
    )
    return [_read(row._mapping) for row in rows]


def last_position(connection: sa.Connection, workspace: str) -> int:
    """Give the position of the workspace's newest event, 0 when there is none."""
    return (
        connection.scalar(
            sa.select(sa.func.max(_event.c.position)).where(_event.c.workspace == workspace)
        )
        or 0
    )


def _read(row: sa.RowMapping) -> Event:
    time = to_time(row["time"])
    assert time is not None  # noqa: S101  the column is not nullable
    return Event(
        row["job_id"], row["seq"], row["position"], time, EventKind(row["kind"]), row["data"]
    )
