"""An index by which the deals of a renamed campaign are found. Old code does not notice it."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX opportunity_campaignid ON salesforce.opportunity (org_id, campaignid)")
