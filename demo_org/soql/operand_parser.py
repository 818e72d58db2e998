"""Parses fields, paths of lookups, and functions of fields."""

from decimal import Decimal

from demo_org.soql import syntax
from demo_org.soql.literals import text_value
from demo_org.soql.reader import Reader

DATE_FUNCTIONS = frozenset(
    {
        "CALENDAR_YEAR", "CALENDAR_QUARTER", "CALENDAR_MONTH", "DAY_IN_MONTH", "DAY_IN_WEEK", "DAY_IN_YEAR", "DAY_ONLY",
        "FISCAL_YEAR", "FISCAL_QUARTER", "FISCAL_MONTH", "HOUR_IN_DAY", "WEEK_IN_MONTH", "WEEK_IN_YEAR",
    }
)  # fmt: skip
#: functions whose value is known to clients by the name of the field
NAMED_BY_FIELD = frozenset({"TOLABEL", "CONVERTCURRENCY", "FORMAT"})
_MOST_NESTED = 2  # FORMAT(convertCurrency(Amount)); a third function is refused
_FUNCTIONS = DATE_FUNCTIONS | NAMED_BY_FIELD | syntax.AGGREGATES | {"CONVERTTIMEZONE", "GROUPING"}
_UNITS = frozenset({"km", "mi"})


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
    if name.word == "DISTANCE" and depth == 0:
        return _distance(reader)
    reader.advance()
    if name.word not in _FUNCTIONS or depth == _MOST_NESTED:
        raise reader.unexpected()
    reader.expect("(")
    if name.word == "COUNT" and reader.accept(")"):
        return syntax.Call("COUNT", None, name.position)
    inner = operand(reader, depth=depth + 1)
    reader.expect(")")
    return syntax.Call(name.word, inner, name.position)


def _distance(reader: Reader) -> syntax.Distance:
    position = reader.expect("DISTANCE").position
    reader.expect("(")
    place = path(reader)
    reader.expect(",")
    reader.expect("GEOLOCATION")
    reader.expect("(")
    latitude = _number(reader)
    reader.expect(",")
    longitude = _number(reader)
    reader.expect(")")
    reader.expect(",")
    unit = reader.token
    if unit.kind != "text" or text_value(reader.text, unit).lower() not in _UNITS:
        raise reader.unexpected()
    reader.advance()
    reader.expect(")")
    return syntax.Distance(place, latitude, longitude, text_value(reader.text, unit).lower(), position)


def _number(reader: Reader) -> Decimal:
    if reader.token.kind != "number":
        raise reader.unexpected()
    return Decimal(reader.advance().text)
