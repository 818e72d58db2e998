"""How many API requests run for long at a time: an org allows only so many (REST guide, "API Request Limits")."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from demo_org.errors import SalesforceFault


class LongRunning:
    """The requests that are being answered, with the moment each came; real time, for it is real work."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._lock = threading.Lock()
        self._since: dict[object, float] = {}

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a request from its arrival until its answer begins."""
        ticket = object()
        with self._lock:
            self._since[ticket] = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._since[ticket]

    def check(self) -> None:
        """Refuse another request when too many have been running for longer than the org calls long."""
        horizon = time.monotonic() - self._seconds
        with self._lock:
            long = sum(1 for since in self._since.values() if since < horizon)
        if long >= self._most:
            raise SalesforceFault(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")
