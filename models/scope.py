"""Membership: which opportunities are deals of ours, since when, and why the others are not."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, text

from models.mirror import metadata
from models.session import ReadSession, WriteSession

SCOPE_MEMBER = Table(
    "scope_member",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("opportunity_id", Text, primary_key=True),
    Column("state", Text, nullable=False),  # in | out
    Column("generation", BigInteger, nullable=False),
    Column("entered_at", DateTime(timezone=True)),
    Column("left_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False),
    schema="ops",
)

SCOPE_ACCOUNT = Table(
    "scope_account",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    schema="ops",
)
"""Accounts of deals whose own children (contacts, contracts) have been read whole."""

UNRESOLVED = Table(
    "unresolved",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    schema="ops",
)
"""Ids that records of the closure name and the org does not show: asked for once, then only when they stir."""

_AMONG_TOUCHED = "AND opportunity.id IN (SELECT id FROM pass_touched WHERE object = 'Opportunity')"

_ACCOUNTS_TO_FILL = """
    SELECT DISTINCT opportunity.accountid
      FROM salesforce.opportunity
      JOIN ops.scope_member AS member
        ON member.org_id = opportunity.org_id AND member.opportunity_id = opportunity.id AND member.state = 'in'
     WHERE opportunity.org_id = :org_id AND opportunity.accountid IS NOT NULL {among}
       AND (NOT EXISTS (SELECT FROM ops.scope_account AS account
                         WHERE account.org_id = :org_id AND account.account_id = opportunity.accountid)
            OR (opportunity.id = ANY(:entered) AND NOT EXISTS (
                SELECT FROM salesforce.opportunity AS other
                  JOIN ops.scope_member AS earlier
                    ON earlier.org_id = other.org_id AND earlier.opportunity_id = other.id
                 WHERE other.org_id = :org_id AND other.accountid = opportunity.accountid
                   AND earlier.state = 'in' AND earlier.generation < :generation)))
     ORDER BY 1
"""


def accounts_to_fill(
    session: ReadSession, org_id: str, *, entered: Iterable[str], generation: int, everywhere: bool
) -> list[str]:
    """Return the accounts whose children must be read whole.

    These are accounts of deals that have not been read so far, and those of which a deal came in while they had none:
    what happened to them meanwhile may have been missed.
    """
    values = {"org_id": org_id, "generation": generation, "entered": list(entered)}
    statement = _ACCOUNTS_TO_FILL.format(among="" if everywhere else _AMONG_TOUCHED)
    return list(session.execute(text(statement), values).scalars())


def accounts_filled(session: WriteSession, org_id: str, account_ids: Iterable[str], *, generation: int) -> None:
    """Remember that the children of these accounts have been read whole."""
    session.execute(
        text("""
            INSERT INTO ops.scope_account (org_id, account_id, generation)
            SELECT :org_id, unnest(CAST(:ids AS text[])), :generation ON CONFLICT DO NOTHING
        """),
        {"org_id": org_id, "ids": list(account_ids), "generation": generation},
    )


def drop_unused_accounts(session: WriteSession, org_id: str) -> None:
    """Forget accounts that have no deal any more, so that they are read whole when they get one again."""
    session.execute(
        text("""
            DELETE FROM ops.scope_account AS account
             WHERE account.org_id = :org_id AND NOT EXISTS (
                   SELECT FROM ops.scope_member AS member
                     JOIN salesforce.opportunity
                       ON opportunity.org_id = member.org_id AND opportunity.id = member.opportunity_id
                    WHERE member.org_id = account.org_id AND member.state = 'in'
                      AND opportunity.accountid = account.account_id)
        """),
        {"org_id": org_id},
    )


def remember_unresolved(
    session: WriteSession, org_id: str, object_name: str, ids: Iterable[str], *, generation: int
) -> None:
    """Remember ids that the org was asked for and does not show."""
    session.execute(
        text("""
            INSERT INTO ops.unresolved (org_id, object, id, generation)
            SELECT :org_id, :object, unnest(CAST(:ids AS text[])), :generation
                ON CONFLICT (org_id, object, id) DO UPDATE SET generation = excluded.generation
        """),
        {"org_id": org_id, "object": object_name, "ids": list(ids), "generation": generation},
    )


def resolved(session: WriteSession, org_id: str, object_name: str, *, by: str | None = None) -> None:
    """Forget that ids could not be found: this pass has stored their records (`by`: a table of them)."""
    stored = by or "(SELECT id FROM pass_touched WHERE object = :object)"
    session.execute(
        text(f"""
            DELETE FROM ops.unresolved AS wanted USING {stored} AS stored
             WHERE wanted.org_id = :org_id AND wanted.object = :object AND stored.id = wanted.id
        """),  # noqa: S608 - a table of ours
        {"org_id": org_id, "object": object_name},
    )
