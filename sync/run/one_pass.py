"""The steps of one pass, in the order in which they happen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from models import org, run
from models.bulk_job import BulkRow
from models.kept_scope import scope_applied
from models.membership import Membership, Settled
from models.scope import drop_unused_accounts
from models.session import Store, WriteSession
from sync.errors import ObjectMissing, SyncError
from sync.land.landing import Landing
from sync.land.metadata import description_changed
from sync.land.objects import (
    KnownObject,
    count_rows,
    known_objects,
    note_late,
    remember_descriptions,
)
from sync.record import Selection
from sync.run.announce import announce
from sync.run.completing import complete_aggregates, complete_references
from sync.run.context import Context
from sync.run.membership import check_fields, check_scope, read_newcomers
from sync.run.own_objects import closure_of, leave_out, reached_otherwise
from sync.run.read_whole import clear_merged, read_whole, vanished
from sync.run.report import Kind, PassReport, Progress
from sync.run.scope_in_force import ScopeInForce, scope_in_force
from sync.run.window import WindowRead, read_window, with_children
from sync.salesforce.client import Client
from sync.scope.catalog import ACCOUNT, ROOT, Closure
from sync.scope.mapping import select_fields

#: Salesforce remembers deletions for 15 days; an object that was not read for so long is read whole.
OLDEST_WINDOW = timedelta(days=14)

#: What a pass does in place of reading a window, given who may be a member; returns who came in and left by it.
Work = Callable[[Context, Membership], Settled]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What a pass may do or leave, beside its kind."""

    #: objects that want to be read whole, such as one with a new field, are left to the bulk lane; their windows are
    #: read as ever
    leave_whole: bool = False
    #: however much vanished is deleted: a person has looked
    accept_deletions: bool = False


CAREFUL = Manner()


