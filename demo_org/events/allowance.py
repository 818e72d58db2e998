"""How many events an org may have delivered within 24 hours, over all subscribers and both APIs."""

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

from demo_org.clock import Clock

_DAY = timedelta(hours=24)


class Allowance:
    """The deliveries of one org."""

    def __init__(self, clock: Clock, *, most: int) -> None:
        self._clock = clock
        self._most = most
        self._lock = Lock()
        self._spent: deque[tuple[datetime, int]] = deque()
        self._sum = 0

    def spend(self, number: int) -> bool:
        """Count deliveries; False if the last 24 hours leave no room for them."""
        with self._lock:
            now = self._clock.now()
            while self._spent and self._spent[0][0] <= now - _DAY:
                self._sum -= self._spent.popleft()[1]
            if self._sum + number > self._most:
                return False
            before = self._spent.pop()[1] if self._spent and self._spent[-1][0] == now else 0
            self._spent.append((now, before + number))
            self._sum += number
            return True
