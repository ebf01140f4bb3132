"""Accepts a job: inputs checked, on the disk before the answer, once per idempotency key."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from ..db import job
from ..db.database import Database, now
from ..domain.job import Job, JobStatus
from ..domain.process import Process
from ..errors import Conflict
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
) -> Job:
    """Give the accepted job, or the one that the key stands for already.

    Raises
    ------
    BadInput
        With every offending input at once.
    Conflict
        When the idempotency key stands for another request.
    """
    order = make_job_order(
        chosen.inspection,
        inputs,
        may_read_files=caller.is_local_user,
        uploaded=lambda location: uploads.entry(location, caller.workspace),
    )
    request = json.dumps([chosen.process_id, inputs], sort_keys=True).encode()
    request_hash = hashlib.sha256(request).hexdigest()
    accepted = _make_job(caller, chosen, inputs)
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
    return accepted


def _make_job(caller: Caller, chosen: Process, inputs: dict[str, Any]) -> Job:
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
    )
