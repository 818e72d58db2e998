"""The time the demo org lives in: the real one, one that stands still, or one that was moved.

Freezing and moving let a test say "fifteen minutes later" without waiting. What the org tells of its time (the Date of
its answers) may be off from the time it stamps records with.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any


class Clock:
    """The org's watch; every stamp on a record is read from it."""

    def __init__(self, *, frozen_at: datetime | None = None) -> None:
        self._frozen: datetime | None = _aware(frozen_at) if frozen_at else None
        self._offset = timedelta()
        #: how far what the org tells of its time is ahead of its time
        self.skew = timedelta()
        #: called after every change, so that somebody can keep it
        self.on_change: Callable[[], None] = _nothing

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen is not None

    def forget(self, listener: Callable[[], None]) -> None:
        """Tell this listener no longer of changes."""
        if self.on_change == listener:
            self.on_change = _nothing

    def now(self) -> datetime:
        """The present instant in UTC, with the fraction of the second cut off like every Salesforce stamp."""
        instant = self._frozen if self._frozen is not None else datetime.now(UTC) + self._offset
        return instant.replace(microsecond=0)

    def told(self) -> datetime:
        """The present instant as the org tells it."""
        return self.now() + self.skew

    def today(self) -> date:
        """The calendar day in UTC."""
        return self.now().date()

    def freeze(self, instant: datetime | None = None) -> datetime:
        """Stop time, now or at the given instant; returns the instant it stopped at."""
        self._frozen = _aware(instant) if instant else self.now()
        return self._changed()

    def move(self, *, by: timedelta) -> datetime:
        """Go forth (or back) in time; a frozen clock stays frozen at the new instant."""
        if self._frozen is not None:
            self._frozen += by
        else:
            self._offset += by
        return self._changed()

    def run(self) -> datetime:
        """Let time flow again from where it stands."""
        if self._frozen is not None:
            self._offset = self._frozen - datetime.now(UTC)
            self._frozen = None
        return self._changed()

    def reset(self) -> datetime:
        """Go back to the real time."""
        self._frozen, self._offset, self.skew = None, timedelta(), timedelta()
        return self._changed()

    def tell_skewed(self, *, by: timedelta) -> datetime:
        """Tell a time that is ahead of the one records are stamped with, or behind it."""
        self.skew = by
        return self._changed()

    def state(self) -> dict[str, Any]:
        """What makes it differ from the real time, as JSON can hold it."""
        return {
            "frozen": self._frozen.isoformat() if self._frozen else None,
            "offset": self._offset.total_seconds(),
            "skew": self.skew.total_seconds(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up the time a former process left: one that stood still stands, one that was moved is as far off."""
        self._frozen = datetime.fromisoformat(state["frozen"]) if state["frozen"] else None
        self._offset, self.skew = timedelta(seconds=state["offset"]), timedelta(seconds=state["skew"])

    def _changed(self) -> datetime:
        self.on_change()
        return self.now()


def _nothing() -> None:
    """Nobody keeps the time."""


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone; pass an aware instant such as datetime(..., tzinfo=UTC)")
    return instant.astimezone(UTC)
