"""By what the numbers of renewals are told apart: whose customers, of which sort, sold by whom, and what."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, assert_never

from sqlalchemy import select, text

from app.read.renewals import Terms, deal_of, org_ids_of
from app.read.views import DEAL_ITEM, customers, deals
from models.session import ReadSession

#: the group of what belongs to none
NO_GROUP = "none"


class GroupBy(StrEnum):
    """What makes a group.

    The first four are of the customer as it is now, so that it never moves from one group to another; the others are of
    the term.
    """

    CSM = "csm"
    SEGMENT = "segment"
    REGION = "region"
    INDUSTRY = "industry"
    AE = "ae"
    PRODUCT = "product"
    CURRENCY = "currency"


def groups_of(session: ReadSession, terms: Terms, by: GroupBy | None) -> Mapping[str, str] | None:
    """Return the group of each term, by its key; None where no groups are asked for."""
    match by:
        case None:
            return None
        case GroupBy.CSM | GroupBy.SEGMENT:
            return _of_customer(terms, _by_deal(session, terms, _BRIEFS[by]))
        case GroupBy.REGION | GroupBy.INDUSTRY:
            return _by_customer(session, terms, "country" if by is GroupBy.REGION else "industry")
        case GroupBy.AE:
            return _named(terms, _owners(session, terms))
        case GroupBy.PRODUCT:
            return _products(session, terms)
        case GroupBy.CURRENCY:
            return {key: each.term.currency or NO_GROUP for key, each in terms.known.items()}
        case _:
            assert_never(by)


def _of_customer(terms: Terms, by_deal: Mapping[str, str | None]) -> dict[str, str]:
    """Let all terms of a customer be in the group of the one that begins last."""
    latest: dict[str, tuple[date, str, str]] = {}
    for key, each in terms.known.items():
        group = by_deal.get(deal_of(terms, key)) or NO_GROUP
        mine = (each.term.start or date.min, key, group)
        customer = key.partition(":")[0] + each.term.logo
        latest[customer] = max(mine, latest.get(customer, mine))
    return {key: latest[key.partition(":")[0] + each.term.logo][2] for key, each in terms.known.items()}


def _named(terms: Terms, by_deal: Mapping[str, str | None]) -> dict[str, str]:
    return {key: by_deal.get(deal_of(terms, key)) or NO_GROUP for key in terms.known}


def _by_deal(session: ReadSession, terms: Terms, statement: Any) -> dict[str, str | None]:
    rows = session.execute(statement, {"org_ids": org_ids_of(terms)})
    return {f"{org_id}:{deal_id}": value for org_id, deal_id, value in rows}


def _owners(session: ReadSession, terms: Terms) -> dict[str, str | None]:
    column = deals().c
    wanted = select(column.org_id, column.deal_id, column.owner_name).where(column.org_id.in_(org_ids_of(terms)))
    return {f"{org_id}:{deal_id}": name for org_id, deal_id, name in session.execute(wanted)}


def _by_customer(session: ReadSession, terms: Terms, column: str) -> dict[str, str]:
    customer = customers()
    wanted = select(customer.c.org_id, customer.c.customer_id, customer.c[column])
    rows = session.execute(wanted.where(customer.c.org_id.in_(org_ids_of(terms))))
    known = {f"{org_id}:{customer_id}": value for org_id, customer_id, value in rows}
    return {
        key: known.get(f"{key.partition(':')[0]}:{each.term.logo}") or NO_GROUP for key, each in terms.known.items()
    }


def _products(session: ReadSession, terms: Terms) -> dict[str, str]:
    """The product on which most was spent in the deals of a term."""
    item = DEAL_ITEM.c
    wanted = select(item.org_id, item.deal_id, item.product, item.total).where(item.org_id.in_(org_ids_of(terms)))
    bought: dict[str, dict[str, Any]] = {}
    for org_id, deal_id, product, total in session.execute(wanted.where(item.product.is_not(None))):
        sums = bought.setdefault(f"{org_id}:{deal_id}", {})
        sums[product] = sums.get(product, 0) + (total or 0)
    found: dict[str, str] = {}
    for key, each in terms.known.items():
        spent: dict[str, Any] = {}
        for deal_id in each.deal_ids:
            for product, total in bought.get(f"{key.partition(':')[0]}:{deal_id}", {}).items():
                spent[product] = spent.get(product, 0) + total
        found[key] = min(spent, key=lambda product: (-spent[product], product)) if spent else NO_GROUP
    return found


_BRIEFS = {
    GroupBy.CSM: text("""
        SELECT DISTINCT ON (org_id, deal_id) org_id, deal_id, coalesce(csm ->> 'name', csm ->> 'user_id')
          FROM cs.brief WHERE org_id = ANY(:org_ids) ORDER BY org_id, deal_id, version DESC
    """),
    GroupBy.SEGMENT: text("""
        SELECT DISTINCT ON (org_id, deal_id) org_id, deal_id, segment
          FROM cs.brief WHERE org_id = ANY(:org_ids) ORDER BY org_id, deal_id, version DESC
    """),
}
