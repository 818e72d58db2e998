"""The demo org: open it, write to it like a Salesforce user, and let readers look at what is committed.

A write through insert/update/delete follows Salesforce's rules (stamps, derived fields, cascades); load() seeds rows
as they are.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from demo_org import semantics
from demo_org.catalog import Catalog, FieldType
from demo_org.catalog.catalog import Change
from demo_org.catalog.features import MULTI_CURRENCY
from demo_org.clock import Clock
from demo_org.ids import SEQUENCE_LENGTH, decode, make_id, normalise
from demo_org.store import bin as recycle_bin
from demo_org.store import load as loading
from demo_org.store import replication, schema
from demo_org.store.founding import found, read_users
from demo_org.store.journal import CommitListener
from demo_org.store.lag import Lag
from demo_org.store.late import LateTransaction
from demo_org.store.unit import Unit
from demo_org.store.values import stamp_text

_BIN_PACE = timedelta(hours=1)
SERVER = "Dm0"  # characters 4-6 of every id this org makes
Prepare = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """The two users every demo org has."""

    admin: str
    integration: str


class Org:
    """One Salesforce-like org in one SQLite file (or in memory)."""

    def __init__(self, path: str, *, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.lock = threading.RLock()
        self.late: list[LateTransaction] = []
        #: by how much stamps may be older than the moment their rows are seen
        self.lag = Lag(clock)
        self._unit: Unit | None = None
        self._sequences: dict[str, int] = {}
        self._prepare: list[Prepare] = []
        self._listeners: list[CommitListener] = []
        self._readers: list[sqlite3.Connection] = []
        # Not the main lock: a reader must not wait for a writer.
        self._readers_lock = threading.Lock()
        self._own = threading.local()
        self.connection = self._connect()
        self.catalog = Catalog(now=clock.now)
        self._bin_looked_at = datetime.fromtimestamp(0, tz=UTC)
        self.org_id = ""
        self.users = Users(admin="", integration="")

    @classmethod
    def open(cls, path: str | Path = ":memory:", *, clock: Clock | None = None) -> Self:
        """Open the org kept at the path, founding it with two users and the standard stages if it is new."""
        org = cls(str(path), clock=clock or Clock())
        schema.check_own(org.connection)
        org.connection.executescript(schema.SYSTEM_TABLES)
        kept = org.remember("clock")
        if clock is None and kept is not None:
            org.clock.restore(json.loads(kept))
        org.take_up()
        org.catalog.on_change(org._metadata_changed)
        org.clock.on_change = org.keep_clock
        return org

    def take_up(self) -> None:
        """Read everything the file says about the org itself, founding the org if the file is new."""
        state = self.remember("catalog")
        if state is not None:
            self.catalog.restore(json.loads(state))
        with self.writing() as connection:
            for described in self.catalog.stored.values():
                schema.create_table(connection, described)
            if state is None:
                found(self)
        admin, integration, self.org_id = read_users(self)
        self.users = Users(admin=admin, integration=integration)
        self._sequences.clear()
        self.keep("catalog", json.dumps(self.catalog.state()))

    def keep_clock(self) -> None:
        """Note how the clock differs from the real time, for the next start."""
        self.keep("clock", json.dumps(self.clock.state()))

    def close(self) -> None:
        """Close the file; open transactions are lost, as they are when Salesforce restarts."""
        with self.lock, self._readers_lock:
            for reader in self._readers:
                reader.close()
            self._readers.clear()
            self.connection.close()
        # The clock may live on, and tell the org that is opened next.
        self.clock.forget(self.keep_clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- records --------------------------------------------------------------------------------------------------

    def insert(self, object_name: str, values: Mapping[str, Any], *, user_id: str | None = None) -> str:
        """Create a record and return its id."""
        with self.transaction(user_id=user_id) as unit:
            return unit.insert(object_name, values)

    def update(
        self, object_name: str, record_id: str, values: Mapping[str, Any], *, user_id: str | None = None
    ) -> None:
        """Change fields of a record."""
        with self.transaction(user_id=user_id) as unit:
            unit.update(object_name, record_id, values)

    def delete(self, object_name: str, record_id: str, *, user_id: str | None = None) -> None:
        """Put a record and all that hangs on it into the recycle bin."""
        with self.transaction(user_id=user_id) as unit:
            unit.delete(object_name, record_id)

    def undelete(self, object_name: str, record_id: str, *, user_id: str | None = None) -> None:
        """Take a record, and what was deleted with it, out of the recycle bin."""
        with self.transaction(user_id=user_id) as unit:
            unit.undelete(object_name, record_id)

    def hard_delete(self, object_name: str, record_id: str) -> None:
        """Remove a record physically; only getDeleted will tell."""
        with self.transaction() as unit:
            unit.hard_delete(object_name, record_id)

    def merge(self, object_name: str, winner: str, losers: Sequence[str]) -> None:
        """Merge accounts, contacts or leads: losers go to the bin, the winner gets their children."""
        with self.transaction() as unit:
            unit.merge(object_name, winner, losers)

    def purge(self) -> int:
        """Empty the recycle bin and return how many records are gone for good."""
        with self.transaction() as unit:
            return unit.purge()

    def get(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        """The record's visible fields in stored form (checkboxes as bool), in the bin or not; None if it is gone."""
        described = self.catalog.object(object_name)
        columns = [name for name, field in described.fields.items() if not field.compound]
        values = ", ".join(described.fields[name].sql("t") for name in columns)
        with self.reading() as connection:
            row = connection.execute(
                f'SELECT {values} FROM "{described.name}" AS t WHERE Id = ?',  # noqa: S608 - names come from the catalogue
                (normalise(record_id),),
            ).fetchone()
        if row is None:
            return None
        checkbox = {name for name in columns if described.fields[name].type == "boolean"}
        return {name: bool(value) if name in checkbox else value for name, value in zip(columns, row, strict=True)}

    def load(self, object_name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Seed rows verbatim, fast and without the semantics of a save; returns how many."""
        with self.lock:
            return loading.load(self, object_name, columns, rows)

    def count(self, object_name: str) -> int:
        """How many records the object has outside the recycle bin."""
        described = self.catalog.object(object_name)
        where = " WHERE IsDeleted = 0" if "IsDeleted" in described.fields else ""
        with self.reading() as connection:
            found = connection.execute(f'SELECT count(*) FROM "{described.name}"{where}').fetchone()  # noqa: S608 - names come from the catalogue
        return int(found[0])

    # -- transactions ---------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self, *, user_id: str | None = None) -> Iterator[Unit]:
        """Several writes with one stamp and one commit; all or nothing."""
        with self.lock:
            if self._unit is not None:
                yield self._unit
                return
            unit = Unit(self, stamp=self.lag.stamp(), user_id=user_id or self.users.admin)
            self._unit = unit
            # Stamped once it is known to be open: latestDateCovered must never pass a stamp still to be committed.
            unit.stamp = self.lag.stamp()
            unit.lags = unit.stamp < self.clock.now()
            try:
                with self.writing():
                    self._expire(unit)
                    yield unit
                    self.tell_committing(unit)
            finally:
                self._unit = None
            self.tell_committed()

    def open_transaction(self, *, user_id: str | None = None) -> LateTransaction:
        """Begin a transaction that commits when told: its stamps are older than its visibility."""
        with self.lock:
            opened = LateTransaction(self, user_id=user_id or self.users.admin)
            self.late.append(opened)
            return opened

    def oldest_open(self) -> datetime | None:
        """The instant from which on something may still be uncommitted; None if nothing is under way."""
        with_stamps = [each.opened_at for each in list(self.late)]
        unit, lagging = self._unit, self.lag.oldest()
        under_way = [*([unit.stamp] if unit is not None else []), *([lagging] if lagging is not None else [])]
        return min([*with_stamps, *under_way], default=None)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The main connection inside one SQLite transaction; joins the one that is open."""
        with self.lock:
            if self.connection.in_transaction:
                yield self.connection
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees what is committed: each thread's own for a file, the locked main one in memory.

        Inside a transaction of this thread it is the main connection, so a writer sees what it wrote.
        """
        if self.path != ":memory:" and not self._writing_here():
            yield self._reader()
            return
        with self.lock:
            yield self.connection

    def prepare_connections(self, prepare: Prepare) -> None:
        """Run the function on every connection, present and future (to register SQL functions, say)."""
        with self.lock, self._readers_lock:
            self._prepare.append(prepare)
            for connection in [self.connection, *self._readers]:
                prepare(connection)

    # -- listeners ------------------------------------------------------------------------------------------------

    @property
    def listened_to(self) -> bool:
        """Whether somebody wants to know what transactions did."""
        return bool(self._listeners)

    def on_commit(self, listener: CommitListener) -> Callable[[], None]:
        """Tell the listener from now on what each transaction did, at its commit; returns what ends that."""
        with self.lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell_committing(self, unit: Unit) -> None:
        """Tell the listeners what a unit did, while its transaction is still open."""
        for listener in self._listeners:
            listener.committing(unit)

    def tell_committed(self) -> None:
        """Tell the listeners that a transaction is seen by everybody."""
        for listener in self._listeners:
            listener.committed()

    # -- features -------------------------------------------------------------------------------------------------

    def switch_feature(self, feature: str, *, on: bool) -> None:
        """Switch a feature on or off; an org that begins with several currencies has one at first, on every record."""
        with self.transaction() as unit:
            self.catalog.switch(feature, on=on)
            if on and feature == MULTI_CURRENCY:
                semantics.found_currencies(unit, "USD")

    def record_types(self, object_name: str) -> list[dict[str, Any]]:
        """The record types of an object, oldest first."""
        columns = ("Id", "Name", "DeveloperName", "IsActive")
        with self.reading() as connection:
            rows = connection.execute(
                f"SELECT {', '.join(columns)} FROM RecordType WHERE SobjectType = ? COLLATE NOCASE ORDER BY Id",  # noqa: S608 - names of our own
                (object_name,),
            ).fetchall()
        return [dict(zip(columns, row, strict=True)) for row in rows]

    # -- replication ----------------------------------------------------------------------------------------------

    def updated_ids(self, object_name: str, start: datetime, end: datetime) -> tuple[list[str], datetime]:
        """Ids created or changed in the window, and the instant up to which nothing can come later."""
        return replication.updated_ids(self, object_name, start, end)

    def deleted_ids(
        self, object_name: str, start: datetime, end: datetime
    ) -> tuple[list[tuple[str, datetime]], datetime, datetime]:
        """(id, deleted at) of the window, the earliest instant the log still knows, and the latest it covers."""
        return replication.deleted_ids(self, object_name, start, end)

    # -- ids and notes --------------------------------------------------------------------------------------------

    def new_id(self, object_name: str) -> str:
        """The next free id of the object."""
        # Objects that share a prefix (all histories, say) share the numbers: an id is one record's for ever.
        prefix = self.catalog.stored_object(object_name).id_prefix
        number = self._sequences.get(prefix)
        self._sequences[prefix] = (self._last_number(prefix) if number is None else number) + 1
        return make_id(prefix, SERVER, self._sequences[prefix])

    def remember(self, key: str) -> str | None:
        """A note the org keeps over restarts."""
        with self.lock:
            row = self.connection.execute("SELECT value FROM _org WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, key: str, value: str) -> None:
        """Write a note that survives a restart."""
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO _org (key, value) VALUES (?, ?)", (key, value))

    # -- inside ---------------------------------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=30)
        # A demo may lose its last second when the machine stops, but must load a million rows in seconds.
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "temp_store=MEMORY", "cache_size=-131072"):
            connection.execute(f"PRAGMA {pragma}")
        # The clock as formulas see it, which stands still for the length of a statement.
        connection.create_function("org_now", 0, lambda: stamp_text(self.clock.now()), deterministic=True)
        connection.create_function("org_today", 0, lambda: self.clock.today().isoformat(), deterministic=True)
        for prepare in self._prepare:
            prepare(connection)
        return connection

    def _reader(self) -> sqlite3.Connection:
        reader: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if reader is None:
            with self._readers_lock:
                reader = self._connect()
                self._readers.append(reader)
            reader.execute("PRAGMA query_only=ON")
            self._own.connection = reader
        return reader

    def _writing_here(self) -> bool:
        # An RLock tells nobody its owner: a non-blocking acquire succeeds only in the owning thread or when it is free.
        if not self.lock.acquire(blocking=False):
            return False
        try:
            return self.connection.in_transaction
        finally:
            self.lock.release()

    def _last_number(self, prefix: str) -> int:
        bounds = (f"{prefix}{SERVER}0", f"{prefix}{SERVER}~")
        sharing = [name for name, described in self.catalog.stored.items() if described.id_prefix == prefix]
        tables = [*(("max(Id)", f'"{name}"', "Id", "1") for name in sharing),
                  *(("max(id)", "_deleted_log", "id", f"object = '{name}'") for name in sharing)]  # fmt: skip
        newest = " UNION ALL ".join(
            f"SELECT {last} AS last FROM {table} WHERE {where} AND {key} > ?1 AND {key} < ?2"  # noqa: S608 - names come from the catalogue
            for last, table, key, where in tables
        )
        found = self.connection.execute(f"SELECT max(last) FROM ({newest})", bounds).fetchone()[0]  # noqa: S608 - see above
        return 0 if found is None else decode(found[6 : 6 + SEQUENCE_LENGTH])

    def _expire(self, unit: Unit) -> None:
        """Once an hour, and after each move of the clock, see what the recycle bin has kept long enough."""
        # What an open transaction holds cannot be removed; it is looked at when that is over.
        if not self.late and not self._bin_looked_at <= unit.stamp < self._bin_looked_at + _BIN_PACE:
            self._bin_looked_at = unit.stamp
            recycle_bin.expire(unit)

    def _define(self, object_name: str, roll_up: FieldType) -> None:
        unit = Unit(self, stamp=self.clock.now(), user_id=self.users.admin)
        semantics.define(unit, object_name, roll_up)

    def _metadata_changed(self, changes: Sequence[Change]) -> None:
        with self.writing() as connection:
            for object_name, field, what in changes:
                schema.follow(connection, self.catalog.stored.get(object_name), field, what)
                if field is not None and field.roll_up is not None and what == "added":
                    self._define(object_name, field)
            self.keep("catalog", json.dumps(self.catalog.state()))
