"""Books, audit and finer scopes. Safe while old code runs: new columns and tables, and scopes that it does not know."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text("utf-8").replace(":", r"\:"))
