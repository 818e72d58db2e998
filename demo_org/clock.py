"""The time the demo org lives in: the real one, one that stands still, or one that was moved.

Freezing and moving let a test say "fifteen minutes later" without waiting.
"""

from datetime import UTC, date, datetime, timedelta


class Clock:
    """The org's watch; every stamp on a record is read from it."""

    def __init__(self, *, frozen_at: datetime | None = None) -> None:
        self._frozen: datetime | None = _aware(frozen_at) if frozen_at else None
        self._offset = timedelta()

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen is not None

    def now(self) -> datetime:
        """The present instant in UTC, with the fraction of the second cut off like every Salesforce stamp."""
        instant = self._frozen if self._frozen is not None else datetime.now(UTC) + self._offset
        return instant.replace(microsecond=0)

    def today(self) -> date:
        """The calendar day in UTC."""
        return self.now().date()

    def freeze(self, instant: datetime | None = None) -> datetime:
        """Stop time, now or at the given instant; returns the instant it stopped at."""
        self._frozen = _aware(instant) if instant else self.now()
        return self.now()

    def move(self, *, by: timedelta) -> datetime:
        """Go forth (or back) in time; a frozen clock stays frozen at the new instant."""
        if self._frozen is not None:
            self._frozen += by
        else:
            self._offset += by
        return self.now()

    def run(self) -> datetime:
        """Let time flow again from where it stands."""
        if self._frozen is not None:
            self._offset = self._frozen - datetime.now(UTC)
            self._frozen = None
        return self.now()

    def reset(self) -> datetime:
        """Go back to the real time."""
        self._frozen, self._offset = None, timedelta()
        return self.now()


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone; pass an aware instant such as datetime(..., tzinfo=UTC)")
    return instant.astimezone(UTC)
