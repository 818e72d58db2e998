"""An index of the lookups of an org's own objects. Safe: an index only."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("CREATE INDEX custom_record_custom ON salesforce.custom_record USING gin (custom jsonb_path_ops)")
