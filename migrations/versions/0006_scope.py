"""The scope as configuration, and drafts that must not look like deals.

Safe while old code runs: a new table, and views that gain a column at their end and leave out nothing that old code
can have written.
"""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text("utf-8").replace(":", r"\:"))
