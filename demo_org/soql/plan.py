"""Finds the ids of the records a statement asks for, by the shortest way.

SQLite knows nothing about how the values of a column are spread, and would as soon look at half of all deals (the won
ones) as at the minute's changes. So the org counts first: each condition that an index can answer is counted up to a
cap, the smallest one leads, and all others are written so that they cannot mislead the planner.
"""

import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from demo_org.soql import syntax
from demo_org.soql.conditions import ConditionWriter
from demo_org.soql.context import Context
from demo_org.soql.operands import bind
from demo_org.soql.ordering import sort_columns, sort_keys
from demo_org.soql.scope import Scope
from demo_org.soql.sql import Sql, is_true, joined
from demo_org.soql.syntax import Operator

_RANGES = frozenset({Operator.EQUAL, Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST})
_FEW = 1000
_STAMP = "SystemModstamp"
#: the fields by whose index a page can be read in its order
_WALKED = ("Id", _STAMP)
_BOUNDS: tuple[tuple[frozenset[Operator], Callable[..., syntax.Instant], Operator], ...] = (
    (frozenset({Operator.EQUAL, Operator.GREATER, Operator.AT_LEAST}), min, Operator.AT_LEAST),
    (frozenset({Operator.EQUAL, Operator.LESS, Operator.AT_MOST}), max, Operator.AT_MOST),
)
_ID_LENGTH = 18


@dataclass(frozen=True, slots=True)
class Lead:
    """An indexed field of the object and the conditions on it that an index can answer."""

    field: str
    conditions: tuple[syntax.Condition, ...]
    #: whether the conditions name values rather than a range
    exact: bool


class Ids:
    """The ids of a result, in its order, packed as one text: a million of them take 18 MB."""

    def __init__(self, packed: str) -> None:
        self._packed = packed

    @classmethod
    def of(cls, ids: Iterable[str]) -> "Ids":
        """The ids given one by one."""
        return cls("".join(ids))

    def __len__(self) -> int:
        return len(self._packed) // _ID_LENGTH

    def part(self, offset: int, limit: int) -> list[str]:
        """The ids of one page."""
        start, end = offset * _ID_LENGTH, min((offset + limit) * _ID_LENGTH, len(self._packed))
        return [self._packed[place : place + _ID_LENGTH] for place in range(start, end, _ID_LENGTH)]


