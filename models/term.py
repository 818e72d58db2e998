"""The ledger of terms: what we know about each commitment, and from when to when we knew it.

A row is never changed, only closed: what a dashboard said on any day can be computed again.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Numeric,
    Table,
    Text,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from models.mirror import metadata
from models.renewals.term import Confidence, Kind, Provenance, Step, Term
from models.session import ReadSession, WriteSession

TERM = Table(
    "term",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("term_id", Text, primary_key=True),  # the contract's id, or the deal's where there is no contract
    Column("known_from", DateTime(timezone=True), primary_key=True, server_default=text("now()")),
    Column("known_to", DateTime(timezone=True)),  # NULL: still so
    Column("generation", BigInteger, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("deal_id", Text, nullable=False),  # the deal that began it
    Column("deal_ids", ARRAY(Text), nullable=False),  # and those that changed it
    Column("contract_id", Text),
    Column("kind", Text, nullable=False),
    Column("start_on", Date),
    Column("due_on", Date),  # the last day of paid service
    Column("atr", Numeric),  # a year's worth on that day
    Column("currency", Text),
    Column("steps", JSONB, nullable=False),  # [from when on, a year's worth as text, whether the contract foresaw it]
    Column("signed_on", Date),
    Column("renews", ARRAY(Text), nullable=False),
    Column("lost_on", Date),
    Column("notice_on", Date),
    Column("ended_on", Date),
    Column("auto_renews", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("provenance", Text),
    Column("confidence", Text, nullable=False),
    Column("why", JSONB, nullable=False),  # the fields that tell
    Column("notice_by", Date),  # the last day on which the customer can give notice
    schema="cs",
)
Index("term_now", TERM.c.org_id, TERM.c.term_id, unique=True, postgresql_where=TERM.c.known_to.is_(None))
Index("term_customer", TERM.c.org_id, TERM.c.customer_id, postgresql_where=TERM.c.known_to.is_(None))
Index("term_due", TERM.c.org_id, TERM.c.due_on, postgresql_where=TERM.c.known_to.is_(None))
Index("term_deals", TERM.c.deal_ids, postgresql_using="gin", postgresql_where=TERM.c.known_to.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTerm:
    """A term, and the records that it was made of."""

    term: Term
    deal_id: str
    deal_ids: tuple[str, ...]
    contract_id: str | None
    #: the fields that tell its last day and its value: `of`, `object`, `field`, `record_id`
    why: tuple[dict[str, str], ...]


def read_terms(
    session: ReadSession, org_id: str, *, customers: Collection[str] | None = None, known_at: datetime | None = None
) -> list[KnownTerm]:
    """Return the terms of an org, or of some of its customers, as they are known now or were known at an instant."""
    column = TERM.c
    statement = select(TERM).where(column.org_id == org_id).order_by(column.term_id)
    if customers is not None:
        statement = statement.where(column.customer_id.in_(list(customers)))
    if known_at is None:
        statement = statement.where(column.known_to.is_(None))
    else:
        still = column.known_to.is_(None) | (column.known_to > known_at)
        statement = statement.where(column.known_from <= known_at, still)
    return [_known(row) for row in session.execute(statement)]


def customers_with(session: ReadSession, org_id: str, deal_ids: Sequence[str]) -> set[str]:
    """Return the customers whose terms are made of these deals."""
    statement = text("""
        SELECT DISTINCT customer_id FROM cs.term
         WHERE org_id = :org_id AND known_to IS NULL AND deal_ids && CAST(:deal_ids AS text[])
    """)
    return set(session.execute(statement, {"org_id": org_id, "deal_ids": list(deal_ids)}).scalars())


def write_terms(
    session: WriteSession, org_id: str, customers: Collection[str], terms: Iterable[KnownTerm], *, generation: int
) -> list[KnownTerm]:
    """Let the terms of these customers be exactly those; returns what had been known of them.

    What says the same as before stays as it is; what does not is closed, and known anew from now on.
    """
    before = read_terms(session, org_id, customers=customers)
    known = {each.term.term_id: each for each in before}
    wanted = {each.term.term_id: each for each in terms}
    opened = [each for key, each in wanted.items() if known.get(key) != each]
    # One that came from a customer that is not among these is closed there by its own id.
    closed = [key for key in known if key not in wanted] + [each.term.term_id for each in opened]
    if closed:
        session.execute(
            text("""
                UPDATE cs.term SET known_to = now()
                 WHERE org_id = :org_id AND term_id = ANY(:term_ids) AND known_to IS NULL
            """),
            {"org_id": org_id, "term_ids": closed},
        )
    if opened:
        rows = [{"org_id": org_id, "generation": generation, **_values(each)} for each in opened]
        session.execute(insert(TERM), rows)
    return before


def _values(known: KnownTerm) -> dict[str, Any]:
    term = known.term
    return {
        "term_id": term.term_id,
        "customer_id": term.logo,
        "deal_id": known.deal_id,
        "deal_ids": list(known.deal_ids),
        "contract_id": known.contract_id,
        "kind": term.kind.value,
        "start_on": term.start,
        "due_on": term.due,
        "atr": term.atr if term.steps else None,
        "currency": term.currency,
        "steps": [[step.on.isoformat(), str(step.arr), step.is_escalator] for step in term.steps],
        "signed_on": term.signed_on,
        "renews": list(term.renews),
        "lost_on": term.lost_on,
        "notice_by": term.notice_by,
        "notice_on": term.notice_on,
        "ended_on": term.ended_on,
        "auto_renews": term.auto_renews,
        "is_active": term.is_active,
        "provenance": None if term.provenance is None else term.provenance.value,
        "confidence": term.confidence.value,
        "why": list(known.why),
    }


def _known(row: Any) -> KnownTerm:
    term = Term(
        term_id=row.term_id,
        logo=row.customer_id,
        kind=Kind(row.kind),
        start=row.start_on,
        due=row.due_on,
        steps=tuple(Step(date.fromisoformat(on), Decimal(arr), rises) for on, arr, rises in row.steps),
        currency=row.currency,
        signed_on=row.signed_on,
        renews=tuple(row.renews),
        lost_on=row.lost_on,
        notice_by=row.notice_by,
        notice_on=row.notice_on,
        ended_on=row.ended_on,
        auto_renews=row.auto_renews,
        is_active=row.is_active,
        provenance=None if row.provenance is None else Provenance(row.provenance),
        confidence=Confidence(row.confidence),
    )
    return KnownTerm(
        term=term, deal_id=row.deal_id, deal_ids=tuple(row.deal_ids), contract_id=row.contract_id, why=tuple(row.why)
    )
