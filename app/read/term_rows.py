"""Terms as rows: each with its deal, how it ended, and how we know."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.read.encode import plain_row
from app.read.renewals import Terms, deal_of, org_ids_of, org_of
from app.read.views import deals
from models.renewals.term import Kind
from models.session import ReadSession

#: so many deals are asked for by their ids; of more, all are read
_BY_ID = 2_000


def term_rows(session: ReadSession, terms: Terms, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return these terms, in this order."""
    of_deal = deals_of(session, terms, keys)
    return [_row(terms, key, of_deal.get(deal_of(terms, key), {})) for key in keys]


def _row(terms: Terms, key: str, deal: Mapping[str, Any]) -> dict[str, Any]:
    """One term with its deal, how it ended, and how we know; a term that is in no number has no status."""
    known = terms.known[key]
    term = terms.ledger.terms.get(key)
    ending = None if term is None or term.due is None else terms.ledger.ending(term, terms.as_of)
    shown = term or known.term
    return plain_row({
        "org_id": org_of(key),
        "term_id": known.term.term_id,
        "deal_id": known.deal_id,
        "deal_name": deal.get("name"),
        "customer_id": known.term.logo,
        "customer_name": deal.get("customer_name"),
        "csm_id": deal.get("csm_id"),
        "csm_name": deal.get("csm_name"),
        "kind": known.term.kind.value,
        "status": None if ending is None or shown.kind is not Kind.FIXED else ending.outcome.value,
        "start_on": shown.start,
        "due_on": shown.due,
        "notice_by": shown.notice_by,
        "days_left": None if shown.due is None else (shown.due - terms.as_of).days,
        "atr": shown.atr if shown.steps else None,
        "renewed_arr": None if ending is None else ending.renewed_arr,
        "currency": shown.currency,
        "signed_on": shown.signed_on,
        "renewal_signed_on": None if ending is None else ending.signed_on,
        "renews": [each.removeprefix(f"{org_of(key)}:") for each in shown.renews],
        "is_auto": ending is not None and ending.is_auto,
        "is_early_replace": ending is not None and ending.is_early_replace,
        "is_win_back": term is not None and terms.ledger.is_win_back(term),
        "provenance": None if shown.provenance is None else shown.provenance.value,
        "confidence": shown.confidence.value,
    })  # fmt: skip


def deals_of(session: ReadSession, terms: Terms, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The deals that began these terms, by org and id; without those that have left."""
    column = deals().c
    wanted = select(
        column.org_id, column.deal_id, column.name, column.customer_name, column.csm_id, column.csm_name
    ).where(column.org_id.in_(org_ids_of(terms)))
    if len(keys) <= _BY_ID:
        wanted = wanted.where(column.deal_id.in_({terms.known[key].deal_id for key in keys}))
    rows = session.execute(wanted).mappings()
    return {f"{row['org_id']}:{row['deal_id']}": dict(row) for row in rows}
