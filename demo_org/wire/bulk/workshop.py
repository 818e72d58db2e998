"""Where jobs are kept and worked on, one at a time: what all three kinds of Bulk jobs have in common."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from demo_org.ids import normalise
from demo_org.store import Org

#: jobs and results are kept this long (Bulk 2.0 guide, "Limits")
LIFE = timedelta(days=7)


class Piece(Protocol):
    """A piece of work with a state."""

    state: str
    changed_at: datetime

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        ...


class Job(Piece, Protocol):
    """A piece of work that is known by an id, for seven days."""

    id: str
    created_at: datetime


Kept = TypeVar("Kept", bound=Job)


class Workshop(Generic[Kept]):
    """Jobs of one kind; the lock is held by whoever looks at a state and changes it."""

    def __init__(self, org: Org, name: str, *, delay: float) -> None:
        self.lock = threading.RLock()
        self._org = org
        self._delay = delay
        self._kept: dict[str, Kept] = {}
        self._stop = threading.Event()
        self._runner = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def keep(self, job: Kept) -> None:
        """Remember a job."""
        with self.lock:
            self._kept[job.id] = job

    def forget(self, job: Kept) -> None:
        """Forget a job."""
        with self.lock:
            self._kept.pop(job.id, None)

    def find(self, job_id: str) -> Kept | None:
        """The job of an id of 15 or 18 characters; None if there is none, or it is older than seven days."""
        found = self._kept.get(normalise(job_id) or "")
        return None if found is None or self._is_over(found) else found

    def all(self) -> Sequence[Kept]:
        """Every job there still is, oldest first."""
        return [job for job in list(self._kept.values()) if not self._is_over(job)]

    def submit(self, work: Callable[[], None]) -> None:
        """Do the work when its turn comes.

        It runs in the context of the request: that says by which API and client records are written, and since when.
        """
        self._runner.submit(copy_context().run, work)

    def pause(self) -> None:
        """Let a job wait as jobs do in Salesforce, where others are before it."""
        self._stop.wait(self._delay)

    @property
    def stopping(self) -> bool:
        """Whether the org is being closed."""
        return self._stop.is_set()

    def advance(self, piece: Piece, state: str) -> bool:
        """Bring a piece into its next state, unless somebody ended it meanwhile; whether that was done."""
        with self.lock:
            if piece.finished or self.stopping:
                return False
            self.move(piece, state)
            return True

    def move(self, piece: Piece, state: str) -> None:
        """Bring a piece into a state, whatever it is in."""
        with self.lock:
            piece.state = state
            piece.changed_at = self._org.clock.now()

    def close(self) -> None:
        """Stop working."""
        self._stop.set()
        self._runner.shutdown(wait=True, cancel_futures=True)

    def _is_over(self, job: Kept) -> bool:
        return job.created_at + LIFE <= self._org.clock.now()
