"""Days and instants of the story, counted back from today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Turns "so many days ago" into days and working hours; nothing of the story happens later than yesterday."""

    today: date

    def day(self, ago: float) -> date:
        """The day so many days ago."""
        return self.today - timedelta(days=round(ago))

    def workday(self, ago: float) -> date:
        """The same day, or the Friday before it."""
        day = self.day(ago)
        return day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))

    def at(self, ago: float, rng: Random) -> datetime:
        """An instant of that day in office hours (US), yesterday at the latest."""
        instant = time(rng.randint(13, 20), rng.randrange(60), rng.randrange(60))
        return datetime.combine(self.workday(max(1.0, ago)), instant, UTC)

    def in_order(self, agos: Iterable[float], rng: Random) -> list[datetime]:
        """Instants for things that happen one after the other, even on one day."""
        instants: list[datetime] = []
        for ago in agos:
            instant = self.at(ago, rng)
            if instants and instant <= instants[-1]:
                instant = instants[-1] + timedelta(minutes=rng.randint(2, 14))
            instants.append(instant)
        return instants


def long_date(day: date) -> str:
    """A day as people write it."""
    return f"{day.day} {day:%B %Y}"
