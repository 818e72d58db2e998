"""Bulk 2.0 ingest jobs: an upload that becomes records once the client says that it is complete.

A job passes Open, UploadComplete and InProgress and is then JobComplete, or Failed when its file makes no sense, or
Aborted when the client says so. What became of each row is kept beside the row's own text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from demo_org.bulk import Loader, Operation, Outcome, RawRow, RefusedBatch, csv_rows, value_of
from demo_org.store import Org
from demo_org.wire.bulk.jobs import DELIMITERS, LINE_ENDINGS, Job, Jobs, invalid_state
from demo_org.wire.bulk.numbers import JobNumbers


@dataclass(slots=True, kw_only=True)
class IngestJob(Job):
    """One upload."""

    operation: Operation
    external_id: str | None
    state: str = "Open"
    upload: bytes | None = None
    head: RawRow | None = None
    rows: list[RawRow] = field(default_factory=list)
    #: of the rows that were processed so far
    outcomes: list[Outcome] = field(default_factory=list)

    def as_created(self) -> dict[str, Any]:
        """The job as a POST and a PATCH answer it."""
        return self.as_changed(**({} if self.external_id is None else {"externalIdFieldName": self.external_id}))

    def as_status(self) -> dict[str, Any]:
        """The job as a GET answers it."""
        failed = sum(each.fault is not None for each in self.outcomes)
        status = self.as_created() | {
            "jobType": "V2Ingest",
            **self.format,
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


class IngestJobs(Jobs[IngestJob]):
    """All ingest jobs of the org."""

    def __init__(self, org: Org, numbers: JobNumbers, *, delay: float) -> None:
        super().__init__(org, numbers, "ingest-jobs", delay=delay)

    def create(self, **facts: Any) -> IngestJob:
        """Open a job."""
        now = self._org.clock.now()
        job = IngestJob(id=self._numbers.next("750"), created_at=now, changed_at=now, **facts)
        self._shop.keep(job)
        return job

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
        self._begin(job, self._write(job))

    def delete(self, job: IngestJob) -> None:
        """Forget a job that is not being worked on."""
        with self._shop.lock:
            if job.state in {"UploadComplete", "InProgress"}:
                raise invalid_state(f"Job {job.id} is {job.state}; abort it before deleting it")
            self._shop.forget(job)

    def _write(self, job: IngestJob) -> Iterator[object]:
        for outcomes in self._load(job):
            job.outcomes += outcomes
            yield outcomes

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
