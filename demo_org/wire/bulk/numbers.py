"""Numbers jobs of all Bulk APIs in one series: an id is one job's, whichever API it was made by."""

import threading

from demo_org.ids import make_id
from demo_org.store.org import SERVER


class JobNumbers:
    """Hands out ids of jobs, batches and results."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, int] = {}

    def next(self, prefix: str) -> str:
        """The next id of a kind: 750 job, 751 batch, 752 result."""
        with self._lock:
            self._last[prefix] = self._last.get(prefix, 0) + 1
            return make_id(prefix, SERVER, self._last[prefix])
