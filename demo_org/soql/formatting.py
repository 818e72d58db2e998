"""Writes values as a user sees them: FORMAT(Amount) is $44,000.00 (SOQL guide, "FORMAT()").

The demo org's users have the locale en_US; whoever has another sees the same forms.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

#: what can be formatted, and how the SQL function is told so
FORMATTED = frozenset({"int", "long", "double", "percent", "currency", "date", "datetime", "time"})


def formatted(
    kind: str, value: object, scale: int, zone: str, code: str | None, converted: float | None, users: str
) -> str | None:
    """The value in words; an amount in another currency than the user's with what it is worth in his."""
    if value is None:
        return None
    if kind in {"date", "datetime", "time"}:
        return _moment(kind, str(value), zone)
    number = _digits(float(str(value)), scale)
    if kind == "percent":
        return f"{number}%"
    if kind != "currency":
        return number
    if code is None:
        return f"-${number[1:]}" if number.startswith("-") else f"${number}"
    whole = f"{code} {number}"
    return whole if code == users or converted is None else f"{whole} ({users} {_digits(converted, scale)})"


def _digits(number: float, scale: int) -> str:
    return f"{number:,.{scale}f}"


def local(value: str | None, zone: str) -> str | None:
    """An instant by the clocks of a time zone, in the form it is stored in."""
    if value is None:
        return None
    return datetime.fromisoformat(value).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _moment(kind: str, value: str, zone: str) -> str:
    if kind == "date":
        return _day(datetime.fromisoformat(value))
    if kind == "time":
        return _hour(datetime.fromisoformat(f"2000-01-01T{value}"))
    moment = datetime.fromisoformat(value).astimezone(ZoneInfo(zone))
    return f"{_day(moment)}, {_hour(moment)}"


def _day(day: datetime) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _hour(moment: datetime) -> str:
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {'AM' if moment.hour < 12 else 'PM'}"
