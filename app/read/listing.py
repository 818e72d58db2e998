"""Reading a list page by page: every row exactly once, whatever the order and however many rows tie.

A page starts after the last row of the page before, found by its values (keyset), never by counting rows: rows that
arrive or leave between two pages shift nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Numeric,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
)

from app.read.encode import plain_value
from app.read.record_id import long_id
from models.session import ReadSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One sort column and its direction; rows without a value come last either way."""

    column: str
    descending: bool = False


#: the sort values of a row, and of its tie-break columns, as text
Position = Sequence[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a list, and where the next page starts (None: there is none)."""

    rows: list[dict[str, Any]]
    next_position: Position | None


def read_page(
    session: ReadSession,
    source: FromClause,
    *,
    where: Sequence[ColumnElement[bool]],
    order: Sequence[Order],
    after: Position | None,
    limit: int,
) -> Page:
    """Read the rows that follow a position. The last columns of `order` must tell any two rows apart."""
    statement = page_query(source, where=where, order=order, after=after).limit(limit + 1)
    rows = [dict(row) for row in session.execute(statement).mappings()]
    more = len(rows) > limit
    rows = rows[:limit]
    position = [position_text(rows[-1][each.column]) for each in order] if more else None
    return Page(
        rows=[{name: plain_value(value) for name, value in row.items()} for row in rows], next_position=position
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which part of a list is asked for."""

    order: Sequence[Order]
    after: Position | None
    limit: int


def page_query(
    source: FromClause, *, where: Sequence[ColumnElement[bool]], order: Sequence[Order], after: Position | None
) -> Select[Any]:
    """Write the query of a page."""
    statement = select(source).where(*where)
    if after is not None:
        statement = statement.where(_following(source, order, after))
    directions = [source.c[each.column].desc() if each.descending else source.c[each.column].asc() for each in order]
    return statement.order_by(*(direction.nulls_last() for direction in directions))


def _following(source: FromClause, order: Sequence[Order], after: Position) -> ColumnElement[bool]:
    """The rows that come after a position: equal in the first columns, and beyond it in the next."""
    ways: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for each, text in zip(order, after, strict=True):
        column = source.c[each.column]
        if text is None:  # rows without a value come last: nothing is beyond them in this column
            equal.append(column.is_(None))
            continue
        value = literal(position_value(column, text), column.type)
        beyond = column < value if each.descending else column > value
        ways.append(and_(*equal, or_(beyond, column.is_(None))))
        equal.append(column == value)
    return or_(false(), *ways)


def position_text(value: Any) -> str | None:
    """A sort value as text that `position_value` reads back exactly."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def position_value(column: ColumnElement[Any], text: str) -> Any:
    """The sort value behind the text, as the column's type has it."""
    match column.type:
        case Integer() | BigInteger():
            return int(text)
        case Numeric():
            return Decimal(text)
        case DateTime():
            return datetime.fromisoformat(text)
        case Date():
            return date.fromisoformat(text)
        case _:
            return text


def between(column: ColumnElement[Any], low: Any, high: Any) -> list[ColumnElement[bool]]:
    """Rows from `low` to `high`, both included; None is no bound."""
    bounds = [None if low is None else column >= low, None if high is None else column <= high]
    return [bound for bound in bounds if bound is not None]


def any_of(values: Sequence[str], *columns: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Rows in which a column is one of the values, without regard to case; no values restrict nothing."""
    if not values:
        return []
    wanted = [value.lower() for value in values]
    ids = [found for value in values if (found := long_id(value))]
    return [or_(*(or_(column.in_(ids), func.lower(column).in_(wanted)) for column in columns))]


def only_fields(rows: list[dict[str, Any]], fields: Sequence[str] | None) -> list[dict[str, Any]]:
    """Keep the asked fields, in the asked order."""
    return rows if fields is None else [{name: row[name] for name in fields} for row in rows]


def one_of(columns: Sequence[ColumnElement[Any]], values: Sequence[str]) -> ColumnElement[bool]:
    """Rows in which any of the columns is any of the values."""
    return or_(*(column.in_(list(values)) for column in columns))


def amounts(rows: Sequence[Any]) -> Mapping[str, Any]:
    """(currency, sum) rows as an object; what has no currency is `unknown`, what has no amount is left out."""
    return {row[0] or "unknown": plain_value(row[1]) for row in rows if row[1] is not None}
