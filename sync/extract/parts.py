"""Readings that share composite calls: queries that go on by id until they are complete, and lists of ids.

Each part knows its next request and what its answer means; `drain` packs the pending ones, at most five queries and 25
parts to a call, until none is pending. A part that fails keeps its error and leaves the others alone.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

from sync.errors import BadReply, ObjectMissing, QueryTimedOut, RequestRefused, ResultTruncated, Skip, SyncError
from sync.extract.spans import Spans, narrowed
from sync.record import ObjectShape, Records, Unchanged
from sync.salesforce.client import Client
from sync.salesforce.composite import MAX_PARTS, MAX_QUERIES, SubReply, SubRequest, query_page
from sync.salesforce.describe import describe_requests, described
from sync.salesforce.replication import Changes, deleted_of, deleted_url, span, updated_of, updated_url
from sync.salesforce.soql import PAGE_SIZE, query_url

#: calls that are under way together, where many parts are to be read; what they bring is in memory together
CALLS_AT_ONCE = 2
#: when so many parts are complete and wait for their turn, no second call is made
_AHEAD = MAX_QUERIES


class Part(Protocol):
    """One reading that may need several requests."""

    is_query: bool

    @property
    def is_pending(self) -> bool:
        """Whether there is something left to ask."""
        ...

    def request(self, client: Client) -> SubRequest:
        """The next request; its reference is set by the call it travels in."""
        ...

    def absorb(self, reply: SubReply) -> None:
        """Take the answer to the last request."""
        ...


AnyPart = TypeVar("AnyPart", bound=Part)


class QueryPart:
    """Reads all rows of a query in the order of their ids, page by page, each page beginning behind the last id seen.

    Unlike locators this survives a new login, and rows with equal stamps can't fall between two pages. A statement that
    takes Salesforce too long is asked again in smaller spans of ids.
    """

    is_query = True

    def __init__(
        self,
        object_name: str,
        statement: Callable[[str | None], str],
        *,
        include_deleted: bool = False,
        limited: bool = True,
        after_id: str | None = None,
    ) -> None:
        """Begin at the first row, or behind the one with the id `after_id`."""
        self.object_name = object_name
        #: makes the statement of the next page out of the last id seen
        self._statement = statement
        self._include_deleted = include_deleted
        #: whether a statement ends with LIMIT: then a full page means that there may be more, and the count of the
        #: first page is not that of the whole
        self._limited = limited
        self._spans = Spans(object_name, after_id=after_id)
        self._timed_out: QueryTimedOut | None = None
        self._seen: set[str] = set()
        #: rows of the whole query, and of the present span, by Salesforce's count
        self._expected: int | None = None
        self._expected_in_span: int | None = None
        self._count_in_span = 0
        self._is_complete = False
        self.records: Records = []
        self.error: SyncError | None = None

    @property
    def is_pending(self) -> bool:
        """Whether there is another page."""
        return not self._is_complete and self.error is None

    def request(self, client: Client) -> SubRequest:
        """The request for the next page, or for where to cut a span that can't be read in one piece."""
        span = self._spans.present
        if self._spans.is_cutting:
            statement = self._spans.edge_statement()
        else:
            statement = narrowed(self._statement(span.after), span.up_to)
        url = query_url(client.base, statement, include_deleted=self._include_deleted)
        return SubRequest(reference="page", url=url)

    def absorb(self, reply: SubReply) -> None:
        """Keep the rows of a page and notice whether it was the last."""
        error = reply.error(object_name=self.object_name)
        if isinstance(error, QueryTimedOut) and self._spans.cut():
            self._timed_out = error
            return
        if error is not None:
            # Some objects can't be asked for their edges; then it is still the time-out that stands in the way.
            self.error = self._timed_out if self._spans.is_cutting and isinstance(error, Skip) else error
            return
        try:
            if self._spans.is_cutting:
                self._take_edge(reply)
            else:
                self._take(reply)
        except SyncError as error:
            self.error = error

    def taken(self) -> Records:
        """The records since the last call of this, for readers that store page by page."""
        records, self.records = self.records, []
        return records

    def _take(self, reply: SubReply) -> None:
        page = query_page(reply.body, what=f"a query of {self.object_name}")
        fresh = [record for record in page.records if record["Id"] not in self._seen]
        if page.records and not fresh:
            raise BadReply(what=f"a query of {self.object_name}", detail="the pages run in a circle")
        if self._expected is None and self._spans.is_whole:
            self._expected = page.total_size
        if self._expected_in_span is None:
            self._expected_in_span = page.total_size
        self.records.extend(fresh)
        self._count_in_span += len(fresh)
        self._seen.update(record["Id"] for record in fresh)
        if page.records:
            self._spans.read_up_to(page.records[-1]["Id"])
        if page.done and len(page.records) != page.total_size:
            raise ResultTruncated(object_name=self.object_name, expected=page.total_size, got=len(page.records))
        # A page may be shorter than asked for (wide rows), even empty, so only `done` says that a result has ended.
        if not page.records and not page.done:
            raise BadReply(what=f"a query of {self.object_name}", detail="an empty page which is not the last")
        full = self._limited and len(page.records) >= PAGE_SIZE
        if page.done and not full:
            self._verify(self._expected_in_span, self._count_in_span)
            self._go_on(is_left=self._spans.finish())

    def _take_edge(self, reply: SubReply) -> None:
        page = query_page(reply.body, what=f"a query of {self.object_name}")
        # What was read of a span before it had to be cut counts for the whole only.
        self._go_on(is_left=self._spans.take_edge(page.records))

    def _go_on(self, *, is_left: bool) -> None:
        """Begin the next span, or end."""
        self._expected_in_span, self._count_in_span = None, 0
        self._is_complete = not is_left
        if self._is_complete:
            self._verify(self._expected, len(self._seen))

    def _verify(self, expected: int | None, got: int) -> None:
        if not self._limited and expected is not None and got != expected:
            raise ResultTruncated(object_name=self.object_name, expected=expected, got=got)


