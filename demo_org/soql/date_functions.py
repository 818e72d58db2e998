"""SQL of the date functions, which take a part out of a date or an instant (SOQL guide, "Date Functions").

Weeks are counted from the first of the year or the month, seven days each; days of the week from Sunday. An instant is
taken in UTC unless convertTimezone() stands around it.
"""

from demo_org.soql.relative_dates import Calendar

#: functions that only make sense for an instant
OF_INSTANTS = frozenset({"DAY_ONLY", "HOUR_IN_DAY"})
_PARTS = {
    "CALENDAR_YEAR": "CAST(strftime('%Y', {0}) AS INTEGER)",
    "CALENDAR_QUARTER": "(CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3",
    "CALENDAR_MONTH": "CAST(strftime('%m', {0}) AS INTEGER)",
    "DAY_IN_MONTH": "CAST(strftime('%d', {0}) AS INTEGER)",
    "DAY_IN_WEEK": "CAST(strftime('%w', {0}) AS INTEGER) + 1",
    "DAY_IN_YEAR": "CAST(strftime('%j', {0}) AS INTEGER)",
    "DAY_ONLY": "substr({0}, 1, 10)",
    "HOUR_IN_DAY": "CAST(strftime('%H', {0}) AS INTEGER)",
    "WEEK_IN_MONTH": "(CAST(strftime('%d', {0}) AS INTEGER) + 6) / 7",
    "WEEK_IN_YEAR": "(CAST(strftime('%j', {0}) AS INTEGER) + 6) / 7",
}


def part_sql(function: str, value: str, calendar: Calendar) -> str:
    """The part of a date that a function takes out."""
    if function.startswith("FISCAL_"):
        return _fiscal(function, value, calendar)
    return _PARTS[function].format(value)


def _fiscal(function: str, value: str, calendar: Calendar) -> str:
    """Months, quarters and years counted from the month in which the org's fiscal year begins."""
    if calendar.fiscal_month == 1:
        return _PARTS[function.replace("FISCAL_", "CALENDAR_")].format(value)
    month = f"CAST(strftime('%m', {value}) AS INTEGER)"
    passed = f"(({month} + {12 - calendar.fiscal_month}) % 12)"
    match function:
        case "FISCAL_MONTH":
            return f"({passed} + 1)"
        case "FISCAL_QUARTER":
            return f"({passed} / 3 + 1)"
        case _:
            began = f"(CAST(strftime('%Y', {value}) AS INTEGER) - ({month} < {calendar.fiscal_month}))"
            return began if calendar.named_by_start else f"({began} + 1)"
