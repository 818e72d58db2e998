"""Open query results: a locator names one, belongs to the session that asked, and dies after two days."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo_org.clock import Clock
from demo_org.errors import SalesforceFault
from demo_org.ids import make_id
from demo_org.soql import ResultSet

_LIFETIME = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """One open result; rows are read when their page is asked for, the list of ids is fixed."""

    locator: str
    token: str
    user_id: str
    result: ResultSet
    page_rows: int
    opened_at: datetime
    #: the result whose records these are children of; it takes them along when it dies
    owner: str | None = None


class Cursors:
    """The open results of all users, oldest first."""

    def __init__(self, clock: Clock, *, limit: int) -> None:
        self._clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._made = 0
        self._open: OrderedDict[str, Cursor] = OrderedDict()

    def open(self, result: ResultSet, *, token: str, user_id: str, page_rows: int, owner: str | None = None) -> Cursor:
        """Keep a result for its next pages; a user's oldest is evicted when there are too many.

        Sets of children live and die with the result they belong to and are not counted.
        """
        with self._lock:
            self._made += 1
            cursor = Cursor(
                locator=make_id("01g", "Dm0", self._made),
                token=token,
                user_id=user_id,
                result=result,
                page_rows=page_rows,
                opened_at=self._clock.now(),
                owner=owner,
            )
            self._open[cursor.locator] = cursor
            mine = [each.locator for each in self._open.values() if each.user_id == user_id and each.owner is None]
            evicted = set(mine[: max(0, len(mine) - self._limit)])
            for each in [each for each in self._open.values() if evicted & {each.locator, each.owner}]:
                del self._open[each.locator]
            return cursor

    def peek(self, locator: str) -> Cursor | None:
        """The open result of a locator, whoever opened it."""
        return self._open.get(locator)

    def forget(self) -> int:
        """Close all results at once, and tell how many."""
        with self._lock:
            closed = len(self._open)
            self._open.clear()
            return closed

    def get(self, locator: str, *, token: str) -> Cursor:
        """The open result of a locator, for the session that opened it."""
        with self._lock:
            cursor = self._open.get(locator)
        if cursor is None or cursor.opened_at + _LIFETIME <= self._clock.now():
            raise SalesforceFault(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        if cursor.token != token:
            # Seen by clients: a new login cannot go on with the pages of an old one, though its token is good.
            raise SalesforceFault(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return cursor
