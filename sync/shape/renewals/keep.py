"""Keeping the ledger of terms: the customers that a pass touched are derived anew, and what was told is compared."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from models.org import org_row
from models.reminder import note_reminders
from models.renewals.ledger import Ledger
from models.renewals.restatement import restatements
from models.session import WriteSession
from models.term import KnownTerm, customers_with, write_terms
from sync.shape.renewals.derive import derive_terms
from sync.shape.renewals.read import read_books, read_org, zone_of

#: customers whose records are in memory together
_BATCH = 200

_TOUCHED = text("""
    SELECT accountid FROM closure.opportunity
     WHERE org_id = :org_id AND id = ANY(:deal_ids) AND accountid IS NOT NULL
     UNION SELECT "order".accountid FROM pass_touched AS touched
             JOIN salesforce."order" ON "order".org_id = :org_id AND "order".id = touched.id
            WHERE touched.object = 'Order' AND "order".accountid IS NOT NULL
""")
_ALL = text("""
    SELECT accountid FROM closure.opportunity WHERE org_id = :org_id AND accountid IS NOT NULL
     UNION SELECT customer_id FROM cs.term WHERE org_id = :org_id AND known_to IS NULL
""")

#: (type, deal id, data) of what is to be told
Told = list[tuple[str, str, dict[str, object]]]


def keep_terms(
    session: WriteSession, org_id: str, deal_ids: Sequence[str] | None, *, generation: int, at: datetime
) -> Told:
    """Derive the terms of the customers of these deals anew, of deals that left as well; None means of all.

    Args:
        session: the transaction of the pass.
        org_id: the org.
        deal_ids: deals that came, changed or left.
        generation: of the pass.
        at: Salesforce's time; outcomes are compared as of its day.

    Returns:
        An event for each term whose outcome had been told and is another one now.
    """
    customers = _customers(session, org_id, deal_ids)
    if not customers:
        return []
    about = read_org(session, org_id)
    today = at.astimezone(about.time_zone).date()
    told: Told = []
    for start in range(0, len(customers), _BATCH):
        batch = customers[start : start + _BATCH]
        after = [term for book in read_books(session, org_id, batch, about) for term in derive_terms(book)]
        before = write_terms(session, org_id, batch, after, generation=generation)
        deals = {each.term.term_id: each for each in (*after, *before)}
        for each in restatements(_ledger(before), _ledger(after), today):
            known = deals[each.term_id]
            data: dict[str, object] = {
                "term_id": each.term_id,
                "due_on": None if known.term.due is None else known.term.due.isoformat(),
                "before": each.before.value,
                "after": None if each.after is None else each.after.value,
            }
            told.append(("renewal.restated", known.deal_id, data))
    return told


def remind(session: WriteSession, org_id: str, *, at: datetime) -> Told:
    """Return an event for each renewal that is 90, 60 or 30 days ahead and of which nobody has been reminded yet."""
    about = org_row(session, org_id)
    today = at.astimezone(zone_of(None if about is None else about.time_zone)).date()
    return [
        (
            "renewal.upcoming",
            each["deal_id"],
            {
                "term_id": each["term_id"],
                "due_on": each["due_on"].isoformat(),
                "days": each["days"],
                "days_left": (each["due_on"] - today).days,
                "notice_by": None if each["notice_by"] is None else each["notice_by"].isoformat(),
            },
        )
        for each in note_reminders(session, org_id, today=today)
    ]


def _customers(session: WriteSession, org_id: str, deal_ids: Sequence[str] | None) -> list[str]:
    if deal_ids is None:
        return sorted(session.execute(_ALL, {"org_id": org_id}).scalars())
    found = set(session.execute(_TOUCHED, {"org_id": org_id, "deal_ids": list(deal_ids)}).scalars())
    return sorted(found | customers_with(session, org_id, deal_ids))


def _ledger(known: Sequence[KnownTerm]) -> Ledger:
    return Ledger(each.term for each in known)
