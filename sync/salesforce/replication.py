"""Which records changed or vanished in a time span: Salesforce's own lists of ids, which also know hard deletions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from sync.errors import BadReply

#: Salesforce refuses spans that begin more than 30 days ago.
OLDEST_START = timedelta(days=29, hours=23)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Ids that changed or vanished, and up to when the list is complete."""

    ids: tuple[str, ...]
    #: below the end of the span while older transactions are still open
    latest_covered: datetime
    #: the oldest deletion that Salesforce still remembers; only of deletions
    earliest_available: datetime | None = None


def span(low: datetime, high: datetime, *, into_present: bool) -> tuple[datetime, datetime]:
    """The span to ask for, in whole minutes, since Salesforce drops the seconds.

    `into_present` ends it behind the present minute, so that this minute is covered too; without it the span ends with
    the last full minute, for orgs that refuse an end in the future (INVALID_REPLICATION_DATE).
    """
    start = max(low, high - OLDEST_START).replace(second=0, microsecond=0)
    end = high.replace(second=0, microsecond=0)
    if into_present:
        end += timedelta(minutes=1 if end == high else 2)
    # The end must be at least a minute behind the start.
    return min(start, end - timedelta(minutes=1)), end


def updated_url(base: str, name: str, start: datetime, end: datetime) -> str:
    """Path and query string of the list of created and changed ids."""
    return f"{base}/sobjects/{name}/updated/?{_span(start, end)}"


def deleted_url(base: str, name: str, start: datetime, end: datetime) -> str:
    """Path and query string of the list of deleted ids."""
    return f"{base}/sobjects/{name}/deleted/?{_span(start, end)}"


def updated_of(body: Any, *, name: str) -> Changes:
    """Read a list of changed ids."""
    try:
        return Changes(ids=tuple(body["ids"]), latest_covered=instant(body["latestDateCovered"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadReply(what=f"the list of changed {name}", detail=type(error).__name__) from error


def deleted_of(body: Any, *, name: str) -> Changes:
    """Read a list of deleted ids."""
    try:
        earliest = body.get("earliestDateAvailable")
        return Changes(
            ids=tuple(each["id"] for each in body["deletedRecords"]),
            latest_covered=instant(body["latestDateCovered"]),
            earliest_available=instant(earliest) if earliest else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadReply(what=f"the list of deleted {name}", detail=type(error).__name__) from error


def instant(text: str) -> datetime:
    """An instant as Salesforce writes it: 2026-11-23T10:00:00.000+0000, without a colon, or with a final Z."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _span(start: datetime, end: datetime) -> str:
    return f"start={_moment(start)}&end={_moment(end)}"


def _moment(value: datetime) -> str:
    return quote(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"), safe="")
