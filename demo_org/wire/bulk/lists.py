"""Jobs as the Bulk 2.0 resources show them: of either kind, and those of Bulk API 1.0 among them."""

from collections.abc import Iterable
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.wire.bulk.classic.jobs import QUERIES, ClassicJob
from demo_org.wire.bulk.jobs import Jobs, Kept, job_stamp
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

_PAGE = 1000  # jobs of one answer (Bulk 2.0 guide, "Get Information About All Query Jobs")


def listing(context: Context, request: Request, own: Iterable[dict[str, Any]], *, queries: bool) -> Reply:
    """One page of the jobs, oldest first, that the parameters ask for: jobType, concurrencyMode, PK chunking."""
    older = [
        _classic_row(job)
        for job in context.classic_jobs.all()
        if (job.operation in QUERIES) == queries and _chunking(request, job)
    ]
    rows = sorted([*own, *older], key=lambda row: (row["createdDate"], row["id"]))
    for name in ("jobType", "concurrencyMode"):
        if name in request.query:
            rows = [row for row in rows if row[name] == request.query[name]]
    start = _start(request.query.get("queryLocator"))
    page, more = rows[start : start + _PAGE], start + _PAGE < len(rows)
    kind = "query" if queries else "ingest"
    following = f"/services/data/v{request.version}/jobs/{kind}?queryLocator={start + _PAGE}" if more else None
    return Reply(content={"done": not more, "nextRecordsUrl": following, "records": page})


def status(context: Context, request: Request, own: Jobs[Kept]) -> Reply:
    """How far the job is whose id is asked for."""
    older = context.classic_jobs.get(request.parts["job"])
    return Reply(content=own.get(request.parts["job"]).as_status() if older is None else _classic_status(older))


def _classic_row(job: ClassicJob) -> dict[str, Any]:
    """A job of Bulk API 1.0 as a line of these lists."""
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object_name,
        "createdById": job.user_id,
        "createdDate": job_stamp(job.created_at),
        "systemModstamp": job_stamp(job.changed_at),
        "state": job.state,
        "concurrencyMode": job.concurrency,
        "contentType": job.content_type,
        "apiVersion": float(job.version),
        "jobType": "Classic",
    }


def _classic_status(job: ClassicJob) -> dict[str, Any]:
    """A job of Bulk API 1.0 when it is asked for by its id."""
    counted = job.counts()
    spent = ("totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime")
    return _classic_row(job) | {"retries": 0} | {name: counted[name] for name in spent}


def _chunking(request: Request, job: ClassicJob) -> bool:
    wanted = request.query.get("isPkChunkingEnabled", "").lower()
    return wanted not in {"true", "false"} or (wanted == "true") == (job.chunk_rows is not None)


def _start(locator: str | None) -> int:
    if locator is None or locator.isdigit():
        return int(locator or 0)
    raise SalesforceFault(400, "INVALID_LOCATOR", "invalid locator")
