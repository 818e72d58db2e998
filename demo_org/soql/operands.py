"""Gives fields and functions of a statement their SQL."""

from dataclasses import replace

from demo_org.catalog import FieldType
from demo_org.soql.date_functions import OF_INSTANTS, part_sql
from demo_org.soql.distance import distance_column
from demo_org.soql.errors import SoqlError, error_at
from demo_org.soql.formatting import FORMATTED
from demo_org.soql.ranks import rank_sql
from demo_org.soql.scope import Column, Scope
from demo_org.soql.syntax import AGGREGATES, Call, Distance, Operand, Path

_NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})
_COUNTED = FieldType(name="count", type="int", label="count")
_DAY = FieldType(name="day", type="date", label="day")


def bind(scope: Scope, operand: Operand, *, aggregates: bool = False) -> Column:
    """The column of a field or function; aggregates only where the rows are groups."""
    match operand:
        case Path():
            return scope.column(operand)
        case Distance():
            return distance_column(scope, operand)
    if operand.name in AGGREGATES:
        if not aggregates:
            reason = "Aggregate expressions are allowed in SELECT, HAVING and ORDER BY of a grouped query only"
            raise _malformed(scope, operand, reason)
        return _aggregate(scope, operand)
    assert operand.argument is not None, "the parser gives every function but COUNT an argument"
    if operand.name == "GROUPING":
        return _grouping(scope, operand, operand.argument)
    if operand.name == "CONVERTTIMEZONE":
        raise _malformed(scope, operand, "convertTimezone can be used inside a date function only")
    if operand.name in {"TOLABEL", "CONVERTCURRENCY", "FORMAT"}:
        inner = bind(scope, operand.argument, aggregates=aggregates)
        return _shown(scope, operand, inner)
    return _part(scope, operand, operand.argument)


def innermost(call: Call) -> Path:
    """The field within functions."""
    inner = call.argument
    while isinstance(inner, Call):
        inner = inner.argument
    assert isinstance(inner, Path), "what has no field in it was refused before"
    return inner


def _shown(scope: Scope, call: Call, inner: Column) -> Column:
    """The value for the eyes of a user: in his words, his currency, his formats."""
    currencies = scope.context.currencies
    if call.name == "CONVERTCURRENCY":
        if inner.field.type != "currency":
            reason = f"convertCurrency is supported for currency fields only: {inner.name}"
            raise error_at(scope.query.text, call.position, "INVALID_FIELD", reason)
        if currencies is None or inner.currency is None:
            return inner
        described = scope.source if inner.parent is None or inner.parent.object is None else inner.parent.object
        day = currencies.day_sql(described.name, scope.alias if inner.parent is None else inner.parent.alias)
        sql = currencies.users_sql(inner.sql, inner.currency, day)
        return replace(inner, sql=sql, currency=f"'{currencies.users}'")
    if call.name == "FORMAT":
        if inner.field.type not in FORMATTED:
            reason = f"FORMAT is supported for numbers, currencies, dates and times only: {inner.field.name}"
            raise error_at(scope.query.text, call.position, "INVALID_FIELD", reason)
        zone, code, converted, users = scope.context.zone, inner.currency or "NULL", "NULL", ""
        if currencies is not None and inner.currency is not None:
            converted, users = currencies.users_sql(inner.sql, inner.currency), currencies.users
        how = f"'{inner.field.type}', {inner.sql}, {inner.field.scale}, '{zone}', {code}, {converted}, '{users}'"
        field = FieldType(name=inner.field.name, type="string", label=inner.field.label)
        return replace(inner, sql=f"soql_format({how})", field=field, currency=None)
    return replace(inner, sql=_label_sql(inner))


