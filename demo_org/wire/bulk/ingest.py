"""The Bulk 2.0 ingest resource: open a job, upload its rows, complete or abort it, fetch what became of each row."""

from typing import Any

import msgspec

from demo_org.bulk import Operation
from demo_org.errors import SalesforceFault
from demo_org.wire.bulk.ingest_jobs import IngestJob
from demo_org.wire.bulk.jobs import DELIMITERS, LINE_ENDINGS
from demo_org.wire.bulk.lists import listing, status
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request, unreadable_json
from demo_org.wire.records.multipart import form_parts, is_multipart

_LARGEST_UPLOAD = 150_000_000  # bytes (Bulk API 2.0 guide: 150 MB after base64)
_LONGEST_INLINE = 100_000  # characters of the content of a multipart request
_RESULTS = {"successfulresults": "successfulResults", "failedresults": "failedResults",
            "unprocessedrecords": "unprocessedRecords"}  # fmt: skip


def create(context: Context, request: Request) -> Reply:
    """Open a job; in a multipart request its rows come along and it begins at once."""
    wanted, content = _parts(request)
    facts = _checked(context, wanted)
    job = context.ingest_jobs.create(**facts, user_id=request.user_id, version=request.version)
    if content is not None:
        context.ingest_jobs.upload(job, content)
        context.ingest_jobs.close_upload(job)
    return Reply(content=_opened(job))


def jobs(context: Context, request: Request) -> Reply:
    """All ingest jobs that were not deleted."""
    return listing(context, request, (job.as_status() for job in context.ingest_jobs.all()), queries=False)


def get(context: Context, request: Request) -> Reply:
    """How far a job is, also one of Bulk API 1.0."""
    return status(context, request, context.ingest_jobs)


def change(context: Context, request: Request) -> Reply:
    """Say that the upload is complete, or stop the job."""
    job = context.ingest_jobs.get(request.parts["job"])
    match request.json_object().get("state"):
        case "UploadComplete":
            context.ingest_jobs.close_upload(job)
        case "Aborted":
            context.ingest_jobs.abort(job)
        case _:
            raise _invalid("The state of an ingest job can be set to UploadComplete or Aborted")
    return Reply(content=job.as_created())


def delete(context: Context, request: Request) -> Reply:
    """Forget a job with its rows and results."""
    context.ingest_jobs.delete(context.ingest_jobs.get(request.parts["job"]))
    return Reply(status=204)


def upload(context: Context, request: Request) -> Reply:
    """Take the rows of an open job: one upload a job."""
    if len(request.body) > _LARGEST_UPLOAD:
        raise SalesforceFault(413, "REQUEST_TOO_LARGE", "The upload is larger than 150 MB; cut it into several jobs")
    context.ingest_jobs.upload(context.ingest_jobs.get(request.parts["job"]), request.body)
    return Reply(status=201)


def results(context: Context, request: Request) -> Reply:
    """The rows that succeeded, with their ids; those that failed, with the reason; those nobody looked at."""
    job = context.ingest_jobs.get(request.parts["job"])
    text = job.result(_RESULTS[request.parts["kind"].lower()])
    return Reply(raw=text.encode(), headers={"Content-Type": "text/csv"})


def _opened(job: IngestJob) -> dict[str, Any]:
    # There is no slash in front of contentUrl (seen by clients).
    return job.as_created() | {"contentUrl": f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"} | job.format


def _parts(request: Request) -> tuple[dict[str, Any], bytes | None]:
    content_type = request.headers.get("content-type", "")
    if not is_multipart(content_type):
        return request.json_object(), None
    parts = {part.name: part.data for part in form_parts(content_type, request.body)}
    if "job" not in parts or "content" not in parts:
        raise _invalid("A multipart request has the parts job and content")
    if len(parts["content"]) > _LONGEST_INLINE:
        raise _invalid(f"The content of a multipart request has at most {_LONGEST_INLINE} characters")
    try:
        wanted = msgspec.json.decode(parts["job"])
    except (msgspec.DecodeError, RecursionError) as error:
        raise unreadable_json(parts["job"], error) from None
    if not isinstance(wanted, dict):
        raise _invalid("The part job must be a JSON object")
    return wanted, parts["content"]


def _checked(context: Context, wanted: dict[str, Any]) -> dict[str, Any]:
    try:
        operation = Operation(str(wanted.get("operation")))
    except ValueError:
        raise _invalid(f"operation must be one of {', '.join(Operation)}") from None
    if not isinstance(wanted.get("object"), str):
        raise _invalid("an ingest job needs an object")
    described = context.org.catalog.find(wanted["object"])
    if described is None or not described.bulk:
        raise SalesforceFault(400, "INVALIDENTITY", f"Entity '{wanted['object']}' is not supported by the Bulk API.")
    if wanted.get("contentType", "CSV") != "CSV":
        raise _invalid("contentType must be CSV")
    delimiter, ending = wanted.get("columnDelimiter", "COMMA"), wanted.get("lineEnding", "LF")
    if not isinstance(delimiter, str) or delimiter not in DELIMITERS:
        raise _invalid(f"columnDelimiter must be one of {', '.join(DELIMITERS)}")
    if not isinstance(ending, str) or ending not in LINE_ENDINGS:
        raise _invalid(f"lineEnding must be one of {', '.join(LINE_ENDINGS)}")
    external_id = wanted.get("externalIdFieldName")
    if operation is Operation.UPSERT and not isinstance(external_id, str):
        raise _invalid("an upsert needs externalIdFieldName")
    return {
        "operation": operation,
        "object_name": described.name,
        "external_id": external_id if operation is Operation.UPSERT else None,
        "delimiter": delimiter,
        "line_ending": ending,
    }


def _invalid(message: str) -> SalesforceFault:
    return SalesforceFault(400, "INVALIDJOB", message)
