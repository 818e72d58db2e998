"""Parses fields, paths of lookups, and functions of fields."""

from demo_org.soql import syntax
from demo_org.soql.reader import Reader

DATE_FUNCTIONS = frozenset(
    {
        "CALENDAR_YEAR", "CALENDAR_QUARTER", "CALENDAR_MONTH", "DAY_IN_MONTH", "DAY_IN_WEEK", "DAY_IN_YEAR", "DAY_ONLY",
        "FISCAL_YEAR", "FISCAL_QUARTER", "FISCAL_MONTH", "HOUR_IN_DAY", "WEEK_IN_MONTH", "WEEK_IN_YEAR",
    }
)  # fmt: skip
#: functions that give the value as it is: one language, one currency and one time zone in the demo org
PASSING = frozenset({"TOLABEL", "CONVERTCURRENCY", "CONVERTTIMEZONE", "FORMAT"})
_DEEPEST = 4  # MAX(CALENDAR_YEAR(convertTimezone(CreatedDate))) is three
_FUNCTIONS = DATE_FUNCTIONS | PASSING | syntax.AGGREGATES


def path(reader: Reader) -> syntax.Path:
    """A field, perhaps behind lookups."""
    first = reader.name()
    names = [first.text]
    while reader.accept("."):
        names.append(reader.name().text)
    return syntax.Path(tuple(names), first.position)


def operand(reader: Reader, *, depth: int = 0) -> syntax.Operand:
    """A field or a function of one."""
    if reader.token.kind != "name" or reader.peek().text != "(":
        return path(reader)
    name = reader.token
    if name.word not in _FUNCTIONS or depth > _DEEPEST:
        raise reader.unexpected()
    reader.advance()
    reader.expect("(")
    if name.word == "COUNT" and reader.accept(")"):
        return syntax.Call("COUNT", None, name.position)
    inner = operand(reader, depth=depth + 1)
    reader.expect(")")
    return syntax.Call(name.word, inner, name.position)
