"""The only writer of job status; every change and its event are one transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..db import event, job, process, step_run, step_tally, upload
from ..db.database import now, to_text
from ..db.step_run import StepRecord
from ..domain.event import EventKind, StepState
from ..domain.failure import Failure
from ..domain.job import Job, JobStatus, may_become
from ..domain.progress import add_up, share_done
from ..domain.step import StepDone, StepRun, step_name


def take(connection: sa.Connection, taken: Job) -> bool:
    """Start an accepted job, or go on with one that ran; False when it ended meanwhile."""
    current = job.find(connection, taken.workspace, taken.job_id)
    if current is None or current.status.is_terminal:
        return False
    if current.status is JobStatus.ACCEPTED:
        _expect_steps(connection, current)
        _become(connection, current, JobStatus.RUNNING, "running", started=to_text(now()))
    return True


def succeed(connection: sa.Connection, ended: Job, outputs: dict[str, Any]) -> bool:
    """Publish the results; False when the job ended otherwise meanwhile."""
    return _end(
        connection, ended, JobStatus.SUCCESSFUL, "successful", outputs=outputs, progress=100
    )


def fail(connection: sa.Connection, ended: Job, failure: Failure) -> bool:
    """End the job with its reason; False when it ended otherwise meanwhile."""
    return _end(connection, ended, JobStatus.FAILED, failure.message, failure=failure.to_json())


def dismiss(connection: sa.Connection, ended: Job) -> bool:
    """End the job at its caller's wish; False when it had ended."""
    is_ended = _end(connection, ended, JobStatus.DISMISSED, "dismissed")
    if is_ended:
        for record in step_run.of_job(connection, ended.job_id):
            if not record.state.is_terminal:
                _step_event(connection, ended, record, StepState.DISMISSED)
    return is_ended


def delete(connection: sa.Connection, ended: Job) -> None:
    """Make a finished job a tombstone."""
    job.update(connection, ended.job_id, is_deleted=True)
    upload.release(connection, ended.job_id)
    change = {"status": ended.status, "message": "deleted", "deleted": True}
    event.append(connection, ended.workspace, ended.job_id, EventKind.JOB, change)


def see_step(connection: sa.Connection, of: Job, wanted: StepRun) -> StepRecord:
    """Give the record of a step run that the engine asked for; make it when new."""
    record = step_run.find(connection, of.job_id, wanted.name)
    if record is not None and record.key == wanted.key:
        return record
    data = {
        "path": wanted.name,
        "name": wanted.path[0] if wanted.path else wanted.tool,
        "tool": wanted.tool,
        "cores": wanted.cores,
        "ram_mib": wanted.ram_mib,
    }
    if record is None:
        record = step_run.add(connection, of.workspace, of.job_id, wanted, data)
        _count(connection, of, wanted.name, None, StepState.WAITING)
    else:
        values = {"key": wanted.key, "attempt": record.attempt + 1, "done": None}
        step_run.update(connection, of.job_id, record.path, **values, log_size_bytes=None)
        record = StepRecord(
            **{**vars(record), **values, "data": {**record.data, "attempt": record.attempt + 1}}
        )
    _step_event(connection, of, record, StepState.WAITING)
    return record


def start_step(connection: sa.Connection, of: Job, path: str, **facts: Any) -> None:
    """Say that the process of a step run started, and what is known by then: node, image."""
    record = step_run.find(connection, of.job_id, path)
    if record is not None and record.state is StepState.WAITING:
        record.data.pop("waiting", None)
        _step_event(connection, of, record, StepState.RUNNING, started=to_text(now()), **facts)


def wait_step(connection: sa.Connection, of: Job, path: str, reason: str) -> None:
    """Say what a step run waits for."""
    record = step_run.find(connection, of.job_id, path)
    if record is None or record.state is not StepState.WAITING:
        return
    if record.data.get("waiting") != reason:
        _step_event(connection, of, record, StepState.WAITING, waiting=reason)


def retry_step(connection: sa.Connection, of: Job, path: str, reason: Failure) -> StepRecord | None:
    """Begin the next attempt at a step run."""
    record = step_run.find(connection, of.job_id, path)
    if record is None:
        return None
    attempt = record.attempt + 1
    step_run.update(connection, of.job_id, path, attempt=attempt, done=None, log_size_bytes=None)
    data = {**record.data, "attempt": attempt}
    again = StepRecord(**{**vars(record), "attempt": attempt, "data": data})
    _step_event(connection, of, again, StepState.WAITING, reason=reason.message)
    return again


