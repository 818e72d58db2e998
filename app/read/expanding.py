"""What hangs on the rows of a list, read for a whole page at once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import FromClause, select, tuple_

from app.read.customers import customers_exact, exact_amounts
from app.read.encode import plain_row
from app.read.sight import Sight
from app.read.views import CONTACT, DEAL_ITEM, STAKEHOLDER, deals
from models.session import ReadSession

Row = dict[str, Any]


def expand_deals(session: ReadSession, rows: Sequence[Row], names: Sequence[str], *, sight: Sight) -> None:
    """Write the customer, the stakeholders or the items of each deal into its row."""
    for name in names:
        if name == "customer":
            _one(session, rows, name, customers_exact(), "customer_id", lambda row: _customer(row, sight))
        else:
            view, kind, order = (DEAL_ITEM, "item", "item_id") if name == "items" else _STAKEHOLDERS
            _many(session, rows, name, view, "deal_id", order, lambda row, kind=kind: sight.cover(kind, [row])[0])  # type: ignore[misc]  # - the default binds the loop's variable


def expand_customers(session: ReadSession, rows: Sequence[Row], names: Sequence[str], *, sight: Sight) -> None:
    """Write the deals or the contacts of each customer into its row; without the scope for them, contacts are null."""
    for name in names:
        if name == "contacts" and not sight.contacts:
            for row in rows:
                row[name] = None
        elif name == "contacts":
            _many(session, rows, name, CONTACT, "customer_id", "contact_id", lambda row: row)
        else:
            deal = deals()
            mine = select(deal).where(~deal.c.is_draft, *sight.of_deals(deal)).subquery("deal")
            _many(session, rows, name, mine, "customer_id", "deal_id", lambda row: sight.cover("deal", [row])[0])


_STAKEHOLDERS = (STAKEHOLDER, "stakeholder", "stakeholder_id")


def _customer(row: Row, sight: Sight) -> Row:
    return sight.cover("customer", [exact_amounts(row)])[0]


def _one(
    session: ReadSession, rows: Sequence[Row], name: str, view: FromClause, key: str, shown: Callable[[Row], Row]
) -> None:
    found = {(each["org_id"], each[key]): shown(each) for each in _read(session, rows, view, key, key)}
    for row in rows:
        row[name] = found.get((row["org_id"], row[key]))


def _many(
    session: ReadSession,
    rows: Sequence[Row],
    name: str,
    view: FromClause,
    key: str,
    order: str,
    shown: Callable[[Row], Row],
) -> None:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for each in _read(session, rows, view, key, order):
        found[each["org_id"], each[key]].append(shown(each))
    for row in rows:
        row[name] = found[row["org_id"], row[key]]


def _read(session: ReadSession, rows: Sequence[Row], view: FromClause, key: str, order: str) -> list[Row]:
    wanted = sorted({(row["org_id"], row[key]) for row in rows if row[key]})
    among = tuple_(view.c.org_id, view.c[key]).in_(wanted)
    statement = select(view).where(among).order_by(view.c.org_id, view.c[order])
    return [plain_row(row) for row in session.execute(statement).mappings()]
