"""The hash of a brief with the stamps of its sources. Safe: old code leaves the new column empty."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE cs.brief ADD COLUMN stamped BYTEA")
