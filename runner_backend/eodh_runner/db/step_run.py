"""Step runs of jobs: what ran, where its log is, what it left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..domain.event import StepState
from ..domain.step import StepRun, log_name
from . import schema

_step = schema.step_run
# Made once: to make a statement costs more than to run it, and a job has thousands of these.
_MINE = (_step.c.job_id == sa.bindparam("of_job"), _step.c.path == sa.bindparam("of_path"))
_FIND = sa.select(_step).where(*_MINE)
_UPDATE = _step.update().where(*_MINE)
_BY_LOG = sa.select(_step).where(
    _step.c.job_id == sa.bindparam("of_job"), _step.c.log == sa.bindparam("of_log")
)
# The job's last event as position: it only grows, and needs no count of the steps before.
_ADD = _step.insert().values(
    position=sa.select(schema.job.c.last_seq)
    .where(schema.job.c.job_id == sa.bindparam("of_job"))
    .scalar_subquery()
)


@dataclass(frozen=True)
class StepRecord:
    """What is stored of one step run."""

    path: str
    log: str
    attempt: int
    key: str
    state: StepState
    data: dict[str, Any]
    done: dict[str, Any] | None
    command: tuple[str, ...] = ()
    image: str | None = None
    #: None before the log appeared.
    log_size_bytes: int | None = None
    #: True when it was added just now: nobody can have begun it before.
    is_new: bool = False


def find(connection: sa.Connection, job_id: str, path: str) -> StepRecord | None:
    """Give the step run at `path` ("crop/0")."""
    row = connection.execute(_FIND, {"of_job": job_id, "of_path": path}).one_or_none()
    return _read(row._mapping) if row else None


def by_log(connection: sa.Connection, job_id: str, log: str) -> StepRecord | None:
    """Give the step run whose log has this name."""
    row = connection.execute(_BY_LOG, {"of_job": job_id, "of_log": log}).one_or_none()
    return _read(row._mapping) if row else None


def of_job(connection: sa.Connection, job_id: str) -> list[StepRecord]:
    """Give a job's step runs by first appearance."""
    rows = connection.execute(sa.select(_step).filter_by(job_id=job_id).order_by(_step.c.position))
    return [_read(row._mapping) for row in rows]


def running(connection: sa.Connection, job_ids: Collection[str]) -> dict[str, list[StepRecord]]:
    """Give the step runs that run, by job."""
    found: dict[str, list[StepRecord]] = {}
    if not job_ids:
        return found
    rows = connection.execute(
        sa.select(_step).where(_step.c.job_id.in_(job_ids), _step.c.state == StepState.RUNNING)
    )
    for row in rows:
        found.setdefault(row.job_id, []).append(_read(row._mapping))
    return found


def add(
    connection: sa.Connection, workspace: str, job_id: str, step_run: StepRun, data: dict[str, Any]
) -> StepRecord:
    """Add a step run in its first attempt; its log gets a name of its own."""
    stem = log = log_name(step_run.path)
    suffix = 2
    while by_log(connection, job_id, log) is not None:
        log, suffix = f"{stem}-{suffix}", suffix + 1
    values: dict[str, Any] = {
        "path": step_run.name,
        "log": log,
        "attempt": 1,
        "key": step_run.key,
        "state": StepState.WAITING,
        "data": {**data, "log": log, "attempt": 1},
        "command": step_run.argv,
        "image": (step_run.image.pull or step_run.image.image_id) if step_run.image else None,
    }
    row = {**values, "job_id": job_id, "workspace": workspace, "of_job": job_id}
    connection.execute(_ADD, row)
    return StepRecord(**values, done=None, is_new=True)


def update(connection: sa.Connection, job_id: str, path: str, **values: Any) -> None:
    """Change columns of one step run."""
    connection.execute(_UPDATE, {**values, "of_job": job_id, "of_path": path})


def _read(row: sa.RowMapping) -> StepRecord:
    return StepRecord(
        row["path"],
        row["log"],
        row["attempt"],
        row["key"],
        StepState(row["state"]),
        row["data"],
        row["done"],
        tuple(row["command"] or ()),
        row["image"],
        row["log_size_bytes"],
    )
