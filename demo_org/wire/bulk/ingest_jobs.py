"""Bulk 2.0 ingest jobs: an upload that becomes records once the client says that it is complete.

A job passes Open, UploadComplete and InProgress and is then JobComplete, or Failed when its file makes no sense, or
Aborted when the client says so. What became of each row is kept beside the row's own text.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from demo_org.bulk import Loader, Operation, Outcome, RawRow, RefusedBatch, csv_rows, value_of
from demo_org.errors import not_found
from demo_org.store import Org
from demo_org.wire.bulk.numbers import JobNumbers
from demo_org.wire.bulk.query_jobs import DELIMITERS, FINISHED, LINE_ENDINGS, invalid_state, job_stamp
from demo_org.wire.bulk.workshop import Workshop

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class IngestJob:
    """One upload."""

    id: str
    operation: Operation
    object_name: str
    external_id: str | None
    user_id: str
    version: str
    created_at: datetime
    changed_at: datetime
    delimiter: str
    line_ending: str
    state: str = "Open"
    error: str | None = None
    upload: bytes | None = None
    head: RawRow | None = None
    rows: list[RawRow] = field(default_factory=list)
    #: of the rows that were processed so far
    outcomes: list[Outcome] = field(default_factory=list)
    milliseconds: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINISHED

    def as_created(self) -> dict[str, Any]:
        """The job as a POST and a PATCH answer it."""
        upsert = {"externalIdFieldName": self.external_id} if self.external_id is not None else {}
        return {
            "id": self.id,
            "operation": self.operation.value,
            "object": self.object_name,
            "createdById": self.user_id,
            "createdDate": job_stamp(self.created_at),
            "systemModstamp": job_stamp(self.changed_at),
            "state": self.state,
            **upsert,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }

    def as_status(self) -> dict[str, Any]:
        """The job as a GET answers it."""
        failed = sum(each.fault is not None for each in self.outcomes)
        status = self.as_created() | {
            "jobType": "V2Ingest",
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
            "numberRecordsProcessed": len(self.outcomes),
            "numberRecordsFailed": failed,
            "retries": 0,
            "totalProcessingTime": self.milliseconds,
            "apiActiveProcessingTime": self.milliseconds,
            "apexProcessingTime": 0,
        }
        return status if self.error is None else status | {"errorMessage": self.error}

    def result(self, kind: str) -> str:
        """One of the three result files; rows keep the quoting they were uploaded with."""
        separator, end = DELIMITERS[self.delimiter], LINE_ENDINGS[self.line_ending]
        head = self.head.text if self.head is not None else ""
        done = list(zip(self.rows, self.outcomes, strict=False))
        match kind:
            case "successfulResults":
                first = ['"sf__Id"', '"sf__Created"']
                lines = [(_quoted(out.record_id), _quoted(str(out.created).lower()), row.text)
                         for row, out in done if out.fault is None]  # fmt: skip
            case "failedResults":
                first = ['"sf__Id"', '"sf__Error"']
                lines = [(_quoted(out.record_id), _quoted(out.error), row.text)
                         for row, out in done if out.fault is not None]  # fmt: skip
            case _:
                return end.join([head, *(row.text for row in self.rows[len(self.outcomes) :])]) + end
        return end.join(separator.join(each) for each in [(*first, head), *lines]) + end


class IngestJobs:
    """All ingest jobs of the org; one runs at a time."""

    def __init__(self, org: Org, numbers: JobNumbers, *, delay: float) -> None:
        self._org = org
        self._numbers = numbers
        self._shop: Workshop[IngestJob] = Workshop(org, "ingest", delay=delay)

    def create(self, **facts: Any) -> IngestJob:
        """Open a job."""
        now = self._org.clock.now()
        job = IngestJob(id=self._numbers.next("750"), created_at=now, changed_at=now, **facts)
        self._shop.keep(job)
        return job

    def get(self, job_id: str) -> IngestJob:
        """The job of an id; NOT_FOUND if there is none, it was deleted, or it is older than seven days."""
        found = self._shop.find(job_id)
        if found is None:
            raise not_found()
        return found

    def all(self) -> Sequence[IngestJob]:
        """Every job there still is, oldest first."""
        return self._shop.all()

    def upload(self, job: IngestJob, data: bytes) -> None:
        """Take the file of an open job, once."""
        with self._shop.lock:
            if job.state != "Open" or job.upload is not None:
                raise invalid_state(f"Job {job.id} is {job.state} and takes no further data")
            job.upload = data

    def close_upload(self, job: IngestJob) -> None:
        """Begin to work on an open job."""
        with self._shop.lock:
            if job.state != "Open":
                raise invalid_state(f"Job {job.id} is {job.state}; only an open job can be completed")
            self._shop.move(job, "UploadComplete")
        self._shop.submit(lambda: self._run(job))

    def abort(self, job: IngestJob) -> None:
        """Stop a job that is not finished; rows that were processed stay as they are."""
        with self._shop.lock:
            if job.finished and job.state != "Aborted":
                raise invalid_state(f"Job {job.id} is {job.state} and cannot be aborted")
            self._shop.move(job, "Aborted")

    def delete(self, job: IngestJob) -> None:
        """Forget a job that is not being worked on."""
        with self._shop.lock:
            if job.state in {"UploadComplete", "InProgress"}:
                raise invalid_state(f"Job {job.id} is {job.state}; abort it before deleting it")
            self._shop.forget(job)

    def close(self) -> None:
        """Stop working."""
        self._shop.close()

    def _run(self, job: IngestJob) -> None:
        began = time.monotonic()
        try:
            self._shop.pause()
            if not self._shop.advance(job, "InProgress"):
                return
            for outcomes in self._load(job):
                job.outcomes += outcomes
                job.milliseconds = int((time.monotonic() - began) * 1000)
                if self._shop.stopping or job.finished:
                    return
            self._shop.advance(job, "JobComplete")
        except RefusedBatch as refused:
            job.error = str(refused)
            self._shop.advance(job, "Failed")
        except Exception as error:  # a job must end, whatever happens; the log has the reason
            log.exception("ingest_job_failed")
            job.error = f"UNKNOWN_EXCEPTION : {type(error).__name__}"
            self._shop.advance(job, "Failed")

    def _load(self, job: IngestJob) -> Iterator[list[Outcome]]:
        try:
            text = (job.upload or b"").decode("utf-8-sig")
        except UnicodeDecodeError:
            raise RefusedBatch("ClientInputError : The file is not encoded in UTF-8") from None
        rows = list(csv_rows(text, DELIMITERS[job.delimiter]))
        if not rows:
            raise RefusedBatch("InvalidBatch : The file has no head row")
        if ("\r\n" in text) != (job.line_ending == "CRLF") and len(rows) > 1:
            message = f"LineEnding is invalid on user data. Job's LineEnding is set to {job.line_ending}"
            raise RefusedBatch(f"ClientInputError : {message}")
        job.head, job.rows = rows[0], rows[1:]
        loader = Loader(
            self._org, job.object_name, job.operation, job.head.values,
            user_id=job.user_id, external_id=job.external_id,
        )  # fmt: skip
        return loader.load([value_of(each) for each in row.values] for row in job.rows)


def _quoted(text: str | None) -> str:
    return '"' + (text or "").replace('"', '""') + '"'
