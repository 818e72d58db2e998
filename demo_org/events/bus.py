"""Keeps the change events of an org for three days in its file, and wakes those who wait for the next one.

Events are written inside the transaction whose changes they tell, so that neither is ever there without the other.
"""

import json
import secrets
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from demo_org.events.allowance import Allowance
from demo_org.events.schema import Schema, schema_of
from demo_org.events.topics import Topics
from demo_org.events.transaction import Draft, drafts_of
from demo_org.store import Org

if TYPE_CHECKING:
    from demo_org.store import Unit

RETENTION = timedelta(hours=72)  # Pub/Sub API guide, "Event Message Durability"
_FIRST = 0x179000  # where the counter of a new org stands; real ones begin anywhere
_TABLES = """
CREATE TABLE IF NOT EXISTS _event (
    replay INTEGER PRIMARY KEY, name TEXT NOT NULL, published INTEGER NOT NULL, id TEXT NOT NULL,
    schema_id TEXT NOT NULL, content TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS _event_by_name ON _event (name, replay);
CREATE INDEX IF NOT EXISTS _event_by_instant ON _event (published, replay);
CREATE TABLE IF NOT EXISTS _event_schema (id TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
"""
Wake = Callable[[], object]


class Position(Exception):
    """The bus knows no such position, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event on the bus; names of fields are names, values those of Avro."""

    replay: int
    name: str
    id: str
    schema_id: str
    header: dict[str, Any]
    body: dict[str, Any]
    enriched: dict[str, Any]


