"""What the steps of one pass share: the transaction, the org, what is known of it, and what has been read so far."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from models import org
from models.session import Store, WriteSession
from sync.errors import SyncError
from sync.extract.aggregate import by_ids, children
from sync.land.landing import Landing, relevance
from sync.land.late import Lateness, lateness, possibly_late
from sync.land.objects import KnownObject, note_failure
from sync.record import Records, Selection, SetOf
from sync.run.report import Kind, Progress
from sync.salesforce.client import Client
from sync.scope.catalog import Closure


@dataclass(slots=True, kw_only=True)
class Context:
    """One pass over one org, inside one transaction."""

    #: for what must not wait for the pass: each use of it is a transaction of its own
    store: Store
    session: WriteSession
    client: Client
    org_id: str
    generation: int
    kind: Kind
    progress: Progress
    landing: Landing
    closure: Closure
    known: dict[str, KnownObject]
    selections: dict[str, Selection]
    #: everything before it has been read when the pass ends; Salesforce's clock, never ours
    high: datetime
    #: object -> low end of the window that this pass has read of it (None: from the beginning)
    committed: dict[str, datetime | None] = field(default_factory=dict)
    #: object -> its new watermark
    high_of: dict[str, datetime] = field(default_factory=dict)
    #: objects of which this pass knows all deletions that Salesforce has a list of
    deletions_listed: set[str] = field(default_factory=set)
    #: objects of which this pass has read the widest overlap
    deep: set[str] = field(default_factory=set)
    #: what became visible after its object had been read beyond its stamp
    late: dict[str, Lateness] = field(default_factory=dict)
    failed: dict[str, SyncError] = field(default_factory=dict)
    #: what deals depend on without a stamp and is not what it was
    metadata_changed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def land(self, name: str, records: Records, *, in_window: bool = False) -> None:
        """Store records of one object, as far as they belong to the closure or are known already.

        `in_window` says that they came because they changed in a window, so that it is told which of them came late.
        """
        condition = relevance(self.closure[name], self.closure, self.landing.mirrors)
        watermark = self.known[name].watermark if in_window and name in self.known else None
        stamps = {} if watermark is None else possibly_late(self.landing, name, records, watermark=watermark)
        self.landing.land(self.selections[name], records, relevant=condition)
        if watermark is not None and stamps:
            late = lateness(self.landing, name, stamps, watermark=watermark)
            self.late[name] = self.late.get(name, Lateness()) + late

    def fetch(self, ids: Mapping[str, Sequence[str]], *, in_window: bool = False) -> dict[str, set[str]]:
        """Read records by their ids, deleted ones too, and store them; returns the ids that the org showed."""
        records = self.read(ids)
        for name, found in records.items():
            self.land(name, found, in_window=in_window)
        return {name: {record["Id"] for record in found} for name, found in records.items()}

    def read(self, ids: Mapping[str, Collection[str]]) -> dict[str, Records]:
        """Read records by their ids, deleted ones too; of what is shown only by its parents, all that these have."""
        wanted = {name: ids[name] for name in self.closure.names if ids.get(name) and name in self.selections}
        if not wanted:
            return {}
        by_parent = {name: each for name, each in wanted.items() if self.closure[name].asked_by_parent}
        asked = [self.selections[name] for name in wanted if name not in by_parent]
        records = by_ids(self.client, asked, wanted, include_deleted=True) if asked else {}
        for each in self._of_their_parents(by_parent):
            records.setdefault(each.object_name, []).extend(each.records)
        return records

    def _of_their_parents(self, ids: Mapping[str, Collection[str]]) -> list[SetOf]:
        """All children of the parents that hold these, as far as the mirror knows their parents."""
        parents = {name: self.landing.parents_of(name, each) for name, each in ids.items()}
        wanted = {name: each for name, each in parents.items() if each}
        return list(children(self.client, self.closure, self.selections, wanted))

    def bury_vanished(self, name: str, ids: set[str]) -> None:
        """Turn records into tombstones that a complete set of children does not hold.

        People's deletions are in Salesforce's list, and were buried for that reason before. When many records have
        vanished that are not in it, a permission was taken away: that is an alarm, and no reason to delete.
        """
        if name in self.deletions_listed and self.kind != "proof":
            self.landing.guard_deletions(name, len(ids))
        self.landing.bury(name, ids, how="deleted")

    def note_failures(self, failed: Mapping[str, SyncError]) -> None:
        """Remember in the store what could not be read, and what can be read again."""
        self.failed.update(failed)
        for name, error in failed.items():
            note_failure(self.session, self.org_id, name, error)
        for name in self.selections:
            if name not in self.failed and self.known[name].detail is not None:
                org.set_object_state(self.session, self.org_id, name, detail=None)
