"""Where jobs stand: what lists and cards show beside the stored job."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ..db import job, step_run, step_tally
from ..db.database import now
from ..db.step_run import StepRecord
from ..domain.event import StepState
from ..domain.job import Job, JobStatus
from ..domain.progress import StepCounts, StepTally, add_up, share_done
from ..domain.step import step_name

#: Past jobs that must be known before a time is told.
LEAST_PAST = 3
NOTHING = StepCounts(0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Standing:
    """Where a job stands."""

    steps: StepCounts = NOTHING
    #: What runs, for a person: "crop 4 of 8"; None when no step runs.
    current: str | None = None
    #: None where past jobs do not tell it.
    time_left_s: float | None = None
    #: Older jobs that have not ended; None unless it waits.
    jobs_ahead: int | None = None
    #: True once a step has run, which is when it has a log.
    has_logs: bool = False


def standings(connection: sa.Connection, jobs: Sequence[Job]) -> dict[str, Standing]:
    """Give where jobs stand, in a few queries for all of them."""
    ids = [found.job_id for found in jobs]
    waiting = [found.job_id for found in jobs if found.status is JobStatus.ACCEPTED]
    running = [found for found in jobs if found.status is JobStatus.RUNNING]
    counts = step_tally.sums(connection, ids)
    ahead = job.ahead(connection, waiting)
    found = {
        job_id: Standing(
            steps=StepCounts.of(counts[job_id]) if job_id in counts else NOTHING,
            jobs_ahead=ahead.get(job_id),
            has_logs=_has_run(counts.get(job_id, {})),
        )
        for job_id in ids
    }
    return {**found, **_running(connection, running)}


def _running(connection: sa.Connection, jobs: Sequence[Job]) -> dict[str, Standing]:
    ids = [found.job_id for found in jobs]
    tallies = step_tally.of_jobs(connection, ids)
    steps = step_run.running(connection, ids)
    usual_s = {
        key: _usual_s(step_tally.past_durations(connection, *key))
        for key in {(found.workspace, found.process_id) for found in jobs}
    }
    time = now()
    return {
        found.job_id: _standing(
            tallies.get(found.job_id, []),
            steps.get(found.job_id, []),
            usual_s[found.workspace, found.process_id],
            time,
        )
        for found in jobs
    }


def _usual_s(durations_s: list[float]) -> float | None:
    """Give how long a job takes, where enough past ones tell it."""
    return statistics.median(durations_s) if len(durations_s) >= LEAST_PAST else None


def _standing(
    tallies: list[StepTally], steps: list[StepRecord], usual_s: float | None, time: datetime
) -> Standing:
    elapsed: dict[str, list[float]] = {}
    for step in steps:
        if started := step.data.get("started"):
            passed = (time - datetime.fromisoformat(started)).total_seconds()
            elapsed.setdefault(step_name(step.path), []).append(max(0.0, passed))
    left_s = None
    if usual_s is not None and tallies:
        left_s = round(usual_s * (1 - share_done(tallies, elapsed)), 1)
    return Standing(
        steps=add_up(tallies),
        current=_current(tallies, steps),
        # What takes longer than ever before may end at any time: that is not known.
        time_left_s=left_s or None,
        has_logs=any(_has_run(tally.counts) for tally in tallies),
    )


def _current(tallies: list[StepTally], steps: list[StepRecord]) -> str | None:
    if not steps:
        return None
    newest = max(steps, key=lambda step: str(step.data.get("started", "")))
    name = step_name(newest.path)
    label = name.rsplit("/", 1)[-1]
    for tally in tallies:
        if tally.name == name and tally.seen > 1:
            return f"{label} {tally.finished} of {tally.seen}"
    return label


def _has_run(counts: Mapping[StepState, int]) -> bool:
    ran = (StepState.RUNNING, StepState.DONE, StepState.FAILED, StepState.DISMISSED)
    return any(counts.get(state) for state in ran)
