"""Gives fields and functions of a statement their SQL."""

from dataclasses import replace

from demo_org.catalog import FieldType
from demo_org.soql.errors import error_at
from demo_org.soql.operand_parser import PASSING
from demo_org.soql.scope import Column, Scope
from demo_org.soql.syntax import AGGREGATES, Call, Operand

_NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})

# Julian day of the first of the year, a Sunday-based week as Salesforce counts them (SOQL guide, "Date Functions").
_DATE_FUNCTIONS = {
    "CALENDAR_YEAR": "CAST(strftime('%Y', {0}) AS INTEGER)",
    "CALENDAR_QUARTER": "(CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3",
    "CALENDAR_MONTH": "CAST(strftime('%m', {0}) AS INTEGER)",
    "FISCAL_YEAR": "CAST(strftime('%Y', {0}) AS INTEGER)",
    "FISCAL_QUARTER": "(CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3",
    "FISCAL_MONTH": "CAST(strftime('%m', {0}) AS INTEGER)",
    "DAY_IN_MONTH": "CAST(strftime('%d', {0}) AS INTEGER)",
    "DAY_IN_WEEK": "CAST(strftime('%w', {0}) AS INTEGER) + 1",
    "DAY_IN_YEAR": "CAST(strftime('%j', {0}) AS INTEGER)",
    "HOUR_IN_DAY": "CAST(strftime('%H', {0}) AS INTEGER)",
    "WEEK_IN_MONTH": "(CAST(strftime('%d', {0}) AS INTEGER) + 6) / 7",
    "WEEK_IN_YEAR": "(CAST(strftime('%j', {0}) AS INTEGER) + 6) / 7",
}
_COUNTED = FieldType(name="count", type="int", label="count")
_DAY = FieldType(name="day", type="date", label="day")


def bind(scope: Scope, operand: Operand, *, aggregates: bool = False) -> Column:
    """The column of a field or function; aggregates only where the rows are groups."""
    if not isinstance(operand, Call):
        return scope.column(operand)
    if operand.name in AGGREGATES:
        if not aggregates:
            reason = "Aggregate expressions are allowed in SELECT, HAVING and ORDER BY of a grouped query only"
            raise error_at(scope.query.text, operand.position, "MALFORMED_QUERY", reason)
        return _aggregate(scope, operand)
    assert operand.argument is not None, "the parser gives every function but COUNT an argument"
    inner = bind(scope, operand.argument, aggregates=aggregates)
    if operand.name in PASSING:
        return inner
    if inner.field.type not in {"date", "datetime"}:
        reason = f"{operand.name} needs a date or dateTime field: {inner.name}"
        raise error_at(scope.query.text, operand.position, "INVALID_FIELD", reason)
    if operand.name == "DAY_ONLY":
        return Column(sql=f"substr({inner.sql}, 1, 10)", field=replace(_DAY, name=inner.name))
    sql = _DATE_FUNCTIONS[operand.name].format(inner.sql)
    return Column(sql=sql, field=replace(_COUNTED, name=f"{operand.name}({inner.name})"))


def _aggregate(scope: Scope, call: Call) -> Column:
    if call.argument is None:
        return Column(sql="count(*)", field=_COUNTED)
    inner = bind(scope, call.argument)
    if call.name == "COUNT":
        return Column(sql=f"count({inner.sql})", field=_COUNTED)
    if call.name == "COUNT_DISTINCT":
        return Column(sql=f"count(DISTINCT {inner.sql})", field=_COUNTED)
    numeric = inner.field.type in _NUMBERS
    if not inner.field.aggregatable or (call.name in {"SUM", "AVG"} and not numeric):
        reason = f"field {inner.name} does not support aggregate operator {call.name}"
        raise error_at(scope.query.text, call.position, "MALFORMED_QUERY", reason)
    kind = "double" if call.name == "AVG" else inner.field.type
    return Column(sql=f"{call.name.lower()}({inner.sql})", field=replace(inner.field, type=kind))
