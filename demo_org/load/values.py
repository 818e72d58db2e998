"""Reads the text of a CSV value as what its field holds."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from demo_org.catalog import FieldType
from demo_org.catalog.types import INTEGER_TYPES, REAL_TYPES, TEXT_TYPES
from demo_org.store.values import stamp_text

Stored = str | int | float
_TRUE = frozenset({"true", "t", "1", "1.0", "yes", "y"})
_FALSE = frozenset({"false", "f", "0", "0.0", "no", "n"})
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+(.*))?\Z")
_DIGITS = re.compile(r"[\s,_$€£%]")


def read_value(text: str, field: FieldType) -> Stored:
    """The stored form; ValueError says that the text is nothing the field can hold."""
    reader = _READERS.get(field.type)
    if reader is not None:
        return reader(text)
    # An import cuts what is too long (the option of that name in Salesforce's import tools).
    return text[: field.length] if field.length and field.type in TEXT_TYPES else text


def wanted(field: FieldType) -> str:
    """What the field holds, in a reader's word."""
    if field.type in REAL_TYPES | INTEGER_TYPES:
        return "yes or no" if field.type == "boolean" else "number"
    return {"date": "date", "datetime": "instant"}.get(field.type, "text")


def _boolean(text: str) -> int:
    word = text.lower()
    if word in _TRUE:
        return 1
    if word in _FALSE:
        return 0
    raise ValueError(text)


def _number(text: str) -> float:
    try:
        number = Decimal(_DIGITS.sub("", text))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite():
        raise ValueError(text)
    return float(number)


def _integer(text: str) -> int:
    number = _number(text)
    if number != int(number):
        raise ValueError(text)
    return int(number)


def _date(text: str) -> str:
    # A date keeps its day: a time of day or an offset that a loader added to it is not looked at.
    found = _US_DATE.match(text)
    if found:
        return date(int(found[3]), int(found[1]), int(found[2])).isoformat()
    day = date.fromisoformat(text[:10])
    if len(text) > 10:
        datetime.fromisoformat(text)
    return day.isoformat()


def _instant(text: str) -> str:
    found = _US_DATE.match(text)
    if found:
        day = date(int(found[3]), int(found[1]), int(found[2]))
        text = f"{day.isoformat()} {found[4]}" if found[4] else day.isoformat()
    instant = datetime.fromisoformat(text)
    return stamp_text(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


_READERS: dict[str, Callable[[str], Stored]] = {
    "boolean": _boolean,
    "int": _integer,
    "long": _integer,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "date": _date,
    "datetime": _instant,
}
