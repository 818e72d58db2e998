"""What the store may still say of what the org hides: fields and objects out of sight, old history.

The store keeps what it has read. What it has read last is known exactly after a comparison; until the next one each
value that was in sight in between may be it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from demo_org.store import Org
from oracle.closure import Closure
from oracle.tables import Rows, alive, visible_fields

#: whose records stay when Salesforce purges them
KEPT = ("OpportunityHistory", "OpportunityFieldHistory")


@dataclass
class Memory:
    """What was in sight, for as long as it is not anymore."""

    #: (object, field) that may be hidden, shown, removed or added
    watched: Iterable[tuple[str, str]]
    #: (object, field) -> id -> values that the store may have read last
    values: dict[tuple[str, str], dict[str, set[Any]]] = field(default_factory=lambda: defaultdict(dict))
    #: object out of sight -> its records when it was seen last
    unseen: dict[str, Rows] = field(default_factory=dict)
    #: object out of sight -> ids of those that were in the closure then
    certain: dict[str, set[str]] = field(default_factory=dict)
    #: history that the store must have, and history that it may have
    history: dict[str, Rows] = field(default_factory=lambda: {name: {} for name in KEPT})
    seen_history: dict[str, Rows] = field(default_factory=lambda: {name: {} for name in KEPT})
    #: object -> ids of records that the store was found to have last; what left the closure since may be forgotten
    landed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _kept: dict[str, tuple[Rows, set[str]]] = field(default_factory=dict)

    def look(self, org: Org) -> None:
        """Take note of what is in sight."""
        for name, column in self.watched:
            if column in visible_fields(org, name):
                known = self.values[name, column]
                for key, row in alive(org, name).items():
                    known.setdefault(key, set()).add(row[column])

    def look_at_history(self, org: Org) -> None:
        """Take note of history that is about to be purged."""
        for name in KEPT:
            self.seen_history[name] |= alive(org, name)

    def keep_all(self, org: Org, closure: Closure) -> None:
        """Keep all records, since some object is about to be switched off; the store was just found to be equal."""
        self._kept = {name: (alive(org, name), set(rows)) for name, rows in closure.rows.items()}

    def lose_sight(self, names: Iterable[str]) -> None:
        """These objects have just been switched off."""
        for name in names:
            if name in self._kept and name not in self.unseen:
                self.unseen[name], self.certain[name] = self._kept[name]

    def find_again(self, org: Org) -> None:
        """Forget what objects looked like that are in sight again."""
        for name in [name for name in self.unseen if org.catalog.find(name) is not None]:
            del self.unseen[name], self.certain[name]

    def settle(self, org: Org, closure: Closure, held: dict[str, dict[str, Any]]) -> None:
        """The store was just found equal to the org: what it has read last is known exactly."""
        for name, rows in closure.rows.items():
            self.landed[name] = set(rows)
        for (name, column), known in self.values.items():
            if name in self.unseen:
                continue
            visible = column in visible_fields(org, name)
            for key, row in closure.rows.get(name, {}).items():
                known[key] = {row[column] if visible else _said(held[name][key], column)}
        for name in KEPT:
            if name not in self.unseen:
                self.history[name] |= closure.rows[name]

    def allows(self, name: str, column: str, key: str) -> set[Any]:
        """The values that the store may have of a field that is out of sight."""
        # A record that came, or came back, after the field went out of sight has no value.
        return self.values[name, column].get(key, set()) | (set() if key in self.landed[name] else {None})


def _said(row: Any, column: str) -> Any:
    return row["custom"].get(column) if column.endswith("__c") else row[column.lower()]
