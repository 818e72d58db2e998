"""The Bulk 2.0 query resource: create, look at, list, abort and delete jobs, and fetch their rows (…/jobs/query)."""

import base64
import binascii
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.soql import bulk_refusal, execute, parse
from demo_org.wire.bulk.jobs import DELIMITERS, LINE_ENDINGS, invalid_state
from demo_org.wire.bulk.lists import listing, status
from demo_org.wire.bulk.query_jobs import QueryJob
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

_LAST_PAGE = "null"  # the literal text of Sforce-Locator on the last page (Bulk 2.0 guide)
_PARALLEL_PAGES = 5


def create(context: Context, request: Request) -> Reply:
    """Take a query job; a query that cannot run is refused at once."""
    wanted = _checked(request.json_object())
    refusal = bulk_refusal(parse(wanted["query"]), context.org.catalog)
    if refusal is not None:
        raise refusal
    result = execute(context.org, wanted["query"], include_deleted=wanted["operation"] == "queryAll")
    context.usage.spend_query_job()
    job = context.query_jobs.create(result, request=wanted, user_id=request.user_id, version=request.version)
    return Reply(content=job.as_created())


def get(context: Context, request: Request) -> Reply:
    """How far a job is, also one of Bulk API 1.0."""
    return status(context, request, context.query_jobs)


def jobs(context: Context, request: Request) -> Reply:
    """All query jobs that were not deleted."""
    return listing(context, request, (job.as_status() for job in context.query_jobs.all()), queries=True)


def abort(context: Context, request: Request) -> Reply:
    """Stop a job."""
    if request.json_object().get("state") != "Aborted":
        raise SalesforceFault(400, "INVALIDJOB", "The only state a query job can be set to is Aborted")
    job = context.query_jobs.get(request.parts["job"])
    context.query_jobs.abort(job)
    return Reply(content=job.as_changed())


def delete(context: Context, request: Request) -> Reply:
    """Forget a finished job."""
    context.query_jobs.delete(context.query_jobs.get(request.parts["job"]))
    return Reply(status=204)


def results(context: Context, request: Request) -> Reply:
    """One page of a finished job's rows as CSV."""
    job = _complete(context, request)
    offset = _offset(request.query.get("locator"))
    asked = request.query.get("maxRecords", "")
    most = min(int(asked), context.settings.bulk_page_rows) if asked.isdigit() and asked != "0" else None
    limit = most or context.settings.bulk_page_rows
    rows = max(0, min(limit, job.file.rows - offset))
    done = offset + rows >= job.file.rows
    headers = {
        "Sforce-NumberOfRecords": str(rows),
        "Sforce-Locator": _LAST_PAGE if done else _locator(offset + rows),
        "Content-Type": "text/csv",
    }
    return Reply(stream=job.file.page(offset, limit), headers=headers)


def result_pages(context: Context, request: Request) -> Reply:
    """Addresses of up to five pages that may be fetched side by side."""
    job = _complete(context, request)
    step, offset = context.settings.bulk_page_rows, _offset(request.query.get("locator"))
    starts = list(range(offset, max(job.file.rows, 1), step))
    base = f"/services/data/v{request.version}/jobs/query/{job.id}"
    pages = [{"resultUrl": f"{base}/results?locator={_locator(start)}"} for start in starts[:_PARALLEL_PAGES]]
    rest = starts[_PARALLEL_PAGES:]
    more = f"{base}/resultPages?locator={_locator(rest[0])}" if rest else None
    return Reply(content={"resultPages": pages, "nextRecordsUrl": more, "done": not rest})


def _checked(wanted: dict[str, Any]) -> dict[str, Any]:
    if wanted.get("operation") not in ("query", "queryAll"):
        raise SalesforceFault(400, "INVALIDJOB", "operation must be query or queryAll")
    if not isinstance(wanted.get("query"), str):
        raise SalesforceFault(400, "INVALIDJOB", "a query job needs a query")
    if wanted.get("contentType", "CSV") != "CSV":
        raise SalesforceFault(400, "INVALIDJOB", "contentType must be CSV")
    wanted = {"columnDelimiter": "COMMA", "lineEnding": "LF"} | wanted
    if wanted["columnDelimiter"] not in tuple(DELIMITERS):
        raise SalesforceFault(400, "INVALIDJOB", f"columnDelimiter must be one of {', '.join(DELIMITERS)}")
    if wanted["lineEnding"] not in tuple(LINE_ENDINGS):
        raise SalesforceFault(400, "INVALIDJOB", f"lineEnding must be one of {', '.join(LINE_ENDINGS)}")
    return wanted


def _complete(context: Context, request: Request) -> QueryJob:
    job = context.query_jobs.get(request.parts["job"])
    if job.version != request.version:
        # Results must be asked for with the version the job was made with (Bulk 2.0 guide); the text is ours.
        message = f"The job was created with API version {job.version}; ask for its results with the same version"
        raise SalesforceFault(409, "INVALIDVERSION", message)
    if job.state != "JobComplete":
        raise invalid_state(f"Job {job.id} is {job.state}; its results can be fetched when it is JobComplete")
    return job


def _locator(row: int) -> str:
    return base64.urlsafe_b64encode(str(row).encode()).decode().rstrip("=")


def _offset(locator: str | None) -> int:
    if locator is None or locator == _LAST_PAGE:
        return 0
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except (binascii.Error, ValueError):
        raise SalesforceFault(400, "INVALID_LOCATOR", "invalid locator") from None
