"""One pass writing to the store: what it touched, what it saw, and what it found gone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from sqlalchemy import text

from models import scope
from models.bulk_job import BulkRow
from models.membership import Membership, Settled, settle_membership
from models.mirror import MIRRORS, Mirror, custom_mirror
from models.mirror.custom import PARENT_COLUMN
from models.session import WriteSession
from models.upsert import bury, distrust, forget, merge, set_stale_aside, staging_table
from sync.errors import DeletionBreaker
from sync.land.forgetting import Forgetting
from sync.land.staging import open_notebook, open_staging, stage_records, staged_fields, waiting
from sync.record import Records, Selection, SetOf
from sync.scope.catalog import ACCOUNT, ROOT, STANDARD, Closure, ClosureObject, Reach

#: Salesforce purges field history after 18 months, or later where an org has paid for it; a little less, since it
#: does not say at what hour.
PURGED_AFTER = timedelta(days=540)

#: so many records of an object may always vanish in one pass
_FEW = 50

_IS_MEMBER = (
    "EXISTS (SELECT FROM ops.scope_member AS member WHERE member.org_id = :org_id AND member.state = 'in'"
    " AND member.opportunity_id = fresh.{column})"
)
_IS_WANTED = (
    "EXISTS (SELECT FROM ops.unresolved AS wanted WHERE wanted.org_id = :org_id AND wanted.object = '{name}'"
    " AND wanted.id = fresh.id)"
)
_HAS_ACCOUNT = (
    "EXISTS (SELECT FROM ops.scope_account AS account WHERE account.org_id = :org_id"
    " AND account.account_id = fresh.{column})"
)
_HAS_PARENT = (
    "EXISTS (SELECT FROM {parent} AS parent WHERE parent.org_id = :org_id AND parent.id = fresh.{column}"
    " AND parent.tombstone IS NULL)"
)


@dataclass(slots=True, kw_only=True)
class Count:
    """What a pass did with one object, in rows."""

    rows_read: int = 0
    rows_written: int = 0
    rows_deleted: int = 0
    #: by how many living records the mirror grew
    grown: int = 0


class Landing:
    """The writing half of a pass, inside one transaction.

    Records that a pass reads are staged, then merged. `everything` is for passes that read the whole closure: they
    also remember each id they saw, so that what was not seen can be looked into.
    """

    def __init__(
        self,
        session: WriteSession,
        org_id: str,
        *,
        generation: int,
        everything: bool,
        closure: Closure = STANDARD,
        now: datetime | None = None,
        accept_deletions: bool = False,
    ) -> None:
        """Begin to write.

        Args:
            session: the transaction of the pass.
            org_id: the org.
            generation: the pass.
            everything: whether the pass reads the whole closure.
            closure: the objects of the org.
            now: Salesforce's time; without it no record is old enough to have been purged.
            accept_deletions: a person has looked, and says that what vanished is gone, however much it is.
        """
        self.session = session
        self.org_id = org_id
        self._purged_before = (now or datetime.max.replace(tzinfo=UTC)) - PURGED_AFTER
        self._accept_deletions = accept_deletions
        self.closure = closure
        self.mirrors: dict[str, Mirror] = mirrors_of(closure)
        self.generation = generation
        self.everything = everything
        self.counts: dict[str, Count] = defaultdict(Count)
        #: how many rows had been written of an object when the planner was told last
        self._measured: dict[str, int] = defaultdict(int)
        #: how many records of an object have vanished without being deleted by anybody
        self._vanished: dict[str, int] = defaultdict(int)
        #: objects that this pass reads whole: what it does not see of them is looked into
        self.whole: frozenset[str] = frozenset(closure.names if everything else ())
        #: the complete readings that were merged, by object
        self.readings: dict[str, list[BulkRow]] = defaultdict(list)
        #: objects whose first records these were: all of them are new, so none is noted by itself
        self.filled: set[str] = set()
        self.forget = Forgetting(session, org_id)
        open_notebook(session)
        # Both are the database's own, and given back with the pass.
        if everything:
            # Sorts and joins over a whole object stay in memory.
            session.execute(text("SET LOCAL work_mem = '64MB'"))
        else:
            # Little is looked for among much, so it is found by keys; a disk that turns would be slow at that.
            session.execute(text("SET LOCAL random_page_cost = 1.1"))

    def land(self, selection: Selection, records: Records, *, relevant: str = "true") -> None:
        """Store records of REST replies. Unknown ones land only when `relevant` (see `models.upsert.merge`)."""
        if not records:
            return
        open_staging(self.session, selection)
        stage_records(self.session, selection, records)
        self.counts[selection.object_name].rows_read += len(records)
        self.merge(selection, relevant=relevant)

    def merge(self, selection: Selection, *, relevant: str = "true", unique: bool = False) -> None:
        """Write what is staged and differs; `unique` says that no record is staged twice."""
        name = selection.object_name
        self.forget(self.mirrors[name], f"pg_temp.{staging_table(name)}", staged_fields(selection))
        # Where few are staged they are compared by keys, and the time does not grow with the store.
        self.measure(f"pg_temp.{staging_table(name)} (id)")
        inserted, updated, grown = self.session.execute(
            text(merge(self.mirrors[name], staged_fields(selection), relevant=relevant, unique=unique)), self.keys()
        ).one()
        self.counts[name].rows_written += inserted + updated
        self.counts[name].grown += grown
        if name in self.whole:
            self.session.execute(
                text(f"INSERT INTO pass_seen SELECT DISTINCT '{name}', id FROM pg_temp.{staging_table(name)}")
            )
            self.measure_grown(name)
        scope.resolved(self.session, self.org_id, name)

    def refresh(self, selection: Selection) -> list[str]:
        """Write some fields of records that are staged, where the mirror has the same version of them.

        Returns:
            The ids of living records of which the mirror has another version: these are to be read whole.
        """
        name = selection.object_name
        stale = list(self.session.execute(text(set_stale_aside(self.mirrors[name])), self.keys()).scalars())
        self.merge(selection, relevant="false")
        return stale

    def distrust(self, object_name: str, ids: Iterable[str]) -> None:
        """Let the next copy of these records win whatever its stamp says: ours was found to be wrong."""
        if "systemmodstamp" in self.mirrors[object_name].fields:
            self.session.execute(text(distrust(self.mirrors[object_name])), {**self.keys(), "ids": list(ids)})

    def replace_sets(self, selection: Selection, sets: Iterable[SetOf]) -> list[str]:
        """Store all children that some parents have of one object, and return those that the mirror holds beside them.

        Each set is staged as it comes; all of them are merged, and compared with the mirror, at once.
        """
        name, parents = selection.object_name, list[str]()
        open_staging(self.session, selection)
        rows = 0
        for each in sets:
            stage_records(self.session, selection, each.records)
            rows += len(each.records)
            parents += each.parent_ids if each.complete else ()
        self.counts[name].rows_read += rows
        if rows:
            self.merge(selection)
        known = self.closure[name]
        left_over = text(f"""
            SELECT id FROM {self.mirrors[name].records} AS held
             WHERE org_id = :org_id AND tombstone IS NULL
               AND {parent_column(known)} = ANY(:parents) {self.not_purged(known)}
               AND NOT EXISTS (SELECT FROM pg_temp.{staging_table(name)} AS staged WHERE staged.id = held.id)
        """)
        return list(self.session.execute(left_over, {**self.keys(), "parents": parents}).scalars())

    def bury(self, object_name: str, ids: Iterable[str], *, how: str) -> list[str]:
        """Turn records into tombstones; `how` says how we know. Returns the ids that were not tombstones before."""
        wanted = sorted(set(ids))
        if not wanted:
            return []
        statement = text(bury(self.mirrors[object_name]))
        buried = list(self.session.execute(statement, {**self.keys(), "ids": wanted, "how": how}).scalars())
        self.counts[object_name].rows_deleted += len(buried)
        self.counts[object_name].grown -= len(buried)
        return buried

    def alive(self, object_name: str, ids: Iterable[str]) -> set[str]:
        """Return which of these ids the mirror holds as records that are there."""
        wanted = list(ids)
        if not wanted:
            return set()
        return set(
            self.session.execute(
                text(
                    f"SELECT id FROM {self.mirrors[object_name].records} AS held"
                    " WHERE org_id = :org_id AND id = ANY(:ids) AND tombstone IS NULL"
                ),
                {**self.keys(), "ids": wanted},
            ).scalars()
        )

    def parents_of(self, object_name: str, ids: Iterable[str]) -> list[str]:
        """Return the records on which some records hang, as far as the mirror holds them."""
        known = self.closure[object_name]
        return list(
            self.session.execute(
                text(
                    f"SELECT DISTINCT {parent_column(known)} FROM {self.mirrors[object_name].records} AS held"
                    f" WHERE org_id = :org_id AND id = ANY(:ids) AND {parent_column(known)} IS NOT NULL"
                ),
                {**self.keys(), "ids": list(ids)},
            ).scalars()
        )

    def known(self, object_name: str, ids: Iterable[str]) -> set[str]:
        """Return which of these ids the mirror holds, or would like to hold."""
        wanted = list(ids)
        if not wanted:
            return set()
        return set(
            self.session.execute(
                text(f"""
                    SELECT id FROM {self.mirrors[object_name].records} AS held
                     WHERE org_id = :org_id AND id = ANY(:ids)
                     UNION
                    SELECT id FROM ops.unresolved WHERE org_id = :org_id AND object = :object AND id = ANY(:ids)
                """),
                {**self.keys(), "object": object_name, "ids": wanted},
            ).scalars()
        )

    def forget_outside(self, names: Iterable[str]) -> None:
        """Let go of what is outside of the closure, when an object was read whole: nothing tells what became of it.

        Of all objects, so that what is held outside never names, nor lacks, what was let go of. Deals are not among
        them, since every change of an opportunity is seen; nor is history, which does not change.
        """
        for name in names:
            if name != ROOT and not self.closure[name].kept:
                statement = text(forget(self.mirrors[name]))
                gone = self.session.execute(statement, {"org_id": self.org_id, "object": name}).rowcount
                self.counts[name].grown -= gone

    def guard_deletions(self, object_name: str, vanished: int) -> None:
        """Stop when far more records vanished in this pass than people delete, unless a person has accepted it.

        Raises:
            DeletionBreaker: more than 50 records and more than 2 % of the object have vanished; nothing was kept.
        """
        self._vanished[object_name] += vanished
        if self._vanished[object_name] <= _FEW or self._accept_deletions:
            return  # counting the records of an object takes the longer the more there are
        allowed = max(_FEW, self.size(object_name) // 50)
        if self._vanished[object_name] > allowed:
            raise DeletionBreaker(object_name=object_name, deletions=self._vanished[object_name], allowed=allowed)

    def touched(self, object_name: str, *, gone: bool | None = None) -> list[str]:
        """Return the ids of an object that this pass wrote (`gone`: only those it buried, or only the others)."""
        return list(
            self.session.execute(
                text(
                    "SELECT DISTINCT id FROM pass_touched WHERE object = :object"
                    " AND (CAST(:gone AS boolean) IS NULL OR gone = :gone) ORDER BY id"
                ),
                {"object": object_name, "gone": gone},
            ).scalars()
        )

    def size(self, object_name: str) -> int:
        """Return how many records of an object are in the closure now."""
        statement = f"SELECT count(*) FROM {self.mirrors[object_name].closure} AS held WHERE org_id = :org_id"
        return int(self.session.execute(text(statement), self.keys()).scalar_one())

    def living(self, object_name: str) -> list[str]:
        """Return the records of an object that are in the closure now."""
        statement = f"SELECT id FROM {self.mirrors[object_name].closure} AS held WHERE org_id = :org_id"
        return list(self.session.execute(text(statement), self.keys()).scalars())

    def touched_objects(self, *, gone: bool | None = None) -> list[str]:
        """Return the objects of which this pass wrote records (`gone`: only where it buried some, or only others)."""
        statement = text(
            "SELECT DISTINCT object FROM pass_touched WHERE CAST(:gone AS boolean) IS NULL OR gone = :gone ORDER BY 1"
        )
        found = set(self.session.execute(statement, {"gone": gone}).scalars())
        return sorted(found if gone else found | self.filled)

    def has_touched(self) -> bool:
        """Return whether this pass wrote anything."""
        if self.filled:
            return True
        return bool(self.session.execute(text("SELECT EXISTS (SELECT FROM pass_touched)")).scalar_one())

    def is_empty(self, object_name: str) -> bool:
        """Return whether the mirror has no record of an object, not even a tombstone."""
        held = text(f"SELECT EXISTS (SELECT FROM {self.mirrors[object_name].records} AS held WHERE org_id = :org_id)")
        return not self.session.execute(held, self.keys()).scalar_one()

    def settle(self, membership: Membership, *, everywhere: bool = False) -> Settled:
        """Let deals in and out by what has landed; see `models.membership.settle_membership`."""
        settled = settle_membership(
            self.session, self.org_id, membership, generation=self.generation, everywhere=everywhere or self.everything
        )
        if self.everything:
            self.measure("ops.scope_member", "pass_seen", "pass_touched")
        return settled

    def measure(self, *tables: str) -> None:
        """Let the planner know how large tables have become: after a first load it believes them to be empty."""
        for table in tables:
            self.session.execute(text(f"ANALYZE {table}"))

    def reads_since(self, generation: int) -> bool:
        """Return whether all complete readings were begun after a pass of this generation began."""
        return all(row.generation > generation for rows in self.readings.values() for row in rows)

    def measure_grown(self, object_name: str) -> None:
        """Let the planner know when this pass has made an object much larger than it was told last."""
        written = self.counts[object_name].rows_written
        if self.everything and written > 2 * self._measured[object_name]:
            self._measured[object_name] = written
            # Only what tables are joined by: of all columns, it would take a good part of a first load.
            mirror = self.mirrors[object_name]
            self.measure(f"salesforce.{mirror.name} ({', '.join(mirror.joined)})")

    def members(self, ids: Iterable[str]) -> list[str]:
        """Return which of these opportunities are deals now."""
        return list(
            self.session.execute(
                text(
                    "SELECT opportunity_id FROM ops.scope_member"
                    " WHERE org_id = :org_id AND state = 'in' AND opportunity_id = ANY(:ids) ORDER BY 1"
                ),
                {**self.keys(), "ids": list(ids)},
            ).scalars()
        )

    def not_purged(self, known: ClosureObject) -> str:
        """Return a condition that leaves out records which Salesforce may have purged: they were not deleted."""
        return "AND createddate >= :purged_before" if known.kept else ""

    def keys(self) -> dict[str, object]:
        """Return the parameters that statements about this pass have in common."""
        return {"org_id": self.org_id, "generation": self.generation, "purged_before": self._purged_before}


def seen_ids(landing: Landing, object_name: str) -> str:
    """Return SQL for the ids that this pass has come across of an object that it reads whole (parameter: object)."""
    readings = [f"SELECT id FROM {waiting(row.staging)}" for row in landing.readings.get(object_name, ())]
    return " UNION ALL ".join([*readings, "SELECT id FROM pass_seen WHERE object = :object"])


def mirrors_of(closure: Closure) -> dict[str, Mirror]:
    """Return the mirror of each object of a closure."""
    return {
        each.name: custom_mirror(each.name, str(each.parent_field)) if each.custom else MIRRORS[each.name]
        for each in closure
    }


def parent_column(known: ClosureObject) -> str:
    """Return the column of the mirror that names the parent of a child."""
    return PARENT_COLUMN if known.custom else str(known.parent_field).lower()


def relevance(known: ClosureObject, closure: Closure, mirrors: Mapping[str, Mirror]) -> str:
    """Return the SQL condition under which an unknown record of this object belongs to the closure already known.

    What becomes part of it later (the children of a deal that is won now) is fetched by then. It may let in more than
    the closure: what hangs on a record that the mirror holds.
    """
    wanted = _IS_WANTED.format(name=known.name)
    match known.reach:
        case Reach.ROOT:
            return f"{closure.scope.sql('fresh')} AND fresh.isdeleted IS NOT TRUE"
        case Reach.WHOLE:
            return "true"
        case Reach.NAMED | Reach.CUSTOMER:
            return wanted
        case Reach.CHILD:
            column = parent_column(known)
            if known.parent == ROOT:
                hangs = _IS_MEMBER.format(column=column)
            elif known.parent == ACCOUNT:
                hangs = _HAS_ACCOUNT.format(column=column)
            else:
                hangs = _HAS_PARENT.format(column=column, parent=mirrors[str(known.parent)].records)
            return f"{hangs} OR {wanted}" if known.named_by else hangs
        case _:
            assert_never(known.reach)
