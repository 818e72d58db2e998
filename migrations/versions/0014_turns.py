"""When each object was asked for last. Safe: old code neither reads nor writes it."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE ops.object_state ADD COLUMN read_at TIMESTAMP WITH TIME ZONE")
