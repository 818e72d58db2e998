"""What the settings call an org, where there are several. Safe: a new column that may be empty."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE ops.org ADD COLUMN label TEXT")