class ListPart:
    """Reads the list of ids that changed, or that vanished, in a time span."""

    is_query = False

    def __init__(self, object_name: str, low: datetime, high: datetime, *, deleted: bool) -> None:
        self.object_name = object_name
        self.is_deletions = deleted
        self._low = low
        self._high = high
        self._into_present = True
        self.start = low
        self.changes: Changes | None = None
        self.error: SyncError | None = None

    @property
    def is_pending(self) -> bool:
        """Whether the list is still to be asked for."""
        return self.changes is None and self.error is None

    def request(self, client: Client) -> SubRequest:
        """The request for the list."""
        high = self._high
        if not self._into_present and client.server_date is not None:
            high = min(high, client.server_date)
        self.start, end = span(self._low, high, into_present=self._into_present)
        make = deleted_url if self.is_deletions else updated_url
        return SubRequest(reference="list", url=make(client.base, self.object_name, self.start, end))

    def absorb(self, reply: SubReply) -> None:
        """Keep the list. A span that ends in the future is asked for once more without the present minute."""
        error = reply.error(object_name=self.object_name)
        if isinstance(error, RequestRefused) and error.error_code == "INVALID_REPLICATION_DATE" and self._into_present:
            self._into_present = False
            return
        if error is not None:
            self.error = error
            return
        try:
            read = deleted_of if self.is_deletions else updated_of
            self.changes = read(reply.body, name=self.object_name)
        except SyncError as bad:
            self.error = bad


