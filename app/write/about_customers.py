"""What other tools send about customers: only about those that are there and that the sender may see."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.problems import Problem
from app.read.sight import Sight
from app.read.views import deals
from models.session import ReadSession

#: (org, customer) -> its deals
Customers = Mapping[tuple[str, str], set[str]]

_HINT = "An account becomes a customer with its first won deal; correct the ids, or send the others without these."


def customers_called(session: ReadSession, ids: set[str], *, org: str | None, sight: Sight) -> Customers:
    """Return the customers of these ids, with their deals."""
    deal = deals()
    where = [deal.c.customer_id.in_(sorted(ids)), ~deal.c.is_draft, *sight.of_deals(deal)]
    if org is not None:
        where.append(deal.c.org_id == org)
    found: dict[tuple[str, str], set[str]] = {}
    for row in session.execute(select(deal.c.org_id, deal.c.customer_id, deal.c.deal_id).where(*where)):
        found.setdefault((row.org_id, row.customer_id), set()).add(row.deal_id)
    return found


def why_unknown(customers: Customers, customer_id: str) -> str | None:
    """Say why nothing can be kept about a customer, or None when it can."""
    orgs = orgs_of(customers, customer_id)
    if len(orgs) > 1:
        return f"several orgs have it: say org= one of {', '.join(orgs)}"
    return None if orgs else "there is no such customer"


def orgs_of(customers: Customers, customer_id: str) -> list[str]:
    """The orgs that have a customer of that id."""
    return [org_id for org_id, known_id in customers if known_id == customer_id]


def refuse(problems: Sequence[Mapping[str, str]]) -> None:
    """Refuse everything that was sent where something of it is about nobody we know."""
    if problems:
        where = ", ".join(f"{each['pointer']}: {each['detail']}" for each in problems[:3])
        raise Problem(400, "about_nobody", f"{where}. Nothing was kept. {_HINT}", errors=problems)
