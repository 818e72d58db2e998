"""A consumer that applies change events has what the org has, whatever was done and however it was split."""

import hashlib
import re
from typing import Any

from event_bus import Bus, opened
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_org.events import StoredEvent

_LINES = [f"Line {number} of a description that goes on for a while and longer" for number in range(30)]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "Name": st.sampled_from(["Clinic", "Hospital", "Lab"]),
    "Industry": st.sampled_from([None, "Banking", "Energy"]),
    "NumberOfEmployees": st.sampled_from([None, 0, 7]),
    "BillingCity": st.sampled_from([None, "Bern", "Basel"]),
    "BillingStreet": st.sampled_from([None, "Lane 1"]),
    "AnnualRevenue": st.sampled_from([None, 0.0, 12.5]),
    "Description": st.integers(0, 29).map(
        lambda number: "\n".join([*_LINES[:number], f"Changed {number}", *_LINES[number + 1 :]])
    ),
}
CHANGES = st.fixed_dictionaries({}, optional=VALUES)
STEPS = st.one_of(
    st.tuples(st.just("insert"), st.just(0), CHANGES),
    st.tuples(st.just("update"), st.integers(0, 4), CHANGES),
    st.tuples(st.just("update all"), st.just(0), CHANGES),
    st.tuples(st.just("delete"), st.integers(0, 4), st.just({})),
    st.tuples(st.just("undelete"), st.integers(0, 4), st.just({})),
)
TRANSACTIONS = st.lists(st.lists(STEPS, min_size=1, max_size=5), min_size=1, max_size=6)


class Replica:
    """What a consumer keeps: the fields of every record it heard of."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}

    def hear(self, event: StoredEvent) -> None:
        """Apply an event to each of its records."""
        for record_id in event.header["recordIds"]:
            match event.header["changeType"]:
                case "CREATE" | "UNDELETE":
                    self.records[record_id] = _flat(event.body)
                case "UPDATE":
                    self._update(record_id, event)
                case "DELETE":
                    del self.records[record_id]

    def _update(self, record_id: str, event: StoredEvent) -> None:
        told, record = _flat(event.body), self.records[record_id]
        for name in event.header["changedFields"]:
            if name in event.header["nulledFields"]:
                record.pop(name, None)
            elif name in event.header["diffFields"]:
                record[name] = _patched(record[name], told[name])
            else:
                record[name] = told[name]


def perform(bus: Bus, steps: list[tuple[str, int, dict[str, Any]]]) -> None:
    """One transaction; a step that finds nothing to work on is left out."""
    with bus.org.transaction() as unit:
        for act, number, values in steps:
            rows = unit.rows("Account", "1 ORDER BY Id", ())
            alive = [row["Id"] for row in rows if not row["IsDeleted"]]
            gone = [row["Id"] for row in rows if row["IsDeleted"]]
            match act:
                case "insert":
                    unit.insert("Account", {"Name": "New"} | values)
                case "update" if number < len(alive):
                    unit.update("Account", alive[number], values)
                case "update all":
                    for each in alive:
                        unit.update("Account", each, values)
                case "delete" if number < len(alive):
                    unit.delete("Account", alive[number])
                case "undelete" if number < len(gone):
                    unit.undelete("Account", gone[number])


@settings(max_examples=30, deadline=None)
@given(TRANSACTIONS)
def test_a_replica_made_of_events_equals_the_org(transactions: list[list[tuple[str, int, dict[str, Any]]]]):
    """Creations, updates of one and of many, emptied fields, parts of addresses, differences, the bin."""
    with opened(selected=("Account",)) as bus:
        replica = Replica()
        for steps in transactions:
            perform(bus, steps)
            for event in bus.news():
                replica.hear(event)
            assert replica.records == truth(bus)


def truth(bus: Bus) -> dict[str, dict[str, Any]]:
    """What events would say of every live account."""
    fields = bus.topics.captures()["Account"].shape.fields
    with bus.org.transaction() as unit:
        rows = unit.rows("Account", "IsDeleted = 0", ())
    return {row["Id"]: _flat({each.name: each.value(row) for each in fields}) for row in rows}


def _flat(body: dict[str, Any]) -> dict[str, Any]:
    """Fields and parts of fields that have a value."""
    flat: dict[str, Any] = {}
    for name, value in body.items():
        parts = {f"{name}.{part}": each for part, each in value.items()} if isinstance(value, dict) else {name: value}
        flat |= {key: each for key, each in parts.items() if each is not None}
    return flat


def _patched(old: str, diff: str) -> str:
    """The new text of a difference, checked by its hash."""
    lines = old.split("\n")
    pieces = re.split(r"^@@ -(\d+),(\d+) \+\d+,\d+ @@$", diff, flags=re.MULTILINE)
    for start, count, body in reversed(list(zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True))):
        begin = int(start) - 1 if int(count) else int(start)
        lines[begin : begin + int(count)] = [line[1:] for line in body.split("\n") if line.startswith("+")]
    new = "\n".join(lines)
    assert hashlib.sha256(new.encode()).hexdigest() in pieces[0]
    return new