class CountPart:
    """Reads how many records a query finds."""

    is_query = True

    def __init__(self, object_name: str, soql: str) -> None:
        self.object_name = object_name
        self._soql = soql
        self.count: int | None = None
        self.error: SyncError | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be asked for."""
        return self.count is None and self.error is None

    def request(self, client: Client) -> SubRequest:
        """The request for the count."""
        return SubRequest(reference="count", url=query_url(client.base, self._soql))

    def absorb(self, reply: SubReply) -> None:
        """Keep the count."""
        self.error = reply.error(object_name=self.object_name)
        if self.error is not None:
            return
        what = f"a count of {self.object_name}"
        try:
            (row,) = query_page(reply.body, what=what).records
            self.count = int(row["n"])
        except SyncError as bad:
            self.error = bad
        except (ValueError, KeyError, TypeError):
            self.error = BadReply(what=what, detail="no number in it")


class DescribePart:
    """Reads the description of an object, if it has changed."""

    is_query = False

    def __init__(self, object_name: str, last_modified: str | None) -> None:
        self.object_name = object_name
        self._known = {} if last_modified is None else {object_name: last_modified}
        self.answer: ObjectShape | Unchanged | ObjectMissing | None = None
        self.error: SyncError | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be asked for."""
        return self.answer is None and self.error is None

    def request(self, client: Client) -> SubRequest:
        """The request for the description."""
        return describe_requests(client.base, [self.object_name], self._known)[0]

    def absorb(self, reply: SubReply) -> None:
        """Keep the description. A failure only means that it is asked for again some other time."""
        try:
            self.answer = described(self.object_name, reply)
        except SyncError as bad:
            self.error = bad


def drain(client: Client, parts: Collection[Part]) -> datetime | None:
    """Ask until no part is pending. Returns Salesforce's clock in the first reply, None when nothing was asked."""
    first_date: datetime | None = None
    while any(part.is_pending for part in parts):
        advance(client, parts)
        first_date = first_date or client.server_date
    return first_date


def in_order(client: Client, parts: Iterable[AnyPart]) -> Iterator[AnyPart]:
    """Each part when it is complete, in their order; while the caller stores one, the next calls are under way.

    It takes no more calls than `drain`, and reads no further ahead than a few calls hold.
    """
    left = deque(parts)
    if len(left) <= MAX_QUERIES:
        drain(client, left)
        yield from left
        return
    under_way: dict[Future[None], list[AnyPart]] = {}
    pool = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="reading")
    try:
        while left:
            for call in _calls_to_make(left, list(under_way.values())):
                under_way[pool.submit(_ask, client, call)] = call
            if not left[0].is_pending and not any(left[0] in call for call in under_way.values()):
                yield left.popleft()
                continue
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                del under_way[done]
                done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _calls_to_make(left: Iterable[AnyPart], under_way: list[list[AnyPart]]) -> Iterator[list[AnyPart]]:
    """What can be asked beside what is asked already: full calls, or the rest when nothing is under way."""
    asked = {id(part) for call in under_way for part in call}
    near = [part for part in islice(left, 2 * CALLS_AT_ONCE * MAX_QUERIES) if id(part) not in asked]
    free = [part for part in near if part.is_pending]
    most = CALLS_AT_ONCE if len(near) - len(free) < _AHEAD else 1
    made = len(under_way)
    while free and made < most:
        call = _next_call(free)
        if len(call) < MAX_QUERIES and made:
            return  # more may join it: a call has its price, however little it holds
        yield call
        made += 1
        free = [part for part in free if part not in call]


def advance(client: Client, parts: Iterable[Part]) -> None:
    """Make one call with as many of the pending parts as it holds."""
    _ask(client, _next_call([part for part in parts if part.is_pending]))


def _ask(client: Client, pending: Sequence[Part]) -> None:
    requests = [replace(part.request(client), reference=f"r{position}") for position, part in enumerate(pending)]
    replies = client.composite(requests)
    for position, part in enumerate(pending):
        part.absorb(replies[f"r{position}"])


def _next_call(pending: Sequence[AnyPart]) -> list[AnyPart]:
    queries = [part for part in pending if part.is_query][:MAX_QUERIES]
    others = [part for part in pending if not part.is_query]
    return [*queries, *others][:MAX_PARTS]