class EventBus:
    """The events of one org, in the order of their commits."""

    def __init__(
        self,
        org: Org,
        topics: Topics,
        *,
        most_changes: int = 100_000,
        most_bytes: int = 268_435_456,
        daily_deliveries: int = 50_000,
    ) -> None:
        self.org = org
        self.topics = topics
        self.allowance = Allowance(org.clock, most=daily_deliveries)
        self._most_changes = most_changes
        #: the bus of an org in memory must not eat it: past this size the oldest events go before their time
        self._most_bytes = most_bytes
        self._wakes: list[Wake] = []
        self._schemas: dict[str, Schema] = {}
        self._tip = self._seen = self._floor = self._bytes = self._commit = 0
        self.take_up()
        self._stop_listening = org.on_commit(self)

    def take_up(self) -> None:
        """Read where the bus in the org's file stands; numbers that were given out before are not given out again."""
        with self.org.writing() as connection:
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            last, self._bytes = connection.execute(
                "SELECT max(replay), coalesce(sum(length(content)), 0) FROM _event"
            ).fetchone()
        self._schemas.clear()
        self._floor = int(self.org.remember("event_floor") or _FIRST)
        self._tip = max(last or 0, self._floor, self._tip)
        #: the position up to which everybody sees what there is; the tip runs ahead of it inside a transaction
        self._seen = self._tip
        commit = int(self.org.remember("event_commit") or 12_279_000_000_000 + secrets.randbelow(10**9))
        self._commit = max(commit, self._commit)

    def close(self) -> None:
        """Tell no more; what is on the bus stays."""
        self._stop_listening()

    # -- writing --------------------------------------------------------------------------------------------------

    def committing(self, unit: "Unit") -> None:
        """Put the events of a transaction on the bus, inside it."""
        drafts = drafts_of(unit, self.topics.captures(), most_changes=self._most_changes)
        if not drafts:
            return
        self._commit += 1 + secrets.randbelow(1000)  # a database counts more than our commits
        shared = {
            # A key looks like a UUID that begins with zeros (recorded).
            "transactionKey": f"0000{str(uuid.uuid4())[4:]}",
            "commitTimestamp": int(self.org.clock.now().timestamp()) * 1000,
            "commitNumber": self._commit,
            "commitUser": unit.user_id,
        }
        self.org.keep("event_commit", str(self._commit))
        self._tip += secrets.randbelow(4)  # ids of different transactions need not follow each other
        self._store([self._row(each, shared) for each in drafts])

    def committed(self) -> None:
        """Show what was committed and wake everybody who waits for events."""
        self._seen = self._tip
        self.wake()

    def wake(self) -> None:
        """Let everybody who waits look for events."""
        for each in list(self._wakes):
            each()

    def publish(self, name: str, schema: Schema, body: dict[str, Any], *, event_id: str = "") -> int:
        """Put a platform event on the bus and return its position; wake() then tells the subscribers."""
        content = json.dumps([{}, body, {}], separators=(",", ":"))
        with self.org.lock:
            with self.org.writing():
                position = self._next()
                self._store([(position, name, event_id or str(uuid.uuid4()), schema.id, content)])
            self._seen = self._tip
        return position

    def tick(self) -> int:
        """Move on without an event, and return the new position: what a keep-alive tells is never stale."""
        with self.org.writing():
            self._store([(self._next(), "", "", "", "")])
            self._seen = self._tip
        return self._seen

    # -- reading --------------------------------------------------------------------------------------------------

    @property
    def tip(self) -> int:
        """The position of the newest event."""
        return self._seen

    def earliest(self) -> int:
        """The position before the oldest event that is kept."""
        with self.org.writing():
            self._forget_old()
        return self._floor

    def check(self, position: int) -> None:
        """Refuse a position that was never given out, or whose events are past their time."""
        if not self.earliest() <= position <= self._seen or (position == self._floor != _FIRST):
            raise Position(position)

    def after(self, position: int, names: Sequence[str], limit: int) -> tuple[list[StoredEvent], int]:
        """Up to `limit` events of these names behind a position, and the position the answer reaches to."""
        reached = self._seen
        listed = ", ".join("?" * len(names))
        where = f"replay > ? AND replay <= ? AND name IN ({listed})"
        sql = f"SELECT replay, name, id, schema_id, content FROM _event WHERE {where} ORDER BY replay LIMIT ?"  # noqa: S608 - question marks only
        with self.org.reading() as connection:
            rows = connection.execute(sql, (position, reached, *names, limit)).fetchall() if names else []
        events = [_event(row) for row in rows]
        return events, events[-1].replay if len(events) == limit else reached

    def schema(self, schema_id: str) -> Schema | None:
        """The schema of an id, also one that newer events no longer have."""
        found = self._schemas.get(schema_id)
        if found is None:
            with self.org.reading() as connection:
                row = connection.execute("SELECT text FROM _event_schema WHERE id = ?", (schema_id,)).fetchone()
            found = None if row is None else Schema.of(row[0])
            if found is not None:
                self._schemas[schema_id] = found
        return found

    def keep_schema(self, schema: Schema) -> None:
        """Remember a schema that was handed out, so that its id answers for good."""
        if schema.id not in self._schemas:
            with self.org.writing() as connection:
                connection.execute("INSERT OR IGNORE INTO _event_schema VALUES (?, ?)", (schema.id, schema.text))
            self._schemas[schema.id] = schema

    def on_events(self, wake: Wake) -> Callable[[], None]:
        """Call `wake` after each commit, from the thread that committed; returns what ends that."""
        self._wakes.append(wake)
        return lambda: self._wakes.remove(wake)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _row(self, draft: Draft, shared: dict[str, Any]) -> tuple[int, str, str, str, str]:
        capture = self.topics.captures()[draft.object_name]
        schema = schema_of(capture.shape)
        self.keep_schema(schema)
        header = {
            "entityName": draft.object_name, "recordIds": draft.record_ids, "changeType": draft.change_type,
            "changeOrigin": draft.origin, "sequenceNumber": draft.sequence, "nulledFields": draft.nulled,
            "diffFields": draft.diffs, "changedFields": draft.changed, **shared,
        }  # fmt: skip
        content = json.dumps([header, dict(draft.body), dict(draft.enriched)], separators=(",", ":"))
        return self._next(), capture.shape.event_name, str(uuid.uuid4()), schema.id, content

    def _next(self) -> int:
        self._tip += 1
        return self._tip

    def _store(self, rows: Iterable[tuple[int, str, str, str, str]]) -> None:
        now = int(self.org.clock.now().timestamp())
        filled: list[tuple[Any, ...]] = [(replay, name, now, *rest) for replay, name, *rest in rows]
        self.org.connection.executemany("INSERT INTO _event VALUES (?, ?, ?, ?, ?, ?)", filled)
        self._bytes += sum(len(row[-1]) for row in filled)
        self._forget_old()

    def _forget_old(self) -> None:
        oldest = int((self.org.clock.now() - RETENTION).timestamp())
        sql = "SELECT max(replay) FROM _event WHERE published < ?"
        self._forget(self.org.connection.execute(sql, (oldest,)).fetchone()[0])
        while self._bytes > self._most_bytes:
            first = "SELECT max(replay) FROM (SELECT replay FROM _event ORDER BY replay LIMIT 1000)"
            self._forget(self.org.connection.execute(first).fetchone()[0])

    def _forget(self, last: int | None) -> None:
        """Drop everything up to a position."""
        if last is None:
            return
        connection = self.org.connection
        freed = connection.execute("SELECT total(length(content)) FROM _event WHERE replay <= ?", (last,)).fetchone()[0]
        connection.execute("DELETE FROM _event WHERE replay <= ?", (last,))
        self._bytes -= int(freed)
        self._floor = max(self._floor, last)
        self.org.keep("event_floor", str(self._floor))


def _event(row: tuple[int, str, str, str, str]) -> StoredEvent:
    replay, name, event_id, schema_id, content = row
    header, body, enriched = json.loads(content)
    return StoredEvent(
        replay=replay, name=name, id=event_id, schema_id=schema_id, header=header, body=body, enriched=enriched
    )
