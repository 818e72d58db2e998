"""Turns what a client sends into what the org stores, and refuses what the field cannot hold.

Stored forms sort as text: a date is YYYY-MM-DD, an instant YYYY-MM-DDTHH:MM:SS.000Z (the Bulk CSV form as well).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from demo_org.catalog import FieldType
from demo_org.errors import SalesforceFault
from demo_org.ids import EMPTY_KEY, normalise

Stored = str | int | float | None
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@.]+(?:\.[^\s@.]+)+\Z")


def stamp_text(instant: datetime) -> str:
    """An instant as the org stores it, whole seconds in UTC."""
    return f"{instant.astimezone(UTC).isoformat()[:19]}.000Z"  # strftime takes three times as long


def stamp_of(text: str) -> datetime:
    """The instant a stored text stands for."""
    return datetime.fromisoformat(text)


def stored_value(field: FieldType, value: object) -> Stored:
    """The stored form of a value for the field; a fault in Salesforce's words if the field cannot hold it."""
    if value is None or value == "":
        return 0 if field.type == "boolean" else None
    return _STORE.get(field.type, _text)(field, value)


def adapt_rows(rows: Iterable[Sequence[object]]) -> Iterable[list[object]]:
    """Rows for verbatim loading, with Python's dates, instants and decimals in stored form."""
    adapters = _ADAPTERS
    for row in rows:
        yield [adapters[type(value)](value) if type(value) in adapters else value for value in row]


def _text(field: FieldType, value: object) -> Stored:
    if not isinstance(value, str):
        value = str(value)
    text = value.rstrip() if field.type == "string" else value
    if field.length and len(text) > field.length:
        shown = text if len(text) <= 80 else f"{text[:80]}..."
        message = f"{field.label}: data value too large: {shown} (max length={field.length})"
        raise SalesforceFault(400, "STRING_TOO_LONG", message, (field.name,))
    if field.restricted_picklist and field.picklist_values and text not in field.picklist_values:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise SalesforceFault(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
    return text or None


def _email(field: FieldType, value: object) -> Stored:
    stored = _text(field, value)
    if not isinstance(stored, str):
        return stored
    if not _EMAIL.match(stored):
        message = f"{field.label}: invalid email address: {stored}"
        raise SalesforceFault(400, "INVALID_EMAIL_ADDRESS", message, (field.name,))
    # Recorded: an org told Chloe.Myers@example.com answers chloe.myers@example.com.
    return stored.lower()


def _id(field: FieldType, value: object) -> Stored:
    if value == EMPTY_KEY:
        return None
    known = normalise(value)
    if known is None:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise SalesforceFault(400, "MALFORMED_ID", message, (field.name,))
    return known


def _boolean(field: FieldType, value: object) -> Stored:
    if isinstance(value, str) and value.lower() in {"true", "false", "1", "0"}:
        return int(value.lower() in {"true", "1"})
    if isinstance(value, bool | int):
        return int(bool(value))
    raise _unreadable(field, value)


def _number(field: FieldType, value: object) -> Stored:
    try:
        exact = Decimal(str(value))
    except InvalidOperation as error:
        raise _unreadable(field, value) from error
    if not exact.is_finite() or isinstance(value, bool):
        raise _unreadable(field, value)
    if field.precision and abs(exact) >= Decimal(10) ** (field.precision - field.scale):
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise SalesforceFault(400, "NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))
    return float(round(exact, field.scale)) if field.type != "double" or field.scale else float(exact)


def _integer(field: FieldType, value: object) -> Stored:
    number = _number(field, value)
    if number is None or number != int(number):
        raise _unreadable(field, value)
    return int(number)


def _date(field: FieldType, value: object) -> Stored:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError as error:
        raise _unreadable(field, value) from error


def _datetime(field: FieldType, value: object) -> Stored:
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise _unreadable(field, value) from error
    return stamp_text(value if value.tzinfo else value.replace(tzinfo=UTC))


def _unreadable(field: FieldType, value: object) -> SalesforceFault:
    # Values in JSON are checked before they get here; this is what a CSV row is told.
    message = f"{field.label}: value not of required type: {value}"
    return SalesforceFault(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", message, (field.name,))


_STORE: dict[str, Callable[[FieldType, object], Stored]] = {
    "email": _email,
    "id": _id,
    "reference": _id,
    "boolean": _boolean,
    "int": _integer,
    "long": _integer,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "date": _date,
    "datetime": _datetime,
}


def _load_instant(value: object) -> str:
    assert isinstance(value, datetime)
    return stamp_text(value if value.tzinfo else value.replace(tzinfo=UTC))


def _load_date(value: object) -> str:
    assert isinstance(value, date)
    return value.isoformat()


def _load_time(value: object) -> str:
    assert isinstance(value, time)
    return value.strftime("%H:%M:%S.000Z")


_ADAPTERS: dict[type, Callable[[object], object]] = {
    datetime: _load_instant,
    date: _load_date,
    time: _load_time,
    Decimal: lambda value: float(str(value)),
    bool: lambda value: int(value is True),
}
