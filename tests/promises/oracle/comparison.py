"""The store against the oracle: every record of the closure, every value, and every column of the CS views."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from demo_org.store import Org
from models.session import ReadSession, Store
from oracle.closure import HANGS_ON, STANDARD, Closure, custom_children
from oracle.memory import KEPT, Memory
from oracle.tables import Row, Rows
from oracle.words import VIEWS

Held = dict[str, Any]


class Oracle:
    """Compares a store with an org, and remembers what the org has shown."""

    def __init__(self, org: Org, memory: Memory) -> None:
        self._org = org
        self.memory = memory

    def closure(self) -> Closure:
        """The closure as the store must have it."""
        return Closure(self._org, instead=self.memory.unseen)

    def differences(self, store: Store) -> list[str]:
        """In words, where the store is not what the org is; empty when they are equal."""
        with store.reading() as session:
            held = {name: _held(session, name) for name in STANDARD}
            own = _held_custom(session)
            held |= {name: own.get(name, {}) for name in custom_children(self._org)}
            # What came into the closure while its object was out of sight can't be known, but may be held from before.
            known = {
                name: {key: row for key, row in rows.items() if key in self.memory.certain[name] or key in held[name]}
                for name, rows in self.memory.unseen.items()
            }
            closure = Closure(self._org, instead=known)
            said = [f"custom records of {name} should not be there" for name in own if name not in held]
            for name in held:
                said += self._of_object(name, closure, held[name])
            if not said:
                said += _of_views(session, closure)
        if not said:
            self.memory.settle(self._org, closure, held)
        return said

    def _of_object(self, name: str, closure: Closure, held: dict[str, Held]) -> Iterator[str]:
        expected, keys = closure.rows[name], set(held)
        if name in self.memory.unseen:
            certain = self.memory.certain[name]
            expected, keys = {key: row for key, row in expected.items() if key in certain}, keys & certain
        if name in KEPT:
            expected, keys = self._with_history(name, closure, expected, keys)
        yield from (f"{name} {key} is missing" for key in sorted(expected.keys() - keys))
        yield from (f"{name} {key} should not be there" for key in sorted(keys - expected.keys()))
        for key in sorted(expected.keys() & keys):
            for column, value in expected[key].items():
                if not equal(value, _value(held[key], column)):
                    yield f"{name} {key} {column} is {_value(held[key], column)!r} instead of {value!r}"
            yield from self._out_of_sight(name, key, expected[key], held[key])

    def _with_history(self, name: str, closure: Closure, expected: Rows, keys: set[str]) -> tuple[Rows, set[str]]:
        field, parent = HANGS_ON[name]
        deals = closure.rows[parent]
        purged = {key: row for key, row in self.memory.history[name].items() if row[field] in deals}
        possible = {key for key, row in self.memory.seen_history[name].items() if row[field] in deals}
        whole = {**purged, **expected}
        closure.rows[name] = {**whole, **{key: self.memory.seen_history[name][key] for key in possible & keys}}
        return closure.rows[name], keys

    def _out_of_sight(self, name: str, key: str, row: Row, held: Held) -> Iterator[str]:
        """Fields that are hidden or gone: what was read of them last stays."""
        for owner, column in self.memory.watched:
            if owner != name or column in row:
                continue
            allowed, value = self.memory.allows(name, column, key), _value(held, column)
            if not any(equal(each, value) for each in allowed):
                yield f"{name} {key} {column}, out of sight, is {value!r} instead of one of {allowed!r}"
            row[column] = value


def _held(session: ReadSession, name: str) -> dict[str, Held]:
    view = f'closure."{name.lower()}"'
    rows = session.execute(text(f"SELECT * FROM {view}")).mappings()
    return {row["id"]: dict(row) for row in rows}


def _held_custom(session: ReadSession) -> dict[str, dict[str, Held]]:
    found: dict[str, dict[str, Held]] = {}
    for row in session.execute(text("SELECT * FROM closure.custom_record")).mappings():
        found.setdefault(row["object"], {})[row["id"]] = dict(row)
    return found


def _of_views(session: ReadSession, closure: Closure) -> Iterator[str]:
    for name, view in VIEWS.items():
        expected = view.expected(closure)
        rows = [dict(row) for row in session.execute(text(f"SELECT * FROM cs_v1.{name}")).mappings()]
        held = view.by_key(rows)
        if len(held) != len(rows):
            yield f"cs_v1.{name} has rows twice"
        yield from (f"cs_v1.{name} {key} is missing" for key in expected.keys() - held.keys())
        yield from (f"cs_v1.{name} {key} should not be there" for key in held.keys() - expected.keys())
        for key in expected.keys() & held.keys():
            for column, value in expected[key].items():
                if not equal(value, held[key][column]):
                    yield f"cs_v1.{name} {key} {column} is {held[key][column]!r} instead of {value!r}"


def _value(held: Held, column: str) -> Any:
    """What the store says of a field: in a column of its own, or among the others."""
    name = column.lower()
    if name in held and name not in {"custom", "object"}:
        return held[name]
    return held["custom"].get(column)


def equal(expected: Any, held: Any) -> bool:
    """Whether a value of the org and one of the store are the same."""
    if isinstance(held, bool):
        return held == bool(expected)
    if isinstance(expected, int | float) and held is not None:  # as text where a history's value may be of any type
        return isinstance(held, str | Decimal | int | float) and float(held) == float(expected)
    if isinstance(expected, str) and isinstance(held, datetime):
        return held.astimezone(UTC) == datetime.fromisoformat(expected)
    if isinstance(held, date):
        return held.isoformat() == expected
    return held == expected or (isinstance(expected, str) and isinstance(held, str) and _same_instant(expected, held))


def _same_instant(expected: str, held: str) -> bool:
    """Instants of custom fields are kept as text in JSON."""
    try:
        return "T" in expected[10:11] and datetime.fromisoformat(expected) == datetime.fromisoformat(held)
    except ValueError:
        return False
