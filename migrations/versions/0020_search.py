"""Search by words, parts of words and with typing errors. Safe while old code runs: an extension and indexes only."""

from alembic import op

revision = "0020"
down_revision = "0019"

_SEARCHED = {
    "salesforce.opportunity": "name", "salesforce.account": "name", "salesforce.contact": "name",
    "salesforce.task": "subject", "salesforce.note": "title", "cs.note": "body",
}  # fmt: skip


def upgrade() -> None:
    # Trusted since PostgreSQL 13: the owner of the database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
    for table, column in _SEARCHED.items():
        name = f"{table.rpartition('.')[2]}_{column}_trigrams"
        op.execute(f"CREATE INDEX {name} ON {table} USING gin ({column} public.gin_trgm_ops)")
