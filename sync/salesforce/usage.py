"""How much of the org's daily API allocation is used: as Salesforce says it in every reply, and as we count it."""

import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

# The parts come in any order and the second is not always there, so neither pattern is anchored:
# e.g. "api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)".
_ORG = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")
_APP = re.compile(r"per-app-api-usage=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiUsage:
    """Calls used and allowed in the rolling 24 hours, for the org and, where Salesforce limits it, for our app."""

    used: int
    limit: int
    app_used: int | None = None
    app_limit: int | None = None


def parse_usage(header: str | None) -> ApiUsage | None:
    """Read the Sforce-Limit-Info header; None when it says nothing of the org."""
    org = _ORG.search(header or "")
    if org is None:
        return None
    app = _APP.search(header or "")
    return ApiUsage(
        used=int(org[1]),
        limit=int(org[2]),
        app_used=int(app[1]) if app else None,
        app_limit=int(app[2]) if app else None,
    )


class Meter(Protocol):
    """Counts the calls of a connection before they are sent, and may refuse one. Threads may share it."""

    #: what the calls are for; without it they are counted by their kind
    purpose: str | None

    def sent(self, kind: str) -> None:
        """Count a call that is about to be sent.

        Raises:
            BudgetSpent: it must not be sent.
        """
        ...

    def told(self, usage: ApiUsage) -> None:
        """Take note of what a reply says about the org's allocation."""
        ...

    def refused(self, lasting: timedelta) -> None:
        """Take note that Salesforce takes no calls for a while."""
        ...

    def take_unsaved(self) -> Counter[str]:
        """Return the calls that were not written down yet, by kind, and forget them."""
        ...

    def put_back(self, taken: Mapping[str, int]) -> None:
        """Take calls back whose writing down has failed."""
        ...


class Tally:
    """A meter that only counts: for what a person does by hand."""

    def __init__(self) -> None:
        self.purpose: str | None = None
        self._lock = threading.Lock()
        self._unsaved: Counter[str] = Counter()

    def sent(self, kind: str) -> None:
        """Count a call."""
        with self._lock:
            self._unsaved[self.purpose or kind] += 1

    def told(self, usage: ApiUsage) -> None:
        """Nobody slows down."""

    def refused(self, lasting: timedelta) -> None:
        """Nobody pauses: whoever asks sees the error."""

    def take_unsaved(self) -> Counter[str]:
        """Return the calls that were not written down yet, by kind, and forget them."""
        with self._lock:
            taken, self._unsaved = self._unsaved, Counter()
            return taken

    def put_back(self, taken: Mapping[str, int]) -> None:
        """Take calls back whose writing down has failed."""
        with self._lock:
            self._unsaved += Counter(taken)
