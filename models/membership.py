"""Who comes in and who leaves: membership follows what the mirror says, and each change has its reason."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Row, text

from models.session import ReadSession, WriteSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Who belongs to us, as SQL over a row of `salesforce.opportunity` with the alias `opportunity`."""

    deal: str = "coalesce(opportunity.iswon, false)"
    #: who is in a won stage, be it inside the scope or not
    won: str = "coalesce(opportunity.iswon, false)"
    #: open opportunities that close soon
    draft: str = "false"
    #: who belonged to us by the scope before, when the scope has changed since the last pass
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Who came in and who left."""

    #: deals that were nothing before, and drafts likewise
    deals: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    #: drafts that are deals now
    won: tuple[str, ...] = ()
    #: deals that are only drafts now
    reopened: tuple[str, ...] = ()
    #: those of all of these who came only because the scope was changed
    by_scope: frozenset[str] = frozenset()
    #: (id, reason) of deals, and of drafts, that are nothing now
    deals_left: tuple[tuple[str, str], ...] = ()
    drafts_left: tuple[tuple[str, str], ...] = ()

    @property
    def entered(self) -> list[str]:
        """Everybody whose records are wanted now and were not before."""
        return sorted({*self.deals, *self.drafts})

    @property
    def became_deals(self) -> list[str]:
        """Everybody who is a deal now and was none before."""
        return sorted({*self.deals, *self.won})

    @property
    def ceased_as_deals(self) -> list[tuple[str, str]]:
        """Everybody who was a deal before and is none now, with the reason."""
        return sorted({*self.deals_left, *((each, "reopened") for each in self.reopened)})

    def __add__(self, later: "Settled") -> "Settled":
        """Both, one after the other."""
        return Settled(
            **{each.name: _both(getattr(self, each.name), getattr(later, each.name)) for each in fields(Settled)}
        )


def _both(first: Any, later: Any) -> Any:
    return first | later if isinstance(first, frozenset) else first + later


_JUDGED = """
    SELECT opportunity.org_id, opportunity.id, opportunity.tombstone, opportunity.isclosed, {before} AS was_meant,
           {won} AS is_won,
           CASE WHEN opportunity.tombstone IS NOT NULL THEN NULL
                WHEN {deal} THEN 'won'
                WHEN {draft} THEN 'closing_soon' END AS reason
      FROM salesforce.opportunity
     WHERE opportunity.org_id = :org_id {among}
"""

_TOUCHED = "AND opportunity.id IN (SELECT id FROM pass_touched WHERE object = 'Opportunity')"

#: Why somebody leaves. Only a changed scope lets go of somebody who has not changed.
_WHY = """
    CASE WHEN judged.tombstone IS NOT NULL THEN judged.tombstone
         WHEN judged.was_meant THEN 'scope_changed'
         WHEN member.reason = 'closing_soon' AND judged.isclosed THEN 'lost'
         WHEN member.reason = 'closing_soon' THEN 'not_closing_soon'
         WHEN judged.is_won THEN 'out_of_scope'
         ELSE 'reopened' END
"""

_SETTLE = """
    WITH judged AS MATERIALIZED ({judged}),
         moving AS MATERIALIZED (
             SELECT judged.id, member.reason AS was, judged.reason AS now_is, coalesce(member.state, 'out') AS state,
                    CASE WHEN judged.reason IS NULL THEN {why} END AS why, judged.was_meant
               FROM judged
               LEFT JOIN ops.scope_member AS member
                      ON member.org_id = judged.org_id AND member.opportunity_id = judged.id
              WHERE (member.state = 'in' AND member.reason IS DISTINCT FROM judged.reason)
                 OR (member.state IS DISTINCT FROM 'in' AND judged.reason IS NOT NULL)
         ),
         out AS (
             UPDATE ops.scope_member AS member
                SET state = 'out', generation = :generation, left_at = now(), reason = moving.why
               FROM moving
              WHERE moving.now_is IS NULL AND member.org_id = :org_id AND member.opportunity_id = moving.id
         ),
         "in" AS (
             INSERT INTO ops.scope_member AS member (org_id, opportunity_id, state, generation, entered_at, reason)
             SELECT :org_id, id, 'in', :generation, now(), now_is FROM moving WHERE now_is IS NOT NULL
                 ON CONFLICT (org_id, opportunity_id) DO UPDATE
                SET state = 'in', generation = excluded.generation, entered_at = excluded.entered_at,
                    left_at = NULL, reason = excluded.reason
         )
         , noted AS (
             -- Who is somebody else now counts as written by this pass: all that hangs on it is looked at.
             INSERT INTO pass_touched (object, id) SELECT 'Opportunity', id FROM moving WHERE now_is IS NOT NULL
         )
    SELECT id, CASE WHEN state = 'in' THEN was END AS was, now_is, why, was_meant FROM moving ORDER BY id
