"""Who answers /services/async/XX.0/job…: sessions by X-SFDC-Session, documents in the format the client speaks."""

from collections.abc import Callable, Mapping

from demo_org.bulk import Loader, Operation
from demo_org.errors import SalesforceFault
from demo_org.soql import execute, parse
from demo_org.wire.bulk.classic import documents
from demo_org.wire.bulk.classic.batch_rows import read_rows
from demo_org.wire.bulk.classic.chunks import chunk_rows, chunked
from demo_org.wire.bulk.classic.documents import ClassicFault
from demo_org.wire.bulk.classic.jobs import QUERIES, Batch, ClassicJob
from demo_org.wire.bulk.classic.results import outcomes_reply, records_reply
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

CONTENT_TYPES = ("CSV", "JSON", "XML")
_LARGEST_BATCH = 10_000_000  # bytes
_OPERATIONS = (*Operation, *sorted(QUERIES))


def create(context: Context, request: Request) -> Reply:
    """Open a job."""
    as_json = speaks_json(request.headers)
    wanted = documents.read_job(request.body, as_json=as_json)
    operation, content_type = wanted.get("operation", ""), wanted.get("contentType", "XML")
    operation = {each.lower(): each for each in _OPERATIONS}.get(operation.lower(), operation)
    if operation not in _OPERATIONS:
        raise ClassicFault("InvalidJob", f"Unknown operation: {operation or 'none given'}")
    if content_type not in CONTENT_TYPES:
        raise ClassicFault("InvalidJob", f"Unsupported content type: {content_type}")
    described = context.org.catalog.find(wanted.get("object", ""))
    if described is None or not described.bulk:
        raise ClassicFault("InvalidEntity", f"Entity '{wanted.get('object', '')}' is not supported by the Bulk API.")
    if operation == Operation.UPSERT and "externalIdFieldName" not in wanted:
        raise ClassicFault("InvalidJob", "External ID name is not specified for upsert operation")
    job = context.classic_jobs.create(
        operation=operation,
        object_name=described.name,
        external_id=wanted.get("externalIdFieldName"),
        content_type=content_type,
        concurrency=wanted.get("concurrencyMode", "Parallel"),
        user_id=request.user_id,
        version=request.version,
        chunk_rows=chunk_rows(request.headers.get("sforce-enable-pkchunking", "")) if operation in QUERIES else None,
    )
    return documents.job_reply(job, as_json=as_json, status=201)


def get(context: Context, request: Request) -> Reply:
    """How far a job is."""
    return documents.job_reply(_job(context, request), as_json=speaks_json(request.headers))


def change(context: Context, request: Request) -> Reply:
    """Close a job, so that it takes no further batches, or abort it."""
    job = _job(context, request)
    as_json = speaks_json(request.headers)
    state = documents.read_job(request.body, as_json=as_json).get("state")
    if state not in {"Closed", "Aborted"}:
        raise ClassicFault("InvalidJob", "The state of a job can be set to Closed or Aborted")
    if job.state == "Aborted" and state == "Closed":
        raise ClassicFault("InvalidJobState", "Aborted job can not be closed")
    context.classic_jobs.move(job, state)
    return documents.job_reply(job, as_json=as_json)


def add(context: Context, request: Request) -> Reply:
    """Take a batch: rows, or the statement of a query."""
    job = _job(context, request)
    if job.state != "Open":
        raise ClassicFault("InvalidJobState", f"{job.state} job can not accept new Batches")
    if len(request.body) > _LARGEST_BATCH:
        raise ClassicFault("ClientInputError", f"The batch is larger than {_LARGEST_BATCH} bytes")
    batch = _ask(context, job, request.body) if job.operation in QUERIES else _write(context, job, request.body)
    return documents.batch_reply(batch, as_json=_documents_in_json(job), status=201)


def batches(context: Context, request: Request) -> Reply:
    """All batches of a job."""
    job = _job(context, request)
    return documents.batches_reply(job.batches, as_json=_documents_in_json(job))


