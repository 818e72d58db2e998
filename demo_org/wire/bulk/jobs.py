"""Bulk 2.0 jobs: what those that query and those that ingest have in common, and how both are written down."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from demo_org.bulk import RefusedBatch
from demo_org.errors import SalesforceFault, not_found
from demo_org.store import Org
from demo_org.wire.bulk.numbers import JobNumbers
from demo_org.wire.bulk.workshop import Workshop

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Job(ABC):
    """One job."""

    id: str
    operation: str
    object_name: str
    user_id: str
    version: str
    created_at: datetime
    changed_at: datetime
    delimiter: str
    line_ending: str
    state: str
    error: str | None = None
    milliseconds: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in _FINISHED

    @property
    def format(self) -> dict[str, str]:
        """How its rows are written."""
        return {"lineEnding": self.line_ending, "columnDelimiter": self.delimiter}

    def as_changed(self, **further: Any) -> dict[str, Any]:
        """The job as a PATCH answers it; what else a kind of job has stands behind its state."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object_name,
            "createdById": self.user_id,
            "createdDate": job_stamp(self.created_at),
            "systemModstamp": job_stamp(self.changed_at),
            "state": self.state,
            **further,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }

    @abstractmethod
    def as_status(self) -> dict[str, Any]:
        """The job as a GET answers it, with what it has done so far."""


Kept = TypeVar("Kept", bound=Job)


class Jobs(Generic[Kept]):
    """All jobs of one kind; one runs at a time, the others wait their turn."""

    def __init__(self, org: Org, numbers: JobNumbers, name: str, *, delay: float) -> None:
        self._org = org
        self._numbers = numbers
        self._shop: Workshop[Kept] = Workshop(org, name, delay=delay)

    def get(self, job_id: str) -> Kept:
        """The job of an id; NOT_FOUND if there is none, it was deleted, or it is older than seven days."""
        found = self._shop.find(job_id)
        if found is None:
            raise not_found()
        return found

    def all(self) -> Sequence[Kept]:
        """Every job there still is, oldest first."""
        return self._shop.all()

    def abort(self, job: Kept) -> None:
        """Stop a job that is not finished; rows that were processed stay as they are."""
        with self._shop.lock:
            if job.finished and job.state != "Aborted":
                raise invalid_state(f"Job {job.id} is {job.state} and cannot be aborted")
            self._shop.move(job, "Aborted")

    def close(self) -> None:
        """Stop working."""
        self._shop.close()

    def _begin(self, job: Kept, steps: Iterable[object]) -> None:
        """Work on a job when its turn comes, step by step, so that it can be stopped between two of them."""
        self._shop.submit(lambda: self._run(job, steps))

    def _run(self, job: Kept, steps: Iterable[object]) -> None:
        began = time.monotonic()
        try:
            self._shop.pause()
            if not self._shop.advance(job, "InProgress"):
                return
            for _ in steps:
                job.milliseconds = int((time.monotonic() - began) * 1000)
                if self._shop.stopping or job.finished:
                    return
            self._shop.advance(job, "JobComplete")
        except RefusedBatch as refused:
            self._fail(job, str(refused))
        except SalesforceFault as fault:
            self._fail(job, f"{fault.code}: {fault.message}")
        except Exception as error:  # a job must end, whatever happens; the log has the reason
            log.exception("bulk_job_failed")
            self._fail(job, f"UNKNOWN_EXCEPTION: {type(error).__name__}")

    def _fail(self, job: Kept, error: str) -> None:
        job.error = error
        self._shop.advance(job, "Failed")


def invalid_state(message: str) -> SalesforceFault:
    """The job is not in a state in which this can be done; look at its state first."""
    return SalesforceFault(400, "INVALIDJOBSTATE", message)


def job_stamp(instant: datetime) -> str:
    """An instant as the job documents of the REST kind write it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
