"""Which lines of a brief are rows of a table, and their cells."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Value = Mapping[str, Any]


def amount_text(value: Any) -> str | None:
    """An amount with two decimals."""
    return None if value is None else f"{value:,.2f}"


def number_text(value: Any) -> str:
    """A number with its digits in groups."""
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def _person(value: Value) -> list[Any]:
    role = value["role"] or ("primary contact" if value["is_primary"] else None)
    keys = ("title", "reports_to", "influence", "sentiment", "email", "phone", "touches", "last_touch_on")
    return [value["name"] or value["contact_id"], role, *(value.get(key) for key in keys)]


def _item(value: Value) -> list[Any]:
    amounts = [amount_text(value[key]) for key in ("list_price", "unit_price")]
    rest = [value["discount_percent"], amount_text(value["total"]), value["service_on"], value["description"]]
    paid = {"recurring": "recurring", "one_off": "once"}.get(str(value.get("kind")))
    return [value["product"], value["family"], paid, value["quantity"], *amounts, *rest]


def _stage(value: Value) -> list[Any]:
    entered = (value["entered_at"] or "")[:10]
    return [value["stage"], entered, value["days"], amount_text(value["amount"]), value["close_on"], value["by"]]


def _competitor(value: Value) -> list[Any]:
    return [value["name"], value["strengths"], value["weaknesses"], value["author"], (value["at"] or "")[:10]]


def _case(value: Value) -> list[Any]:
    priority = f"{value['priority'] or ''}{', escalated' if value['is_escalated'] else ''}".removeprefix(", ")
    return [value["subject"], value["number"], value["status"], priority, value["opened_on"]]


def _file(value: Value) -> list[Any]:
    size = value["size_bytes"]
    shown = None if size is None else f"{max(1, round(size / 1024)):,} kB"
    return [value["title"], value["kind"], shown, value["changed_on"], value["owner"]]


def _past(value: Value) -> list[Any]:
    return [value["name"], value["outcome"], value["closed_on"], amount_text(value["amount"]), value["reason"]]


#: key of a line -> (heads of the columns, the cells of a value)
TABLES: dict[str, tuple[list[str], Callable[[Value], list[Any]]]] = {
    "person": (
        ["Who", "Role", "Title", "Reports to", "Influence", "Sentiment", "Email", "Phone", "Touches", "Last touch"],
        _person,
    ),
    "line_item": (
        ["Product", "Family", "Paid", "Quantity", "List price", "Price", "Discount %", "Total", "From", "Description"],
        _item,
    ),
    "stage": (["Stage", "Entered", "Days", "Amount", "Close date", "By"], _stage),
    "competitor": (["Competitor", "Strengths", "Weaknesses", "Noted by", "On"], _competitor),
    "open_case": (["Open case", "Number", "Status", "Priority", "Opened"], _case),
    "file": (["File", "Kind", "Size", "Changed", "Owner"], _file),
    "past_deal": (["Other deal", "Outcome", "Closed", "Amount", "Why lost"], _past),
}
