"""Answers statements whose rows are groups of records: GROUP BY with subtotals, HAVING and aggregates."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from demo_org.soql import syntax
from demo_org.soql.conditions import ConditionWriter
from demo_org.soql.context import Context
from demo_org.soql.errors import SoqlError, error_at
from demo_org.soql.operands import bind
from demo_org.soql.ordering import group_sort_keys
from demo_org.soql.rules import NO_TAIL
from demo_org.soql.scope import Column, Scope
from demo_org.soql.sql import Sql, joined

MOST_GROUPS = 2000
MOST_SUBTOTALS = 3
_NO_MORE = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"


@dataclass(frozen=True, slots=True)
class GroupColumn:
    """One value of a group, under the name the reply gives it."""

    name: str
    column: Column


def group_columns(scope: Scope) -> list[GroupColumn]:
    """The columns of SELECT: an alias, the field's own name, or expr0, expr1 … in their order."""
    query = scope.query
    grouped = {bind(scope, each).sql for each in _checked_groups(scope)}
    numbered = (f"expr{number}" for number in range(len(query.select)))
    found: list[GroupColumn] = []
    for item in query.select:
        if not isinstance(item, syntax.SelectField):
            raise SoqlError("MALFORMED_QUERY", "Grouped query cannot use child relationships in the SELECT list")
        column = bind(scope, item.operand, aggregates=True)
        _check_grouped(scope, item.operand, column, grouped)
        name = item.alias or (column.path[-1] if isinstance(item.operand, syntax.Path) else next(numbered))
        if any(each.name.lower() == name.lower() for each in found):
            raise error_at(query.text, item.operand.position, "MALFORMED_QUERY", f"duplicate alias: {name}")
        found.append(GroupColumn(name, column))
    return found


def _check_grouped(scope: Scope, operand: syntax.Operand, column: Column, grouped: set[str]) -> None:
    """Refuse a field that is neither grouped by nor summed up, and one that is both."""
    if syntax.holds_aggregate(operand):
        inner = _innermost(operand)
        if inner is None and len(scope.query.select) > 1:
            raise SoqlError("MALFORMED_QUERY", "COUNT() must be the only element in the SELECT list")
        if inner is not None and bind(scope, inner).sql in grouped:
            reason = f"Grouped field should not be aggregated: {bind(scope, inner).field.name}"
            raise error_at(scope.query.text, operand.position, "MALFORMED_QUERY", reason)
        return
    if isinstance(operand, syntax.Call) and operand.name == "GROUPING":
        return
    if column.sql not in grouped and not _part_of_grouped_day(scope, operand, grouped):
        inner = _innermost(operand)
        name = column.field.name if inner is None else scope.column(inner).field.name
        raise SoqlError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {name}")


def _innermost(operand: syntax.Operand | None) -> syntax.Path | None:
    while isinstance(operand, syntax.Call):
        operand = operand.argument
    return operand if isinstance(operand, syntax.Path) else None


def _part_of_grouped_day(scope: Scope, operand: syntax.Operand, grouped: set[str]) -> bool:
    """Whether it is a part of a date that is grouped by itself (SOQL guide, "Date Functions")."""
    inner = _innermost(operand)
    if inner is None or not isinstance(operand, syntax.Call):
        return False
    column = scope.column(inner)
    return column.sql in grouped and (column.field.type == "date" or operand.name in {"TOLABEL", "FORMAT"})


