"""What TODAY, LAST_MONTH or LAST_N_DAYS:30 mean on a given day.

SOQL guide, "Date Formats and Date Literals". The demo org's users live in UTC and begin their week on Sunday (en_US);
its fiscal year begins in January, so fiscal quarters and years are those of the calendar.
"""

import re
from datetime import date, timedelta

_SINGLE = {"TODAY": ("DAY", 0, 0), "YESTERDAY": ("DAY", -1, -1), "TOMORROW": ("DAY", 1, 1)}
_SHIFTS = {"LAST": -1, "THIS": 0, "NEXT": 1}
_NAMED = re.compile(r"(LAST|THIS|NEXT)_(WEEK|MONTH|(?:FISCAL_)?QUARTER|(?:FISCAL_)?YEAR)\Z")
_UNIT = r"(DAY|WEEK|MONTH|(?:FISCAL_)?QUARTER|(?:FISCAL_)?YEAR)S"
_COUNTED = re.compile(rf"(LAST|NEXT)_N_{_UNIT}\Z")
_AGO = re.compile(rf"N_{_UNIT}_AGO\Z")
_NINETY = {"LAST_90_DAYS": ("LAST_N_DAYS", 90), "NEXT_90_DAYS": ("NEXT_N_DAYS", 90)}


def takes_count(name: str) -> bool | None:
    """Whether the literal is followed by a number; None if it is no date literal."""
    if name in _SINGLE or name in _NINETY or _NAMED.match(name):
        return False
    return True if _COUNTED.match(name) or _AGO.match(name) else None


def span(name: str, count: int | None, today: date) -> tuple[date, date]:
    """The first day of the span and the first day after it."""
    unit, first, last = _units(name, count or 0)
    if name.startswith("LAST_N_DAYS") or name == "LAST_90_DAYS":
        last = 0  # n days before today, and today: n + 1 days (SOQL guide)
    return _start(unit, first, today), _start(unit, last + 1, today)


def _units(name: str, count: int) -> tuple[str, int, int]:
    """The unit and the first and last one of the span, counted from the present unit."""
    if name in _NINETY:
        name, count = _NINETY[name]
    if name in _SINGLE:
        return _SINGLE[name]
    named = _NAMED.match(name)
    if named:
        shift = _SHIFTS[named[1]]
        return _calendar(named[2]), shift, shift
    counted = _COUNTED.match(name)
    if counted:
        unit = _calendar(counted[2])
        return (unit, -count, -1) if counted[1] == "LAST" else (unit, 1, count)
    ago = _AGO.match(name)
    assert ago is not None, f"{name} was taken for a date literal by the parser"
    return _calendar(ago[1]), -count, -count


def _calendar(unit: str) -> str:
    return unit.removeprefix("FISCAL_")


def _start(unit: str, shift: int, today: date) -> date:
    """The first day of the unit that lies `shift` units from today's."""
    try:
        match unit:
            case "DAY":
                return today + timedelta(days=shift)
            case "WEEK":
                return today - timedelta(days=today.isoweekday() % 7) + timedelta(weeks=shift)
            case "MONTH":
                return _month(today.year, today.month - 1 + shift)
            case "QUARTER":
                return _month(today.year, (today.month - 1) // 3 * 3 + 3 * shift)
            case _:
                return date(today.year + shift, 1, 1)
    except (ValueError, OverflowError):
        return date.min if shift < 0 else date.max


def _month(year: int, months: int) -> date:
    return date(year + months // 12, months % 12 + 1, 1)
