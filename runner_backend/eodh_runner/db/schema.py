"""Tables; every row carries its workspace, every job its caller and executing workspace."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

#: Counts beyond 32 bits; SQLite has one integer type, and counts rows by no other.
_Big = sa.BigInteger().with_variant(sa.Integer, "sqlite")
#: Sorted by code point whatever the language of the database is.
_Sorted = sa.String().with_variant(sa.String(collation="C"), "postgresql")

runner = sa.Table(
    "runner",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
)

process = sa.Table(
    "process",
    metadata,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("process_id", _Sorted, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("is_deployed", sa.Boolean, nullable=False),
    #: What a search looks in (`search.py`).
    sa.Column("search", sa.String, nullable=False),
)

process_revision = sa.Table(
    "process_revision",
    metadata,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("process_id", sa.String, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("created", sa.String, nullable=False),
    sa.Column("inspection", sa.JSON, nullable=False),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Column("media_type", sa.String, nullable=False),
)

job = sa.Table(
    "job",
    metadata,
    sa.Column("number", _Big, primary_key=True, autoincrement=True),
    sa.Column("job_id", sa.String, nullable=False, unique=True),
    sa.Column("workspace", sa.String, nullable=False),
    sa.Column("caller", sa.String, nullable=False),
    sa.Column("executing_workspace", sa.String, nullable=False),
    sa.Column("process_id", sa.String, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("message", sa.String, nullable=False),
    sa.Column("progress", sa.Integer, nullable=False),
    sa.Column("created", sa.String, nullable=False),
    sa.Column("updated", sa.String, nullable=False),
    sa.Column("started", sa.String),
    sa.Column("finished", sa.String),
    sa.Column("duration_s", sa.Float),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("job_order", sa.JSON, nullable=False),
    #: How the caller wants the results; null says nothing.
    sa.Column("wanted", sa.JSON(none_as_null=True)),
    sa.Column("outputs", sa.JSON),
    sa.Column("failure", sa.JSON),
    sa.Column("is_deleted", sa.Boolean, nullable=False),
    sa.Column("idempotency_key", sa.String),
    sa.Column("request_hash", sa.String, nullable=False),
    sa.Column("last_seq", sa.Integer, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    #: What a search looks in (`search.py`).
    sa.Column("search", sa.String, nullable=False),
    sa.UniqueConstraint("workspace", "caller", "idempotency_key"),
    sa.Index("job_list", "workspace", "is_deleted", "number"),
    sa.Index("job_status", "status", "number"),
    sa.Index("job_of_process", "workspace", "process_id", "status", "number"),
)

step_run = sa.Table(
    "step_run",
    metadata,
    sa.Column("job_id", sa.String, primary_key=True),
    sa.Column("path", sa.String, primary_key=True),
    sa.Column("workspace", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("log", sa.String, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    #: Last STEP event of this path, with `started` and `finished`.
    sa.Column("data", sa.JSON, nullable=False),
    #: Wire form of the StepDone, once it ended.
    sa.Column("done", sa.JSON),
    #: What was asked for: argv, and the image as written.
    sa.Column("command", sa.JSON),
    sa.Column("image", sa.String),
    sa.Column("log_size_bytes", _Big),
    sa.UniqueConstraint("job_id", "log"),
    sa.Index("step_run_state", "job_id", "state"),
)

#: Step runs of one name in one job, counted by state; `name` is the path without indices.
step_tally = sa.Table(
    "step_tally",
    metadata,
    sa.Column("job_id", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("workspace", sa.String, nullable=False),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.Column("running", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("reused", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("dismissed", sa.Integer, nullable=False),
    #: Seconds that the runs which ended well took, added up.
    sa.Column("wall_s", sa.Float, nullable=False),
    #: Runs of this name, and seconds of one, in past jobs of the process; else 1 and null.
    sa.Column("expected_runs", sa.Float, nullable=False),
    sa.Column("expected_s", sa.Float),
)

#: Files that callers brought, by key of the store.
upload = sa.Table(
    "upload",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    #: When it was last brought or asked for.
    sa.Column("touched", sa.String, nullable=False),
    sa.Index("upload_touched", "touched"),
)

#: The files that jobs name; of deleted jobs there are none.
upload_use = sa.Table(
    "upload_use",
    metadata,
    sa.Column("job_id", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Index("upload_use_key", "key"),
)

event = sa.Table(
    "event",
    metadata,
    sa.Column("position", _Big, primary_key=True, autoincrement=True),
    sa.Column("workspace", sa.String, nullable=False),
    sa.Column("job_id", sa.String),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("time", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.UniqueConstraint("job_id", "seq"),
    sa.Index("event_workspace", "workspace", "kind", "position"),
)
