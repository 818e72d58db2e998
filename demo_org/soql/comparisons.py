"""Compares one field with literals, by the rules of its type.

Null is a value like others here: != finds it, = null asks for it, a checkbox that is not there counts as unticked.
"""

import json
from dataclasses import replace

from demo_org.soql import syntax
from demo_org.soql.context import Context
from demo_org.soql.errors import SoqlError, error_at, unexpected
from demo_org.soql.literals import id_value, instant_text
from demo_org.soql.relative_dates import span
from demo_org.soql.scope import Column
from demo_org.soql.sql import Bound, Sql, fold, is_not_true, joined
from demo_org.soql.syntax import Operator

_NEVER = Sql("0")
_IDS = frozenset({"id", "reference"})
_NUMBERS = {"int": "int", "long": "long", "double": "double", "currency": "double", "percent": "double"}
_TYPED = _IDS | set(_NUMBERS) | {"boolean", "date", "datetime", "time"}


def compare(context: Context, text: str, position: int, column: Column, operator: Operator, value: syntax.Value) -> Sql:
    """The condition that a field stands in a relation to a literal."""
    if isinstance(value, syntax.Null) or (isinstance(value, syntax.Text) and not value.value):
        return _null(column, operator)
    kind = column.field.type
    if kind in _IDS:
        return _id(text, position, column, operator, value)
    if kind == "boolean":
        return _boolean(text, position, column, operator, value)
    if kind in {"date", "datetime"}:
        return _time(context, text, position, column, operator, value)
    if kind in _NUMBERS:
        return _number(context, text, position, column, operator, value)
    if not isinstance(value, syntax.Text):
        raise mismatch(text, position, column, "string")
    return _text(column, operator, value.value)


def among_texts(text: str, position: int, column: Column, values: tuple[str, ...]) -> Sql:
    """The condition that a field has one of many texts or ids; they travel as one JSON value."""
    kind = column.field.type
    if kind in _TYPED and kind not in _IDS:
        raise mismatch(text, position, column, "boolean" if kind == "boolean" else _NUMBERS.get(kind, _time_word(kind)))
    wanted = [value for value in values if value]
    null = [Sql(f"{column.sql} IS NULL")] if len(wanted) < len(values) else []
    if kind in _IDS:
        found = _any_of(column.sql, [_known_id(text, position, value) for value in wanted])
    elif all(value.isascii() for value in wanted):
        found = _any_of(f"{column.sql} COLLATE NOCASE", wanted)
    else:
        found = _any_of(f"soql_fold({column.sql})", [value.lower() for value in wanted])
    return joined("OR", [found, *null]) if null else found


def mismatch(text: str, position: int, column: Column, kind: str) -> SoqlError:
    """The literal is of another type than the field."""
    quotes = "should be enclosed in quotes" if kind == "string" else "should not be enclosed in quotes"
    reason = f"value of filter criterion for field '{column.field.name}' must be of type {kind} and {quotes}"
    return error_at(text, position, "INVALID_FIELD", reason)


def _any_of(left: str, values: list[str]) -> Sql:
    if len(values) == 1:
        return Sql(f"{left} = ?", (values[0],))
    return Sql(f"{left} IN (SELECT value FROM json_each(?))", (json.dumps(values),))  # noqa: S608 - see sql


def _null(column: Column, operator: Operator) -> Sql:
    if operator not in {Operator.EQUAL, Operator.UNEQUAL}:
        return _NEVER
    if column.field.type == "boolean":
        return Sql(f"{column.sql} {'IS NOT' if operator is Operator.EQUAL else 'IS'} 1")
    return Sql(f"{column.sql} IS {'NOT ' if operator is Operator.UNEQUAL else ''}NULL")


def _id(text: str, position: int, column: Column, operator: Operator, value: syntax.Value) -> Sql:
    if operator is Operator.LIKE:
        raise _bad_operator(text, position, column.field.type)
    if not isinstance(value, syntax.Text):
        raise mismatch(text, position, column, "string")
    return _ordered(text, position, column, operator, _known_id(text, position, value.value))


def _known_id(text: str, position: int, value: str) -> str:
    known = id_value(value)
    if known is None:
        raise error_at(text, position, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value}")
    return known


