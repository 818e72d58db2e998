"""Bulk 2.0 query jobs: what the org does between "please read this object" and "here are your rows".

A job passes UploadComplete and InProgress, writes its rows as CSV into a file of its own and is then JobComplete. The
file is cut into blocks of rows, so that pages can be served at the speed of the disk.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from demo_org.errors import SalesforceFault, not_found
from demo_org.soql import ResultSet
from demo_org.store import Org
from demo_org.wire.bulk.csv_file import CsvFile
from demo_org.wire.bulk.numbers import JobNumbers
from demo_org.wire.bulk.workshop import Workshop

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Job:
    """One query job."""

    id: str
    operation: str
    object_name: str
    query: str
    user_id: str
    version: str
    created_at: datetime
    delimiter: str
    line_ending: str
    file: CsvFile
    state: str = "UploadComplete"
    error: str | None = None
    changed_at: datetime
    milliseconds: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in FINISHED

    def as_changed(self) -> dict[str, Any]:
        """The job as a PATCH answers it."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object_name,
            "createdById": self.user_id,
            "createdDate": job_stamp(self.created_at),
            "systemModstamp": job_stamp(self.changed_at),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }

    def as_created(self) -> dict[str, Any]:
        """The job as the POST answers it."""
        return self.as_changed() | {"lineEnding": self.line_ending, "columnDelimiter": self.delimiter}

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


class Jobs:
    """All query jobs of the org; one runs at a time, the others wait their turn."""

    def __init__(self, org: Org, numbers: JobNumbers, *, delay: float) -> None:
        self._org = org
        self._numbers = numbers
        self._shop: Workshop[Job] = Workshop(org, "bulk", delay=delay)
        self._directory: TemporaryDirectory[str] | None = None

    def create(self, result: ResultSet, *, request: dict[str, Any], user_id: str, version: str) -> Job:
        """Take a job whose query was found to be sound."""
        now = self._org.clock.now()
        with self._shop.lock:
            if self._directory is None:
                self._directory = TemporaryDirectory(prefix="demo-org-bulk-", ignore_cleanup_errors=True)
        job_id = self._numbers.next("750")
        job = Job(
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
        self._shop.submit(lambda: self._run(job, result))
        return job

    def get(self, job_id: str) -> Job:
        """The job of an id; NOT_FOUND if there is none, it was deleted, or it is older than seven days."""
        found = self._shop.find(job_id)
        if found is None:
            raise not_found()
        return found

    def all(self) -> Sequence[Job]:
        """Every job there still is, oldest first."""
        return self._shop.all()

    def abort(self, job: Job) -> None:
        """Stop a job that is not finished."""
        with self._shop.lock:
            if job.finished and job.state != "Aborted":
                raise invalid_state(f"Job {job.id} is {job.state} and cannot be aborted")
            self._shop.move(job, "Aborted")

    def end(self, job: Job, state: str, *, message: str | None = None) -> None:
        """End a job in a state of our choice, whatever it has done."""
        with self._shop.lock:
            job.error = message
            self._shop.move(job, state)

    def delete(self, job: Job) -> None:
        """Forget a finished job and its rows."""
        with self._shop.lock:
            if not job.finished:
                raise invalid_state(f"Job {job.id} is {job.state}; abort it before deleting it")
            self._shop.forget(job)
        job.file.remove()

    def close(self) -> None:
        """Stop working and remove all result files."""
        self._shop.close()
        if self._directory is not None:
            self._directory.cleanup()

    def _run(self, job: Job, result: ResultSet) -> None:
        began = time.monotonic()
        try:
            self._shop.pause()
            if not self._shop.advance(job, "InProgress"):
                return
            self._shop.pause()
            for _ in job.file.write(result):
                job.milliseconds = int((time.monotonic() - began) * 1000)
                if self._shop.stopping or job.finished:
                    return
            self._shop.advance(job, "JobComplete")
        except SalesforceFault as fault:
            job.error = f"{fault.code}: {fault.message}"
            self._shop.advance(job, "Failed")
        except Exception as error:  # a job must end, whatever happens; the log has the reason
            log.exception("bulk_job_failed")
            job.error = f"UNKNOWN_EXCEPTION: {type(error).__name__}"
            self._shop.advance(job, "Failed")


def invalid_state(message: str) -> SalesforceFault:
    """The job is not in a state in which this can be done; look at its state first."""
    return SalesforceFault(400, "INVALIDJOBSTATE", message)


def job_stamp(instant: datetime) -> str:
    """An instant as the job documents of the REST kind write it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
