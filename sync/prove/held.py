"""One object of the closure from both sides: how the org is asked for its records, and where the store holds them."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.mirror import Mirror
from sync.land.landing import mirrors_of, parent_column
from sync.prove.spans import Span
from sync.record import Selection
from sync.scope.catalog import Closure, ClosureObject, Reach
from sync.scope.closure import changed_field, scope_predicates


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is compared of an object: ids, and the stamp by which a copy is known to be the newest."""

    known: ClosureObject
    selection: Selection
    mirror: Mirror
    #: any one of these puts a record into the closure; none where all records do, or where ids must be named
    scopes: tuple[str, ...]
    #: the parent whose ids, as the store has them, must be named to ask for its children; None where a condition does
    parent: Mirror | None = None

    @property
    def name(self) -> str:
        """The object."""
        return self.known.name

    @property
    def is_named(self) -> bool:
        """Whether other records bring records of it in by naming them: then these are asked for by their ids."""
        return bool(self.known.named_by) or self.known.reach is Reach.NAMED

    @property
    def is_listed(self) -> bool:
        """Whether conditions say which records belong to the closure, or all do."""
        return bool(self.scopes) or self.known.reach is Reach.WHOLE

    @property
    def is_countable(self) -> bool:
        """Whether one question says how many records each month has."""
        return self.is_listed and len(self.scopes) <= 1 and not self.is_named and self.selection.has("CreatedDate")

    @property
    def stamp(self) -> str | None:
        """The field that tells a newer copy."""
        return changed_field(self.selection)

    @property
    def fields(self) -> tuple[str, ...]:
        """What is read of each record."""
        return ("Id", self.stamp) if self.stamp else ("Id",)

    @property
    def alive(self) -> list[str]:
        """What leaves the recycle bin out where queryAll is asked, which alone shows archived records."""
        return ["IsDeleted = false"] if self.known.archived and self.selection.has("IsDeleted") else []

    @property
    def parent_column(self) -> str:
        """The column that names the parent."""
        return parent_column(self.known)

    @property
    def source(self) -> str:
        """The view of the closure in SQL, as `record`."""
        return f"{self.mirror.closure} AS record"

    @property
    def stamp_column(self) -> str:
        """The stamp in SQL."""
        return f"record.{self.stamp.lower()}" if self.stamp else "NULL::timestamptz"

    def within(self, span: Span) -> str:
        """A span of days as a condition in SQL."""
        ends = [
            f"record.createddate {sign} timestamptz '{day.isoformat()} 00:00:00+00'"
            for sign, day in ((">=", span.low), ("<", span.high))
            if day is not None
        ]
        return " AND ".join(ends) or "true"


def held_objects(closure: Closure, selections: Mapping[str, Selection]) -> dict[str, Held]:
    """Return how each object that can be read is compared, in reading order."""
    mirrors = mirrors_of(closure)
    return {
        known.name: _held(known, closure, selections[known.name], mirrors)
        for known in closure
        if known.name in selections
    }


def _held(known: ClosureObject, closure: Closure, selection: Selection, mirrors: Mapping[str, Mirror]) -> Held:
    # No condition reaches the parents of accounts, all the way up, so accounts are asked for by their ids.
    by_id = known.reach in {Reach.NAMED, Reach.CUSTOMER, Reach.WHOLE}
    scopes = () if by_id else scope_predicates(known.name, closure)
    by_parent = known.reach is Reach.CHILD and not scopes
    return Held(
        known=known,
        selection=selection,
        mirror=mirrors[known.name],
        scopes=scopes,
        parent=mirrors[str(known.parent)] if by_parent else None,
    )
