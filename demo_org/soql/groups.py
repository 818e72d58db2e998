"""Answers statements whose rows are groups of records: GROUP BY, HAVING and aggregates."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from demo_org.soql import syntax
from demo_org.soql.conditions import ConditionWriter
from demo_org.soql.context import Context
from demo_org.soql.errors import SoqlError, error_at
from demo_org.soql.operands import bind
from demo_org.soql.ordering import sort_keys
from demo_org.soql.scope import Column, Scope
from demo_org.soql.sql import Sql, joined

MOST_GROUPS = 2000
_NO_MORE = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
_NOTHING_TO_SORT = "Non-grouped query that uses overall aggregate functions cannot also use ORDER BY or LIMIT"


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
            position = query.source.position
            raise error_at(query.text, position, "MALFORMED_QUERY", "A grouped query can select fields only")
        column = bind(scope, item.operand, aggregates=True)
        if not syntax.is_aggregate(item.operand) and column.sql not in grouped:
            reason = f"Field must be grouped or aggregated: {column.field.name}"
            raise error_at(query.text, item.operand.position, "MALFORMED_QUERY", reason)
        name = item.alias or (next(numbered) if isinstance(item.operand, syntax.Call) else column.path[-1])
        if any(each.name.lower() == name.lower() for each in found):
            raise error_at(query.text, item.operand.position, "MALFORMED_QUERY", f"duplicate alias: {name}")
        found.append(GroupColumn(name, column))
    return found


def group_records(context: Context, scope: Scope, connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The groups in the form of a REST reply."""
    columns = group_columns(scope)
    statement = _statement(context, scope, columns)
    rows = connection.execute(statement.text, statement.values).fetchall()
    if len(rows) > MOST_GROUPS:
        # There is no locator for groups, so what does not fit in one page cannot be had (SOQL guide).
        raise SoqlError("EXCEEDED_ID_LIMIT", _NO_MORE)
    return [{"attributes": {"type": "AggregateResult"}, **dict(_values(columns, row))} for row in rows]


def _values(columns: list[GroupColumn], row: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for each, value in zip(columns, row, strict=True):
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
    for operand in scope.query.group_by:
        column = bind(scope, operand)
        # A function of a date makes days or months of instants, which are too many to group by themselves.
        if isinstance(operand, syntax.Path) and not column.field.groupable:
            reason = f"field '{column.field.name}' can not be grouped in a query call"
            raise error_at(scope.query.text, operand.position, "MALFORMED_QUERY", reason)
        yield operand


def _statement(context: Context, scope: Scope, columns: list[GroupColumn]) -> Sql:
    query = scope.query
    writer = ConditionWriter(context, scope)
    conditions = scope.live(context)
    conditions += [writer.write(each) for each in syntax.conjuncts(query.where)]
    where = joined("AND", conditions or [Sql("1")])
    keys = [bind(scope, each).sql for each in query.group_by]
    having = Sql("1") if query.having is None else ConditionWriter(context, scope, aggregates=True).write(query.having)
    order = sort_keys(scope, aggregates=True)
    if not keys and (order or query.limit is not None):
        raise error_at(query.text, query.source.position, "MALFORMED_QUERY", _NOTHING_TO_SORT)
    limit = MOST_GROUPS + 1 if query.limit is None else query.limit
    pieces = [
        f"SELECT {', '.join(each.column.sql for each in columns)}",
        f"FROM {' '.join([scope.table, *scope.joins])}",
        f"WHERE {where.text}",
        f"GROUP BY {', '.join(keys)} HAVING {having.text}" if keys else "",
        f"ORDER BY {', '.join(order)}" if order else "",
        f"LIMIT {limit} OFFSET {query.offset or 0}" if keys else "",
    ]
    return Sql(" ".join(pieces), where.values + (having.values if keys else ()))
