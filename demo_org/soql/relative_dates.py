"""What TODAY, LAST_MONTH or LAST_N_DAYS:30 mean on a given day.

SOQL guide, "Date Formats and Date Literals". The day is that of the user's time zone; when a week begins depends on the
user's locale, when a fiscal year begins is the company's choice.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_SINGLE = {"TODAY": ("DAY", 0, 0), "YESTERDAY": ("DAY", -1, -1), "TOMORROW": ("DAY", 1, 1)}
_SHIFTS = {"LAST": -1, "THIS": 0, "NEXT": 1}
_NAMED = re.compile(r"(LAST|THIS|NEXT)_(WEEK|MONTH|(?:FISCAL_)?QUARTER|(?:FISCAL_)?YEAR)\Z")
_UNIT = r"(DAY|WEEK|MONTH|(?:FISCAL_)?QUARTER|(?:FISCAL_)?YEAR)S"
_COUNTED = re.compile(rf"(LAST|NEXT)_N_{_UNIT}\Z")
_AGO = re.compile(rf"N_{_UNIT}_AGO\Z")
_NINETY = {"LAST_90_DAYS": ("LAST_N_DAYS", 90), "NEXT_90_DAYS": ("NEXT_N_DAYS", 90)}


@dataclass(frozen=True, slots=True)
class Calendar:
    """When weeks and fiscal years begin."""

    #: the day of the week, Monday is 1
    first_weekday: int = 7
    fiscal_month: int = 1
    #: whether a fiscal year is named after the calendar year it begins in, not the one it ends in
    named_by_start: bool = False


#: weeks from Sunday, fiscal years like those of the calendar
USUAL = Calendar()


def takes_count(name: str) -> bool | None:
    """Whether the literal is followed by a number; None if it is no date literal."""
    if name in _SINGLE or name in _NINETY or _NAMED.match(name):
        return False
    return True if _COUNTED.match(name) or _AGO.match(name) else None


def span(name: str, count: int | None, today: date, calendar: Calendar = USUAL) -> tuple[date, date]:
    """The first day of the span and the first day after it."""
    unit, first, last = _units(name, count or 0)
    if name.startswith("LAST_N_DAYS") or name == "LAST_90_DAYS":
        last = 0  # n days before today, and today: n + 1 days (SOQL guide)
    return _start(unit, first, today, calendar), _start(unit, last + 1, today, calendar)


def _units(name: str, count: int) -> tuple[str, int, int]:
    """The unit and the first and last one of the span, counted from the present unit."""
    if name in _NINETY:
        name, count = _NINETY[name]
    if name in _SINGLE:
        return _SINGLE[name]
    named = _NAMED.match(name)
    if named:
        shift = _SHIFTS[named[1]]
        return named[2], shift, shift
    counted = _COUNTED.match(name)
    if counted:
        return (counted[2], -count, -1) if counted[1] == "LAST" else (counted[2], 1, count)
    ago = _AGO.match(name)
    assert ago is not None, f"{name} was taken for a date literal by the parser"
    return ago[1], -count, -count


def _start(unit: str, shift: int, today: date, calendar: Calendar) -> date:  # noqa: PLR0911 - one for each unit
    """The first day of the unit that lies `shift` units from today's."""
    try:
        match unit:
            case "DAY":
                return today + timedelta(days=shift)
            case "WEEK":
                passed = (today.isoweekday() - calendar.first_weekday) % 7
                return today - timedelta(days=passed) + timedelta(weeks=shift)
            case "MONTH":
                return _month(today.year, today.month - 1 + shift)
            case "QUARTER":
                return _month(today.year, (today.month - 1) // 3 * 3 + 3 * shift)
            case "YEAR":
                return date(today.year + shift, 1, 1)
            case _:
                return _fiscal(unit, shift, today, calendar.fiscal_month)
    except (ValueError, OverflowError):
        return date.min if shift < 0 else date.max


def _fiscal(unit: str, shift: int, today: date, first_month: int) -> date:
    """The first day of a fiscal quarter or year, which may begin in any month."""
    months = 3 if unit == "FISCAL_QUARTER" else 12
    passed = (today.month - first_month) % 12 % months
    return _month(today.year, today.month - 1 - passed + months * shift)


def _month(year: int, months: int) -> date:
    return date(year + months // 12, months % 12 + 1, 1)
