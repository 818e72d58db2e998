"""How many API calls the org served in the last 24 hours, by kind and by app, and whether there are any left."""

import threading
from collections import Counter, deque
from datetime import datetime, timedelta

from demo_org.clock import Clock
from demo_org.errors import SalesforceFault

_DAY = timedelta(hours=24)


class Usage:
    """The org's meter: composite costs 1, batch 1 per part, logins and the list of versions nothing (REST guide)."""

    def __init__(self, clock: Clock, *, daily_calls: int, app_calls: int = 0, daily_query_jobs: int = 10_000) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.daily_calls = daily_calls
        #: what each app is told it may use of them; 0 = apps are not told
        self._app_calls = app_calls
        #: calls of each minute by app ("" = a login without one), oldest first; their sums beside
        self._minutes: deque[tuple[datetime, Counter[str]]] = deque()
        self._sums: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        #: whole calls and parts of composite ones by the object they are about, calls by User-Agent
        self._objects: Counter[str] = Counter()
        self._parts: Counter[str] = Counter()
        self._agents: Counter[str] = Counter()
        self._apps: Counter[str] = Counter()
        self._free: Counter[str] = Counter()
        #: Bulk 2.0 query jobs a day, and the instants of those that were taken
        self.daily_query_jobs = daily_query_jobs
        self._query_jobs: deque[datetime] = deque()

    def spend(
        self, kind: str, calls: int = 1, *, app: str | None = None, object_name: str | None = None, agent: str = ""
    ) -> None:
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
            self._apps[app or ""] += calls
            self._objects[object_name or ""] += calls
            self._agents[agent] += calls

    def count_part(self, object_name: str | None) -> None:
        """Count a part of a composite call, which is no call of its own."""
        with self._lock:
            self._parts[object_name or ""] += 1

    def spend_query_job(self) -> None:
        """Count a Bulk 2.0 query job; refused when the day's allowance is gone."""
        with self._lock:
            if self._query_jobs_used() >= self.daily_query_jobs:
                message = f"Maximum number of query jobs exceeded: {self.daily_query_jobs} in 24 hours"
                raise SalesforceFault(400, "LIMIT_EXCEEDED", message)
            self._query_jobs.append(self._clock.now())

    @property
    def query_jobs_left(self) -> int:
        """Bulk 2.0 query jobs that may still be made."""
        with self._lock:
            return self.daily_query_jobs - self._query_jobs_used()

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
        """Calls since the last reset by kind, object, app and User-Agent ("" = none), for tests and benches."""
        with self._lock:
            counted = {
                "calls": self._kinds,
                "objects": self._objects,
                "parts": self._parts,
                "apps": self._apps,
                "agents": self._agents,
                "free": self._free,
            }
            return {"total": self._kinds.total()} | {name: dict(each) for name, each in counted.items()}

    def reset(self, *, daily_calls: int | None = None) -> None:
        """Forget all calls; optionally set another daily allowance."""
        with self._lock:
            self._minutes.clear()
            for counted in (
                self._sums, self._kinds, self._free, self._objects, self._parts, self._apps, self._agents
            ):  # fmt: skip
                counted.clear()
            if daily_calls is not None:
                self.daily_calls = daily_calls

    def _query_jobs_used(self) -> int:
        horizon = self._clock.now() - _DAY
        while self._query_jobs and self._query_jobs[0] <= horizon:
            self._query_jobs.popleft()
        return len(self._query_jobs)

    def _used(self) -> int:
        horizon = self._clock.now() - _DAY
        while self._minutes and self._minutes[0][0] <= horizon:
            self._sums -= self._minutes.popleft()[1]
        return self._sums.total()
