"""What is not read and what came late, per object. Safe while old code runs: new columns with defaults."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE ops.object_state
          ADD COLUMN fields_not_read JSONB DEFAULT jsonb_build_object() NOT NULL,
          ADD COLUMN late_rows BIGINT DEFAULT 0 NOT NULL,
          ADD COLUMN last_late_at TIMESTAMP WITH TIME ZONE,
          ADD COLUMN most_late_seconds BIGINT DEFAULT 0 NOT NULL
    """)
