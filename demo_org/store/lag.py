"""Transactions that began a while before they are seen: their stamps are old when their rows appear.

In a real org that is long Apex or a bulk batch. Here a fault asks for it for a share of the writes; meanwhile
latestDateCovered stays as far behind as such a transaction may reach, as Salesforce promises.
"""

from contextvars import ContextVar
from datetime import datetime, timedelta

from demo_org.clock import Clock

#: how long ago the transactions of this thread began; set around a request
BEGAN_AGO: ContextVar[timedelta] = ContextVar("began_ago", default=timedelta())


class Lag:
    """How far back a stamp may lie at the moment its row is seen."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._span = timedelta()
        self._since = clock.now()

    def allow(self, span: timedelta) -> None:
        """Allow stamps this much older than their rows are seen, but none from before now: those are promised."""
        self._span, self._since = span, self._clock.now()

    def stamp(self) -> datetime:
        """The stamp of a transaction that this thread commits now."""
        now = self._clock.now()
        return max(now - min(BEGAN_AGO.get(), self._span), min(self._since, now))

    def oldest(self) -> datetime | None:
        """The instant from which on a transaction may be under way; None where none lags."""
        if not self._span:
            return None
        now = self._clock.now()
        return max(now - self._span, min(self._since, now))
