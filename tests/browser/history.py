"""A long history: jobs as if they had run, written into a runner's own database."""

import uuid
from datetime import UTC, datetime, timedelta

from eodh_runner.db import schema
from eodh_runner.db.database import Database, to_text
from eodh_runner.db.search import text_of

ENDS = ("successful", "failed", "dismissed")


def write_jobs(data, process_id, count, *, workspace="local"):
    """Write jobs that ended, a minute apart, the last one a minute ago; gives their ids."""
    database = Database.at(data / "runner.sqlite")
    ids = [str(uuid.uuid4()) for _ in range(count)]
    rows = [_row(ids[i], i, count, process_id, workspace) for i in range(count)]
    with database.write(durable=False) as connection:
        connection.execute(schema.job.insert(), rows)
    database.close()
    return ids


def _row(job_id, index, count, process_id, workspace):
    created = datetime.now(UTC) - timedelta(minutes=count - index)
    status = ENDS[0 if index % 10 else 1 + index // 10 % 2]
    inputs = {"name": f"scene-{index:05}"}
    failure = {"class": "memory", "message": "otsu ran out of memory", "remedy": "Give it more."}
    return {
        "job_id": job_id,
        "workspace": workspace,
        "caller": "local",
        "executing_workspace": workspace,
        "process_id": process_id,
        "revision": 1,
        "status": status,
        "message": status,
        "progress": 100 if status == "successful" else 40,
        "created": to_text(created),
        "updated": to_text(created),
        "started": to_text(created),
        "finished": to_text(created + timedelta(seconds=30)),
        "duration_s": 30.0,
        "inputs": inputs,
        "job_order": inputs,
        "outputs": {} if status == "successful" else None,
        "failure": failure if status == "failed" else None,
        "is_deleted": False,
        "request_hash": "",
        "last_seq": 0,
        "epoch": 0,
        "search": text_of(job_id, process_id, inputs),
    }
