"""Accepts a job: inputs checked, on the disk before the answer, once per idempotency key."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from ..db import job
from ..db.database import Database, now
from ..domain.job import Job, JobStatus, WantedResults
from ..domain.process import Process
from ..errors import Conflict, NotFound
from . import record
from .caller import Caller
from .job_order import make_job_order
from .secret import without_secrets
from .upload import Uploads


def accept(
    database: Database,
    caller: Caller,
    chosen: Process,
    inputs: dict[str, Any],
    idempotency_key: str | None,
    uploads: Uploads,
    wanted: WantedResults,
) -> Job:
    """Give the accepted job, or the one that the key stands for already.

    Raises
    ------
    BadInput
        With every offending input at once; when a file that was brought is gone.
    NotFound
        For an output that the process has not.
    Conflict
        When the idempotency key stands for another request.
    """
    for name in wanted.outputs:
        if name not in chosen.inspection.outputs:
            all_of_it = ", ".join(chosen.inspection.outputs) or "none"
            raise NotFound("output", name, f"process '{chosen.process_id}' has: {all_of_it}")
    order = make_job_order(
        chosen.inspection,
        inputs,
        may_read_files=caller.is_local_user,
        uploaded=lambda location: uploads.entry(location, caller.workspace),
    )
    request_hash = _hash_of(chosen.process_id, inputs, wanted)
    accepted = _make_job(caller, chosen, inputs, wanted)
    with database.write(durable=True) as connection:
        if idempotency_key is not None:
            known = job.by_idempotency_key(
                connection, chosen.workspace, caller.workspace, idempotency_key
            )
            if known is not None:
                if known[1] != request_hash:
                    raise Conflict("this Idempotency-Key was used for another request")
                return known[0]
        record.accept(connection, accepted, order, idempotency_key, request_hash, database.epoch)
        uploads.use(connection, accepted, order)
    return accepted


def _hash_of(process_id: str, inputs: dict[str, Any], wanted: WantedResults) -> str:
    request: list[Any] = [process_id, inputs]
    if wanted != WantedResults():
        request.append(vars(wanted))
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def _make_job(
    caller: Caller, chosen: Process, inputs: dict[str, Any], wanted: WantedResults
) -> Job:
    created = now()
    return Job(
        job_id=str(uuid.uuid4()),
        workspace=chosen.workspace,
        caller=caller.workspace,
        executing_workspace=chosen.workspace,
        process_id=chosen.process_id,
        revision=chosen.revision,
        status=JobStatus.ACCEPTED,
        message="accepted",
        progress=0,
        created=created,
        updated=created,
        inputs=without_secrets(inputs, chosen.inspection),
        wanted=wanted,
    )
