"""Whole objects as CSV: Bulk API 2.0 query jobs, whose results are streamed and never held whole.

Every page repeats its header line and says in a header how many rows it has; the job says how many it has in all. A
connection that breaks in the middle of a page can look like a short page, so both numbers must be compared with what
landed. Pages of a large job can be fetched side by side: Salesforce lists their addresses, five at a time.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from sync.errors import BadReply, BulkUnsupported, QueryTimedOut, RequestRefused, ResultTruncated, SyncError
from sync.salesforce.connection import Connection, ignored
from sync.salesforce.faults import error_from_reply, salesforce_errors
from sync.salesforce.http import Reply

#: rows of one result page; it bounds what must be read again when a connection breaks
PAGE_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkJob:
    """A query job in Salesforce, which keeps its results for seven days."""

    id: str
    object_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkState:
    """How far a job is."""

    state: str
    records_processed: int | None
    error: str | None

    @property
    def is_complete(self) -> bool:
        """Whether all results can be fetched."""
        return self.state == "JobComplete"

    @property
    def has_ended(self) -> bool:
        """Whether it stopped without results: it failed, or somebody aborted it."""
        return self.state in {"Failed", "Aborted"}


class BulkPage:
    """One page of results: its bytes as they arrive, header line included, and how many rows it must have."""

    __slots__ = ("chunks", "columns", "expected_rows", "locator", "next_locator", "object_name", "rows_landed")

    def __init__(
        self,
        *,
        object_name: str,
        expected_rows: int | None,
        columns: tuple[str, ...],
        chunks: Iterator[bytes],
        locator: str | None,
        next_locator: str | None,
    ) -> None:
        self.object_name = object_name
        #: rows of this page by Salesforce's count; None when it does not say
        self.expected_rows = expected_rows
        #: names of the columns, as the header line of this page has them; empty when the page has no line at all
        self.columns = columns
        #: the CSV text piece by piece, without NUL bytes, beginning with the header line
        self.chunks = chunks
        #: where this page begins, to fetch it once more; None for the first
        self.locator = locator
        #: where the next page begins; None when this is the last
        self.next_locator = next_locator
        #: rows that were stored, once `verify` was called
        self.rows_landed: int | None = None

    def verify(self, rows_landed: int) -> None:
        """Compare the rows that were stored with Salesforce's count; too few or too many is an error."""
        self.rows_landed = rows_landed
        if self.expected_rows is not None and rows_landed != self.expected_rows:
            raise ResultTruncated(object_name=self.object_name, expected=self.expected_rows, got=rows_landed)


def start_job(connection: Connection, soql: str, *, object_name: str, include_deleted: bool) -> BulkJob:
    """Start a query job."""
    body = {
        "operation": "queryAll" if include_deleted else "query",
        "query": soql,
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }
    content = msgspec.json.encode(body)
    try:
        answer = connection.ask(
            "bulk", "POST", _jobs(connection), content=content, object_name=object_name, read=_job_answer
        )
    except RequestRefused as error:
        # Only this message may change the way an object is read; any other refusal would be hidden by it.
        if "FUNCTIONALITY_NOT_ENABLED" in error.error_code:
            raise BulkUnsupported(object_name=object_name, detail=error.detail) from error
        raise
    return BulkJob(id=answer["id"], object_name=answer.get("object") or object_name)


def job_state(connection: Connection, job: BulkJob) -> BulkState:
    """Ask how far a job is."""
    answer = connection.ask("bulk", "GET", _jobs(connection, job), read=_job_answer)
    processed = answer.get("numberRecordsProcessed")
    return BulkState(
        state=answer["state"],
        records_processed=None if processed is None else int(processed),
        error=answer.get("errorMessage"),
    )


def abort_job(connection: Connection, job: BulkJob) -> None:
    """Stop a job that is still running."""
    connection.ask("bulk", "PATCH", _jobs(connection, job), content=b'{"state":"Aborted"}', read=ignored)


def delete_job(connection: Connection, job: BulkJob) -> None:
    """Remove a finished job and its results."""
    connection.ask("bulk", "DELETE", _jobs(connection, job), read=ignored)