class Plan:
    """One statement over one FROM, ready to be run."""

    def __init__(self, context: Context, scope: Scope) -> None:
        self._context = context
        self._scope = scope
        self._query = scope.query
        conditions = [*syntax.conjuncts(self._query.where)]
        self._sorted_by = [column.sql for column in sort_columns(scope)]
        # Written once before anything runs: a mistake in a condition is reported whatever the plan.
        self._written = [ConditionWriter(context, scope).write(each) for each in conditions]
        self._conditions = [*conditions, *(bound for each in conditions for bound in self._bounds(each))]
        self._always = scope.live()

    def ids(self, connection: sqlite3.Connection) -> Ids:
        """The ids of all records of the result."""
        statement = self.statement(connection)
        found = connection.execute(f"SELECT group_concat(id, '') FROM ({statement.text})", statement.values)  # noqa: S608 - see sql
        return Ids(found.fetchone()[0] or "")

    def count(self, connection: sqlite3.Connection) -> int:
        """How many records there are; for SELECT COUNT()."""
        statement = self.statement(connection)
        found = connection.execute(f"SELECT count(*) FROM ({statement.text})", statement.values)  # noqa: S608 - see sql
        return int(found.fetchone()[0])

    def figures(self, connection: sqlite3.Connection) -> tuple[int, list[tuple[str, int]], int]:
        """Records of the object, records each indexed field would leave, and records of the result."""
        total = int(connection.execute(f"SELECT count(*) FROM {self._scope.table}").fetchone()[0])  # noqa: S608 - see sql
        leads = [(each.field, self._count(connection, each, total + 1)) for each in self._leads()]
        return total, leads, self.count(connection)

    def statement(self, connection: sqlite3.Connection) -> Sql:
        """The SQL that gives the ids, one a row, in the order of the result."""
        lead = self._best_lead(connection)
        where = self._where(lead)
        keys = sort_keys(self._scope, by_index=lead is None)
        order = f" ORDER BY {', '.join(keys)}" if keys else ""
        limit = "" if self._query.limit is None and self._query.offset is None else self._limit_sql()
        source = " ".join([self._scope.table, *self._scope.joins])
        text = f"SELECT {self._scope.own('Id')} AS id FROM {source} WHERE {where.text}{order}{limit}"  # noqa: S608 - see sql
        return Sql(text, where.values)

    @property
    def _walked(self) -> str | None:
        """The field whose index gives the records in the order they are wanted in, until there are enough."""
        if self._query.limit is None:
            return None
        return next((name for name in _WALKED if self._sorted_by[:1] == [self._scope.own(name)]), None)

    def _bounds(self, condition: syntax.Condition) -> Iterator[syntax.Condition]:
        """The range a keyset's condition lies in: (stamp > x OR (stamp = x AND Id > y)) is never below x.

        SQLite does not see that by itself, and would look at every record before x.
        """
        if not isinstance(condition, syntax.Or):
            return
        for operators, outermost, bound in _BOUNDS:
            sides = [self._instant(part, operators) for part in condition.parts]
            instants = [each for each in sides if each is not None]
            if len(instants) == len(sides):
                side = outermost(instants, key=lambda each: each.value)
                yield syntax.Comparison(syntax.Path((_STAMP,)), bound, side)

    def _instant(self, part: syntax.Condition, operators: frozenset[Operator]) -> syntax.Instant | None:
        """What the modstamp is compared with in a part of a condition."""
        for each in syntax.conjuncts(part):
            match each:
                case syntax.Comparison(syntax.Path() as left, operator, syntax.Instant() as instant):
                    if operator in operators and bind(self._scope, left).sql == self._scope.own(_STAMP):
                        return instant
        return None

    def _where(self, lead: Lead | None) -> Sql:
        """All conditions; only those of the lead (or of the walk along an index) are open to SQLite's planner."""
        if lead is None and self._walked is None:
            return joined("AND", [*self._always, *self._written] or [Sql("1")])
        correlated = ConditionWriter(self._context, self._scope, correlated=True)
        open_ones = lead.conditions if lead is not None else self._on(self._walked or "")
        leading = [correlated.write(each) for each in open_ones]
        rest = [is_true(correlated.write(each)) for each in self._conditions if each not in open_ones]
        # A range of instants takes rows in their order in the index; the flags are looked at with the row.
        return joined("AND", [*leading, *(is_true(each) for each in self._always), *rest] or [Sql("1")])

    def _best_lead(self, connection: sqlite3.Connection) -> Lead | None:
        leads = self._leads()
        exact_ids = next((each for each in leads if each.field == "Id" and each.exact), None)
        if exact_ids is not None:
            return exact_ids
        cap = self._cap(connection)
        best: tuple[int, Lead] | None = None
        for lead in leads:
            if lead.field != "Id":
                found = self._count(connection, lead, cap)
                if found < cap and (best is None or found < best[0]):
                    best, cap = (found, lead), found + 1
        return None if best is None else best[1]

    def _leads(self) -> list[Lead]:
        """Conditions on the object's own indexed fields, by field."""
        described = self._context.catalog.stored_object(self._scope.source.name)
        found = []
        for name, field in described.fields.items():
            if field.type in {"id", "reference"} or name == _STAMP:
                conditions = tuple(self._on(name))
                if conditions:
                    exact = any(isinstance(each, syntax.Membership) or _equals(each) for each in conditions)
                    found.append(Lead(name, conditions, exact))
        return found

    def _on(self, name: str) -> list[syntax.Condition]:
        column = self._scope.own(name)
        return [each for each in self._conditions if _indexable(each) and self._column_of(each) == column]

    def _column_of(self, condition: syntax.Condition) -> str:
        assert isinstance(condition, syntax.Comparison | syntax.Membership)
        return bind(self._scope, condition.left).sql

    def _cap(self, connection: sqlite3.Connection) -> int:
        """From how many records on an index is no longer worth it: reading in the page's order finds it sooner."""
        newest = connection.execute(f'SELECT max(rowid) FROM "{self._scope.source.name}"').fetchone()[0] or 0  # noqa: S608 - see sql
        if self._query.limit is None or self._walked is None:
            return max(_FEW, int(newest) // 3)
        return max(_FEW, math.isqrt(max(self._query.limit, 1) * int(newest) // 2))

    def _count(self, connection: sqlite3.Connection, lead: Lead, cap: int) -> int:
        writer = ConditionWriter(self._context, self._scope)
        where = joined("AND", [writer.write(each) for each in lead.conditions])
        text = f"SELECT count(*) FROM (SELECT 1 FROM {self._scope.table} WHERE {where.text} LIMIT {cap})"  # noqa: S608 - see sql
        return int(connection.execute(text, where.values).fetchone()[0])

    def _limit_sql(self) -> str:
        limit = -1 if self._query.limit is None else self._query.limit
        return f" LIMIT {limit} OFFSET {self._query.offset or 0}"


def _equals(condition: syntax.Condition) -> bool:
    return isinstance(condition, syntax.Comparison) and condition.operator is Operator.EQUAL


def _indexable(condition: syntax.Condition) -> bool:
    match condition:
        case syntax.Comparison(syntax.Path(), operator, value):
            return operator in _RANGES and not isinstance(value, syntax.Null)
        case syntax.Membership(syntax.Path(), syntax.Texts(), negated):
            return not negated
        case _:
            return False
