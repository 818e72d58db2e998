"""Complete readings that are under way: their bulk jobs, the pages that have landed, and what they are waiting in.

A reading is downloaded page by page into staging tables of its own, each page with its row here in one transaction, so
that it goes on where it stopped whatever happened to the worker. Only the merge is part of a pass.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, Row, Table, Text, delete, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from models.mirror import metadata
from models.session import ReadSession, WriteSession

#: what a reading is for: to be merged, or only to be compared with
Purpose = Literal["snapshot", "proof"]

BULK_JOB = Table(
    "bulk_job",
    metadata,
    Column("org_id", Text, primary_key=True),
    # Taken before the job was created: whatever a later pass wrote is newer than this reading.
    Column("generation", BigInteger, primary_key=True, autoincrement=False),
    Column("purpose", Text, nullable=False),  # snapshot | proof
    Column("object", Text, nullable=False),
    Column("number", Integer, nullable=False),  # which of the object's statements
    Column("soql", Text, nullable=False),
    Column("include_deleted", Boolean, nullable=False),
    Column("fields", JSONB, nullable=False),  # [name, type] of each
    Column("hidden", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    # Salesforce's name of the job; NULL: it was not asked for yet, or the object is read page by page.
    Column("job_id", Text),
    # Salesforce's clock before the job was created: what changes from then on is found by windows.
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),  # running | landed | failed | merged
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("expected_rows", BigInteger),
    Column("rows_landed", BigInteger, nullable=False, server_default=text("0")),
    Column("pages_landed", Integer, nullable=False, server_default=text("0")),
    Column("next_locator", Text),
    Column("error", Text),
    schema="ops",
)

BULK_PAGE = Table(
    "bulk_page",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("generation", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rows", BigInteger, nullable=False),
    schema="ops",
)
"""The pages of a job that have landed: each is there together with its rows, or not at all."""

BULK_REFUSAL = Table(
    "bulk_refusal",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("detail", Text, nullable=False),
    Column("learned_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema="ops",
)
"""Objects that this org's Bulk API does not support, by its own words; they are asked for again after a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRow:
    """One bulk job as the store knows it."""

    org_id: str
    generation: int
    purpose: Purpose
    object_name: str
    number: int
    soql: str
    include_deleted: bool
    fields: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    job_id: str | None
    created_at: datetime
    state: str = "running"
    attempt: int = 1
    expected_rows: int | None = None
    rows_landed: int = 0
    pages_landed: int = 0
    next_locator: str | None = None
    error: str | None = None

    @property
    def staging(self) -> str:
        """The name of the table its rows wait in, within the schema `staging`."""
        return f"{self.object_name.lower()}_{self.generation}"


def queue_behind_other_downloads(session: WriteSession, org_id: str, purpose: Purpose) -> None:
    """Wait until nobody else downloads readings for this purpose; the lock goes with the transaction."""
    session.execute(text("SET LOCAL lock_timeout = 0"))
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('baton download ' || :key, 0))"),
        {"key": f"{purpose} {org_id}"},
    )


def job_begun(session: WriteSession, job: BulkRow) -> None:
    """Write down a job that Salesforce has taken."""
    values = {**asdict(job), "object": job.object_name, "fields": list(map(list, job.fields)), "hidden": [*job.hidden]}
    del values["object_name"]
    session.execute(insert(BULK_JOB).values(**values))


def jobs_of(session: ReadSession, org_id: str, purpose: Purpose) -> list[BulkRow]:
    """Return the jobs of the reading that is under way, in the order in which they were made."""
    rows = session.execute(
        select(BULK_JOB)
        .where(BULK_JOB.c.org_id == org_id, BULK_JOB.c.purpose == purpose, BULK_JOB.c.state != "merged")
        .order_by(BULK_JOB.c.generation)
    )
    return [_job(row) for row in rows]


def update_job(session: WriteSession, job: BulkRow, **values: Any) -> None:
    """Write what was learned about a job."""
    session.execute(update(BULK_JOB).where(*_is(job)).values(**values))


def page_landed(session: WriteSession, job: BulkRow, *, number: int, rows: int, next_locator: str | None) -> None:
    """Write down that a page has landed; it must be in the transaction of its rows.

    A page that another process has landed meanwhile violates the key, and its rows are not kept twice.
    """
    session.execute(insert(BULK_PAGE).values(org_id=job.org_id, generation=job.generation, number=number, rows=rows))
    session.execute(
        update(BULK_JOB)
        .where(*_is(job))
        .values(
            rows_landed=BULK_JOB.c.rows_landed + rows,
            pages_landed=BULK_JOB.c.pages_landed + 1,
            next_locator=next_locator,
        )
    )


def landed_pages(session: ReadSession, job: BulkRow) -> set[int]:
    """Return the numbers of the pages that have landed."""
    pages = select(BULK_PAGE.c.number).where(BULK_PAGE.c.org_id == job.org_id, BULK_PAGE.c.generation == job.generation)
    return set(session.execute(pages).scalars())


def forget_pages(session: WriteSession, job: BulkRow) -> None:
    """Start the pages of a job anew."""
    session.execute(delete(BULK_PAGE).where(BULK_PAGE.c.org_id == job.org_id, BULK_PAGE.c.generation == job.generation))
    update_job(session, job, rows_landed=0, pages_landed=0, next_locator=None, state="running")


def forget_job(session: WriteSession, job: BulkRow) -> None:
    """Drop what is known of a job."""
    session.execute(delete(BULK_PAGE).where(BULK_PAGE.c.org_id == job.org_id, BULK_PAGE.c.generation == job.generation))
    session.execute(delete(BULK_JOB).where(*_is(job)))


def jobs_merged(session: WriteSession, jobs: Iterable[BulkRow]) -> None:
    """Remember for a week that these jobs were merged, and forget those that were merged before."""
    for job in jobs:
        update_job(session, job, state="merged")
        session.execute(
            delete(BULK_PAGE).where(BULK_PAGE.c.org_id == job.org_id, BULK_PAGE.c.generation == job.generation)
        )
    session.execute(
        delete(BULK_JOB).where(BULK_JOB.c.state == "merged", BULK_JOB.c.created_at < text("now() - interval '7 days'"))
    )


def refused_objects(session: ReadSession, org_id: str) -> set[str]:
    """Return the objects that this org's Bulk API does not support."""
    recent = text("learned_at > now() - interval '30 days'")
    return set(session.execute(select(BULK_REFUSAL.c.object).where(BULK_REFUSAL.c.org_id == org_id, recent)).scalars())


def remember_refusal(session: WriteSession, org_id: str, object_name: str, detail: str) -> None:
    """Remember that the Bulk API does not support an object here."""
    statement = insert(BULK_REFUSAL).values(org_id=org_id, object=object_name, detail=detail)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["org_id", "object"], set_={"detail": detail, "learned_at": text("now()")}
        )
    )


def _is(job: BulkRow) -> tuple[Any, ...]:
    return BULK_JOB.c.org_id == job.org_id, BULK_JOB.c.generation == job.generation


def _job(row: Row[Any]) -> BulkRow:
    values = {**row._mapping, "object_name": row.object}
    del values["object"]
    values["fields"] = tuple((name, kind) for name, kind in row.fields)
    values["hidden"] = tuple(row.hidden)
    return BulkRow(**values)
