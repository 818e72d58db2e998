"""Scores of customers' health that other tools give. Safe while old code runs: a new table."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE cs.health_score (
            org_id text NOT NULL,
            customer_id text NOT NULL,
            input text NOT NULL,
            measured_at timestamptz NOT NULL,
            score numeric NOT NULL,
            source text NOT NULL,
            received_at timestamptz NOT NULL DEFAULT now(),
            kept_by text NOT NULL,
            PRIMARY KEY (org_id, customer_id, input, measured_at, score)
        )
    """)
