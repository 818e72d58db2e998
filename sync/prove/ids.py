"""Ids and stamps of the org, in a table that lasts as long as the transaction: page by page, or by jobs when many."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from psycopg import sql
from sqlalchemy import text

from models.session import WriteSession, driver
from models.upsert import staging_table
from sync.errors import BulkUnsupported, QueryTimedOut, ResultTruncated, SyncError
from sync.extract.aggregate import chunks
from sync.extract.parts import QueryPart, advance
from sync.land.staging import copy_csv, open_staging
from sync.prove.held import Held
from sync.prove.spans import Span
from sync.record import Records, Selection
from sync.salesforce.bulk import BulkJob, BulkState, job_error
from sync.salesforce.client import Client
from sync.salesforce.soql import PAGE_SIZE, list_literal, select

#: from so many records on a job costs fewer calls than pages, of which each call brings one of 2,000
BULK_FROM = 20_000

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 10.0
_PATIENCE = timedelta(minutes=30)

_SEEN = "CREATE TEMP TABLE proof_seen (object text, id text, stamp timestamptz) ON COMMIT DROP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question for ids: what of an object, and about how many records answer it."""

    held: Held
    fields: tuple[str, ...]
    where: tuple[str, ...]
    rows: int

    @property
    def include_deleted(self) -> bool:
        """Whether queryAll must answer it."""
        return self.held.known.archived

    def soql(self) -> str:
        """The statement of a job, which can't sort."""
        return select(self.fields, self.held.name, where=self.where)

    def page(self, after_id: str | None) -> str:
        """The statement of one page."""
        return select(self.fields, self.held.name, where=self.where, after_id=after_id, ordered=True, limit=PAGE_SIZE)


def questions(
    held: Held, spans: Sequence[Span], *, rows: int, fields: tuple[str, ...] | None = None
) -> Iterator[Asked]:
    """The questions that together give all records of an object in some spans; none where ids must be named."""
    if not held.is_listed:
        return
    for scope in held.scopes or (None,):
        for span in spans:
            where = (*([scope] if scope else []), *held.alive, *span.conditions())
            yield Asked(held=held, fields=fields or held.fields, where=where, rows=rows)


def questions_by_id(
    held: Held, ids: Sequence[str], *, field: str = "Id", fields: tuple[str, ...] | None = None
) -> Iterator[Asked]:
    """The questions for the records with these ids, or with these parents."""
    for piece in chunks(ids, PAGE_SIZE):
        where = (f"{field} IN {list_literal(piece)}", *held.alive)
        yield Asked(held=held, fields=fields or held.fields, where=where, rows=len(piece))


def read_pages(client: Client, asked: Sequence[Asked], keep: Callable[[Asked, Records], None]) -> dict[str, SyncError]:
    """Ask page by page and hand on what comes; returns the objects of which an answer is not whole.

    The longest reading goes first, so that it has a part in each call and does not go on alone after the others.
    """
    failed: dict[str, SyncError] = {}
    parts = {
        QueryPart(each.held.name, each.page, include_deleted=each.include_deleted): each
        for each in sorted(asked, key=lambda each: -each.rows)
    }
    while any(part.is_pending for part in parts):
        advance(client, list(parts))
        for part, each in parts.items():
            if part.error is not None:
                failed[part.object_name] = part.error
            if part.records:
                keep(each, part.taken())
    return failed


class OrgIds:
    """What the org has, as far as it was asked for."""

    def __init__(self, session: WriteSession, client: Client) -> None:
        self._session = session
        self._client = client
        #: objects of which an answer is missing or not whole; nothing may be concluded about them
        self.failed: dict[str, SyncError] = {}
        session.execute(text(_SEEN))

    def read(self, asked: Sequence[Asked]) -> None:
        """Ask, and keep what comes."""
        jobs, paged = self._started([each for each in asked if each.rows >= BULK_FROM])
        few = [*paged, *(each for each in asked if each.rows < BULK_FROM)]
        self.failed |= read_pages(self._client, few, self._keep)
        try:
            for each, job in jobs:
                self._read_job(each, job)
        finally:
            for _, job in jobs:
                with suppress(SyncError):  # only tidying up: Salesforce drops results after seven days
                    self._client.delete_bulk(job)

    def seen(self, object_name: str, ids: Sequence[str]) -> set[str]:
        """Return which of these ids have come already."""
        return set(
            self._session.execute(
                text("SELECT id FROM proof_seen WHERE object = :object AND id = ANY(:ids)"),
                {"object": object_name, "ids": list(ids)},
            ).scalars()
        )

    def _keep(self, asked: Asked, records: Records) -> None:
        stamp = asked.held.stamp
        statement = sql.SQL("COPY pg_temp.proof_seen (object, id, stamp) FROM STDIN")
        with driver(self._session).cursor() as cursor, cursor.copy(statement) as copy:
            for record in records:
                copy.write_row((asked.held.name, record["Id"], record[stamp] if stamp else None))

    def _started(self, asked: Sequence[Asked]) -> tuple[list[tuple[Asked, BulkJob]], list[Asked]]:
        jobs: list[tuple[Asked, BulkJob]] = []
        paged: list[Asked] = []
        for each in asked:
            held = each.held
            try:
                job = self._client.start_bulk(each.soql(), object_name=held.name, include_deleted=each.include_deleted)
                jobs.append((each, job))
            except BulkUnsupported:
                paged.append(each)
            except SyncError as error:
                self.failed[held.name] = error
        return jobs, paged

    def _read_job(self, each: Asked, job: BulkJob) -> None:
        held = each.held
        wanted = tuple(field for field in held.selection.fields if field.name in held.fields)
        open_staging(self._session, Selection(shape=held.selection.shape, fields=wanted))
        table = ("pg_temp", staging_table(held.name))
        expected = _finished(self._client, job).records_processed
        landed, locator = 0, None
        while True:
            with self._client.bulk_page(job, locator=locator) as page:
                rows = copy_csv(self._session, table, page.columns, page.chunks) if page.columns else 0
                page.verify(rows)
            landed += rows
            if page.next_locator is None or page.next_locator == locator:
                break
            locator = page.next_locator
        if expected is not None and landed != expected:
            raise ResultTruncated(object_name=held.name, expected=expected, got=landed)
        stamp = f"{held.stamp.lower()}::timestamptz" if held.stamp else "NULL"
        self._session.execute(
            text(
                f"INSERT INTO proof_seen SELECT '{held.name}', id, {stamp}"
                f" FROM pg_temp.{staging_table(held.name)} WHERE id IS NOT NULL"
            )
        )


def _finished(client: Client, job: BulkJob) -> BulkState:
    """Wait until a job is complete: small ones are ready in moments, so the pauses grow."""
    pause, patience = _FIRST_PAUSE, time.monotonic() + _PATIENCE.total_seconds()
    while True:
        state = client.bulk_state(job)
        if state.is_complete:
            return state
        if state.has_ended:
            raise job_error(job, state)
        if time.monotonic() > patience:
            raise QueryTimedOut(object_name=job.object_name, detail=f"the bulk job stayed {state.state}")
        time.sleep(pause)
        pause = min(pause * 1.6, _LONGEST_PAUSE)