def batch(context: Context, request: Request) -> Reply:
    """How far a batch is."""
    job = _job(context, request)
    return documents.batch_reply(_batch(job, request), as_json=_documents_in_json(job))


def sent(context: Context, request: Request) -> Reply:
    """The batch as it was sent."""
    job = _job(context, request)
    kinds = {"CSV": "text/csv", "JSON": "application/json", "XML": "application/xml"}
    return Reply(raw=_batch(job, request).request, headers={"Content-Type": kinds[job.content_type]})


def result(context: Context, request: Request) -> Reply:
    """What became of the rows of a batch; of a query, the list of its results."""
    job = _job(context, request)
    found = _batch(job, request)
    if found.state == "Failed":
        raise ClassicFault("InvalidBatch", found.message or "The batch failed")
    if found.state != "Completed":
        raise ClassicFault("InvalidBatch", "Batch not completed")
    if job.operation in QUERIES:
        ids = [found.result_id] if found.result_id is not None else []
        return documents.results_reply(ids, as_json=_documents_in_json(job))
    return outcomes_reply(job, found)


def records(context: Context, request: Request) -> Reply:
    """The records of one result of a query batch."""
    job = _job(context, request)
    found = _batch(job, request)
    if found.result is None or request.parts["result"] != found.result_id:
        raise ClassicFault("InvalidBatch", f"No result {request.parts['result']}")
    return records_reply(context.org, job, found.result)


def speaks_json(headers: Mapping[str, str]) -> bool:
    """Whether the client wants documents in JSON: its Content-Type says so, or its Accept when it sends nothing."""
    said = headers.get("content-type") or headers.get("accept", "")
    return "json" in said.lower()


def _documents_in_json(job: ClassicJob) -> bool:
    # Of batches, the format is that of the job, whatever the request says (seen by clients).
    return job.content_type == "JSON"


def _ask(context: Context, job: ClassicJob, body: bytes) -> Batch:
    statement = body.decode("utf-8", "replace").strip().strip('"')
    include_deleted = job.operation == "queryAll"

    def asking(text: str) -> Callable[[Batch], None]:
        def work(batch: Batch) -> None:
            if parse(text).aggregates:
                raise SalesforceFault(400, "FEATURENOTENABLED", "Aggregate functions are not supported in Bulk Query")
            batch.result = execute(context.org, text, include_deleted=include_deleted)
            batch.result_id = context.classic_jobs.result_id()

        return work

    if job.chunk_rows is None:
        return context.classic_jobs.add(job, body, asking(statement))
    try:
        parts = chunked(context.org, statement, job.chunk_rows)
    except SalesforceFault as fault:
        raise ClassicFault("InvalidBatch", fault.message) from None
    whole = context.classic_jobs.add(job, body, None)
    for part in parts:
        context.classic_jobs.add(job, part.encode(), asking(part))
    return whole


def _write(context: Context, job: ClassicJob, body: bytes) -> Batch:
    def work(batch: Batch) -> None:
        columns, rows = read_rows(body, job.content_type)
        loader = Loader(
            context.org, job.object_name, Operation(job.operation), columns,
            user_id=job.user_id, external_id=job.external_id,
        )  # fmt: skip
        for outcomes in loader.load(rows):
            batch.outcomes += outcomes

    return context.classic_jobs.add(job, body, work)


def _job(context: Context, request: Request) -> ClassicJob:
    found = context.classic_jobs.get(request.parts["job"])
    if found is None:
        raise ClassicFault("InvalidJob", f"Unable to find object: {request.parts['job']}")
    return found


def _batch(job: ClassicJob, request: Request) -> Batch:
    wanted = request.parts["batch"]
    found = next((each for each in job.batches if wanted in {each.id, each.id[:15]}), None)
    if found is None:
        raise ClassicFault("InvalidBatch", f"Unable to find object: {wanted}")
    return found
