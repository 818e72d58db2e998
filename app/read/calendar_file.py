"""Renewals as a calendar file (iCalendar): the last day of each term, and the last day for notice."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

_DAY = timedelta(days=1)


def to_calendar(rows: Sequence[Mapping[str, Any]], *, stamp: datetime) -> bytes:
    """Write terms as all-day entries; the same terms with the same stamp give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Baton//Renewals//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Renewals")
    for row in rows:
        for event in _entries(row, stamp):
            calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _entries(row: Mapping[str, Any], stamp: datetime) -> Iterator[Event]:
    who = row["customer_name"] or row["customer_id"]
    if row["due_on"] is not None:
        yield _entry(row, "due", row["due_on"], f"Renewal: {who}", stamp)
    if row["notice_by"] is not None and row["status"] in {"open", "pending"}:
        yield _entry(row, "notice", row["notice_by"], f"Last day for notice: {who}", stamp)


def _entry(row: Mapping[str, Any], what: str, on: date, title: str, stamp: datetime) -> Event:
    event = Event()
    # One id for each term and sort of entry: a calendar that has it already moves it instead of showing it twice.
    event.add("uid", f"{row['term_id']}-{what}@{row['org_id']}.baton")
    event.add("dtstamp", stamp)
    event.add("dtstart", on)
    event.add("dtend", on + _DAY)
    event.add("summary", title)
    event.add("description", "\n".join(_facts(row)))
    event.add("transp", "TRANSPARENT")
    event.add("categories", [row["status"] or row["kind"]])
    return event


def _facts(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{row['deal_name'] or row['deal_id']}: {row['status'] or row['kind']}"
    if row["atr"] is not None:
        yield f"{row['atr']:,.2f} {row['currency'] or ''} a year".replace("  ", " ")
    if row["csm_name"]:
        yield f"CSM: {row['csm_name']}"
    yield f"The day is of {row['confidence']} confidence."
