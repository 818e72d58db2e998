"""What the streams of one org share: how many there are, and what they have delivered lately."""

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

from demo_org.clock import Clock

_DAY = timedelta(hours=24)


class State:
    """Streams and deliveries of an org."""

    def __init__(self, clock: Clock, *, most_streams: int, daily_deliveries: int) -> None:
        self._clock = clock
        self._most_streams = most_streams
        self._daily = daily_deliveries
        self._streams = 0
        self._lock = Lock()
        self._delivered: deque[tuple[datetime, int]] = deque()
        self._sum = 0

    def open(self) -> bool:
        """Count a stream in; False if there are too many."""
        with self._lock:
            if self._streams >= self._most_streams:
                return False
            self._streams += 1
            return True

    def close(self) -> None:
        """Count a stream out."""
        with self._lock:
            self._streams -= 1

    def deliver(self, number: int) -> bool:
        """Count deliveries; False if the allowance of 24 hours does not hold them."""
        with self._lock:
            now = self._clock.now()
            while self._delivered and self._delivered[0][0] <= now - _DAY:
                self._sum -= self._delivered.popleft()[1]
            if self._sum + number > self._daily:
                return False
            if self._delivered and self._delivered[-1][0] == now:
                number, self._sum = number + self._delivered[-1][1], self._sum - self._delivered.pop()[1]
            self._delivered.append((now, number))
            self._sum += number
            return True