def _boolean(text: str, position: int, column: Column, operator: Operator, value: syntax.Value) -> Sql:
    if not isinstance(value, syntax.Truth):
        raise mismatch(text, position, column, "boolean")
    if operator not in {Operator.EQUAL, Operator.UNEQUAL}:
        raise _bad_operator(text, position, "boolean")
    if value.value is (operator is Operator.EQUAL):
        return Sql(f"{column.sql} = 1")
    # The checkbox of a parent that does not exist is unticked (SOQL guide, outer joins).
    return Sql(f"{column.sql} = 0" if column.parent is None else f"{column.sql} IS NOT 1")


def _number(context: Context, text: str, position: int, column: Column, operator: Operator, value: syntax.Value) -> Sql:
    if isinstance(value, syntax.Money):
        return _money(context, text, position, column, operator, value)
    if not isinstance(value, syntax.Number):
        raise mismatch(text, position, column, _NUMBERS[column.field.type])
    return _ordered(text, position, column, operator, float(value.value))


def _money(context: Context, text: str, position: int, column: Column, operator: Operator, value: syntax.Money) -> Sql:
    """An amount compared with one in a named currency, at the rates of the day (SOQL guide, "USD5000")."""
    literal = f"{value.currency}{value.value}"
    if context.currencies is None or column.currency is None:
        raise unexpected(text, value.position, literal)
    rate = context.currencies.rates.get(value.currency)
    if rate is None:
        raise error_at(text, value.position, "MALFORMED_QUERY", f"Invalid currency iso code: {value.currency}")
    worth = replace(column, sql=context.currencies.corporate_sql(column.sql, column.currency))
    return _ordered(text, position, worth, operator, float(value.value) / rate)


def _time(context: Context, text: str, position: int, column: Column, operator: Operator, value: syntax.Value) -> Sql:
    day = column.field.type == "date"
    if isinstance(value, syntax.Relative):
        first, after = span(value.name, value.count, context.today, context.calendar)
        bounds = (each.isoformat() if day else instant_text(context.midnight(each)) for each in (first, after))
        low, high = bounds
        return _within(text, position, column, operator, low, high)
    if day and isinstance(value, syntax.Day):
        return _ordered(text, position, column, operator, value.value.isoformat())
    if not day and isinstance(value, syntax.Instant):
        return _ordered(text, position, column, operator, instant_text(value.value))
    raise mismatch(text, position, column, _time_word(column.field.type))


def _within(text: str, position: int, column: Column, operator: Operator, low: str, high: str) -> Sql:
    """A field compared with a span of time: before it, in it, after it."""
    inside = Sql(f"{column.sql} >= ? AND {column.sql} < ?", (low, high))
    match operator:
        case Operator.EQUAL:
            return inside
        case Operator.UNEQUAL:
            return is_not_true(inside)
        case Operator.LESS:
            return Sql(f"{column.sql} < ?", (low,))
        case Operator.AT_MOST:
            return Sql(f"{column.sql} < ?", (high,))
        case Operator.GREATER:
            return Sql(f"{column.sql} >= ?", (high,))
        case Operator.AT_LEAST:
            return Sql(f"{column.sql} >= ?", (low,))
        case _:
            raise _bad_operator(text, position, column.field.type)


def _ordered(text: str, position: int, column: Column, operator: Operator, value: Bound) -> Sql:
    if operator is Operator.LIKE:
        raise _bad_operator(text, position, column.field.type)
    if operator is Operator.UNEQUAL:
        return Sql(f"{column.sql} IS NOT ?", (value,))
    return Sql(f"{column.sql} {operator.value} ?", (value,))


def _text(column: Column, operator: Operator, value: str) -> Sql:
    # SQLite folds the capitals of ASCII by itself; beyond that a function of ours must look at every record.
    left, tail, wanted = column.sql, " COLLATE NOCASE", value
    if not value.isascii():
        left, tail, wanted = f"soql_fold({column.sql})", "", fold(value) or ""
    if operator is Operator.LIKE:
        return Sql(f"{left} LIKE ? ESCAPE '\\'", (wanted,))
    if operator is Operator.UNEQUAL:
        return Sql(f"({left} = ?{tail}) IS NOT TRUE", (wanted,))
    return Sql(f"{left} {operator.value} ?{tail}", (wanted,))


def _time_word(kind: str) -> str:
    return "dateTime" if kind == "datetime" else kind


def _bad_operator(text: str, position: int, kind: str) -> SoqlError:
    return error_at(text, position, "INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {kind} field")
