"""The steps of one pass, in the order in which they happen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from models import org, scope
from models.mirror import MIRRORS
from models.session import WriteSession
from sync.errors import FieldHidden, ObjectMissing, SyncError
from sync.extract.aggregate import aggregates, by_ids
from sync.extract.poll import Poll, poll
from sync.land.landing import Landing, relevance
from sync.land.objects import (
    KnownObject,
    count_rows,
    hide_field,
    known_objects,
    note_failure,
    remember_descriptions,
)
from sync.land.references import NAMED_BY, named_ids, referring_ids
from sync.record import Records, Selection, Window
from sync.run.announce import announce
from sync.run.read_whole import read_whole, vanished
from sync.run.report import Kind, PassReport, Progress
from sync.salesforce.client import Client
from sync.scope.catalog import (
    ACCOUNT_CHILDREN,
    BY_NAME,
    CLOSURE,
    DEAL_CHILDREN,
    DEEP_QUERIED,
    DEEP_REPLICATED,
    POLL_QUERIED,
    POLL_REPLICATED,
    ROOT,
)
from sync.scope.mapping import select_fields

#: Rows become visible later than their modstamp says (a transaction stamps when it saves and shows when it commits),
#: so what a window covers is read again for a while.
OVERLAP = timedelta(seconds=60)
DEEP_OVERLAP = timedelta(minutes=15)
#: Salesforce remembers deletions for 15 days; a store that slept longer is read whole.
OLDEST_WINDOW = timedelta(days=14)
#: More changed deals than this in one window are read as a snapshot, which is cheaper than asking for each.
MANY_DEALS = 2_000
_STAGES = "OpportunityStage"
_SETS_AT_ONCE = 400


class Pass:
    """One pass over one org, inside one transaction."""

    def __init__(
        self, session: WriteSession, client: Client, org_id: str, *, generation: int, kind: Kind, progress: Progress
    ) -> None:
        self.session = session
        self.client = client
        self.org_id = org_id
        self.generation = generation
        self.kind: Kind = kind
        self.progress = progress
        self.known: dict[str, KnownObject] = known_objects(session, org_id)
        self.selections: dict[str, Selection] = {}
        self._known_at_start = self.known
        #: everything before it has been read when the pass ends; Salesforce's clock, never ours
        self.high = client.server_date or client.server_now
        #: object -> low end of the window that this pass has read of it (None: from the beginning)
        self.committed: dict[str, datetime | None] = {}
        #: deals that may have been saved again within the second in which they were last read
        self._same_second: list[str] = []
        #: object -> its new watermark
        self.high_of: dict[str, datetime] = {}
        self.failed: dict[str, SyncError] = {}
        self.warnings: list[str] = []
        self.landing: Landing

    def go(self) -> PassReport:
        """Read what there is to read, store it, shape it, announce it."""
        if self.kind != "live" or not self.known:
            self._describe()
        self._select()
        first_time = ROOT in self.selections and self.known[ROOT].snapshot_at is None
        whole = self._wanted_whole()
        everything = self.kind == "proof" or set(whole) >= set(self.selections)
        if everything and self.kind != "proof":
            self.kind = "snapshot"
        self.landing = Landing(self.session, self.org_id, generation=self.generation, everything=everything)
        if not everything:
            whole = self._read_window(whole)
        self._read_whole(whole)
        entered, left = self.landing.settle()
        self._complete_aggregates(entered, whole)
        self._complete_references()
        if (everything or whole) and self._look_into_vanished(whole):
            late_in, late_out = self.landing.settle()
            entered, left = [*entered, *late_in], [*left, *late_out]
            self._complete_references()
        scope.drop_unused_accounts(self.session, self.org_id)
        briefs, events = 0, 0
        if self.kind != "proof":
            self.progress("briefs", None, 0)
            every = everything or self._described_anew()
            briefs, events = announce(
                self.landing, entered, left, quietly=first_time, every=every, progress=self.progress
            )
        self._advance()
        return self._report(entered, left, briefs=briefs, events=events)

    # --- what there is ---------------------------------------------------------------------------------------------

    def _describe(self) -> None:
        """Ask what objects and fields there are; one call, and mostly the answer is that nothing changed."""
        self.progress("describe", None, 0)
        known = {
            name: state.shape.last_modified
            for name, state in self.known.items()
            if state.shape is not None and state.shape.last_modified
        }
        described = self.client.describe(CLOSURE, known)
        grown = remember_descriptions(self.session, self.org_id, self.known, described)
        org.forget_snapshots(self.session, self.org_id, grown)
        self.known = known_objects(self.session, self.org_id)

    def _select(self) -> None:
        self.selections = {
            name: _less(select_fields(state.shape), state.unavailable)
            for name in CLOSURE
            if (state := self.known.get(name)) is not None and state.shape is not None
        }
        root = self.selections.get(ROOT)
        if root is None:
            raise ObjectMissing(object_name=ROOT)
        if not root.has("IsWon"):
            raise FieldHidden(object_name=ROOT, field_name="IsWon")

    def _wanted_whole(self) -> list[str]:
        watermarks = [self.known[name].watermark for name in self.selections]
        oldest = min((each for each in watermarks if each is not None), default=self.high)
        if (
            self.kind in {"snapshot", "proof"}
            or self.known[ROOT].snapshot_at is None
            or self.high - oldest > OLDEST_WINDOW
        ):
            return list(self.selections)
        return [name for name in self.selections if self.known[name].needs_snapshot]

    # --- extract and land ------------------------------------------------------------------------------------------

    def _read_window(self, whole: Sequence[str]) -> list[str]:
        """Read what changed since the watermarks; returns the objects that must be read whole after it."""
        readable = {name: each for name, each in self.selections.items() if name not in whole}
        low = min(self.known[name].watermark or self.high for name in readable)
        low = min(low, self.high) - (DEEP_OVERLAP if self.kind == "deep" else OVERLAP)
        window = Window(low=low, high=max(self.client.server_now, self.high) + timedelta(seconds=2))
        self.progress("poll", None, 0)
        lists = (DEEP_REPLICATED, DEEP_QUERIED) if self.kind == "deep" else (POLL_REPLICATED, POLL_QUERIED)
        replicated, queried = lists
        found = poll(self.client, readable, window, deleted_since=low, replicated=replicated, queried=queried)
        if found.server_date is not None:
            self.high = found.server_date
        self._note_failures(found.failed)
        self._same_second = self._saved_since_last_pass(found.opportunities)
        flipped = self._land_stages(found.stages)
        for name, records in {ROOT: found.opportunities, **found.changed}.items():
            self._land(name, records)
        self._look_at(found)
        for name in readable:
            if name not in self.failed:
                self.committed[name] = low
                self.high_of[name] = min(self.high, found.covered.get(name, self.high))
        asked_again = [*whole, *found.deletions_lost]
        changed = len(self.landing.touched(ROOT))
        if flipped or changed > MANY_DEALS:
            return list(
                dict.fromkeys([*asked_again, ROOT, *(name for name in DEAL_CHILDREN if name in self.selections)])
            )
        return list(dict.fromkeys(asked_again))

    def _saved_since_last_pass(self, opportunities: Records) -> list[str]:
        """Return the opportunities with a stamp as young as the last reading.

        Stamps count whole seconds: a deal that was read and then saved twice within one second may look the same and
        yet have new children, such as the history of both saves.
        """
        row = org.org_row(self.session, self.org_id)
        last = row.watermark if row is not None else None
        if last is None:
            return []
        since = last - timedelta(seconds=1)
        return [each["Id"] for each in opportunities if datetime.fromisoformat(each["SystemModstamp"]) >= since]

    def _land(self, name: str, records: Records) -> None:
        selection = self.selections[name]
        self.landing.land(selection, records, relevant=relevance(name, BY_NAME[name].parent_field))

    def _land_stages(self, stages: Records) -> bool:
        """Store the stages; whether one changed between won and not won, which moves deals without any stamp."""
        if not stages or _STAGES not in self.selections:
            return False
        before = self._won_stages()
        self._land(_STAGES, stages)
        gone = self.landing.alive(_STAGES, self._ids(_STAGES)) - {record["Id"] for record in stages}
        self.landing.bury(_STAGES, gone, how="deleted")
        return before != self._won_stages()

    def _won_stages(self) -> set[str]:
        rows = self.session.execute(
            text("SELECT id FROM closure.opportunitystage WHERE org_id = :org_id AND iswon"), {"org_id": self.org_id}
        )
        return set(rows.scalars())

    def _ids(self, name: str) -> list[str]:
        rows = self.session.execute(
            text(f"SELECT id FROM salesforce.{MIRRORS[name].name} WHERE org_id = :org_id"), {"org_id": self.org_id}
        )
        return list(rows.scalars())

    def _look_at(self, found: Poll) -> None:
        """Fetch the records whose ids changed or vanished, as far as they concern the closure."""
        wanted: dict[str, set[str]] = {}
        for name, ids in found.updated_ids.items():
            # A child that we do not know may have come to a deal; of what is only named, known records matter.
            is_child = name in DEAL_CHILDREN or name in ACCOUNT_CHILDREN
            wanted[name] = set(ids) if is_child else self.landing.known(name, ids)
        vanished_ids = {name: self.landing.alive(name, ids) for name, ids in found.deleted_ids.items()}
        for name, alive in vanished_ids.items():
            wanted.setdefault(name, set()).update(alive)
        present = self._fetch({name: sorted(ids) for name, ids in wanted.items() if ids})
        for name, alive in vanished_ids.items():
            self.landing.bury(name, alive - present.get(name, set()), how="deleted")

    def _fetch(self, ids: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
        """Read records by their ids, deleted ones too, and store them; returns the ids that the org showed."""
        asked = [self.selections[name] for name in ids if name in self.selections]
        if not asked:
            return {}
        records = by_ids(self.client, asked, ids, include_deleted=True)
        for name, each in records.items():
            self._land(name, each)
        return {name: {record["Id"] for record in each} for name, each in records.items()}

    def _read_whole(self, names: Sequence[str]) -> None:
        if not names:
            return
        selections, hidden, failed = read_whole(
            self.client, self.landing, self.selections, names, progress=self.progress
        )
        self.selections.update(selections)
        for error in hidden:
            hide_field(self.session, self.org_id, error.object_name, error.field_name)
        self._note_failures(failed)
        for name in names:
            if name not in self.failed:
                self.committed[name] = None
                self.high_of[name] = self.high
                org.set_object_state(self.session, self.org_id, name, snapshot_at=datetime.now(UTC))

    def _complete_aggregates(self, entered: Sequence[str], whole: Sequence[str]) -> None:
        """Fetch everything that hangs on deals that came in or changed, and on accounts that got their first deal."""
        wanted = {name: each for name, each in self.selections.items() if name not in whole}
        again = self.landing.members([*self.landing.touched(ROOT, gone=False), *self._same_second])
        deals = sorted({*entered, *again})
        accounts = scope.accounts_to_fill(self.session, self.org_id)
        for start in range(0, max(len(deals), len(accounts)), _SETS_AT_ONCE) if wanted else ():
            self.progress("deals", None, start)
            piece = slice(start, start + _SETS_AT_ONCE)
            for each in aggregates(self.client, wanted, deals[piece], accounts[piece]):
                selection = self.selections[each.object_name]
                if each.object_name in DEAL_CHILDREN:
                    self.landing.replace_set(selection, each)
                else:  # a contact that is not there any more may have moved to another account
                    self.landing.land(selection, each.records)
        scope.accounts_filled(self.session, self.org_id, accounts, generation=self.generation)

    def _complete_references(self) -> None:
        """Read what the closure names and we do not hold, until nothing is missing (parents have parents)."""
        if not self.landing.everything and not self.landing.has_touched():
            return
        self._refetch_holders()
        among: Collection[str] = list(MIRRORS)
        while wanted := {
            name: ids
            for name in NAMED_BY
            if name in self.selections and (ids := named_ids(self.landing, name, among=among))
        }:
            self.progress("references", None, sum(map(len, wanted.values())))
            asked = [self.selections[name] for name in wanted]
            for name, records in by_ids(self.client, asked, wanted).items():
                self.landing.land(self.selections[name], records)
                absent = set(wanted[name]) - {record["Id"] for record in records}
                scope.remember_unresolved(self.session, self.org_id, name, absent, generation=self.generation)
            among = wanted.keys()

    def _refetch_holders(self) -> None:
        """Read again what looked up a record that is gone: Salesforce cleared those lookups without a stamp."""
        holders: dict[str, set[str]] = {}
        for name in ("Account", "Contact", "Contract", "Quote", "Product2", "PricebookEntry"):
            if self.landing.touched(name, gone=True):
                for holder, ids in referring_ids(self.landing, name).items():
                    holders.setdefault(holder, set()).update(ids)
        self._fetch({name: sorted(ids) for name, ids in holders.items()})

    def _look_into_vanished(self, whole: Sequence[str]) -> bool:
        """Ask by id for records that a complete reading did not come across; whether there were any."""
        names = (
            list(self.selections) if self.landing.everything else [name for name in whole if name in self.selections]
        )
        missing = vanished(self.landing, [name for name in names if name not in self.failed])
        present = self._fetch(missing)
        for name, ids in missing.items():
            gone = set(ids) - present.get(name, set())
            if self.kind != "proof":
                self.landing.guard_deletions(name, len(gone))
            self.landing.bury(name, gone, how="not_visible")
        return bool(missing)

    # --- the end ---------------------------------------------------------------------------------------------------

    def _described_anew(self) -> bool:
        """Whether a field became unavailable, or available again, in this pass: each brief says so."""
        return any(
            state.unavailable != before.unavailable
            for name, before in self._known_at_start.items()
            if (state := self.known.get(name)) is not None
        )

    def _advance(self) -> None:
        org.advance_watermarks(self.session, self.org_id, {name: self.high_of[name] for name in self.committed})
        changed = [name for name, count in self.landing.counts.items() if count.rows_written or count.rows_deleted]
        count_rows(self.session, self.org_id, changed)
        values: dict[str, object] = {}
        if not self.failed:
            values["watermark"] = self.high
        if self.kind != "live":
            values["last_deep_at"] = datetime.now(UTC)
        usage = self.client.usage
        if usage is not None:
            values |= {"api_used": usage.used, "api_limit": usage.limit}
        org.pass_done(self.session, self.org_id, values)

    def _note_failures(self, failed: Mapping[str, SyncError]) -> None:
        self.failed.update(failed)
        for name, error in failed.items():
            note_failure(self.session, self.org_id, name, error)
        for name in self.selections:
            if name not in self.failed and self.known[name].detail is not None:
                org.set_object_state(self.session, self.org_id, name, detail=None)

    def _report(
        self, entered: Sequence[str], left: Sequence[tuple[str, str]], *, briefs: int, events: int
    ) -> PassReport:
        objects = {name: asdict(self.landing.counts[name]) for name in sorted(self.selections)}
        return PassReport(
            kind=self.kind,
            rows_read=sum(each["rows_read"] for each in objects.values()),
            rows_written=sum(each["rows_written"] for each in objects.values()),
            rows_deleted=sum(each["rows_deleted"] for each in objects.values()),
            deals_in=len(entered),
            deals_out=len(left),
            briefs=briefs,
            events=events,
            objects=objects,
            windows={"committed": len(self.committed), "failed": len(self.failed)},
            failed={name: str(error) for name, error in sorted(self.failed.items())},
        )


def _less(selection: Selection, unavailable: Sequence[str]) -> Selection:
    for name in unavailable:
        selection = selection.without(name)
    return selection