def _label_sql(column: Column) -> str:
    """The label of a picklist's value; the org speaks one language, so it mostly is the value."""
    if not column.field.picklist_labels:
        return column.sql
    cases = " ".join(f"WHEN {_text(value)} THEN {_text(label)}" for value, label in column.field.picklist_labels)
    return f"(CASE {column.sql} {cases} ELSE {column.sql} END)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _part(scope: Scope, call: Call, argument: Operand) -> Column:
    """A part of a date, of an instant in UTC, or of one in the user's time zone."""
    local = isinstance(argument, Call) and argument.name == "CONVERTTIMEZONE"
    if local:
        assert isinstance(argument, Call)
        assert argument.argument is not None, "the parser gives every function but COUNT an argument"
        argument = argument.argument
    if not isinstance(argument, Path):
        raise _malformed(scope, call, f"{call.name} needs a date or dateTime field")
    inner = bind(scope, argument)
    wanted = {"datetime"} if local or call.name in OF_INSTANTS else {"date", "datetime"}
    if inner.field.type not in wanted:
        reason = (
            f"{call.name} needs a {' or '.join(sorted(wanted)).replace('datetime', 'dateTime')} field: {inner.name}"
        )
        raise error_at(scope.query.text, call.position, "INVALID_FIELD", reason)
    zone = scope.context.zone
    value = f"soql_local({inner.sql}, '{zone}')" if local and zone != "UTC" else inner.sql
    sql = part_sql(call.name, value, scope.context.calendar)
    if call.name == "DAY_ONLY":
        return Column(sql=sql, field=replace(_DAY, name=inner.name))
    return Column(sql=sql, field=replace(_COUNTED, name=f"{call.name}({inner.name})"))


def _aggregate(scope: Scope, call: Call) -> Column:
    if call.argument is None:
        return Column(sql="count(*)", field=_COUNTED)
    inner = bind(scope, call.argument)
    if not inner.field.aggregatable or (call.name in {"SUM", "AVG"} and inner.field.type not in _NUMBERS):
        raise _malformed(scope, call, f"field {inner.field.name} does not support aggregate operator {call.name}")
    if call.name == "COUNT":
        return Column(sql=f"count({inner.sql})", field=_COUNTED)
    if call.name == "COUNT_DISTINCT":
        return Column(sql=f"count(DISTINCT {inner.sql})", field=_COUNTED)
    return _summary(scope, call.name, inner)


def _summary(scope: Scope, function: str, inner: Column) -> Column:
    """SUM, AVG, MIN or MAX; amounts in the company's currency, picklists by the order of their values."""
    currencies, value, currency = scope.context.currencies, inner.sql, None
    if currencies is not None and inner.currency is not None:
        value, currency = currencies.corporate_sql(inner.sql, inner.currency), f"'{currencies.corporate}'"
    if function in {"MIN", "MAX"} and inner.field.type == "picklist" and inner.field.picklist_values:
        ranked = f"printf('%05d', {rank_sql(inner)}) || {value}"
        value = f"CASE WHEN {value} IS NOT NULL THEN {ranked} END"
        return Column(sql=f"substr({function.lower()}({value}), 6)", field=inner.field)
    kind = "double" if function == "AVG" and inner.field.type != "currency" else inner.field.type
    return Column(sql=f"{function.lower()}({value})", field=replace(inner.field, type=kind), currency=currency)


def _grouping(scope: Scope, call: Call, argument: Operand) -> Column:
    """1 in a subtotal over all values of the field, 0 elsewhere."""
    column = bind(scope, argument)
    grouped = {bind(scope, each).sql for each in scope.query.group_by}
    if scope.query.subtotals is None or column.sql not in grouped:
        raise _malformed(scope, call, f"GROUPING needs a field of GROUP BY ROLLUP or CUBE: {column.field.name}")
    return Column(sql="1" if column.sql in scope.summed_up else "0", field=_COUNTED)


def _malformed(scope: Scope, call: Call, reason: str) -> SoqlError:
    return error_at(scope.query.text, call.position, "MALFORMED_QUERY", reason)
