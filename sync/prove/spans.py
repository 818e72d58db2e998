"""Spans of days in which records were created, and which of them to look into tonight. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sync.salesforce.soql import instant_literal

#: every id is compared at least this often; one night of grace for a night that fell out
IDS_EVERY = timedelta(days=7)
_NIGHTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days [low, high) in UTC; without ends, whenever."""

    low: date | None = None
    high: date | None = None

    def conditions(self) -> list[str]:
        """The span as conditions of a query."""
        low = [] if self.low is None else [f"CreatedDate >= {_midnight(self.low)}"]
        return low if self.high is None else [*low, f"CreatedDate < {_midnight(self.high)}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """The records that were created in one month or on one day: how many, and the newest stamp among them."""

    label: str
    rows: int
    newest: datetime | None

    @property
    def span(self) -> Span:
        """The days of the bucket, whose label is a month (2026-11) or a day (2026-11-28)."""
        if not self.label:
            return Span()
        first = date.fromisoformat(self.label if len(self.label) == 10 else f"{self.label}-01")
        after = timedelta(days=1) if len(self.label) == 10 else timedelta(days=32)
        high = first + after
        return Span(low=first, high=high if len(self.label) == 10 else high.replace(day=1))


def differing(ours: Mapping[str, Bucket], theirs: Mapping[str, Bucket], *, kept: bool) -> list[Bucket]:
    """Return the buckets whose count or newest stamp differs, each with the larger count of the two.

    Of `kept` objects we hold records that Salesforce has purged since, so only what it has and we lack differs.
    """
    found: list[Bucket] = []
    for label in sorted({*ours, *theirs}):
        nothing = Bucket(label=label, rows=0, newest=None)
        mine, other = ours.get(label, nothing), theirs.get(label, nothing)
        purged = kept and mine.rows >= other.rows
        if purged or (mine.rows, mine.newest) == (other.rows, other.newest):
            continue
        found.append(Bucket(label=label, rows=max(mine.rows, other.rows), newest=other.newest))
    return found


def due_tonight(
    buckets: Mapping[str, Bucket], looked_into: Mapping[str, datetime | None], *, now: datetime
) -> list[Bucket]:
    """Return the buckets whose ids are compared tonight though nothing seems to differ: a share of them.

    Those that were never compared, or longest ago, come first, so that each has its turn within a week; what is older
    than a week all the same is taken whatever its size.
    """
    share = math.ceil(rows_of(list(buckets.values())) / _NIGHTS)
    oldest_first = sorted(buckets.values(), key=lambda each: (looked_into.get(each.label) or _EVER, each.label))
    chosen: list[Bucket] = []
    for bucket in oldest_first:
        at = looked_into.get(bucket.label)
        is_late = at is not None and now - at >= IDS_EVERY
        if not is_late and rows_of(chosen) >= share:
            break
        chosen.append(bucket)
    return chosen


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the same days in as few spans as possible: neighbours become one."""
    found: list[Span] = []
    for span in sorted(set(spans), key=lambda each: each.low or date.min):
        if found and (found[-1].high is None or (span.low is not None and span.low <= found[-1].high)):
            last = found.pop()
            high = None if last.high is None or span.high is None else max(last.high, span.high)
            found.append(Span(low=last.low, high=high))
        else:
            found.append(span)
    return found


def rows_of(buckets: Sequence[Bucket]) -> int:
    """Return how many records some buckets have."""
    return sum(bucket.rows for bucket in buckets)


_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _midnight(day: date) -> str:
    return instant_literal(datetime.combine(day, time(), tzinfo=UTC))
