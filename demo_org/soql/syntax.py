"""What a SOQL statement says, as values: the parser makes them, the printer writes them, the compiler reads them.

Positions point into the statement for the caret of an error message; they don't count when two nodes are compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Path:
    """A field, with the lookups that lead to it: Account.Owner.Name."""

    names: tuple[str, ...]
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a field: MAX(Amount), CALENDAR_YEAR(CloseDate), toLabel(StageName); COUNT() has no argument."""

    name: str
    argument: "Operand | None"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Distance:
    """How far the place of a record is from a point: DISTANCE(Shop__c, GEOLOCATION(37.7, -122.4), 'mi')."""

    place: Path
    latitude: Decimal
    longitude: Decimal
    #: km or mi
    unit: str
    position: int = field(default=0, compare=False)


Operand: TypeAlias = Path | Call | Distance


# -- values a condition compares with ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text; beside LIKE it keeps the backslash before % and _ that stand for themselves."""

    value: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    value: Decimal
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency: USD5000."""

    currency: str
    value: Decimal
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""

    value: bool
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Null:
    """The absence of a value."""

    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar date."""

    value: date
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time with its offset."""

    value: datetime
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Relative:
    """A span of time told from today: THIS_MONTH, LAST_N_DAYS:30."""

    name: str
    count: int | None = None
    position: int = field(default=0, compare=False)


Value: TypeAlias = Text | Number | Money | Truth | Null | Day | Instant | Relative


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of nothing but texts: mostly ids, up to thousands, so it is kept as plain strings."""

    values: tuple[str, ...]
    position: int = field(default=0, compare=False)


# -- conditions -------------------------------------------------------------------------------------------------------


class Operator(Enum):
    """How a field is compared with one value."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    LIKE = "LIKE"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Amount > 1000."""

    left: Operand
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Membership:
    """StageName IN ('A', 'B'), or a semi-join: Id NOT IN (SELECT AccountId FROM Opportunity)."""

    left: Operand
    values: "Texts | tuple[Value, ...] | Query"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Interests__c INCLUDES ('A;B', 'C'): any group of which all values are chosen; EXCLUDES is the contrary."""

    left: Operand
    groups: tuple[str, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition: TypeAlias = Comparison | Membership | Choice | And | Or | Not


# -- the statement ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SelectField:
    """One column: a field or a function of one, with a name of its own in grouped queries."""

    operand: Operand
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class ChildQuery:
    """The children of each record: (SELECT Id FROM OpportunityLineItems)."""

    query: "Query"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TypeOf:
    """Fields that depend on the object a lookup points at."""

    lookup: Path
    branches: tuple[tuple[Path, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class AllFields:
    """FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM)."""

    kind: str
    position: int = field(default=0, compare=False)


SelectItem: TypeAlias = SelectField | ChildQuery | TypeOf | AllFields


@dataclass(frozen=True, slots=True)
class Sorting:
    """One key of ORDER BY; without a word about nulls they come first."""

    operand: Operand
    descending: bool = False
    nulls_first: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A whole statement, or a part in parentheses that is one."""

    select: tuple[SelectItem, ...]
    source: Path
    alias: str | None = None
    #: further names of FROM: Contact c, c.Account a
    joined: tuple[tuple[Path, str], ...] = ()
    scope: str | None = None
    where: Condition | None = None
    group_by: tuple[Operand, ...] = ()
    #: ROLLUP or CUBE: groups of groups as well
    subtotals: str | None = None
    having: Condition | None = None
    order_by: tuple[Sorting, ...] = ()
    limit: int | None = None
    offset: int | None = None
    #: VIEW or REFERENCE, and UPDATE: noted and without effect on what is read
    purposes: tuple[str, ...] = ()
    text: str = field(default="", compare=False, repr=False)

    @property
    def counts(self) -> bool:
        """Whether it is SELECT COUNT() FROM ..., which answers a number and no records."""
        first = self.select[0]
        return (
            len(self.select) == 1
            and isinstance(first, SelectField)
            and isinstance(first.operand, Call)
            and first.operand.argument is None
            and first.alias is None
        )

    @property
    def aggregates(self) -> bool:
        """Whether its rows are groups of records rather than records."""
        return bool(self.group_by) or any(
            isinstance(item, SelectField) and holds_aggregate(item.operand) for item in self.select
        )


AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})


def holds_aggregate(operand: Operand | None) -> bool:
    """Whether there is an aggregate in the value: FORMAT(MIN(CloseDate))."""
    return isinstance(operand, Call) and (operand.name in AGGREGATES or holds_aggregate(operand.argument))


def conjuncts(condition: Condition | None) -> Iterator[Condition]:
    """The conditions that must all hold, with nested ANDs taken apart."""
    if isinstance(condition, And):
        for part in condition.parts:
            yield from conjuncts(part)
    elif condition is not None:
        yield condition
