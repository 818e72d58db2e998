"""How long to leave an org alone after a failure: longer each time, never the same for two workers, as long as told."""

from datetime import timedelta

_MOST_DOUBLINGS = 16


def pause_after(
    failures: int, *, first: timedelta, longest: timedelta, dice: float, asked: timedelta | None = None
) -> timedelta:
    """The pause after so many failures in a row.

    Args:
        failures: at least 1.
        first: the pause after the first failure.
        longest: no pause is longer, unless the org asks for it.
        dice: a random number in [0, 1): workers that failed together don't come back together.
        asked: the org's own words (Retry-After); never undercut.
    """
    grown = min(longest, first * int(2 ** min(failures - 1, _MOST_DOUBLINGS)))
    pause = grown * (0.75 + dice / 4)
    return pause if asked is None else max(pause, asked * (1 + dice / 10))