"""


def settle_membership(
    session: WriteSession, org_id: str, membership: Membership, *, generation: int, everywhere: bool
) -> Settled:
    """Let deals and drafts in and out by what the mirror now says.

    Args:
        session: the transaction of the pass.
        org_id: the org.
        membership: who belongs to us.
        generation: of the pass.
        everywhere: judge every opportunity that is known, not only those that the pass touched: the scope, a stage or
            the day has changed.

    Returns:
        Who came and who left. Reasons are `reopened`, `recycle_bin`, `deleted`, `not_visible`, `scope_changed` and
        `out_of_scope` (it was edited so that the scope no longer means it); for drafts also `lost` and
        `not_closing_soon`.
    """
    judged = _JUDGED.format(
        deal=membership.deal,
        draft=membership.draft,
        won=membership.won,
        before=membership.before or "false",
        among="" if everywhere else _TOUCHED,
    )
    rows = session.execute(
        text(_SETTLE.format(judged=judged, why=_WHY)), {"org_id": org_id, "generation": generation}
    ).all()
    return Settled(
        deals=tuple(row.id for row in rows if row.was is None and row.now_is == "won"),
        drafts=tuple(row.id for row in rows if row.was is None and row.now_is == "closing_soon"),
        won=tuple(row.id for row in rows if row.was == "closing_soon" and row.now_is == "won"),
        reopened=tuple(row.id for row in rows if row.was == "won" and row.now_is == "closing_soon"),
        by_scope=frozenset(row.id for row in rows if membership.before and row.now_is and not row.was_meant),
        deals_left=tuple((row.id, row.why) for row in rows if row.was == "won" and row.now_is is None),
        drafts_left=tuple((row.id, row.why) for row in rows if row.was == "closing_soon" and row.now_is is None),
    )


def drafts_among(session: ReadSession, org_id: str, ids: Iterable[str]) -> set[str]:
    """Return which of these are drafts."""
    return set(
        session.execute(
            text(
                "SELECT opportunity_id FROM ops.scope_member WHERE org_id = :org_id AND state = 'in'"
                " AND reason = 'closing_soon' AND opportunity_id = ANY(:ids)"
            ),
            {"org_id": org_id, "ids": list(ids)},
        ).scalars()
    )


def members(session: ReadSession, org_id: str) -> list[Row[Any]]:
    """Return every deal and draft: its id, whether it is a draft, its name, amount, currency, stage and close date."""
    return list(
        session.execute(
            text("""
                SELECT member.opportunity_id AS id, member.reason = 'closing_soon' AS is_draft, opportunity.name,
                       opportunity.amount, coalesce(opportunity.currencyisocode, org.currency) AS currency,
                       opportunity.stagename AS stage, opportunity.closedate AS close_on
                  FROM ops.scope_member AS member
                  JOIN ops.org ON org.org_id = member.org_id
                  JOIN salesforce.opportunity
                    ON opportunity.org_id = member.org_id AND opportunity.id = member.opportunity_id
                 WHERE member.org_id = :org_id AND member.state = 'in'
                 ORDER BY member.opportunity_id
            """),
            {"org_id": org_id},
        )
    )