class Pass:
    """One pass over one org, inside one transaction."""

    def __init__(
        self,
        store: Store,
        session: WriteSession,
        client: Client,
        org_id: str,
        *,
        kind: Kind,
        progress: Progress,
        manner: Manner = CAREFUL,
    ) -> None:
        """Prepare a pass."""
        self.store = store
        self._manner = manner
        self.session = session
        self.client = client
        self.org_id = org_id
        self.kind: Kind = kind
        self.progress = progress
        #: bulk jobs whose results were merged; they may be removed once the pass is committed
        self.merged: list[BulkRow] = []
        self._known_at_start = known_objects(session, org_id)
        self._metadata_changed: list[str] = []
        self.ctx: Context
        self.scope: ScopeInForce

    @property
    def committed(self) -> dict[str, datetime | None]:
        """The low end of the window that was read of each object; None for one that was read whole."""
        return self.ctx.committed

    @property
    def high(self) -> datetime:
        """The end of the windows of this pass."""
        return self.ctx.high

    @property
    def failed(self) -> dict[str, SyncError]:
        """What could not be read, by object."""
        return self.ctx.failed

    @property
    def selections(self) -> dict[str, Selection]:
        """What was read of each object."""
        return self.ctx.selections

    def go(self) -> PassReport:
        """Read what there is to read, store it, shape it, announce it."""
        scope = self.scope = scope_in_force(self.session, self.org_id, now=self.client.server_now)
        known = self._known()
        closure = closure_of(known, scope)
        selections = selections_of(closure, known)
        check_fields(scope, frozenset(selections[ROOT].names))
        if self._leaves_whole(known):
            never_read = {name for name in selections if known[name].needs_snapshot and known[name].watermark is None}
            selections = {name: each for name, each in selections.items() if name not in never_read}
        whole = self._wanted_whole(closure, known, selections)
        # Not whether deals are read whole, which a new field brings about as well: that is no first load.
        first_time = known[ROOT].watermark is None
        everything = self.kind == "proof" or set(whole) >= set(selections)
        if everything and self.kind != "proof":
            self.kind = "snapshot"
        ctx = self._open(closure, known, selections, everything=everything)
        generation = ctx.generation
        window = None if everything else read_window(ctx, whole)
        whole, is_news = self._whole_now(window, whole, everything=everything)
        if whole:
            read_whole(ctx, whole, since=ctx.high if is_news else None)
        leave_out(ctx, scope)
        check_scope(ctx, scope)
        settled = ctx.landing.settle(scope.membership, everywhere=bool(whole) or self._judges_everywhere)
        if window is not None:
            window.bury_unseen(ctx)
        # What was downloaded before this pass does not know all children of a deal that came in meanwhile. After a
        # first load the windows bring them: none has been read before.
        covered = whole if first_time or ctx.landing.reads_since(generation) else ()
        complete_aggregates(ctx, settled.entered, window.same_second if window else (), whole=covered)
        complete_references(ctx)
        if (everything or whole) and self._look_into_vanished(whole):
            settled += ctx.landing.settle(scope.membership, everywhere=True)
            complete_references(ctx)
        if self.kind != "proof" and not ctx.landing.whole.isdisjoint(ctx.committed):
            ctx.landing.forget_outside(name for name in ctx.selections if name not in ctx.failed)
        if window is not None:
            window.compare_counts(ctx)
        if self.kind != "live":
            drop_unused_accounts(self.session, self.org_id)
        briefs, events = 0, 0
        if self.kind != "proof":
            self.progress("briefs", None, 0)
            every = everything or self._described_anew()
            briefs, events = announce(
                ctx.landing, settled, quietly=first_time, every=every, at=ctx.high, progress=self.progress
            )
            self.merged = clear_merged(ctx)
        self._advance()
        return self._report(settled, briefs=briefs, events=events)

    def mend(self, work: Work) -> PassReport:
        """Do what a comparison asks for, with all that follows from it; the watermarks stay where they are."""
        scope = self.scope = scope_in_force(self.session, self.org_id, now=self.client.server_now)
        known = known_objects(self.session, self.org_id)
        closure = closure_of(known, scope)
        ctx = self._open(closure, known, selections_of(closure, known), everything=False)
        settled = work(ctx, scope.membership)
        settled += ctx.landing.settle(scope.membership, everywhere=True)
        complete_aggregates(ctx, settled.entered, (), whole=())
        complete_references(ctx)
        drop_unused_accounts(self.session, self.org_id)
        briefs, events = announce(ctx.landing, settled, quietly=False, every=False, at=ctx.high, progress=self.progress)
        self._advance()
        return self._report(settled, briefs=briefs, events=events)

    def _open(
        self, closure: Closure, known: dict[str, KnownObject], selections: dict[str, Selection], *, everything: bool
    ) -> Context:
        high = self.client.server_date or self.client.server_now
        generation = run.next_generation(self.session)
        self.ctx = Context(
            store=self.store,
            session=self.session,
            client=self.client,
            org_id=self.org_id,
            generation=generation,
            kind=self.kind,
            progress=self.progress,
            landing=Landing(
                self.session,
                self.org_id,
                generation=generation,
                everything=everything,
                closure=closure,
                now=high,
                accept_deletions=self._manner.accept_deletions,
            ),
            closure=closure,
            known=known,
            selections=selections,
            high=high,
            metadata_changed=self._metadata_changed,
        )
        return self.ctx

    @property
    def _judges_everywhere(self) -> bool:
        """Whether somebody may come or leave who has not changed."""
        return self.scope.judges_everywhere or bool(self.ctx.metadata_changed)

    # --- what there is ---------------------------------------------------------------------------------------------

    def _known(self) -> dict[str, KnownObject]:
        """Return what is known of the org's objects, and which of them must be read whole."""
        known = self._described()
        otherwise = reached_otherwise(self.session, self.org_id, closure_of(known, self.scope))
        if not otherwise:
            return known
        org.forget_snapshots(self.session, self.org_id, otherwise)
        return known_objects(self.session, self.org_id)

    def _described(self) -> dict[str, KnownObject]:
        """Return what is known of the org's objects; a pass that is not live asks for all of it anew."""
        known = known_objects(self.session, self.org_id)
        if self.kind == "live" and known and self.scope.before is None:
            return known
        self.progress("describe", None, 0)
        known = self._describe(closure_of(known, self.scope).names, known)
        found = [name for name in closure_of(known, self.scope).names if name not in known]
        return self._describe(found, known) if found else known

    def _describe(self, names: Sequence[str], known: Mapping[str, KnownObject]) -> dict[str, KnownObject]:
        modified = {
            name: state.shape.last_modified
            for name, state in known.items()
            if state.shape is not None
            and state.shape.last_modified
            # Their lookups from an org's own objects come and go with what the user may read of those, without a stamp.
            and name not in {ROOT, ACCOUNT}
        }
        described = self.client.describe(names, modified)
        self._metadata_changed += description_changed(self.session, self.org_id, described)
        grown = remember_descriptions(self.session, self.org_id, known, described)
        org.forget_snapshots(self.session, self.org_id, grown)
        return known_objects(self.session, self.org_id)

    def _whole_now(self, window: WindowRead | None, whole: list[str], *, everything: bool) -> tuple[list[str], bool]:
        """Return the objects to be read whole, and whether that is for what no earlier reading can show."""
        ctx = self.ctx
        wanted = whole if window is None else window.whole
        if not everything and self._judges_everywhere and ROOT not in wanted and read_newcomers(ctx, self.scope):
            wanted = [name for name in with_children(ctx.closure, [*wanted, ROOT]) if name in ctx.selections]
        return wanted, not set(wanted) <= set(whole)

    def _wanted_whole(
        self, closure: Closure, known: Mapping[str, KnownObject], selections: Mapping[str, Selection]
    ) -> list[str]:
        """Return the objects of which a window would not tell enough."""
        leaves = self._leaves_whole(known)
        if self.kind in {"snapshot", "proof"} or (known[ROOT].snapshot_at is None and not leaves):
            return list(selections)
        now = self.client.server_now
        asleep = [
            name
            for name in selections
            if (watermark := known[name].watermark) is not None and now - watermark > OLDEST_WINDOW
        ]
        if ROOT in asleep:
            return list(selections)
        wanted = [name for name in selections if known[name].needs_snapshot and not leaves]
        return [name for name in with_children(closure, [*wanted, *asleep]) if name in selections]

    def _leaves_whole(self, known: Mapping[str, KnownObject]) -> bool:
        """Whether windows go on as ever while the bulk lane reads what wants to be read whole."""
        return self._manner.leave_whole and self.kind in {"live", "deep"} and known[ROOT].watermark is not None

    # --- what a complete reading did not come across ---------------------------------------------------------------

    def _look_into_vanished(self, whole: Sequence[str]) -> bool:
        """Ask by id for records that a complete reading did not come across; whether there were any."""
        ctx = self.ctx
        names = list(ctx.selections) if ctx.landing.everything else [name for name in whole if name in ctx.selections]
        missing = vanished(ctx.landing, [name for name in names if name not in ctx.failed])
        present = ctx.fetch(missing)
        for name, ids in missing.items():
            gone = set(ids) - present.get(name, set())
            if self.kind != "proof":
                ctx.landing.guard_deletions(name, len(gone))
            ctx.landing.bury(name, gone, how="not_visible")
        return bool(missing)

    # --- the end ---------------------------------------------------------------------------------------------------

    def _described_anew(self) -> bool:
        """Whether a field became unavailable, or available again, in this pass: each brief says so."""
        return any(
            state.unavailable != before.unavailable
            for name, before in self._known_at_start.items()
            if (state := self.ctx.known.get(name)) is not None
        )

    def _advance(self) -> None:
        ctx = self.ctx
        org.advance_watermarks(
            self.session, self.org_id, {name: ctx.high_of[name] for name in ctx.committed}, deep=ctx.deep, at=ctx.high
        )
        note_late(self.session, self.org_id, ctx.late)
        count_rows(
            self.session,
            self.org_id,
            {name: count.grown for name, count in ctx.landing.counts.items() if count.grown},
        )
        values: dict[str, object] = {}
        if self.kind in {"deep", "snapshot"}:
            values["last_deep_at"] = datetime.now(UTC)
        usage = self.client.usage
        if usage is not None:
            values |= {"api_used": usage.used, "api_limit": usage.limit}
        judged = self.kind not in {"repair", "refresh"} and self.scope.judges_everywhere
        if (judged or ctx.landing.everything) and ROOT not in ctx.failed:
            scope_applied(self.session, self.org_id, self.scope.version, day=self.scope.now.today.day)
        org.pass_done(self.session, self.org_id, values, objects=list(ctx.selections))

    def _report(self, settled: Settled, *, briefs: int, events: int) -> PassReport:
        ctx = self.ctx
        objects = {name: asdict(ctx.landing.counts[name]) for name in sorted(ctx.selections)}
        return PassReport(
            kind=self.kind,
            rows_read=sum(each["rows_read"] for each in objects.values()),
            rows_written=sum(each["rows_written"] for each in objects.values()),
            rows_deleted=sum(each["rows_deleted"] for each in objects.values()),
            late_rows=sum(each.rows for each in ctx.late.values()),
            deals_in=len(settled.became_deals),
            deals_out=len(settled.ceased_as_deals),
            drafts_in=len({*settled.drafts, *settled.reopened}),
            drafts_out=len({*settled.drafts_left, *settled.won}),
            briefs=briefs,
            events=events,
            objects=objects,
            windows={"committed": len(ctx.committed), "failed": len(ctx.failed)},
            failed={name: str(error) for name, error in sorted(ctx.failed.items())},
        )


def selections_of(closure: Closure, known: Mapping[str, KnownObject]) -> dict[str, Selection]:
    """Return what is read of each object that the org shows.

    Raises:
        ObjectMissing: the deals can't be read, so that nothing can be known.
    """
    selections = {
        name: _less(select_fields(state.shape), state.unavailable)
        for name in closure.names
        if (state := known.get(name)) is not None and state.shape is not None
    }
    if ROOT not in selections:
        raise ObjectMissing(object_name=ROOT)
    return selections


def _less(selection: Selection, unavailable: Sequence[str]) -> Selection:
    for name in unavailable:
        selection = selection.without(name)
    return selection
