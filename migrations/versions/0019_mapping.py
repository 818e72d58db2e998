"""What people chose about the lines of a brief. Safe while old code runs: it knows neither table."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE ops.mapping (
            org_id TEXT NOT NULL,
            version BIGINT NOT NULL,
            document JSONB NOT NULL,
            set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            set_by TEXT NOT NULL,
            PRIMARY KEY (org_id, version)
        )
    """)
    op.execute("""
        CREATE TABLE ops.shaping (
            org_id TEXT NOT NULL,
            mapping_version BIGINT NOT NULL,
            way INTEGER NOT NULL,
            at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (org_id)
        )
    """)
