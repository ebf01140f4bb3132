"""Jobs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..domain.failure import Failure
from ..domain.job import Job, JobStatus, WantedResults
from . import schema, search
from .database import now, to_text, to_time

_job = schema.job
# Made once: to make a statement costs more than to run it.
_FIND = sa.select(_job).where(
    _job.c.workspace == sa.bindparam("in_workspace"),
    _job.c.job_id == sa.bindparam("of_job"),
    sa.not_(_job.c.is_deleted),
)
_UPDATE = _job.update().where(_job.c.job_id == sa.bindparam("of_job"))


@dataclass(frozen=True)
class JobFilter:
    """What a list of jobs is narrowed by; empty fields narrow nothing."""

    status: Sequence[JobStatus] = ()
    process_id: Sequence[str] = ()
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    #: Text that the id, the process or a value of the inputs holds.
    q: str = ""


def find(connection: sa.Connection, workspace: str, job_id: str) -> Job | None:
    """Give a job of the workspace; deleted ones are not found."""
    row = connection.execute(_FIND, {"in_workspace": workspace, "of_job": job_id}).one_or_none()
    return _read(row._mapping) if row else None


def job_order(connection: sa.Connection, job_id: str) -> dict[str, Any]:
    """Give the inputs in the form that the engine takes."""
    value = connection.scalar(sa.select(_job.c.job_order).filter_by(job_id=job_id))
    return dict(value or {})


def by_idempotency_key(
    connection: sa.Connection, workspace: str, caller: str, key: str
) -> tuple[Job, str] | None:
    """Give the job that was accepted under the key, and the hash of its request."""
    row = connection.execute(
        sa.select(_job).filter_by(workspace=workspace, caller=caller, idempotency_key=key)
    ).one_or_none()
    return (_read(row._mapping), row.request_hash) if row else None


def unfinished(connection: sa.Connection) -> list[Job]:
    """Give jobs that a worker must take or go on with, oldest first."""
    rows = connection.execute(
        sa.select(_job)
        .where(_job.c.status.in_((JobStatus.ACCEPTED, JobStatus.RUNNING)))
        .order_by(_job.c.number)
    )
    return [_read(row._mapping) for row in rows]


def page(
    connection: sa.Connection,
    workspace: str,
    wanted: JobFilter,
    limit: int,
    skip: int,
    behind: int | None = None,
) -> tuple[list[Job], int]:
    """Give jobs, newest first, and the number of all that match.

    Parameters
    ----------
    skip
        Jobs of the newest that are left out.
    behind
        Number of a job; only older ones are given.
    """
    where = [_job.c.workspace == workspace, sa.not_(_job.c.is_deleted)]
    if wanted.status:
        where.append(_job.c.status.in_(wanted.status))
    if wanted.process_id:
        where.append(_job.c.process_id.in_(wanted.process_id))
    if wanted.min_duration_s is not None:
        where.append(_job.c.duration_s >= wanted.min_duration_s)
    if wanted.max_duration_s is not None:
        where.append(_job.c.duration_s <= wanted.max_duration_s)
    if wanted.created_from is not None:
        where.append(_job.c.created >= to_text(wanted.created_from))
    if wanted.created_to is not None:
        where.append(_job.c.created <= to_text(wanted.created_to))
    if wanted.q.strip():
        where.append(search.holds(_job.c.search, wanted.q))
    total = connection.scalar(sa.select(sa.func.count()).select_from(_job).where(*where)) or 0
    if behind is not None:
        where.append(_job.c.number < behind)
    rows = connection.execute(
        sa.select(_job).where(*where).order_by(_job.c.number.desc()).limit(limit).offset(skip)
    )
    return [_read(row._mapping) for row in rows], total


def number(connection: sa.Connection, workspace: str, job_id: str) -> int | None:
    """Give the place of a job in the order of acceptance, also of a deleted one."""
    mine = sa.select(_job.c.number).filter_by(workspace=workspace, job_id=job_id)
    return connection.scalar(mine)


def ahead(connection: sa.Connection, job_ids: Collection[str]) -> dict[str, int]:
    """Give how many older jobs have not ended, for each of the jobs."""
    if not job_ids:
        return {}
    numbers = connection.execute(
        sa.select(_job.c.job_id, _job.c.number).where(_job.c.job_id.in_(job_ids))
    )
    live = sorted(
        connection.scalars(
            sa.select(_job.c.number).where(
                _job.c.status.in_((JobStatus.ACCEPTED, JobStatus.RUNNING))
            )
        )
    )
    return {job_id: bisect_left(live, number) for job_id, number in numbers}


def processes_with_jobs(
    connection: sa.Connection, workspace: str, process_ids: Collection[str]
) -> set[str]:
    """Give those of the processes that have jobs in the list."""
    mine = (_job.c.workspace == workspace, _job.c.process_id.in_(process_ids))
    found = sa.select(_job.c.process_id).distinct().where(*mine, sa.not_(_job.c.is_deleted))
    return set(connection.scalars(found)) if process_ids else set()


def add(
    connection: sa.Connection,
    job: Job,
    order: dict[str, Any],
    idempotency_key: str | None,
    request_hash: str,
    epoch: int,
) -> None:
    """Store an accepted job."""
    connection.execute(
        _job.insert().values(
            job_id=job.job_id,
            workspace=job.workspace,
            caller=job.caller,
            executing_workspace=job.executing_workspace,
            process_id=job.process_id,
            revision=job.revision,
            status=job.status,
            message=job.message,
            progress=job.progress,
            created=to_text(job.created),
            updated=to_text(job.updated),
            inputs=job.inputs,
            wanted=None if job.wanted == WantedResults() else vars(job.wanted),
            job_order=order,
            is_deleted=False,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            last_seq=0,
            epoch=epoch,
            search=search.text_of(job.job_id, job.process_id, job.inputs),
        )
    )


def update(connection: sa.Connection, job_id: str, **values: Any) -> None:
    """Change columns of a job; `updated` is set."""
    connection.execute(_UPDATE, {**values, "updated": to_text(now()), "of_job": job_id})


def _read(row: sa.RowMapping) -> Job:
    created, updated = to_time(row["created"]), to_time(row["updated"])
    if created is None or updated is None:
        raise ValueError(f"job {row['job_id']} has no times")
    return Job(
        job_id=row["job_id"],
        workspace=row["workspace"],
        caller=row["caller"],
        executing_workspace=row["executing_workspace"],
        process_id=row["process_id"],
        revision=row["revision"],
        status=JobStatus(row["status"]),
        message=row["message"],
        progress=row["progress"],
        created=created,
        updated=updated,
        started=to_time(row["started"]),
        finished=to_time(row["finished"]),
        inputs=row["inputs"],
        wanted=WantedResults(**row["wanted"] or {}),
        outputs=row["outputs"],
        failure=Failure.from_json(row["failure"]) if row["failure"] else None,
        is_deleted=row["is_deleted"],
        last_seq=row["last_seq"],
    )
