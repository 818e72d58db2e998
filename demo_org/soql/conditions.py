"""Turns the conditions of WHERE and HAVING into SQL."""

from dataclasses import replace
from typing import assert_never

from demo_org.soql import syntax
from demo_org.soql.comparisons import among_texts, compare
from demo_org.soql.context import Context
from demo_org.soql.errors import SoqlError, error_at, unexpected
from demo_org.soql.operands import bind
from demo_org.soql.scope import Column, Scope
from demo_org.soql.sql import Sql, is_not_true, is_true, joined

_ID_TYPES = frozenset({"id", "reference"})
_OPERATOR = "INVALID_QUERY_FILTER_OPERATOR"
_OF_DISTANCES = frozenset({syntax.Operator.LESS, syntax.Operator.GREATER})
#: functions for the eyes of a user; nothing is found by them
_ONLY_SHOWN = frozenset({"CONVERTCURRENCY", "FORMAT"})


class ConditionWriter:
    """Writes conditions over one FROM; with correlated semi-joins when few records are looked at."""

    def __init__(self, context: Context, scope: Scope, *, aggregates: bool = False, correlated: bool = False) -> None:
        self._context = context
        self._scope = scope
        self._aggregates = aggregates
        self._correlated = correlated

    def write(self, condition: syntax.Condition) -> Sql:
        """The condition as SQL that is true, false or null; null counts as false."""
        match condition:
            case syntax.And(parts):
                return joined("AND", [self.write(part) for part in parts])
            case syntax.Or(parts):
                return joined("OR", [self.write(part) for part in parts])
            case syntax.Not(part):
                return is_not_true(self.write(part))
            case syntax.Comparison(left, operator, value):
                column = self._filtered(left, operator)
                return compare(self._context, self._scope.query.text, left.position, column, operator, value)
            case syntax.Membership():
                found = self._membership(condition)
                return is_not_true(found) if condition.negated else found
            case syntax.Choice():
                found = self._choice(condition)
                return is_not_true(found) if condition.excluded else found
            case _:
                assert_never(condition)

    def _filtered(self, operand: syntax.Operand, operator: syntax.Operator | None = None) -> Column:
        if isinstance(operand, syntax.Distance) and operator not in _OF_DISTANCES:
            # Only < and > mean something of a distance (SOQL guide, "Location-Based SOQL Queries").
            raise self._error(operand.position, _OPERATOR, "DISTANCE can be compared with < and > only")
        if isinstance(operand, syntax.Call) and operand.name in _ONLY_SHOWN:
            raise unexpected(self._scope.query.text, operand.position, operand.name)
        column = bind(self._scope, operand, aggregates=self._aggregates)
        if column.field.compound:
            kind = "Address" if column.field.type == "address" else "Geolocation"
            reason = f"{kind} fields can only be filtered using Distance expressions"
            raise self._error(operand.position, "INVALID_FIELD", reason)
        if not column.field.filterable:
            reason = f"field '{column.field.name}' can not be filtered in a query call"
            raise self._error(operand.position, "INVALID_FIELD", reason)
        if column.sql in self._scope.summed_up:
            return replace(column, sql="NULL")
        return column

    def _membership(self, condition: syntax.Membership) -> Sql:
        column = self._filtered(condition.left)
        values = condition.values
        if isinstance(values, syntax.Query):
            return self._semi_join(column, condition, values)
        text, position = self._scope.query.text, condition.left.position
        if isinstance(values, syntax.Texts):
            return among_texts(text, position, column, values.values)
        equal = syntax.Operator.EQUAL
        return joined("OR", [compare(self._context, text, position, column, equal, value) for value in values])

    def _choice(self, condition: syntax.Choice) -> Sql:
        column = self._filtered(condition.left)
        if column.field.type != "multipicklist":
            reason = f"invalid operator on {column.field.type} field"
            raise self._error(condition.left.position, _OPERATOR, reason)
        one = f"instr(soql_fold(';' || {column.sql} || ';'), ?) > 0"
        groups = [
            joined("AND", [Sql(one, (f";{value.strip().lower()};",)) for value in group.split(";")])
            for group in condition.groups
        ]
        return joined("OR", groups)

    def _semi_join(self, column: Column, condition: syntax.Membership, query: syntax.Query) -> Sql:
        inner = Scope.of(self._context, query, alias=f"s{query.source.position}_")
        item = query.select[0]
        assert isinstance(item, syntax.SelectField), "the rules of semi-joins were checked before"
        wanted = bind(inner, item.operand)
        self._check_sides(column, condition.left.position, wanted, item.operand.position)
        if not _targets(column, self._scope) & _targets(wanted, inner):
            reason = (
                f"The selected field '{wanted.name}' in the subquery and the left operand field in the where "
                f"expression in the outer query '{column.name}' should point to the same object type"
            )
            raise self._error(condition.left.position, "MALFORMED_QUERY", reason)
        conditions = inner.live()
        writer = ConditionWriter(self._context, inner, correlated=self._correlated)
        conditions += [writer.write(each) for each in syntax.conjuncts(query.where)]
        if not self._correlated:
            where = joined("AND", conditions or [Sql("1")])
            source = " ".join([inner.table, *inner.joins])
            return Sql(f"{column.sql} IN (SELECT {wanted.sql} FROM {source} WHERE {where.text})", where.values)  # noqa: S608 - see sql
        # Only the link to the outer record may choose the index, never a flag that half of all records have.
        where = joined("AND", [Sql(f"{wanted.sql} = {column.sql}"), *(is_true(each) for each in conditions)])
        source = " ".join([inner.table, *inner.joins])
        return Sql(f"EXISTS (SELECT 1 FROM {source} WHERE {where.text})", where.values)  # noqa: S608 - see sql

    def _check_sides(self, outer: Column, outer_at: int, inner: Column, inner_at: int) -> None:
        if outer.field.type not in _ID_TYPES:
            reason = (
                "The left operand field in the where expression for outer query should be an id field, cannot use: "
                f"'{outer.name}'"
            )
            raise self._error(outer_at, "MALFORMED_QUERY", reason)
        if inner.field.type not in _ID_TYPES:
            reason = f"Semi join sub-selects can only query id fields, cannot use: '{inner.name}'"
            raise self._error(inner_at, "MALFORMED_QUERY", reason)

    def _error(self, position: int, code: str, reason: str) -> SoqlError:
        return error_at(self._scope.query.text, position, code, reason)


def _targets(column: Column, scope: Scope) -> frozenset[str]:
    """The objects whose records an id or lookup may name."""
    return frozenset(column.field.reference_to or (scope.source.name,))
