"""A transaction that stays open: its records carry the instants of its statements but are seen only after commit.

This is how rows appear in a real org with stamps older than rows a reader has already seen (long Apex, bulk batches).
The statements are tried at once, so faults come when they would, then rolled back and replayed at commit.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from demo_org.store.journal import ORIGIN
from demo_org.store.unit import Unit

if TYPE_CHECKING:
    from demo_org.store.org import Org

Statement = Callable[[Unit], object]


class LateTransaction:
    """Writes that nobody sees until commit(); made by Org.open_transaction()."""

    def __init__(self, org: "Org", *, user_id: str) -> None:
        self.opened_at: datetime = org.clock.now()
        #: records this transaction wrote: others that write them get UNABLE_TO_LOCK_ROW
        self.locked: set[str] = set()
        self.open = True
        self.origin = ORIGIN.get()
        self._org = org
        self._user_id = user_id
        self._statements: list[tuple[datetime, Statement]] = []

    def insert(self, object_name: str, values: Mapping[str, Any]) -> str:
        """Create a record now, visible later; returns its id."""
        described = self._org.catalog.object(object_name)
        with self._org.lock:
            record_id = self._org.new_id(described.name)
        kept = dict(values)
        self._say(lambda unit: unit.insert(described.name, kept, record_id=record_id))
        return record_id

    def update(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> None:
        """Change a record now, visible later."""
        kept = dict(values)
        self._say(lambda unit: unit.update(object_name, record_id, kept))

    def delete(self, object_name: str, record_id: str) -> None:
        """Put a record into the bin now, visible later."""
        self._say(lambda unit: unit.delete(object_name, record_id))

    def undelete(self, object_name: str, record_id: str) -> None:
        """Take a record out of the bin now, visible later."""
        self._say(lambda unit: unit.undelete(object_name, record_id))

    def hard_delete(self, object_name: str, record_id: str) -> None:
        """Remove a record now, visible later."""
        self._say(lambda unit: unit.hard_delete(object_name, record_id))

    def commit(self) -> None:
        """Let everybody see the writes, with the stamps they were made at."""
        self._check_open()
        with self._org.lock:
            try:
                with self._org.writing():
                    self._org.tell_committing(self._replay())
                self._org.tell_committed()
            finally:
                self._close()

    def rollback(self) -> None:
        """Forget the writes."""
        with self._org.lock:
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self.open:
            if kind is None:
                self.commit()
            else:
                self.rollback()

    def _say(self, statement: Statement) -> None:
        self._check_open()
        with self._org.lock:
            self._statements.append((self._org.clock.now(), statement))
            connection = self._org.connection
            connection.execute("SAVEPOINT late")
            try:
                unit = self._replay()
                self.locked |= unit.touched
            except BaseException:
                self._statements.pop()
                raise
            finally:
                connection.execute("ROLLBACK TO late")
                connection.execute("RELEASE late")

    def _replay(self) -> Unit:
        unit = Unit(self._org, stamp=self.opened_at, user_id=self._user_id, late=self)
        for stamp, statement in self._statements:
            unit.stamp = stamp
            statement(unit)
        return unit

    def _close(self) -> None:
        self.open = False
        self.locked.clear()
        if self in self._org.late:
            self._org.late.remove(self)

    def _check_open(self) -> None:
        if not self.open:
            raise RuntimeError("the transaction is closed; open another with Org.open_transaction()")
