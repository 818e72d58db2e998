"""One pass writing to the store: what it touched, what it saw, and what it found gone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from models import scope
from models.mirror import MIRRORS
from models.session import WriteSession
from models.upsert import bury, merge, staging_table
from sync.errors import DeletionBreaker
from sync.land.staging import open_staging, stage_csv, stage_records, staged_fields
from sync.record import Records, Selection, SetOf

_TEMPORARY = (
    "CREATE TEMP TABLE pass_touched (object text, id text, gone boolean NOT NULL DEFAULT false) ON COMMIT DROP",
    "CREATE TEMP TABLE pass_seen (object text, id text) ON COMMIT DROP",
)

#: Writing more than this may turn the planner's idea of a table into a wrong one.
_MANY_ROWS = 1_000

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


@dataclass(slots=True, kw_only=True)
class Count:
    """What a pass did with one object, in rows."""

    rows_read: int = 0
    rows_written: int = 0
    rows_deleted: int = 0


class Landing:
    """The writing half of a pass, inside one transaction.

    Records that a pass reads are staged, then merged. `everything` is for passes that read the whole closure: they
    also remember each id they saw, so that what was not seen can be looked into.
    """

    def __init__(self, session: WriteSession, org_id: str, *, generation: int, everything: bool) -> None:
        self.session = session
        self.org_id = org_id
        self.generation = generation
        self.everything = everything
        self.counts: dict[str, Count] = defaultdict(Count)
        for statement in _TEMPORARY:
            session.execute(text(statement))
        if everything:
            # Sorts and joins over a whole object stay in memory; it is the database's, and given back with the pass.
            session.execute(text("SET LOCAL work_mem = '64MB'"))

    def land(self, selection: Selection, records: Records, *, relevant: str = "true") -> None:
        """Store records of REST replies. Unknown ones land only when `relevant` (see `models.upsert.merge`)."""
        if not records:
            return
        open_staging(self.session, selection)
        stage_records(self.session, selection, records)
        self.counts[selection.object_name].rows_read += len(records)
        self.merge(selection, relevant=relevant)

    def stage_page(self, object_name: str, columns: Sequence[str], chunks: Iterable[bytes]) -> int:
        """Stage one CSV page of a snapshot (after `open_staging`) and return its rows."""
        rows = stage_csv(self.session, object_name, columns, chunks)
        self.counts[object_name].rows_read += rows
        return rows

    def merge(self, selection: Selection, *, relevant: str = "true", unique: bool = False) -> None:
        """Write what is staged and differs; `unique` says that no record is staged twice."""
        name = selection.object_name
        inserted, updated = self.session.execute(
            text(merge(name, staged_fields(selection), relevant=relevant, unique=unique)), self._keys()
        ).one()
        self.counts[name].rows_written += inserted + updated
        if self.everything:
            self.session.execute(
                text(f"INSERT INTO pass_seen SELECT DISTINCT '{name}', id FROM pg_temp.{staging_table(name)}")
            )
            if inserted + updated > _MANY_ROWS:
                self.measure(f"salesforce.{MIRRORS[name].name}")
        scope.resolved(self.session, self.org_id, name)

    def replace_set(self, selection: Selection, found: SetOf) -> None:
        """Store all children of some parents; those that the mirror holds beside them are gone."""
        self.land(selection, found.records)
        if not found.complete:
            return
        mirror = MIRRORS[found.object_name]
        gone = self.session.execute(
            text(f"""
                SELECT id FROM salesforce.{mirror.name}
                 WHERE org_id = :org_id AND tombstone IS NULL
                   AND {found.parent_field.lower()} = ANY(:parents) AND NOT id = ANY(:ids)
            """),
            {**self._keys(), "parents": list(found.parent_ids), "ids": [record["Id"] for record in found.records]},
        ).scalars()
        self.bury(found.object_name, gone, how="deleted")

    def bury(self, object_name: str, ids: Iterable[str], *, how: str) -> list[str]:
        """Turn records into tombstones; `how` says how we know. Returns the ids that were not tombstones before."""
        wanted = sorted(set(ids))
        if not wanted:
            return []
        buried = list(
            self.session.execute(text(bury(object_name)), {**self._keys(), "ids": wanted, "how": how}).scalars()
        )
        self.counts[object_name].rows_deleted += len(buried)
        return buried

    def alive(self, object_name: str, ids: Iterable[str]) -> set[str]:
        """Return which of these ids the mirror holds as records that are there."""
        return set(
            self.session.execute(
                text(
                    f"SELECT id FROM salesforce.{MIRRORS[object_name].name}"
                    " WHERE org_id = :org_id AND id = ANY(:ids) AND tombstone IS NULL"
                ),
                {**self._keys(), "ids": list(ids)},
            ).scalars()
        )

    def known(self, object_name: str, ids: Iterable[str]) -> set[str]:
        """Return which of these ids the mirror holds, or would like to hold."""
        return set(
            self.session.execute(
                text(f"""
                    SELECT id FROM salesforce.{MIRRORS[object_name].name} WHERE org_id = :org_id AND id = ANY(:ids)
                     UNION
                    SELECT id FROM ops.unresolved WHERE org_id = :org_id AND object = :object AND id = ANY(:ids)
                """),
                {**self._keys(), "object": object_name, "ids": list(ids)},
            ).scalars()
        )

    def unseen(self, object_name: str) -> list[str]:
        """Return the records of the closure that a pass over everything did not come across."""
        return list(
            self.session.execute(
                text(f"""
                    SELECT id FROM closure.{MIRRORS[object_name].name} WHERE org_id = :org_id
                    EXCEPT SELECT id FROM pass_seen WHERE object = :object
                """),
                {**self._keys(), "object": object_name},
            ).scalars()
        )

    def guard_deletions(self, object_name: str, vanished: int) -> None:
        """Stop when far more records vanished at once than people delete.

        Raises:
            DeletionBreaker: more than 50 records and more than 2 % of the object have vanished; nothing was kept.
        """
        held = self.session.execute(
            text(f"SELECT count(*) FROM closure.{MIRRORS[object_name].name} WHERE org_id = :org_id"), self._keys()
        ).scalar_one()
        allowed = max(50, held // 50)
        if vanished > allowed:
            raise DeletionBreaker(object_name=object_name, deletions=vanished, allowed=allowed)

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

    def has_touched(self) -> bool:
        """Return whether this pass wrote anything."""
        return bool(self.session.execute(text("SELECT EXISTS (SELECT FROM pass_touched)")).scalar_one())

    def settle(self) -> tuple[list[str], list[tuple[str, str]]]:
        """Let deals in and out by what has landed; see `models.scope.settle_membership`."""
        entered, left = scope.settle_membership(self.session, self.org_id, generation=self.generation)
        if self.everything:
            self.measure("ops.scope_member", "pass_seen", "pass_touched")
        return entered, left

    def measure(self, *tables: str) -> None:
        """Let the planner know how large tables have become: after a first load it believes them to be empty."""
        for table in tables:
            self.session.execute(text(f"ANALYZE {table}"))

    def members(self, ids: Iterable[str]) -> list[str]:
        """Return which of these opportunities are deals now."""
        return list(
            self.session.execute(
                text(
                    "SELECT opportunity_id FROM ops.scope_member"
                    " WHERE org_id = :org_id AND state = 'in' AND opportunity_id = ANY(:ids) ORDER BY 1"
                ),
                {**self._keys(), "ids": list(ids)},
            ).scalars()
        )

    def _keys(self) -> dict[str, object]:
        return {"org_id": self.org_id, "generation": self.generation}


def relevance(object_name: str, parent_field: str | None) -> str:
    """Return the SQL condition under which an unknown record of this object belongs to the closure already known.

    What becomes part of it later (the children of a deal that is won now) is fetched by then.
    """
    if object_name == "Opportunity":
        return "fresh.iswon AND fresh.isdeleted IS NOT TRUE"
    if object_name == "OpportunityStage":
        return "true"
    wanted = _IS_WANTED.format(name=object_name)
    if parent_field is None:
        return wanted
    test = _HAS_ACCOUNT if parent_field == "AccountId" else _IS_MEMBER
    return f"{test.format(column=parent_field.lower())} OR {wanted}"