def end_step(
    connection: sa.Connection,
    of: Job,
    path: str,
    done: StepDone,
    *,
    ok: bool,
    log_size_bytes: int | None = None,
) -> None:
    """Record how a step run ended, how long its log is, and the job's progress."""
    record = step_run.find(connection, of.job_id, path)
    if record is None or record.state.is_terminal:
        return
    usage = done.usage
    facts: dict[str, Any] = {
        "exit_code": done.exit_code,
        "wall_s": round(usage.wall_s, 3),
        "cpu_s": round(usage.cpu_s, 3),
        "peak_ram_mib": round(usage.peak_ram_mib, 1),
        "finished": to_text(now()),
    }
    if done.failure:
        facts["failure"] = done.failure
    step_run.update(connection, of.job_id, path, done=done.to_json())
    if log_size_bytes is not None:
        grow_log(connection, of, path, record.log, log_size_bytes)
    _step_event(connection, of, record, StepState.DONE if ok else StepState.FAILED, **facts)
    _progress(connection, of)


def grow_log(connection: sa.Connection, of: Job, path: str, log: str, size_bytes: int) -> None:
    """Say that a log appeared, or how long it is at its end."""
    step_run.update(connection, of.job_id, path, log_size_bytes=size_bytes)
    data = {"step": path, "log": log, "size_bytes": size_bytes}
    event.append(connection, of.workspace, of.job_id, EventKind.LOG, data)


def _expect_steps(connection: sa.Connection, of: Job) -> None:
    """Note the steps of the process, with what past jobs tell of each."""
    ran = process.revision(connection, of.workspace, of.process_id, of.revision)
    if ran is None:
        return
    nodes = ran.inspection.graph["nodes"]
    names = [node["id"] for node in nodes if node.get("kind", "step") == "step"]
    names = names or [of.process_id]  # a tool of its own is its only step
    known = step_tally.past_steps(connection, of.workspace, of.process_id)
    step_tally.expect(connection, of.workspace, of.job_id, names, known)


def _progress(connection: sa.Connection, of: Job) -> None:
    current = job.find(connection, of.workspace, of.job_id)
    if current is None or current.status.is_terminal:
        return
    tallies = step_tally.of_job(connection, of.job_id)
    counts = add_up(tallies)
    # 100 is for results that are published.
    progress = max(current.progress, min(99, int(100 * share_done(tallies, {}))))
    message = f"running, {counts.done} of {counts.total} steps done"
    job.update(connection, of.job_id, progress=progress, message=message)
    data = {"progress": progress, "done": counts.done, "total": counts.total, "message": message}
    event.append(connection, of.workspace, of.job_id, EventKind.PROGRESS, data)


def _step_event(
    connection: sa.Connection, of: Job, record: StepRecord, state: StepState, **facts: Any
) -> None:
    data = {**record.data, **facts, "state": state}
    step_run.update(connection, of.job_id, record.path, state=state, data=data)
    _count(connection, of, record.path, record.state, state, facts.get("wall_s", 0.0))
    event.append(connection, of.workspace, of.job_id, EventKind.STEP, data)


def _count(
    connection: sa.Connection,
    of: Job,
    path: str,
    before: StepState | None,
    after: StepState,
    wall_s: float = 0.0,
) -> None:
    took_s = wall_s if after is StepState.DONE else 0.0
    change = (before, after)
    step_tally.move(connection, of.workspace, of.job_id, step_name(path), change, took_s)


def _end(
    connection: sa.Connection, ended: Job, status: JobStatus, message: str, **values: Any
) -> bool:
    current = job.find(connection, ended.workspace, ended.job_id)
    if current is None or not may_become(current.status, status):
        return False
    finished = now()
    start = current.started or current.created
    _become(
        connection,
        current,
        status,
        message,
        finished=to_text(finished),
        duration_s=(finished - start).total_seconds(),
        **values,
    )
    return True


def _become(
    connection: sa.Connection, current: Job, status: JobStatus, message: str, **values: Any
) -> None:
    job.update(connection, current.job_id, status=status, message=message, **values)
    data: dict[str, Any] = {"status": status, "message": message}
    data["progress"] = values.get("progress", current.progress)
    data["process_id"] = current.process_id
    if failure := values.get("failure"):
        data["failure"] = failure
    event.append(connection, current.workspace, current.job_id, EventKind.JOB, data)


def accept(
    connection: sa.Connection,
    accepted: Job,
    order: dict[str, Any],
    idempotency_key: str | None,
    request_hash: str,
    epoch: int,
) -> None:
    """Store a job before its acceptance is answered."""
    job.add(connection, accepted, order, idempotency_key, request_hash, epoch)
    data = {
        "status": accepted.status,
        "message": accepted.message,
        "progress": 0,
        "process_id": accepted.process_id,
    }
    event.append(connection, accepted.workspace, accepted.job_id, EventKind.JOB, data)
