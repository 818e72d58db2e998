"""A complete read of an object's scope, for the first load and for repairs: bulk jobs, streamed page by page.

Objects that bulk jobs refuse, and the few that are read whole, come as records instead. An object whose field was
hidden since its description is read without that field, and the field is reported.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from sync.errors import BulkUnsupported, FieldHidden, Skip, SyncError
from sync.extract.parts import QueryPart, advance
from sync.record import Records, Selection
from sync.salesforce.bulk import BulkJob, BulkPage
from sync.salesforce.client import Client
from sync.scope.catalog import STANDARD, Closure, Reach
from sync.scope.closure import SnapshotQuery, snapshot_queries


class Snapshot:
    """Reads whole objects. Start all jobs first: Salesforce works on them while the first ones are streamed."""

    def __init__(self, client: Client, selections: Mapping[str, Selection], *, closure: Closure = STANDARD) -> None:
        self._client = client
        self._closure = closure
        #: what is read of each object, less the fields that turned out to be hidden
        self.selections: dict[str, Selection] = dict(selections)
        self._streamed: set[str] = set()
        #: the jobs that were started, by object
        self.jobs: dict[str, list[BulkJob]] = {}
        #: objects that come as records: see `records`
        self.paged: dict[str, list[SnapshotQuery]] = {}
        #: fields that were hidden since the objects were described
        self.hidden: list[FieldHidden] = []
        #: objects that can't be read at all
        self.failed: dict[str, SyncError] = {}

    def start(self, names: Sequence[str]) -> dict[str, list[BulkJob]]:
        """Start the jobs of some objects and return them. What can't be a job is in `paged` or `failed` afterwards."""
        for name in names:
            if name not in self.selections:
                continue
            try:
                self._start(name)
            except Skip as error:
                self.failed[name] = error
        return self.jobs

    def stream(self, name: str) -> Iterator[BulkPage]:
        """The pages of an object's jobs, each to be stored and verified before the next is asked for.

        The same record can come twice when two ways lead to it (contacts: by account, and by role).
        """
        for job in self.jobs.get(name, ()):
            yield from self._client.bulk_pages(job)
            self._streamed.add(job.id)

    def records(self, name: str) -> Iterator[Records]:
        """The records of an object that is not read by jobs, in pieces of about one page."""
        for query in self.paged.get(name, ()):
            part = QueryPart(name, query.page, include_deleted=query.include_deleted)
            while part.is_pending:
                advance(self._client, [part])
                if part.error is not None:
                    raise part.error
                yield part.taken()

    def finish(self) -> None:
        """Remove the jobs and their results from Salesforce; those that still run are stopped first."""
        for jobs in self.jobs.values():
            self._remove(jobs)
        self.jobs.clear()

    def _start(self, name: str) -> None:
        while True:
            queries = snapshot_queries(name, self.selections[name], self._closure)
            if self._closure[name].reach is Reach.WHOLE:
                self.paged[name] = queries
                return
            try:
                self.jobs[name] = self._started(name, queries)
            except BulkUnsupported:
                self.paged[name] = queries
            except FieldHidden as error:
                self._drop(name, error)
                continue
            return

    def _started(self, name: str, queries: Sequence[SnapshotQuery]) -> list[BulkJob]:
        jobs: list[BulkJob] = []
        try:
            for query in queries:
                include_deleted = query.include_deleted
                jobs.append(self._client.start_bulk(query.soql, object_name=name, include_deleted=include_deleted))
        except SyncError:
            self._remove(jobs)
            raise
        return jobs

    def _remove(self, jobs: Sequence[BulkJob]) -> None:
        # Only tidying up: Salesforce drops what is left after seven days, so a failure here is none.
        for job in jobs:
            with suppress(SyncError):
                if job.id not in self._streamed and not self._client.bulk_state(job).is_complete:
                    self._client.abort_bulk(job)
                self._client.delete_bulk(job)

    def _drop(self, name: str, error: FieldHidden) -> None:
        less = self.selections[name].without(error.field_name)
        if less == self.selections[name]:
            raise error  # a field we did not select: the condition itself can't be asked without it
        self.hidden.append(error)
        self.selections[name] = less
