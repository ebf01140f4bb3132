"""Step runs of jobs: what ran, where its log is, what it left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..domain.event import StepState
from ..domain.step import StepRun, log_name
from . import schema

_step = schema.step_run


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


def find(connection: sa.Connection, job_id: str, path: str) -> StepRecord | None:
    """Give the step run at `path` ("crop/0")."""
    row = connection.execute(sa.select(_step).filter_by(job_id=job_id, path=path)).one_or_none()
    return _read(row._mapping) if row else None


def by_log(connection: sa.Connection, job_id: str, log: str) -> StepRecord | None:
    """Give the step run whose log has this name."""
    row = connection.execute(sa.select(_step).filter_by(job_id=job_id, log=log)).one_or_none()
    return _read(row._mapping) if row else None


def of_job(connection: sa.Connection, job_id: str) -> list[StepRecord]:
    """Give a job's step runs by first appearance."""
    rows = connection.execute(sa.select(_step).filter_by(job_id=job_id).order_by(_step.c.position))
    return [_read(row._mapping) for row in rows]


def add(
    connection: sa.Connection, workspace: str, job_id: str, step_run: StepRun, data: dict[str, Any]
) -> StepRecord:
    """Add a step run in its first attempt; its log gets a name of its own."""
    names = set(connection.scalars(sa.select(_step.c.log).filter_by(job_id=job_id)))
    stem = log = log_name(step_run.path)
    suffix = 2
    while log in names:
        log, suffix = f"{stem}-{suffix}", suffix + 1
    values = {
        "path": step_run.name,
        "log": log,
        "attempt": 1,
        "key": step_run.key,
        "state": StepState.WAITING,
        "data": {**data, "log": log, "attempt": 1},
    }
    connection.execute(
        _step.insert().values(**values, job_id=job_id, workspace=workspace, position=len(names) + 1)
    )
    return StepRecord(**values, done=None)  # type: ignore[arg-type]


def update(connection: sa.Connection, job_id: str, path: str, **values: Any) -> None:
    """Change columns of one step run."""
    connection.execute(_step.update().filter_by(job_id=job_id, path=path).values(**values))


def counts(connection: sa.Connection, job_id: str) -> tuple[int, int]:
    """Give (ended well, known) step runs of a job."""
    row = connection.execute(
        sa.select(
            sa.func.count().filter(_step.c.state.in_((StepState.DONE, StepState.REUSED))),
            sa.func.count(),
        ).filter_by(job_id=job_id)
    ).one()
    return row[0], row[1]


def _read(row: sa.RowMapping) -> StepRecord:
    return StepRecord(
        row["path"],
        row["log"],
        row["attempt"],
        row["key"],
        StepState(row["state"]),
        row["data"],
        row["done"],
    )
