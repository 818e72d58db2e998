"""A line of the brief: a value, where it is from, and how far it can be trusted."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

from sync.shape.aggregate import Row

_CENT = Decimal("0.01")
_UNIT = Decimal(1)
_MOST_DIGITS = 22  # Salesforce numbers have 18; decimal arithmetic is exact to 28
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class State(StrEnum):
    """What a reader may make of a value, or of its absence."""

    OK = "ok"
    EMPTY = "empty"  # the field is there, nobody filled it: sales can
    NOT_MAPPED = "not_mapped"  # the org has no field for it: an admin can add one
    NO_ACCESS = "no_access"  # the field is there, we may not read it: an admin can let us
    STALE = "stale"  # we could read it once and may not any more: the value may be old
    ERASED = "erased"  # a person at the customer, who asked to be forgotten
    INFERRED = "inferred"  # nobody wrote it there; it follows from something else


class Source(msgspec.Struct, frozen=True):
    """Where a value is from."""

    object: str
    field: str
    record_id: str | None
    modified_at: str | None


class Item(msgspec.Struct, frozen=True):
    """One line of a section."""

    key: str
    label: str
    value: Any
    state: State
    source: Source | None

    @property
    def filled(self) -> bool:
        """Whether a reader finds something here."""
        return self.value is not None


class Section(msgspec.Struct, frozen=True):
    """One heading of the brief with its lines."""

    key: str
    title: str
    items: tuple[Item, ...]

    def find(self, key: str) -> Item | None:
        """The first line of that key."""
        return next((item for item in self.items if item.key == key), None)


def source_of(object_name: str, field: str, row: Row | None) -> Source:
    """Say that a value is from this field of this record."""
    if row is None:
        return Source(object_name, field, None, None)
    modified = row.get("systemmodstamp") or row.get("lastmodifieddate") or row.get("createddate")
    return Source(object_name, field, row.get("id"), instant(modified))


def oldest_first(rows: Iterable[Row]) -> list[Row]:
    """Records by the instant of their creation; the Id decides between equals, so that the order never changes."""
    return sorted(rows, key=lambda row: (row.get("createddate") or _LONG_AGO, row["id"]))


def best(items: list[Item]) -> Item:
    """Return the first line that has a value; when none has, the one whose absence is easiest to mend."""
    for item in items:
        if item.filled:
            return item
    order = (State.EMPTY, State.NO_ACCESS, State.NOT_MAPPED)
    return min(items, key=lambda item: order.index(item.state) if item.state in order else len(order))


Form = Callable[[Any], Any]


def verbatim(value: Any) -> Any:
    """The value as it is in Salesforce; numbers exactly, dates and instants as text, blank text as nothing."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        return number(value)
    return value


def choices(value: Any) -> Any:
    """A multi-select picklist (separated by semicolons) or a list by lines, as a list; one entry stays as it is."""
    text = verbatim(value)
    if not isinstance(text, str):
        return text
    parts = [part.strip(" \t\r-*•") for part in text.replace("\n", ";").split(";")]
    parts = [part for part in parts if part]
    return parts if len(parts) > 1 else text.strip()


def money(value: Any) -> Decimal | None:
    """An amount with at least two decimals, so that 15000.0 (REST) and 15000 (Bulk) are the same text."""
    exact = _decimal(value)
    if exact is None:
        return None
    decimals = -int(exact.as_tuple().exponent)
    if decimals > 2:
        exact = exact.normalize()
        decimals = -int(exact.as_tuple().exponent)
    return exact.quantize(_CENT) if decimals < 2 else exact


def number(value: Any) -> Decimal | None:
    """A quantity or percentage without idle zeros: 5, not 5.0000."""
    exact = _decimal(value)
    if exact is None:
        return None
    return exact.quantize(_UNIT) if exact == exact.to_integral_value() else exact.normalize()


def instant(value: Any) -> str | None:
    """An instant in RFC 3339, UTC, with `Z`."""
    if isinstance(value, datetime):
        return _in_utc(value)
    return value if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _in_utc(value: datetime) -> str:
    # All lines of a brief that are from one record have the same instant.
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(value: Any) -> date | None:
    """The date in a date, in an instant (UTC) or in text that begins with one."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return None


def day_text(value: Any) -> str | None:
    """The date as `YYYY-MM-DD`."""
    found = day(value)
    return None if found is None else found.isoformat()


def _decimal(value: Any) -> Decimal | None:
    """A number exactly, from whatever holds it; None for text that is none, or that no currency field could hold."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        exact = value if isinstance(value, Decimal) else Decimal(str(value).replace(",", "").strip())
    except ArithmeticError:
        return None
    return exact if exact.is_finite() and exact.adjusted() < _MOST_DIGITS else None
