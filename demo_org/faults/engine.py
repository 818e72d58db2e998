"""Decides which faults strike a call, counts them, and remembers what struck."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from demo_org.clock import Clock
from demo_org.faults.kinds import Call, Kind, Values
from demo_org.faults.order import read_order
from demo_org.faults.rule import Chance, Rule
from demo_org.store.values import stamp_text

_REMEMBERED = 10_000  # strikes


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A fault that strikes a call."""

    rule: Rule
    entry: dict[str, Any]

    @property
    def kind(self) -> Kind:
        """What it does."""
        return self.rule.kind

    @property
    def values(self) -> Values:
        """What is set about it."""
        return self.rule.values


class Faults:
    """The faults of one org, those that wait and those that struck."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[Rule] = []
        self._chance: Chance | None = None
        self._log: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        self._numbers = count(1)

    def replace(self, order: Any) -> None:
        """Take new faults in place of all others; the log begins anew. An empty list ends all faults."""
        rules, chance = read_order(order)
        with self._lock:
            self._waiting, self._chance = rules, chance
            self._log.clear()
            self._numbers = count(1)

    def add(self, order: Any) -> None:
        """Take more faults behind those that wait; what strikes at random is replaced if the order says so."""
        rules, chance = read_order(order)
        with self._lock:
            self._waiting += rules
            self._chance = chance or self._chance

    @property
    def idle(self) -> bool:
        """Whether nothing waits to strike."""
        return not self._waiting and self._chance is None

    def strike(self, call: Call) -> Sequence[Strike]:
        """The faults that strike a call: any number, but one answer and one way to travel among them."""
        with self._lock:
            now = self._clock.now()
            struck: list[Rule] = []
            for rule in self._waiting:
                if not _crowded(rule.kind, struck) and rule.strikes(call, now):
                    struck.append(rule)
            drawn = self._chance.draw(call) if self._chance is not None else None
            if drawn is not None and not _crowded(drawn.kind, struck):
                struck.append(drawn)
            return [self._note(rule, call) for rule in struck]

    def missed(self, strike: Strike) -> None:
        """Take a strike back: the answer had nothing that this fault could change."""
        with self._lock:
            strike.rule.struck -= 1
            if strike.entry in self._log:
                self._log.remove(strike.entry)

    def event(self, moment: str, *, topic: str, object_name: str | None = None) -> str | None:
        """The fault that strikes the delivery of an event ("DELIVER") or a subscription ("SUBSCRIBE"), by its name."""
        call = Call(method=moment, target=topic, kind="events", object_name=object_name)
        struck = self.strike(call)
        return struck[0].kind.name if struck else None

    def waiting(self) -> list[dict[str, Any]]:
        """The faults that have not struck often enough yet."""
        with self._lock:
            return [each.described() for each in self._waiting if not each.over]

    def log(self) -> list[dict[str, Any]]:
        """What struck since the faults were set, oldest first."""
        with self._lock:
            return list(self._log)

    def longest_lag(self) -> timedelta:
        """By how much a write's stamps may be older than the write, under the faults in force."""
        with self._lock:
            rules = [*self._waiting, *(self._chance.rules if self._chance else ())]
            lags = [each.values["seconds"] for each in rules if each.kind.name == "commit_lag"]
        return timedelta(seconds=max(lags, default=0))

    def _note(self, rule: Rule, call: Call) -> Strike:
        rule.struck += 1
        entry = {
            "number": next(self._numbers),
            "at": stamp_text(self._clock.now()),
            "kind": rule.kind.name,
            "name": rule.name,
            "method": call.method,
            # What a login or a revocation has in its address is a secret.
            "target": call.path if call.kind == "login" else call.target,
            "call": call.kind,
            "object": call.object_name,
            "part": call.part,
        }
        self._log.append(entry)
        return Strike(rule=rule, entry=entry)


def _crowded(kind: Kind, struck: Sequence[Rule]) -> bool:
    """Whether there is an answer, or a way to travel, already."""
    return (
        (kind.instead is not None and any(each.kind.instead for each in struck))
        or (kind.travel is not None and any(each.kind.travel for each in struck))
        or (kind.of_events and bool(struck))
    )
