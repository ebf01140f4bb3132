"""First tables: processes, jobs, step runs, events."""

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "runner",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
    )
    op.create_table(
        "process",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("process_id", SORTED, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("is_deployed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "process_revision",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("process_id", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("created", sa.String, nullable=False),
        sa.Column("inspection", sa.JSON, nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
    )
    _make_job()
    op.create_table(
        "step_run",
        sa.Column("job_id", sa.String, primary_key=True),
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("log", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("done", sa.JSON),
        sa.UniqueConstraint("job_id", "log"),
    )
    op.create_table(
        "event",
        sa.Column("position", BIG, primary_key=True, autoincrement=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("job_id", sa.String),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("time", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.UniqueConstraint("job_id", "seq"),
    )
    op.create_index("event_workspace", "event", ["workspace", "kind", "position"])


def _make_job() -> None:
    op.create_table(
        "job",
        sa.Column("number", BIG, primary_key=True, autoincrement=True),
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
        sa.Column("outputs", sa.JSON),
        sa.Column("failure", sa.JSON),
        sa.Column("is_deleted", sa.Boolean, nullable=False),
        sa.Column("idempotency_key", sa.String),
        sa.Column("request_hash", sa.String, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.UniqueConstraint("workspace", "caller", "idempotency_key"),
    )
    op.create_index("job_list", "job", ["workspace", "is_deleted", "number"])
    op.create_index("job_status", "job", ["status", "number"])
