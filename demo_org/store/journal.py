"""What a transaction did to each record, kept in order until the commit; change events are made of it.

Only an org somebody listens to keeps a journal (Org.on_commit), so loading and filling cost nothing extra.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
Key = tuple[str, str]

#: by which API and for which client this thread writes, as change events tell it; empty for the org itself
ORIGIN: ContextVar[str] = ContextVar("origin", default="")


class Act(Enum):
    """One thing done to a record."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    UNDELETE = "UNDELETE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One write of a transaction to one record."""

    act: Act
    object_name: str
    #: an id, or a pattern such as 00T* for "some of them" where below_servers
    record_id: str
    #: a user's save, which moves LastModifiedDate; False for what the system does by itself
    by_user: bool = True
    #: done in the database, past the application servers (archiving, say): no values are known of it
    below_servers: bool = False


class CommitListener(Protocol):
    """Somebody who wants to know what each transaction did."""

    def committing(self, unit: "Unit") -> None:
        """Called inside the transaction, after its last write: what the listener stores is committed with it."""

    def committed(self) -> None:
        """Called when everybody can see the transaction."""


class Journal:
    """The writes of one transaction in their order, and what each record was before the first of them."""

    def __init__(self, *, kept: bool) -> None:
        self.kept = kept
        self.changes: list[Change] = []
        #: the row before its first change; None for a record that was not there
        self.before: dict[Key, Row | None] = {}

    def note(self, change: Change, read: Callable[[], Row | None] | None = None) -> None:
        """Remember a change that is about to be made; `read` fetches the row as it still is."""
        if not self.kept:
            return
        key = (change.object_name, change.record_id)
        if key not in self.before:
            self.before[key] = read() if read is not None else None
        self.changes.append(change)

    def note_below(self, act: Act, object_name: str, record_ids: Iterable[str]) -> None:
        """Remember what a job did in the database past the application servers."""
        if self.kept:
            self.changes += [
                Change(act=act, object_name=object_name, record_id=each, by_user=False, below_servers=True)
                for each in record_ids
            ]

    def cut(self, length: int) -> None:
        """Forget the changes of a statement that was undone."""
        undone = self.changes[length:]
        del self.changes[length:]
        if undone:
            rest = {(each.object_name, each.record_id) for each in self.changes}
            for each in undone:
                if (each.object_name, each.record_id) not in rest:
                    self.before.pop((each.object_name, each.record_id), None)
