"""Files that callers brought, and the jobs that name them."""

import json

import sqlalchemy as sa
from alembic import op
from eodh_runner.store import key_of, keys_in

revision = "004"
down_revision = "003"


def upgrade() -> None:
    """Add them, and fill them from the jobs that are there."""
    uploads = op.create_table(
        "upload",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("touched", sa.String, nullable=False),
    )
    op.create_index("upload_touched", "upload", ["touched"])
    uses = op.create_table(
        "upload_use",
        sa.Column("job_id", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
    )
    op.create_index("upload_use_key", "upload_use", ["key"])
    connection = op.get_bind()
    jobs = sa.text("select job_id, workspace, updated, job_order from job where not is_deleted")
    touched: dict[str, str] = {}
    for row in connection.execute(jobs).all():
        order = json.loads(row.job_order) if isinstance(row.job_order, str) else row.job_order
        for key in keys_in(order, key_of(row.workspace, "inputs")):
            connection.execute(uses.insert().values(job_id=row.job_id, key=key))
            touched[key] = max(row.updated, touched.get(key, ""))
    for key, moment in touched.items():
        connection.execute(uploads.insert().values(key=key, touched=moment))
