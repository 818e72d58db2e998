"""The bulk lane: complete readings are downloaded page by page into tables where they wait for a pass.

It runs beside the passes and holds none of their locks. Each page commits by itself together with its row in
`ops.bulk_page`, so whatever happens, the next download goes on behind the last page.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from models.errors import ValueRefused
from sync.errors import BadReply, FieldHidden, QueryTimedOut, ResultTruncated, Retry, Skip, SyncError
from sync.extract.snapshot import Wanted
from sync.run.readings import LandedPage, Page, Reading, Readings, Stopped
from sync.run.report import Progress, silent
from sync.salesforce.bulk import PAGE_ROWS, BulkJob, BulkState, job_error

#: pages that are downloaded at the same time; what the database can't take yet stays in Salesforce
AT_ONCE = 3
#: a job in which nothing moves for this long is given up
PATIENCE = timedelta(hours=1)
_PAGE_TRIES = 3
_JOB_TRIES = 2
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 30.0


@dataclass(slots=True)
class _Patience:
    """When a job is asked for next, and since when nothing has moved in it."""

    since: float
    ask_at: float
    moved_at: float
    seen: tuple[str, int | None] = ("", None)


class Download:
    """One download of some objects."""

    def __init__(
        self,
        readings: Readings,
        *,
        progress: Progress = silent,
        stop: threading.Event | None = None,
        patience: timedelta = PATIENCE,
        page_rows: int = PAGE_ROWS,
    ) -> None:
        self._readings = readings
        self._client = readings.client
        self._progress = progress
        self._stop = stop or threading.Event()
        self._patience = patience.total_seconds()
        self._page_rows = page_rows
        self._ending = threading.Event()
        self._of: dict[str, list[Reading]] = {}
        self._waiting: dict[int, _Patience] = {}
        self._pages: dict[Future[LandedPage], tuple[Reading, Page]] = {}
        self._told: set[str] = set()
        #: objects that could not be read, and why
        self.failed: dict[str, SyncError] = {}

    def go(self, wanted: Mapping[str, Wanted], *, landed: Callable[[str], None] = lambda _: None) -> None:
        """Download what is wanted; `landed` is told each object that waits for its merge, complete and counted.

        What was downloaded earlier and never merged is not asked for again.

        Raises:
            SyncError: the org can't be reached or must not be asked now; what has landed stays.
            Stopped: it was told to stop; what has landed stays.
        """
        self._readings.is_stopped = lambda: self._stop.is_set() or self._ending.is_set()
        with self._readings.lane(), ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bulk") as pool:
            try:
                self._begin(wanted)
                self._tell(landed)
                while open_readings := [each for each in self._all() if not each.is_over]:
                    self._ask(open_readings, pool)
                    for future in self._next():
                        self._take(future, pool)
                    self._tell(landed)
            finally:
                self._ending.set()
                pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, wanted: Mapping[str, Wanted]) -> None:
        # All jobs first: Salesforce works on them while the first ones are downloaded.
        self._of = self._readings.resumed(wanted)
        for name, each in wanted.items():
            if name in self._of:
                continue
            try:
                self._of[name] = self._readings.begun(name, each)
            except (Skip, QueryTimedOut) as error:
                self.failed[name] = error

    def _all(self) -> list[Reading]:
        return [reading for name, made in self._of.items() if name not in self.failed for reading in made]

    # --- jobs ------------------------------------------------------------------------------------------------------

    def _ask(self, readings: list[Reading], pool: ThreadPoolExecutor) -> None:
        """Ask for the state of jobs whose time has come, and hand out the pages of those that are complete."""
        for reading in readings:
            if self._stop.is_set():
                raise Stopped
            known = self._waiting.get(reading.row.generation)
            if reading.is_over or reading.under_way or (known is not None and monotonic() < known.ask_at):
                continue
            try:
                if reading.job is None:
                    self._hand_out(reading, self._chain(reading, most=None), pool)
                elif self._is_ready(reading, reading.job):
                    self._hand_out(reading, self._pages_of(reading, reading.job), pool)
            except (Skip, QueryTimedOut, BadReply) as error:
                self._again(reading, error)

    def _is_ready(self, reading: Reading, job: BulkJob) -> bool:
        state = self._client.bulk_state(job)
        if state.is_complete:
            self._readings.expect(reading, state.records_processed)
            return True
        if state.has_ended:
            raise job_error(job, state)
        self._wait_more(reading, state)
        return False

    def _wait_more(self, reading: Reading, state: BulkState) -> None:
        """Ask again after a tenth of the time it took so far: small jobs are ready in moments, large ones in hours."""
        now = monotonic()
        known = self._waiting.setdefault(reading.row.generation, _Patience(since=now, ask_at=now, moved_at=now))
        moved = (state.state, state.records_processed)
        if moved != known.seen:
            known.seen, known.moved_at = moved, now
        if now - known.moved_at > self._patience:
            raise QueryTimedOut(object_name=reading.name, detail=f"the bulk job stayed {state.state}")
        known.ask_at = now + min(max(_FIRST_PAUSE, (now - known.since) / 10), _LONGEST_PAUSE)

    def _pages_of(self, reading: Reading, job: BulkJob) -> list[Page]:
        """The pages that have not landed: all of a large job, side by side, or the next one of a small job."""
        if reading.expected is None or reading.expected <= self._page_rows:
            return self._chain(reading, most=self._page_rows)
        locators = self._client.bulk_locators(job)
        landed = self._readings.landed_pages(reading)
        return [
            Page(number=number, locator=locator, most=None)
            for number, locator in enumerate(locators)
            if number not in landed
        ]

    @staticmethod
    def _chain(reading: Reading, *, most: int | None) -> list[Page]:
        row = reading.row
        if row.pages_landed and row.next_locator is None:
            return []
        return [Page(number=row.pages_landed, locator=row.next_locator, most=most)]

    # --- pages -----------------------------------------------------------------------------------------------------

    def _hand_out(self, reading: Reading, pages: list[Page], pool: ThreadPoolExecutor) -> None:
        self._waiting.pop(reading.row.generation, None)
        if not pages:
            self._complete(reading)
        for page in pages:
            reading.under_way += 1
            self._pages[pool.submit(self._readings.land, reading, page)] = (reading, page)

    def _next(self) -> list[Future[LandedPage]]:
        """Wait until a page has landed or the next job wants to be asked for."""
        soonest = min((each.ask_at for each in self._waiting.values()), default=None)
        pause = 1.0 if soonest is None else min(max(0.0, soonest - monotonic()), 1.0)
        if not self._pages:
            self._stop.wait(pause if self._waiting else 0.0)
            return []
        return list(wait(self._pages, timeout=pause, return_when=FIRST_COMPLETED).done)

    def _take(self, future: Future[LandedPage], pool: ThreadPoolExecutor) -> None:
        reading, page = self._pages.pop(future)
        reading.under_way -= 1
        if reading.is_over:
            return
        try:
            found = future.result()
        except ValueRefused as error:
            self._once_more(reading, page, BadReply(what=f"a page of {reading.name}", detail=str(error)), pool)
        except Retry as error:
            self._once_more(reading, page, error, pool)
        except Skip as error:
            self._again(reading, error)
        else:
            reading.rows += found.rows
            self._progress("snapshot", reading.name, sum(each.rows for each in self._of[reading.name]))
            if found.next_locator in reading.seen:
                self._again(reading, BadReply(what=f"a page of {reading.name}", detail="the pages run in a circle"))
            elif found.next_locator is not None:
                reading.seen.add(found.next_locator)
                following = Page(number=page.number + 1, locator=found.next_locator, most=page.most)
                self._hand_out(reading, [following], pool)
            elif not reading.under_way:
                self._complete(reading)

    def _complete(self, reading: Reading) -> None:
        if reading.expected is not None and reading.rows != reading.expected:
            error = ResultTruncated(object_name=reading.name, expected=reading.expected, got=reading.rows)
            self._again(reading, error)
        else:
            self._readings.landed(reading)

    def _tell(self, landed: Callable[[str], None]) -> None:
        for name, made in self._of.items():
            if name not in self._told and name not in self.failed and all(each.is_over for each in made):
                self._told.add(name)
                landed(name)

    # --- what went wrong -------------------------------------------------------------------------------------------

    def _once_more(self, reading: Reading, page: Page, error: SyncError, pool: ThreadPoolExecutor) -> None:
        """Fetch a page again; when it does not come whole in three tries, the job is at fault."""
        reading.tries[page.number] += 1
        if reading.tries[page.number] < _PAGE_TRIES:
            self._hand_out(reading, [page], pool)
        elif isinstance(error, ResultTruncated | BadReply | QueryTimedOut):
            self._again(reading, error)
        else:
            # The connection: if it is that to the org, asking says so and ends the download. What has landed stays.
            if reading.job is not None:
                self._client.bulk_state(reading.job)
            self._give_up(reading, error)

    def _again(self, reading: Reading, error: SyncError) -> None:
        """Begin a reading anew, once; when it comes to nothing again, its object can't be read now."""
        attempt = reading.row.attempt + 1
        try:
            if isinstance(error, FieldHidden):
                reading.hide(error)
                attempt = reading.row.attempt
            if attempt > _JOB_TRIES:
                raise error
            fresh = self._readings.begun_anew(reading, attempt=attempt)
        except (Skip, QueryTimedOut, ResultTruncated, BadReply) as last:
            self._readings.failed(reading, last)
            self._give_up(reading, last)
        else:
            made = self._of[reading.name]
            made[made.index(reading)] = fresh
            self._waiting.pop(reading.row.generation, None)

    def _give_up(self, reading: Reading, error: SyncError) -> None:
        self.failed[reading.name] = error
        for each in self._of[reading.name]:
            each.is_over = True
            self._waiting.pop(each.row.generation, None)
