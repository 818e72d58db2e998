"""Until when a customer can give notice."""

import re
from datetime import date, timedelta
from typing import Any

from models.renewals.period import add_months

_DAY = timedelta(days=1)


def notice_deadline(told: Any, due_on: date | None) -> date | None:
    """Return the last day for notice of `90`, `60 days`, `3 months` or `2 weeks` before the end of a commitment."""
    found = re.match(r"\s*(\d{1,4})(?:\.0+)?\s*([a-z]*)", str(told).lower()) if told is not None else None
    if due_on is None or found is None:
        return None
    count, unit = int(found[1]), found[2]
    try:
        if unit.startswith("month"):
            return add_months(due_on + _DAY, -count) - _DAY
        return due_on - timedelta(days=count * 7 if unit.startswith("week") else count)
    except (ValueError, OverflowError):  # a contract "without end" ends on the last day of the calendar
        return None
