"""Writes a statement from its tree, so that parsing what was printed gives the same tree."""

import re
from datetime import UTC
from typing import assert_never

from demo_org.soql import syntax

_ESCAPED = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_SPECIAL = re.compile(r"[\\'\n\r\t\b\f]")
_SPECIAL_IN_PATTERN = re.compile(r"['\n\r\t\b\f]")  # the backslashes of a pattern are already escapes


def write(query: syntax.Query) -> str:
    """The statement as text."""
    pieces = ["SELECT ", ", ".join(_item(each) for each in query.select), f" FROM {query.source}"]
    if query.alias is not None:
        pieces.append(f" {query.alias}")
    pieces += [f", {path} {alias}" for path, alias in query.joined]
    if query.scope is not None:
        pieces.append(f" USING SCOPE {query.scope}")
    if query.where is not None:
        pieces.append(f" WHERE {_condition(query.where)}")
    if query.group_by:
        listed = ", ".join(operand_text(each) for each in query.group_by)
        pieces.append(f" GROUP BY {listed if query.subtotals is None else f'{query.subtotals}({listed})'}")
    if query.having is not None:
        pieces.append(f" HAVING {_condition(query.having)}")
    if query.order_by:
        pieces.append(" ORDER BY " + ", ".join(_sorting(each) for each in query.order_by))
    for word, value in (("LIMIT", query.limit), ("OFFSET", query.offset)):
        if value is not None:
            pieces.append(f" {word} {value}")
    pieces += [f" FOR {purpose}" for purpose in query.purposes]
    return "".join(pieces)


def operand_text(operand: syntax.Operand) -> str:
    """A field or a function of one as text."""
    if isinstance(operand, syntax.Path):
        return str(operand)
    if isinstance(operand, syntax.Distance):
        point = f"GEOLOCATION({operand.latitude:f}, {operand.longitude:f})"
        return f"DISTANCE({operand.place}, {point}, '{operand.unit}')"
    return f"{operand.name}({'' if operand.argument is None else operand_text(operand.argument)})"


def _item(item: syntax.SelectItem) -> str:
    match item:
        case syntax.SelectField(operand, alias):
            return operand_text(operand) + ("" if alias is None else f" {alias}")
        case syntax.ChildQuery(query):
            return f"({write(query)})"
        case syntax.TypeOf(lookup, branches, otherwise):
            whens = "".join(f" WHEN {name} THEN {_paths(paths)}" for name, paths in branches)
            return f"TYPEOF {lookup}{whens}{f' ELSE {_paths(otherwise)}' if otherwise else ''} END"
        case syntax.AllFields(kind):
            return f"FIELDS({kind})"
        case _:
            assert_never(item)


def _paths(paths: tuple[syntax.Path, ...]) -> str:
    return ", ".join(str(each) for each in paths)


def _sorting(key: syntax.Sorting) -> str:
    direction = " DESC" if key.descending else ""
    return operand_text(key.operand) + direction + ("" if key.nulls_first else " NULLS LAST")


def _condition(condition: syntax.Condition) -> str:
    match condition:
        case syntax.Comparison(left, operator, value):
            pattern = operator is syntax.Operator.LIKE
            return f"{operand_text(left)} {operator.value} {_value(value, pattern=pattern)}"
        case syntax.Membership(left, values, negated):
            return f"{operand_text(left)} {'NOT IN' if negated else 'IN'} ({_members(values)})"
        case syntax.Choice(left, groups, excluded):
            listed = ", ".join(_quoted(each) for each in groups)
            return f"{operand_text(left)} {'EXCLUDES' if excluded else 'INCLUDES'} ({listed})"
        case syntax.And(parts):
            return " AND ".join(_part(each) for each in parts)
        case syntax.Or(parts):
            return " OR ".join(_part(each) for each in parts)
        case syntax.Not(part):
            return f"NOT {_part(part)}"
        case _:
            assert_never(condition)


def _part(condition: syntax.Condition) -> str:
    text = _condition(condition)
    return f"({text})" if isinstance(condition, syntax.And | syntax.Or) else text


def _members(values: syntax.Texts | tuple[syntax.Value, ...] | syntax.Query) -> str:
    if isinstance(values, syntax.Query):
        return write(values)
    if isinstance(values, syntax.Texts):
        return ", ".join(_quoted(each) for each in values.values)
    return ", ".join(_value(each) for each in values)


def _value(value: syntax.Value, *, pattern: bool = False) -> str:  # noqa: PLR0911 - one for each kind of literal
    match value:
        case syntax.Text(text):
            return _quoted(text, _SPECIAL_IN_PATTERN if pattern else _SPECIAL)
        case syntax.Number(number):
            return str(number)
        case syntax.Money(currency, amount):
            return f"{currency}{amount:f}"
        case syntax.Truth(truth):
            return "true" if truth else "false"
        case syntax.Null():
            return "null"
        case syntax.Day(day):
            return day.isoformat()
        case syntax.Instant(instant):
            return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case syntax.Relative(name, count):
            return name if count is None else f"{name}:{count}"
        case _:
            assert_never(value)


def _quoted(text: str, special: re.Pattern[str] = _SPECIAL) -> str:
    return "'" + special.sub(lambda found: _ESCAPED[found[0]], text) + "'"
