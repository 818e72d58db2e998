"""What seemed to differ is read again, whole, by the ways of a pass; what still differs then is drift, and mended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models.membership import Membership, Settled
from sync.errors import DeletionBreaker
from sync.extract.aggregate import children
from sync.prove.compare import Suspects, stamps_held
from sync.prove.held import Held
from sync.record import Records
from sync.run.context import Context
from sync.scope.catalog import ROOT

#: any version will do: of an object without stamps
SOME = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Drift:
    """The records of one object that were wrong in the store, and what they must be now."""

    #: id -> the stamp in the org; None: it must not be in the closure
    expected: dict[str, datetime | None] = field(default_factory=dict)
    #: far more vanished than people delete, so nothing was buried: what a person must look at
    alarm: str | None = None


class Repair:
    """The work of a pass that mends: called by it inside its transaction.

    A record that changed a moment ago is not drift: the next window brings it. So what has a stamp of `young` or later
    lands like everything else and is not counted.
    """

    def __init__(
        self, helds: Mapping[str, Held], suspects: Mapping[str, Suspects], young: Mapping[str, datetime | None]
    ) -> None:
        self._helds = helds
        self._suspects = suspects
        self._young = young
        self.drift: dict[str, Drift] = {name: Drift() for name, each in suspects.items() if each.ids}

    def __call__(self, ctx: Context, membership: Membership) -> Settled:
        """Mend the deals first: what hangs on a deal that left has left with it."""
        self._mend(ctx, [name for name in self.drift if name == ROOT])
        settled = ctx.landing.settle(membership, everywhere=True)
        self._mend(ctx, [name for name in self.drift if name != ROOT])
        return settled

    def _mend(self, ctx: Context, names: Sequence[str]) -> None:
        wanted = {name: self._still_suspect(ctx, name) for name in names}
        wanted = {name: ids for name, ids in wanted.items() if ids}
        found = self._read(ctx, wanted)
        for name, ids in wanted.items():
            self._compare(ctx, name, ids, found[name])
            ctx.landing.distrust(name, [each["Id"] for each in found[name] if each["Id"] in self.drift[name].expected])
            ctx.landing.land(ctx.selections[name], found[name])
            self._bury(ctx, name, ids - {record["Id"] for record in found[name]})

    def _read(self, ctx: Context, wanted: Mapping[str, set[str]]) -> dict[str, Records]:
        found = ctx.read(wanted)
        for name, ids in wanted.items():
            known = ctx.closure[name]
            if known.asked_by_parent and not self._suspects[name].missing.isdisjoint(ids):
                # Nobody knows yet whose it is, so everybody is asked.
                parents = ctx.landing.living(str(known.parent))
                sets = children(ctx.client, ctx.closure, ctx.selections, {name: parents})
                found[name] = [record for each in sets for record in each.records]
        return {name: found.get(name, []) for name in wanted}

    def _still_suspect(self, ctx: Context, name: str) -> set[str]:
        suspects = self._suspects[name]
        held = stamps_held(ctx.session, ctx.org_id, self._helds[name], sorted(suspects.ids))
        return {each for each in suspects.ids if (each in held) != (each in suspects.missing)}

    def _compare(self, ctx: Context, name: str, ids: set[str], records: Records) -> None:
        held, drift, young = self._helds[name], self.drift[name], self._young.get(name)
        ours = stamps_held(ctx.session, ctx.org_id, held, sorted(ids))
        theirs = {record["Id"]: record for record in records}
        for each in sorted(ids):
            record = theirs.get(each)
            stamp = None if record is None or held.stamp is None else datetime.fromisoformat(record[held.stamp])
            if stamp is not None and young is not None and stamp >= young:
                continue
            if record is None or record.get("IsDeleted"):
                if each in ours:
                    drift.expected[each] = None
            elif each in self._suspects[name].extra:  # it is there and has left the scope
                drift.expected[each] = None
            elif each not in ours or ours[each] != stamp:
                drift.expected[each] = stamp or SOME

    def _bury(self, ctx: Context, name: str, absent: set[str]) -> None:
        """Bury what the org does not show even when asked for it by id, unless it is suspiciously much."""
        try:
            ctx.landing.guard_deletions(name, len(absent))
        except DeletionBreaker as alarm:
            self.drift[name].alarm = str(alarm)
        else:
            ctx.landing.bury(name, absent, how="not_visible")
