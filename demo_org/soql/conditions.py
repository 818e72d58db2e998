"""Turns the conditions of WHERE and HAVING into SQL."""

from typing import assert_never

from demo_org.soql import syntax
from demo_org.soql.comparisons import among_texts, compare
from demo_org.soql.context import Context
from demo_org.soql.errors import SoqlError, error_at
from demo_org.soql.operands import bind
from demo_org.soql.scope import Column, Scope
from demo_org.soql.sql import Sql, is_not_true, is_true, joined

_ID_TYPES = frozenset({"id", "reference"})


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
                column = self._filtered(left)
                return compare(self._context, self._scope.query.text, left.position, column, operator, value)
            case syntax.Membership():
                found = self._membership(condition)
                return is_not_true(found) if condition.negated else found
            case syntax.Choice():
                found = self._choice(condition)
                return is_not_true(found) if condition.excluded else found
            case _:
                assert_never(condition)

    def _filtered(self, operand: syntax.Operand) -> Column:
        column = bind(self._scope, operand, aggregates=self._aggregates)
        if not column.field.filterable or column.field.compound:
            reason = f"field '{column.field.name}' can not be filtered in a query call"
            raise self._error(operand.position, "INVALID_FIELD", reason)
        return column

    def _membership(self, condition: syntax.Membership) -> Sql:
        column = self._filtered(condition.left)
        values = condition.values
        if isinstance(values, syntax.Query):
            return self._semi_join(column, values)
        text, position = self._scope.query.text, condition.left.position
        if isinstance(values, syntax.Texts):
            return among_texts(text, position, column, values.values)
        equal = syntax.Operator.EQUAL
        return joined("OR", [compare(self._context, text, position, column, equal, value) for value in values])

    def _choice(self, condition: syntax.Choice) -> Sql:
        column = self._filtered(condition.left)
        if column.field.type != "multipicklist":
            reason = f"invalid operator on {column.field.type} field"
            raise self._error(condition.left.position, "INVALID_QUERY_FILTER_OPERATOR", reason)
        one = f"instr(soql_fold(';' || {column.sql} || ';'), ?) > 0"
        groups = [
            joined("AND", [Sql(one, (f";{value.strip().lower()};",)) for value in group.split(";")])
            for group in condition.groups
        ]
        return joined("OR", groups)

    def _semi_join(self, column: Column, query: syntax.Query) -> Sql:
        inner = Scope.of(self._context.catalog, query, alias=f"s{query.source.position}_")
        item = query.select[0]
        assert isinstance(item, syntax.SelectField), "the rules of semi-joins were checked before"
        wanted = bind(inner, item.operand)
        for side, operand in ((column, query.source), (wanted, item.operand)):
            if side.field.type not in _ID_TYPES:
                reason = f"Semi join sub-selects need an ID or reference field on both sides: {side.name}"
                raise self._error(operand.position, "MALFORMED_QUERY", reason)
        conditions = inner.live(self._context)
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

    def _error(self, position: int, code: str, reason: str) -> SoqlError:
        return error_at(self._scope.query.text, position, code, reason)
