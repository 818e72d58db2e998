"""Answers SOQL record by record, as slowly and plainly as can be, for comparison with the org's SQL.

It knows two objects, accounts and deals, as lists of dicts with the records that lookups point at found by their ids.
Spans of time are counted in units (the how-many-eth month is this?), not by their first days as the org does it.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

from demo_org.ids import normalise
from demo_org.soql import syntax as s

STAGES = [
    "Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Perception Analysis",
    "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost",
]  # fmt: skip
CHECKBOXES = {"IsWon"}
SHIFTS = {"LAST": -1, "THIS": 0, "NEXT": 1}


@dataclass
class World:
    """All records, and the ways of the user who asks."""

    tables: dict
    today: date
    zone: str = "UTC"
    week_begins: int = 7
    fiscal_month: int = 1

    def parent(self, record, name):
        """The record a lookup points at."""
        wanted = record and record[f"{name}Id"]
        return next((each for each in self.tables["Account"] if each["Id"] == wanted), None)

    def value(self, record, operand):
        """The value of a path for a record; nothing behind a lookup that points nowhere."""
        for name in operand.names[:-1]:
            record = self.parent(record, name)
        return None if record is None else record[operand.names[-1]]


# -- conditions -------------------------------------------------------------------------------------------------------


def holds(world, record, condition):  # noqa: C901, PLR0911 - one for each kind of condition
    """Whether the record fulfils the condition."""
    match condition:
        case None:
            return True
        case s.And(parts):
            return all(holds(world, record, part) for part in parts)
        case s.Or(parts):
            return any(holds(world, record, part) for part in parts)
        case s.Not(part):
            return not holds(world, record, part)
        case s.Membership(left, s.Query() as inner, negated):
            found = {world.value(each, inner.select[0].operand) for each in found_by(world, inner)} - {None}
            return (world.value(record, left) in found) is not negated
        case s.Membership(left, values, negated):
            wanted = [s.Text(each) for each in values.values] if isinstance(values, s.Texts) else values
            found = any(holds(world, record, s.Comparison(left, s.Operator.EQUAL, each)) for each in wanted)
            return found is not negated
        case s.Choice(left, groups, excluded):
            chosen = set((world.value(record, left) or "").split(";"))
            return any(set(group.split(";")) <= chosen for group in groups) is not excluded
        case s.Comparison(left, s.Operator.LIKE, s.Text(pattern)):
            return like(world.value(record, left), pattern)
        case s.Comparison(left, operator, s.Relative() as span):
            return within(world, world.value(record, left), operator, span)
        case s.Comparison(left, operator, value):
            return compared(world.value(record, left), operator, literal(value, left), left)


def literal(value, operand):  # noqa: PLR0911 - one for each kind of literal
    """What a literal means beside this field."""
    match value:
        case s.Text(text) if operand.names[-1].endswith("Id") and text:
            return normalise(text)
        case s.Text(text):
            return text or None
        case s.Number(number):
            return float(number)
        case s.Truth(truth):
            return truth
        case s.Null():
            return False if operand.names[-1] in CHECKBOXES else None
        case s.Day(day):
            return day.isoformat()
        case s.Instant(instant):
            return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def like(value, pattern):
    """Whether a text has the form of a pattern."""
    if value is None or not pattern:
        return False
    pieces = re.findall(r"\\.|.", pattern, re.DOTALL)
    form = "".join({"%": ".*", "_": "."}.get(piece) or re.escape(piece[-1]) for piece in pieces)
    return re.fullmatch(form.lower(), value.lower(), re.DOTALL) is not None


def compared(mine, operator, wanted, left):
    """A value beside a literal; null is a value for = and != alone."""
    if left.names[-1] in CHECKBOXES:
        mine = bool(mine)  # the checkbox of a record that is not there is unticked
    elif not left.names[-1].endswith("Id"):
        mine, wanted = folded(mine), folded(wanted)
    if operator in {s.Operator.EQUAL, s.Operator.UNEQUAL}:
        return (mine == wanted) is (operator is s.Operator.EQUAL)
    if mine is None or wanted is None:
        return False
    mine, wanted = (each.encode() if isinstance(each, str) else each for each in (mine, wanted))
    return {"<": mine < wanted, "<=": mine <= wanted, ">": mine > wanted, ">=": mine >= wanted}[operator.value]


def folded(value):
    """A text without regard to capitals."""
    return value.lower() if isinstance(value, str) else value


def within(world, value, operator, span):
    """A date or an instant beside a span of time."""
    if value is None:
        return operator is s.Operator.UNEQUAL
    day = date.fromisoformat(value) if len(value) == 10 else local_day(value, world.zone)
    unit, first, last = counted(span)
    number = ordinal(world, unit, day) - ordinal(world, unit, world.today)
    inside = first <= number <= last
    return {
        "=": inside, "!=": not inside, "<": number < first, "<=": number <= last, ">": number > last,
        ">=": number >= first,
    }[operator.value]  # fmt: skip


def local_day(value, zone):
    """The day an instant belongs to where the user lives."""
    return datetime.fromisoformat(value).astimezone(ZoneInfo(zone)).date()


def counted(span):
    """Unit, first and last of a span, counted from the present unit."""
    name, count = span.name, span.count
    if name in {"TODAY", "YESTERDAY", "TOMORROW"}:
        shift = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}[name]
        return "DAY", shift, shift
    if name.endswith("_90_DAYS"):
        name, count = name.replace("90", "N"), 90
    parts = re.fullmatch(r"(LAST|NEXT)_N_(.+)S|N_(.+)S_AGO|(LAST|THIS|NEXT)_(.+)", name)
    several, unit, ago, one, single = parts.groups()
    if several:
        bounds = (-count, 0 if unit == "DAY" else -1) if several == "LAST" else (1, count)
        return unit, *bounds
    if ago:
        return ago, -count, -count
    return single, SHIFTS[one], SHIFTS[one]


def ordinal(world, unit, day):
    """The how-many-eth day, week, month … a day lies in."""
    months = day.year * 12 + day.month - 1
    fiscal = months - (world.fiscal_month - 1)
    return {
        "DAY": day.toordinal(), "WEEK": (day.toordinal() - world.week_begins) // 7, "MONTH": months,
        "QUARTER": months // 3, "YEAR": day.year, "FISCAL_QUARTER": fiscal // 3, "FISCAL_YEAR": fiscal // 12,
    }[unit]  # fmt: skip


# -- order and groups -------------------------------------------------------------------------------------------------


def found_by(world, query):
    """The records of a statement, in its order; equal ones by their ids."""
    records = [each for each in world.tables[str(query.source)] if holds(world, each, query.where)]
    records.sort(key=lambda each: each["Id"])
    for key in reversed(query.order_by):
        nulls = [each for each in records if world.value(each, key.operand) is None]
        others = [each for each in records if world.value(each, key.operand) is not None]
        others = sorted_by(world, others, key)
        records = nulls + others if key.nulls_first else others + nulls
    first = query.offset or 0
    return records[first : None if query.limit is None else first + query.limit]


def sorted_by(world, records, key):
    """In the order of one key, equal ones left as they are."""

    def rank(record):
        value = world.value(record, key.operand)
        return STAGES.index(value) if key.operand.names[-1] == "StageName" else folded(value)

    if not key.descending:
        return sorted(records, key=rank)
    backwards = records[::-1]  # so that equal records keep their order when all is turned round
    return sorted(backwards, key=rank)[::-1]


def groups(world, query):
    """The rows of a grouped statement, in no order."""
    keys, rows = list(query.group_by), []
    for summed_up in _summed_up(query.subtotals, keys):
        sets = defaultdict(list)
        for record in found_by(world, query_of_records(query)):
            sets[tuple(world.value(record, key) for key in keys if key not in summed_up)].append(record)
        rows += [_row(world, query, members, summed_up) for members in sets.values() if _having(world, query, members)]
    return rows


def query_of_records(query):
    """The records a grouped statement groups."""
    return s.Query(select=query.select, source=query.source, where=query.where)


def _summed_up(subtotals, keys):
    if subtotals == "ROLLUP":
        return [keys[len(keys) - number :] for number in range(len(keys) + 1)]
    if subtotals == "CUBE":
        return [list(each) for number in range(len(keys) + 1) for each in combinations(keys, number)]
    return [[]]


def _row(world, query, members, summed_up):
    row = []
    for item in query.select:
        operand = item.operand
        if isinstance(operand, s.Path):
            row.append(None if operand in summed_up else world.value(members[0], operand))
        elif operand.name == "GROUPING":
            row.append(int(operand.argument in summed_up))
        else:
            row.append(aggregate(world, operand, members))
    return tuple(row)


def _having(world, query, members):
    if query.having is None:
        return True
    mine = aggregate(world, query.having.left, members)
    return mine is not None and compared(mine, query.having.operator, float(query.having.value.value), s.Path(("x",)))


def aggregate(world, call, members):
    """One figure of several records."""
    values = [world.value(each, call.argument) for each in members]
    values = [each for each in values if each is not None]
    match call.name:
        case "COUNT":
            return len(values)
        case "COUNT_DISTINCT":
            return len(set(values))
        case "SUM":
            return sum(values) if values else None
        case "AVG":
            return sum(values) / len(values) if values else None
        case "MIN":
            return min(values, default=None)
        case "MAX":
            return max(values, default=None)
