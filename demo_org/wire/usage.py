"""How many API calls the org served in the last 24 hours, by kind and by app, and whether there are any left."""

import threading
from collections import Counter, deque
from datetime import datetime, timedelta

from demo_org.clock import Clock
from demo_org.errors import SalesforceFault

_DAY = timedelta(hours=24)


class Usage:
    """The org's meter: composite costs 1, batch 1 per part, logins and the list of versions nothing (REST guide)."""

    def __init__(self, clock: Clock, *, daily_calls: int, app_calls: int = 0) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.daily_calls = daily_calls
        #: what each app is told it may use of them; 0 = apps are not told
        self._app_calls = app_calls
        #: calls of each minute by app ("" = a login without one), oldest first; their sums beside
        self._minutes: deque[tuple[datetime, Counter[str]]] = deque()
        self._sums: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._free: Counter[str] = Counter()
        self.bulk_jobs = 0

    def spend(self, kind: str, calls: int = 1, *, app: str | None = None) -> None:
        """Count calls of a kind; refused when the day's allowance is gone."""
        with self._lock:
            if self._used() >= self.daily_calls:
                raise SalesforceFault(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            self._kinds[kind] += calls
            minute = self._clock.now().replace(second=0)
            if not self._minutes or self._minutes[-1][0] != minute:
                self._minutes.append((minute, Counter()))
            self._minutes[-1][1][app or ""] += calls
            self._sums[app or ""] += calls

    def note(self, kind: str) -> None:
        """Count something that is no API call, such as a login."""
        with self._lock:
            self._free[kind] += 1

    @property
    def used(self) -> int:
        """Calls within the last 24 hours."""
        with self._lock:
            return self._used()

    def header(self, app: str | None = None) -> str:
        """The value of Sforce-Limit-Info, with the app's own part where apps are told theirs."""
        with self._lock:
            told = f"api-usage={self._used()}/{self.daily_calls}"
            if app is None or not self._app_calls:
                return told
            return f"{told}; per-app-api-usage={self._sums[app]}/{self._app_calls}(appName={app})"

    def counts(self) -> dict[str, object]:
        """Calls by kind since the last reset, for tests and benches."""
        with self._lock:
            return {"total": sum(self._kinds.values()), "calls": dict(self._kinds), "free": dict(self._free)}

    def reset(self, *, daily_calls: int | None = None) -> None:
        """Forget all calls; optionally set another daily allowance."""
        with self._lock:
            for counted in (self._minutes, self._sums, self._kinds, self._free):
                counted.clear()
            if daily_calls is not None:
                self.daily_calls = daily_calls

    def _used(self) -> int:
        horizon = self._clock.now() - _DAY
        while self._minutes and self._minutes[0][0] <= horizon:
            self._sums -= self._minutes.popleft()[1]
        return self._sums.total()
