"""Conditions on an opportunity, said once and written twice: in Salesforce's query language and in SQL.

Both writings have the same structure, so the org and the mirror can't disagree on who is meant. All conditions are on
one object, which is where Salesforce lets OR stand freely, also in the inner half of a semi-join.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from string import ascii_letters, digits
from typing import assert_never

from sync.salesforce.soql import instant_literal, text_literal

_PLAIN = frozenset(ascii_letters + digits + " _-.")
Value = bool | int | str | date | datetime


class Operator(StrEnum):
    """How a field is compared."""

    IS = "="
    FROM = ">="
    UNTIL = "<="
    ONE_OF = "IN"
    NONE_OF = "NOT IN"
    NOTHING = "= null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """One field compared with one value, or with several."""

    field: str
    operator: Operator
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these holds."""

    parts: tuple["Condition", ...]


Condition = Compare | Every | Either


def fields_of(condition: Condition) -> frozenset[str]:
    """The fields that a condition looks at."""
    match condition:
        case Compare():
            return frozenset({condition.field})
        case Every() | Either():
            return frozenset().union(*(fields_of(part) for part in condition.parts))
        case _:
            assert_never(condition)


def soql(condition: Condition, *, prefix: str = "") -> str:
    """The condition as it stands in a WHERE, beside others that are joined by AND.

    `prefix` is the path from the queried object to the opportunity, such as `Opportunity.`.
    """
    match condition:
        case Compare():
            return _compare_soql(condition, prefix)
        case Every():
            return " AND ".join(soql(part, prefix=prefix) for part in condition.parts)
        case Either():
            return "(" + " OR ".join(_grouped(part, soql(part, prefix=prefix)) for part in condition.parts) + ")"
        case _:
            assert_never(condition)


def sql(condition: Condition, *, alias: str) -> str:
    """The condition over a row of `salesforce.opportunity`: true or false, never NULL.

    Values are written into the text, in a form in which no value can end its literal or look like a parameter.
    """
    return f"coalesce(({_sql(condition, alias)}), false)"


def _sql(condition: Condition, alias: str) -> str:
    match condition:
        case Compare():
            return _compare_sql(condition, alias)
        case Every():
            return " AND ".join(_sql(part, alias) for part in condition.parts)
        case Either():
            return "(" + " OR ".join(_grouped(part, _sql(part, alias)) for part in condition.parts) + ")"
        case _:
            assert_never(condition)


def _grouped(part: Condition, written: str) -> str:
    return f"({written})" if isinstance(part, Every) and len(part.parts) > 1 else written


def _compare_soql(condition: Compare, prefix: str) -> str:
    name = f"{prefix}{condition.field}"
    if condition.operator is Operator.NOTHING:
        return f"{name} = null"
    written = [_soql_literal(value) for value in condition.values]
    if condition.operator in {Operator.ONE_OF, Operator.NONE_OF}:
        return f"{name} {condition.operator} ({','.join(written)})"
    return f"{name} {condition.operator} {written[0]}"


def _soql_literal(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return text_literal(value)
        case datetime():
            return instant_literal(value)
        case date():
            return value.isoformat()
        case _:
            assert_never(value)


def _compare_sql(condition: Compare, alias: str) -> str:
    name = f"{alias}.{condition.field.lower()}"
    if condition.operator is Operator.NOTHING:
        return f"{name} IS NULL"
    values: Sequence[Value] = condition.values
    # Salesforce compares texts without regard to case. Ids are told apart by case, and are compared as they are.
    if all(isinstance(value, str) for value in values) and not condition.field.endswith("Id"):
        name, written = f"lower({name})", [f"lower({_sql_literal(value)})" for value in values]
    else:
        written = [_sql_literal(value) for value in values]
    if condition.operator in {Operator.ONE_OF, Operator.NONE_OF}:
        return f"{name} {condition.operator} ({', '.join(written)})"
    return f"{name} {condition.operator} {written[0]}"


def _sql_literal(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _sql_text(value)
        case datetime():
            return f"TIMESTAMPTZ '{value.isoformat()}'"
        case date():
            return f"DATE '{value.isoformat()}'"
        case _:
            assert_never(value)


def _sql_text(value: str) -> str:
    """A text whose unusual characters are written by number: no quote, no backslash, no colon, no percent sign."""
    plain = "".join(
        each if each.isascii() and (each.isalnum() or each in " _-.") else _by_number(each) for each in value
    )
    return f"U&'{plain}'"


def _by_number(character: str) -> str:
    number = ord(character)
    return f"\\{number:04X}" if number <= 0xFFFF else f"\\+{number:06X}"
