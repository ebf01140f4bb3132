"""How many step runs of each name a job has, by state; kept as they change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

from ..domain.event import StepState
from ..domain.progress import StepTally
from . import schema

_tally, _job, _step = schema.step_tally, schema.job, schema.step_run
_STATES = tuple(StepState)
_OF_JOBS = sa.select(_tally).where(_tally.c.job_id.in_(sa.bindparam("job_ids", expanding=True)))
#: Past jobs that tell how long the next one takes.
PAST_JOBS = 10
#: Runs in a job, and seconds of one or None, by the name of a step.
PastSteps = Mapping[str, tuple[float, float | None]]


def past_durations(connection: sa.Connection, workspace: str, process_id: str) -> list[float]:
    """Give the seconds of the last successful jobs of a process."""
    return [row.duration_s for row in _last_jobs(connection, workspace, process_id)]


def past_steps(connection: sa.Connection, workspace: str, process_id: str) -> PastSteps:
    """Give what the last successful jobs of a process tell of its steps."""
    last = _last_jobs(connection, workspace, process_id)
    rows = connection.execute(
        sa.select(
            _tally.c.name,
            sa.func.sum(_tally.c.done),
            sa.func.sum(_tally.c.done + _tally.c.reused),
            sa.func.sum(_tally.c.wall_s),
        )
        .where(_tally.c.job_id.in_([row.job_id for row in last]))
        .group_by(_tally.c.name)
    )
    return {
        name: (float(ended) / len(last), float(wall_s) / done if done else None)
        for name, done, ended, wall_s in rows
    }


def expect(
    connection: sa.Connection, workspace: str, job_id: str, names: Collection[str], known: PastSteps
) -> None:
    """Note the steps that a job is to run, before the first is asked for."""
    rows = [_row(workspace, job_id, name, *known.get(name, (1.0, None))) for name in names]
    if rows:
        connection.execute(_tally.insert(), rows)


def move(
    connection: sa.Connection,
    workspace: str,
    job_id: str,
    name: str,
    change: tuple[StepState | None, StepState],
    wall_s: float = 0.0,
) -> None:
    """Count one step run of a name from one state to another."""
    before, after = change
    if before is after:
        return
    row = {"of_job": job_id, "of_name": name, "took_s": wall_s}
    if connection.execute(_count(before, after), row).rowcount == 0:
        connection.execute(_tally.insert(), _row(workspace, job_id, name, 1.0, None))
        connection.execute(_count(before, after), row)


@cache
def _count(before: StepState | None, after: StepState) -> sa.Update:
    """Give the statement, made once: to make one costs more than to run it."""
    values: dict[str, Any] = {after: _tally.c[after] + 1}
    if before is not None:
        values[before] = _tally.c[before] - 1
    mine = (_tally.c.job_id == sa.bindparam("of_job"), _tally.c.name == sa.bindparam("of_name"))
    wall_s = _tally.c.wall_s + sa.bindparam("took_s", type_=sa.Float)
    return _tally.update().where(*mine).values(**values, wall_s=wall_s)


def of_job(connection: sa.Connection, job_id: str) -> list[StepTally]:
    """Give the tallies of one job."""
    return of_jobs(connection, [job_id]).get(job_id, [])


def of_jobs(connection: sa.Connection, job_ids: Collection[str]) -> dict[str, list[StepTally]]:
    """Give the tallies of jobs by job."""
    found: dict[str, list[StepTally]] = {}
    if not job_ids:
        return found
    for row in connection.execute(_OF_JOBS, {"job_ids": list(job_ids)}):
        counts = {state: row._mapping[state] for state in _STATES}
        found.setdefault(row.job_id, []).append(
            StepTally(row.name, counts, row.expected_runs, row.expected_s)
        )
    return found


def sums(connection: sa.Connection, job_ids: Collection[str]) -> dict[str, dict[StepState, int]]:
    """Give how many step runs are in each state, by job."""
    if not job_ids:
        return {}
    rows = connection.execute(
        sa.select(_tally.c.job_id, *(sa.func.sum(_tally.c[state]) for state in _STATES))
        .where(_tally.c.job_id.in_(job_ids))
        .group_by(_tally.c.job_id)
    )
    return {row[0]: dict(zip(_STATES, map(int, row[1:]), strict=True)) for row in rows}


def _last_jobs(connection: sa.Connection, workspace: str, process_id: str) -> list[Any]:
    return list(
        connection.execute(
            sa.select(_job.c.job_id, _job.c.duration_s)
            .where(
                _job.c.workspace == workspace,
                _job.c.process_id == process_id,
                _job.c.status == "successful",
            )
            .order_by(_job.c.number.desc())
            .limit(PAST_JOBS)
        )
    )


def _row(
    workspace: str, job_id: str, name: str, expected_runs: float, expected_s: float | None
) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "name": name,
        "workspace": workspace,
        **dict.fromkeys(_STATES, 0),
        "wall_s": 0.0,
        "expected_runs": expected_runs,
        "expected_s": expected_s,
    }
