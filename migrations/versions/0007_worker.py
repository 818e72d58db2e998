"""What a worker tells of itself: heartbeats and chores. Safe: only new tables."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text("utf-8").replace(":", r"\:"))
