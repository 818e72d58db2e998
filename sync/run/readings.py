"""Complete readings of objects: begun in Salesforce, written down in the store, landed page by page, begun anew.

What is known of a reading is in `ops.bulk_job`, so another process goes on where this one was killed. Salesforce keeps
results for seven days.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import text

from models import bulk_job, run
from models.bulk_job import BulkRow, Purpose
from models.mirror import Mirror
from models.session import Store
from sync.errors import BulkUnsupported, FieldHidden, SyncError
from sync.extract.snapshot import Begun, Wanted, begin, less, page_of_records
from sync.land.complete import staged_fields_of
from sync.land.staging import copy_csv, copy_records, drop_waiting, open_waiting, rows_waiting, staged_fields
from sync.record import Selection
from sync.salesforce.bulk import BulkJob
from sync.salesforce.client import Client
from sync.scope.closure import SnapshotQuery

#: a job that is nearly as old as its results are kept is not read any more
RESULTS_LAST = timedelta(days=6, hours=18)


class Stopped(Exception):
    """The reading was told to stop; what has landed stays, and the next one goes on from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page that is to be fetched: its number, where it begins, and the most rows it may have."""

    number: int
    locator: str | None
    most: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedPage:
    """What a page brought, and where the next begins."""

    rows: int
    next_locator: str | None


@dataclass(slots=True, kw_only=True)
class Reading:
    """One statement on its way, with what is only known while this process lives."""

    row: BulkRow
    wanted: Wanted
    selection: Selection
    query: SnapshotQuery
    rows: int = 0
    expected: int | None = None
    #: pages that were handed out and have not come back
    under_way: int = 0
    tries: Counter[int] = field(default_factory=Counter)
    #: where pages began that this process has followed
    seen: set[str] = field(default_factory=set)
    is_over: bool = False

    @property
    def name(self) -> str:
        """The object that is read."""
        return self.row.object_name

    @property
    def job(self) -> BulkJob | None:
        """Its job in Salesforce; None when it is read page by page."""
        return None if self.row.job_id is None else BulkJob(id=self.row.job_id, object_name=self.name)

    def hide(self, error: FieldHidden) -> None:
        """Read without a field that turned out to be hidden, when it is begun anew."""
        self.selection = less(self.selection, error)
        self.row = replace(self.row, hidden=(*self.row.hidden, error.field_name))


class Readings:
    """The readings of one org for one purpose."""

    def __init__(
        self,
        store: Store,
        client: Client,
        org_id: str,
        *,
        mirrors: Mapping[str, Mirror],
        purpose: Purpose = "snapshot",
        since: datetime | None = None,
    ) -> None:
        self._store = store
        self.client = client
        self._org_id = org_id
        self._mirrors = mirrors
        self._purpose: Purpose = purpose
        #: what was begun before it is of no use; None: whatever Salesforce still has results of
        self._since = since
        #: asked between the pieces of a page
        self.is_stopped: Callable[[], bool] = lambda: False
        with store.reading() as session:
            self._refused = bulk_job.refused_objects(session, org_id)

    @contextmanager
    def lane(self) -> Iterator[None]:
        """Let one process at a time download readings of an org; others wait here."""
        with self._store.writing() as session:
            bulk_job.queue_behind_other_downloads(session, self._org_id, self._purpose)
            yield

    def resumed(self, wanted: Mapping[str, Wanted]) -> dict[str, list[Reading]]:
        """The readings that were begun earlier and still ask what is wanted; all others are forgotten."""
        with self._store.reading() as session:
            rows = bulk_job.jobs_of(session, self._org_id, self._purpose)
        found: dict[str, list[Reading]] = {}
        for name, each in wanted.items():
            own = [row for row in rows if row.object_name == name]
            made = [reading for row in own if (reading := self._resumable(row, each)) is not None]
            if own and len(made) == len(own) == len(each.statements(each.selection)):
                found[name] = made
        self.forget([row for row in rows if row.object_name not in found])
        for reading in (reading for made in found.values() for reading in made):
            self._check_waiting(reading)
        return found

    def begun(self, name: str, wanted: Wanted) -> list[Reading]:
        """Begin to read an object: one reading for each statement."""
        numbers = range(len(wanted.statements(wanted.selection)))
        return [self._begin(name, wanted, number, attempt=1) for number in numbers]

    def begun_anew(self, reading: Reading, *, attempt: int) -> Reading:
        """Begin a reading once more, since this one came to nothing."""
        reading.is_over = True
        self.forget([reading.row])
        wanted = replace(reading.wanted, selection=reading.selection)
        return self._begin(reading.name, wanted, reading.row.number, attempt=attempt, hidden=reading.row.hidden)

    def land(self, reading: Reading, page: Page) -> LandedPage:
        """Fetch a page and store it, both or nothing. Several threads do this at once."""
        if reading.is_over:
            raise Stopped
        return self._land_records(reading, page) if reading.job is None else self._land_csv(reading, reading.job, page)

    def landed(self, reading: Reading) -> None:
        """Write down that a reading is complete."""
        with self._store.writing() as session:
            bulk_job.update_job(session, reading.row, state="landed")
        reading.is_over = True

    def landed_pages(self, reading: Reading) -> set[int]:
        """The numbers of the pages that have landed."""
        with self._store.reading() as session:
            return bulk_job.landed_pages(session, reading.row)

    def failed(self, reading: Reading, error: SyncError) -> None:
        """Write down why a reading could not be completed."""
        with self._store.writing() as session:
            bulk_job.update_job(session, reading.row, state="failed", error=str(error))

    def expect(self, reading: Reading, rows: int | None) -> None:
        """Write down how many rows a job has by Salesforce's count."""
        reading.expected = rows
        with self._store.writing() as session:
            bulk_job.update_job(session, reading.row, expected_rows=rows)

    def forget(self, rows: Iterable[BulkRow]) -> None:
        """Drop readings: what waits, what is known of them, and their jobs in Salesforce."""
        for row in rows:
            _forget(self._store, self.client, row)

    def _begin(self, name: str, wanted: Wanted, number: int, *, attempt: int, hidden: Sequence[str] = ()) -> Reading:
        # Both before Salesforce is asked: what changes afterwards is newer than this reading.
        created_at = self.client.server_now
        with self._store.writing() as session:
            generation = run.next_generation(session)
        begun = self._taken(name, wanted, number)
        fields = staged_fields(begun.selection)
        row = BulkRow(
            org_id=self._org_id,
            generation=generation,
            purpose=self._purpose,
            object_name=name,
            number=number,
            soql=begun.query.soql,
            include_deleted=begun.query.include_deleted,
            fields=tuple((each.name, each.type) for each in fields),
            hidden=(*hidden, *begun.hidden),
            job_id=None if begun.job is None else begun.job.id,
            created_at=created_at,
            attempt=attempt,
        )
        with self._store.writing() as session:
            open_waiting(session, row.staging, self._mirrors[name], fields)
            bulk_job.job_begun(session, row)
        return Reading(row=row, wanted=wanted, selection=begun.selection, query=begun.query)

    def _taken(self, name: str, wanted: Wanted, number: int) -> Begun:
        if name in self._refused:
            wanted = replace(wanted, by_pages=True)
        try:
            return begin(self.client, wanted, number)
        except BulkUnsupported as error:
            # Only Salesforce's own refusal of the object changes the way it is read, in this org, from now on.
            with self._store.writing() as session:
                bulk_job.remember_refusal(session, self._org_id, name, error.detail)
            self._refused.add(name)
            return begin(self.client, replace(wanted, by_pages=True), number)

    def _resumable(self, row: BulkRow, wanted: Wanted) -> Reading | None:
        """A reading of an earlier process, if it asks what would be asked now and its results are still there."""
        selection = wanted.selection
        for name in row.hidden:
            selection = selection.without(name)
        queries = wanted.statements(selection)
        if row.state not in {"running", "landed"} or row.number >= len(queries):
            return None
        query = queries[row.number]
        same = (query.soql, query.include_deleted) == (row.soql, row.include_deleted)
        oldest = self._since or self.client.server_now - RESULTS_LAST
        if not same or row.created_at < oldest:
            return None
        return Reading(
            row=row,
            wanted=wanted,
            selection=selection,
            query=query,
            rows=row.rows_landed,
            expected=row.expected_rows,
            is_over=row.state == "landed",
        )

    def _check_waiting(self, reading: Reading) -> None:
        """Compare what waits with what was written down: a crash of the database empties tables that are not logged."""
        row = reading.row
        with self._store.reading() as session:
            if rows_waiting(session, row.staging) == row.rows_landed:
                return
        with self._store.writing() as session:
            open_waiting(session, row.staging, self._mirrors[row.object_name], staged_fields_of(row))
            bulk_job.forget_pages(session, row)
        reading.row = replace(row, state="running", rows_landed=0, pages_landed=0, next_locator=None)
        reading.rows, reading.is_over = 0, False

    def _land_csv(self, reading: Reading, job: BulkJob, page: Page) -> LandedPage:
        row, rows = reading.row, 0
        with (
            self.client.bulk_page(job, locator=page.locator, most=page.most) as found,
            self._store.writing() as session,
        ):
            # A page that is lost in a crash of the database is lost with its table, so nobody need wait for the disk.
            session.execute(text("SET LOCAL synchronous_commit = off"))
            if found.columns:
                chunks = self._until_told(reading, found.chunks)
                rows = copy_csv(session, ("staging", row.staging), found.columns, chunks)
            found.verify(rows)
            following = found.next_locator if page.most is not None else None
            bulk_job.page_landed(session, row, number=page.number, rows=rows, next_locator=following)
        return LandedPage(rows=rows, next_locator=following)

    def _land_records(self, reading: Reading, page: Page) -> LandedPage:
        row = reading.row
        records, following = page_of_records(self.client, row.object_name, reading.query, after_id=page.locator)
        names = [name for name, _ in row.fields]
        with self._store.writing() as session:
            session.execute(text("SET LOCAL synchronous_commit = off"))
            copy_records(session, ("staging", row.staging), names, records)
            bulk_job.page_landed(session, row, number=page.number, rows=len(records), next_locator=following)
        return LandedPage(rows=len(records), next_locator=following)

    def _until_told(self, reading: Reading, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if reading.is_over or self.is_stopped():
                raise Stopped
            yield chunk


def forget_readings(store: Store, client: Client, org_id: str, purpose: Purpose) -> None:
    """Drop all readings for a purpose: what waits, what is known of them, and their jobs in Salesforce."""
    with store.reading() as session:
        rows = bulk_job.jobs_of(session, org_id, purpose)
    for row in rows:
        _forget(store, client, row)


def _forget(store: Store, client: Client, row: BulkRow) -> None:
    with store.writing() as session:
        # A page that is still landing gives up at its next piece, and this waits for it.
        session.execute(text("SET LOCAL lock_timeout = '10min'"))
        drop_waiting(session, row.staging)
        bulk_job.forget_job(session, row)
    remove_job(client, row)


def remove_job(client: Client, row: BulkRow) -> None:
    """Remove a job and its results from Salesforce: they are customer data and need not lie around for a week."""
    if row.job_id is None:
        return
    job = BulkJob(id=row.job_id, object_name=row.object_name)
    # Only tidying up: Salesforce drops what is left after seven days, so a failure here is none.
    with suppress(SyncError):
        if row.state == "running" and not client.bulk_state(job).is_complete:
            client.abort_bulk(job)
        client.delete_bulk(job)
