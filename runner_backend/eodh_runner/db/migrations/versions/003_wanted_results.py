"""How the caller of a job wants its results."""

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"


def upgrade() -> None:
    """Add it; of jobs that are there it is not known, which means as ever."""
    op.add_column("job", sa.Column("wanted", sa.JSON))