def job_error(job: BulkJob, state: BulkState) -> SyncError:
    """Why a job that ended has no results: a hidden field, a missing object, or a time-out."""
    # The message reads "INVALID_FIELD: … No such column …", and may be missing.
    message = state.error or f"the bulk job was {state.state.lower()}"
    code, colon, text = message.partition(":")
    body = [{"errorCode": code.strip() if colon else "", "message": text if colon else message}]
    found = error_from_reply(400, body, url="the org", object_name=job.object_name)
    if isinstance(found, RequestRefused):
        return QueryTimedOut(object_name=job.object_name, detail=f"bulk job {state.state}: {found.detail or message}")
    return found


def page_locators(connection: Connection, job: BulkJob) -> list[str]:
    """Where the pages of a finished job begin, in their order; they may be fetched side by side."""
    found: list[str] = []
    path: str | None = f"{_jobs(connection, job)}/resultPages"
    while path is not None:
        answer = connection.ask("bulk", "GET", path, read=_pages_answer)
        # Salesforce's own pages spell these names in several ways, with and without the path before them.
        listed = [_locator(page.get("resultUrl") or page.get("resultLink"), job) for page in answer["resultPages"]]
        if set(listed) & set(found):
            raise BadReply(what=f"the pages of {job.object_name}", detail="the pages run in a circle")
        found += listed
        more = None if answer.get("done", True) else answer.get("nextRecordsUrl") or answer.get("nextRecordUrl")
        path = more if more is None or more.startswith("/services/") else f"{connection.base}/{more.lstrip('/')}"
    return found


@contextmanager
def page(
    connection: Connection, job: BulkJob, *, locator: str | None = None, most: int | None = PAGE_ROWS
) -> Iterator[BulkPage]:
    """One page of a finished job. A page that broke off may be asked for again with the same locator.

    `most` is the number of rows it may have; None for pages that Salesforce has cut itself (`page_locators`).
    """
    asked = {"maxRecords": most, "locator": locator}
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in asked.items() if value is not None)
    path = f"{_jobs(connection, job)}/results?{query}"
    # Packing and unpacking costs more than a loopback interface saves.
    headers = {"Accept": "text/csv", "Accept-Encoding": "identity" if connection.is_local else "gzip"}
    with connection.stream("bulk", path, headers=headers) as (said, body):
        chunks = _clean(body, host=connection.host)
        head, columns = _header(chunks)
        count = said.get("Sforce-NumberOfRecords", "")
        following = said.get("Sforce-Locator")
        yield BulkPage(
            object_name=job.object_name,
            expected_rows=int(count) if count.isdigit() else None,
            columns=columns,
            chunks=_with_head(head, chunks),
            locator=locator,
            next_locator=None if following in {None, "", "null"} else following,
        )


def _jobs(connection: Connection, job: BulkJob | None = None) -> str:
    path = f"{connection.base}/jobs/query"
    return path if job is None else f"{path}/{job.id}"


def _pages_answer(reply: Reply) -> dict[str, Any]:
    answer = reply.json("the pages of a bulk job")
    if not isinstance(answer, dict) or not isinstance(answer.get("resultPages"), list):
        raise BadReply(what="the pages of a bulk job", detail="no pages in it")
    return answer


def _job_answer(reply: Reply) -> dict[str, Any]:
    answer = reply.json("a bulk job")
    if not isinstance(answer, dict) or "id" not in answer or "state" not in answer:
        raise BadReply(what="a bulk job", detail="no job in it")
    return answer


def _locator(url: str | None, job: BulkJob) -> str:
    locators = parse_qs(urlsplit(url or "").query).get("locator", [])
    if not locators:
        raise BadReply(what=f"the pages of {job.object_name}", detail="a page has no locator")
    return locators[0]


def _clean(raw: Iterator[bytes], *, host: str) -> Iterator[bytes]:
    """The bytes without NULs, which occur in real text fields and which no database takes as text."""
    while True:
        with salesforce_errors(host):
            chunk = next(raw, None)
        if chunk is None:
            return
        if chunk:
            yield chunk.replace(b"\0", b"") if b"\0" in chunk else chunk


def _header(chunks: Iterator[bytes]) -> tuple[bytes, tuple[str, ...]]:
    head = b""
    for chunk in chunks:
        head += chunk
        if b"\n" in head:
            break
    line = head.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    return head, tuple(next(csv.reader([line]), []))


def _with_head(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest
