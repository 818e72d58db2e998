"""Bulk 2.0 query jobs: what the org does between "please read this object" and "here are your rows".

A job passes UploadComplete and InProgress, writes its rows as CSV into a file of its own and is then JobComplete. The
file is cut into blocks of rows, so that pages can be served at the speed of the disk.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from demo_org.soql import ResultSet
from demo_org.store import Org
from demo_org.wire.bulk.csv_file import CsvFile
from demo_org.wire.bulk.jobs import DELIMITERS, LINE_ENDINGS, Job, Jobs, invalid_state
from demo_org.wire.bulk.numbers import JobNumbers


@dataclass(slots=True, kw_only=True)
class QueryJob(Job):
    """One query."""

    query: str
    file: CsvFile
    state: str = "UploadComplete"

    def as_created(self) -> dict[str, Any]:
        """The job as the POST answers it."""
        return self.as_changed() | self.format

    def as_status(self) -> dict[str, Any]:
        """The job as a GET answers it, with what it has done so far."""
        status = self.as_created() | {
            "jobType": "V2Query",
            "numberRecordsProcessed": self.file.rows,
            "retries": 0,
            "totalProcessingTime": self.milliseconds,
            "isPkChunkingSupported": True,
        }
        return status if self.error is None else status | {"errorMessage": self.error}


class QueryJobs(Jobs[QueryJob]):
    """All query jobs of the org."""

    def __init__(self, org: Org, numbers: JobNumbers, *, delay: float) -> None:
        super().__init__(org, numbers, "query-jobs", delay=delay)
        self._directory: TemporaryDirectory[str] | None = None

    def create(self, result: ResultSet, *, request: dict[str, Any], user_id: str, version: str) -> QueryJob:
        """Take a job whose query was found to be sound."""
        now = self._org.clock.now()
        with self._shop.lock:
            if self._directory is None:
                self._directory = TemporaryDirectory(prefix="demo-org-bulk-", ignore_cleanup_errors=True)
        job_id = self._numbers.next("750")
        job = QueryJob(
            id=job_id,
            operation=request["operation"],
            object_name=result.object,
            query=request["query"],
            user_id=user_id,
            version=version,
            created_at=now,
            changed_at=now,
            delimiter=request["columnDelimiter"],
            line_ending=request["lineEnding"],
            file=CsvFile(
                Path(self._directory.name) / f"{job_id}.csv",
                delimiter=DELIMITERS[request["columnDelimiter"]],
                line_ending=LINE_ENDINGS[request["lineEnding"]],
            ),
        )
        self._shop.keep(job)
        self._begin(job, self._write(job, result))
        return job

    def end(self, job: QueryJob, state: str, *, message: str | None = None) -> None:
        """End a job in a state of our choice, whatever it has done."""
        with self._shop.lock:
            job.error = message
            self._shop.move(job, state)

    def delete(self, job: QueryJob) -> None:
        """Forget a finished job and its rows."""
        with self._shop.lock:
            if not job.finished:
                raise invalid_state(f"Job {job.id} is {job.state}; abort it before deleting it")
            self._shop.forget(job)
        job.file.remove()

    def close(self) -> None:
        """Stop working and remove all result files."""
        super().close()
        if self._directory is not None:
            self._directory.cleanup()

    def _write(self, job: QueryJob, result: ResultSet) -> Iterator[object]:
        self._shop.pause()
        yield from job.file.write(result)
