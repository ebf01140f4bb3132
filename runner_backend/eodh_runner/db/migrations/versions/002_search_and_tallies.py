"""What lists are searched by, and step runs counted by name."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from eodh_runner.db.search import text_of
from eodh_runner.domain.step import step_name

revision = "002"
down_revision = "001"
STATES = ("waiting", "running", "done", "reused", "failed", "dismissed")


def upgrade() -> None:
    """Add them, and fill them from what is there."""
    for table in ("job", "process"):
        column = sa.Column("search", sa.String, nullable=False, server_default="")
        op.add_column(table, column)
    op.create_index("job_of_process", "job", ["workspace", "process_id", "status", "number"])
    op.add_column("step_run", sa.Column("command", sa.JSON))
    op.add_column("step_run", sa.Column("image", sa.String))
    op.add_column(
        "step_run", sa.Column("log_size_bytes", sa.BigInteger().with_variant(sa.Integer, "sqlite"))
    )
    op.create_index("step_run_state", "step_run", ["job_id", "state"])
    tally = op.create_table(
        "step_tally",
        sa.Column("job_id", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("workspace", sa.String, nullable=False),
        *(sa.Column(state, sa.Integer, nullable=False) for state in STATES),
        sa.Column("wall_s", sa.Float, nullable=False),
        sa.Column("expected_runs", sa.Float, nullable=False),
        sa.Column("expected_s", sa.Float),
    )
    _fill_search(op.get_bind())
    _fill_tally(op.get_bind(), tally)


def _fill_search(connection: sa.Connection) -> None:
    rows = connection.execute(sa.text("select job_id, process_id, inputs from job")).all()
    set_job = sa.text("update job set search = :search where job_id = :job_id")
    for row in rows:
        search = text_of(row.job_id, row.process_id, _loaded(row.inputs))
        connection.execute(set_job, {"search": search, "job_id": row.job_id})
    rows = connection.execute(
        sa.text(
            "select p.workspace, p.process_id, r.inspection from process p join process_revision r"
            " on r.workspace = p.workspace and r.process_id = p.process_id"
            " and r.revision = p.revision"
        )
    ).all()
    set_process = sa.text(
        "update process set search = :search where workspace = :workspace and process_id = :id"
    )
    for row in rows:
        read = _loaded(row.inspection)
        search = text_of(row.process_id, read["title"], read["keywords"])
        where = {"workspace": row.workspace, "id": row.process_id}
        connection.execute(set_process, {"search": search, **where})


def _fill_tally(connection: sa.Connection, tally: sa.Table) -> None:
    rows = connection.execute(sa.text("select job_id, path, workspace, state, data from step_run"))
    tallies: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows.all():
        name = step_name(row.path)
        counted = tallies.setdefault(
            (row.job_id, name),
            {
                "job_id": row.job_id,
                "name": name,
                "workspace": row.workspace,
                **dict.fromkeys(STATES, 0),
                "wall_s": 0.0,
                "expected_runs": 1.0,
                "expected_s": None,
            },
        )
        counted[row.state] += 1
        if row.state == "done":
            counted["wall_s"] += _loaded(row.data).get("wall_s") or 0
    if tallies:
        connection.execute(tally.insert(), list(tallies.values()))


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