def group_records(context: Context, scope: Scope, connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The groups in the form of a REST reply."""
    columns = group_columns(scope)
    statement = _statement(context, scope)
    rows = connection.execute(statement.text, statement.values).fetchall()
    if len(rows) > MOST_GROUPS:
        # There is no locator for groups, so what does not fit in one page cannot be had (SOQL guide).
        raise SoqlError("EXCEEDED_ID_LIMIT", _NO_MORE)
    return [{"attributes": {"type": "AggregateResult"}, **dict(_values(columns, row))} for row in rows]


def _values(columns: list[GroupColumn], row: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for each, value in zip(columns, row, strict=False):  # behind the columns stand what the groups are sorted by
        kind = each.column.field.type
        if value is None:
            yield each.name, None
        elif kind == "boolean":
            yield each.name, bool(value)
        elif kind == "datetime":
            yield each.name, f"{value[:23]}+0000"
        else:
            yield each.name, value


def _checked_groups(scope: Scope) -> Iterator[syntax.Operand]:
    query = scope.query
    if query.subtotals is not None and len(query.group_by) > MOST_SUBTOTALS:
        position = query.group_by[MOST_SUBTOTALS].position
        reason = f"GROUP BY {query.subtotals} takes at most {MOST_SUBTOTALS} fields"
        raise error_at(query.text, position, "MALFORMED_QUERY", reason)
    for operand in query.group_by:
        column = bind(scope, operand)
        # A function of a date makes days or months of instants, which are too many to group by themselves.
        if isinstance(operand, syntax.Path) and not column.field.groupable:
            reason = f"field '{column.field.name}' can not be grouped in a query call"
            raise error_at(query.text, operand.position, "MALFORMED_QUERY", reason)
        yield operand


def _statement(context: Context, scope: Scope) -> Sql:
    """One SELECT for each kind of group: the groups themselves and, with ROLLUP or CUBE, their subtotals."""
    query = scope.query
    if not query.group_by:
        for word, asked in (("ORDER BY", bool(query.order_by)), ("LIMIT", query.limit is not None)):
            if asked:
                raise SoqlError("MALFORMED_QUERY", NO_TAIL.format(word))
    writer = ConditionWriter(context, scope)
    conditions = scope.live() + [writer.write(each) for each in syntax.conjuncts(query.where)]
    where = joined("AND", conditions or [Sql("1")])
    keys = [bind(scope, each).sql for each in query.group_by]
    parts: list[Sql] = []
    order: list[str] = []
    for summed_up in _summed_up(query.subtotals, keys):
        scope.summed_up = summed_up
        part, order = _part(context, scope, where, keys)
        parts.append(part)
    scope.summed_up = frozenset()
    text = " UNION ALL ".join(part.text for part in parts)
    values = tuple(value for part in parts for value in part.values)
    tail = f" ORDER BY {', '.join(order)}" if order else ""
    if keys:
        limit = MOST_GROUPS + 1 if query.limit is None else query.limit
        tail += f" LIMIT {limit} OFFSET {query.offset or 0}"
    return Sql(text + tail, values)


def _part(context: Context, scope: Scope, where: Sql, keys: list[str]) -> tuple[Sql, list[str]]:
    """The SELECT of one kind of group, and the places of the columns by which all of them are sorted."""
    query = scope.query
    selected = [_selected(scope, item) for item in query.select]
    sorted_by = group_sort_keys(scope)
    if query.subtotals is not None and not sorted_by:
        sorted_by = [pair for key in keys for pair in _subtotals_last(scope, key)]
    remaining = [key for key in keys if key not in scope.summed_up]
    having = Sql("1")
    if query.having is not None:
        _check_having(scope, query.having, set(keys))
        having = ConditionWriter(context, scope, aggregates=True).write(query.having)
    pieces = [
        f"SELECT {', '.join([*selected, *(key for key, _ in sorted_by)])}",
        f"FROM {' '.join([scope.table, *scope.joins])}",
        f"WHERE {where.text}",
        f"GROUP BY {', '.join(remaining) or 'NULL'} HAVING {having.text}" if keys else "",
    ]
    order = [f"{len(selected) + place}{how}" for place, (_, how) in enumerate(sorted_by, start=1)]
    return Sql(" ".join(pieces), where.values + (having.values if keys else ())), order


def _selected(scope: Scope, item: syntax.SelectItem) -> str:
    assert isinstance(item, syntax.SelectField), "a grouped query selects fields and functions only"
    column = bind(scope, item.operand, aggregates=True)
    if not scope.summed_up or syntax.holds_aggregate(item.operand):
        return column.sql
    inner = _innermost(item.operand)
    hidden = column.sql in scope.summed_up
    if not hidden and inner is not None and isinstance(item.operand, syntax.Call) and item.operand.name != "GROUPING":
        hidden = scope.column(inner).sql in scope.summed_up
    return "NULL" if hidden else column.sql


def _subtotals_last(scope: Scope, key: str) -> list[tuple[str, str]]:
    summed = key in scope.summed_up
    return [("1" if summed else "0", ""), ("NULL" if summed else key, "")]


def _summed_up(subtotals: str | None, keys: list[str]) -> list[frozenset[str]]:
    """The keys each kind of group sums up: none; from the right one after the other; or all combinations."""
    match subtotals:
        case "ROLLUP":
            return [frozenset(keys[len(keys) - number :]) for number in range(len(keys) + 1)]
        case "CUBE":
            return [frozenset(each) for number in range(len(keys) + 1) for each in combinations(keys, number)]
        case _:
            return [frozenset()]


def _check_having(scope: Scope, condition: syntax.Condition, grouped: set[str]) -> None:
    """HAVING may ask for what is grouped by and for aggregates."""
    match condition:
        case syntax.And(parts) | syntax.Or(parts):
            for part in parts:
                _check_having(scope, part, grouped)
        case syntax.Not(part):
            _check_having(scope, part, grouped)
        case syntax.Comparison(left, _, _) | syntax.Membership(left, _, _) | syntax.Choice(left, _, _):
            _check_grouped(scope, left, bind(scope, left, aggregates=True), grouped)
