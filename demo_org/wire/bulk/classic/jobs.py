"""Jobs of Bulk API 1.0 and their batches: who is queued, who is at work, what came out."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from demo_org.bulk import Outcome, RefusedBatch
from demo_org.errors import SalesforceFault
from demo_org.soql import ResultSet
from demo_org.store import Org
from demo_org.wire.bulk.numbers import JobNumbers
from demo_org.wire.bulk.workshop import Workshop

QUERIES = frozenset({"query", "queryAll"})
_FINISHED = frozenset({"Completed", "Failed", "NotProcessed"})
log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Batch:
    """One batch: what was sent, how far it is, what came out."""

    id: str
    job_id: str
    request: bytes
    created_at: datetime
    changed_at: datetime
    state: str = "Queued"
    message: str | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    #: of a query
    result: ResultSet | None = None
    result_id: str | None = None
    milliseconds: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in _FINISHED

    @property
    def processed(self) -> int:
        """Rows that were written, or found."""
        return self.result.total_size if self.result is not None else len(self.outcomes)

    @property
    def failed(self) -> int:
        """Rows that were refused."""
        return sum(each.fault is not None for each in self.outcomes)


@dataclass(slots=True, kw_only=True)
class ClassicJob:
    """One job."""

    id: str
    operation: str
    object_name: str
    external_id: str | None
    content_type: str
    concurrency: str
    user_id: str
    version: str
    created_at: datetime
    changed_at: datetime
    state: str = "Open"
    #: rows of one chunk when a query is to be cut by ids; None = it is run whole
    chunk_rows: int | None = None
    batches: list[Batch] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether it takes no further batches."""
        return self.state != "Open"

    def counts(self) -> dict[str, int]:
        """What a job document counts, in its order."""
        states = [each.state for each in self.batches]
        spent = sum(each.milliseconds for each in self.batches)
        return {
            "numberBatchesQueued": states.count("Queued"),
            "numberBatchesInProgress": states.count("InProgress"),
            "numberBatchesCompleted": states.count("Completed"),
            "numberBatchesFailed": states.count("Failed"),
            "numberBatchesTotal": len(states),
            "numberRecordsProcessed": sum(each.processed for each in self.batches),
            "numberRetries": 0,
            "numberRecordsFailed": sum(each.failed for each in self.batches),
            "totalProcessingTime": spent,
            "apiActiveProcessingTime": spent,
            "apexProcessingTime": 0,
        }


class ClassicJobs:
    """All jobs of Bulk API 1.0; one batch runs at a time."""

    def __init__(self, org: Org, numbers: JobNumbers, *, delay: float) -> None:
        self._org = org
        self._numbers = numbers
        self._shop: Workshop[ClassicJob] = Workshop(org, "classic", delay=delay)

    def create(
        self, *, operation: str, object_name: str, external_id: str | None, content_type: str, concurrency: str,
        user_id: str, version: str, chunk_rows: int | None,
    ) -> ClassicJob:  # fmt: skip
        """Open a job."""
        now = self._org.clock.now()
        job = ClassicJob(
            id=self._numbers.next("750"), operation=operation, object_name=object_name, external_id=external_id,
            content_type=content_type, concurrency=concurrency, user_id=user_id, version=version, created_at=now,
            changed_at=now, chunk_rows=chunk_rows,
        )  # fmt: skip
        self._shop.keep(job)
        return job

    def get(self, job_id: str) -> ClassicJob | None:
        """The job of an id; None if there is none, or it is older than seven days."""
        return self._shop.find(job_id)

    def all(self) -> Sequence[ClassicJob]:
        """Every job there still is, oldest first."""
        return self._shop.all()

    def move(self, job: ClassicJob, state: str) -> None:
        """Close or abort a job; the waiting batches of an aborted one are not processed."""
        with self._shop.lock:
            self._shop.move(job, state)
            for batch in job.batches if state == "Aborted" else ():
                self._shop.advance(batch, "NotProcessed")

    def add(self, job: ClassicJob, request: bytes, work: Callable[[Batch], None] | None) -> Batch:
        """Queue a batch; one without work is only there to be listed (the first of a query cut by ids)."""
        now = self._org.clock.now()
        batch = Batch(id=self._numbers.next("751"), job_id=job.id, request=request, created_at=now, changed_at=now)
        with self._shop.lock:
            job.batches.append(batch)
        if work is None:
            self._shop.move(batch, "NotProcessed")
        else:
            self._shop.submit(lambda: self._run(batch, work))
        return batch

    def result_id(self) -> str:
        """The id of a result; unlike others it has 15 characters (recorded)."""
        return self._numbers.next("752")[:15]

    def close(self) -> None:
        """Stop working."""
        self._shop.close()

    def _run(self, batch: Batch, work: Callable[[Batch], None]) -> None:
        began = time.monotonic()
        self._shop.pause()
        if not self._shop.advance(batch, "InProgress"):
            return
        try:
            work(batch)
            state = "Completed"
        except RefusedBatch as refused:
            batch.message, state = str(refused), "Failed"
        except SalesforceFault as fault:
            batch.message, state = f"InvalidBatch : {fault.code}: {fault.message}", "Failed"
        except Exception as error:  # a batch must end, whatever happens; the log has the reason
            log.exception("batch_failed")
            batch.message, state = f"InternalServerError : {type(error).__name__}", "Failed"
        batch.milliseconds = int((time.monotonic() - began) * 1000)
        self._shop.advance(batch, state)
