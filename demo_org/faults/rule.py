"""A fault in force: a kind, what is set about it, and the calls it waits for."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from demo_org.faults.kinds import Call, Kind


@dataclass(slots=True, kw_only=True)
class Rule:
    """One fault that waits to strike."""

    kind: Kind
    values: Mapping[str, Any]
    name: str
    #: searched in path and query
    path: re.Pattern[str] | None = None
    #: searched in the SOQL
    statement: re.Pattern[str] | None = None
    method: str | None = None
    #: lower-case names of objects
    objects: frozenset[str] = frozenset()
    #: kinds of calls
    calls: frozenset[str] = frozenset()
    #: searched in the User-Agent
    agent: re.Pattern[str] | None = None
    #: parts of composite requests only, whole requests only, or both where the kind can
    part: bool | None = None
    #: which of the calls that match, counted from 1; none = each
    nth: frozenset[int] = frozenset()
    probability: float = 1.0
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    #: strikes in all; 0 = for ever
    times: int = 1
    begins: datetime | None = None
    ends: datetime | None = None
    matched: int = 0
    struck: int = 0

    @property
    def over(self) -> bool:
        """Whether it has struck often enough."""
        return bool(self.times) and self.struck >= self.times

    def strikes(self, call: Call, now: datetime) -> bool:
        """Whether it strikes this call, which counts as one that matched."""
        if self.over or not self._matches(call, now):
            return False
        self.matched += 1
        if self.nth and self.matched not in self.nth:
            return False
        return self.probability >= 1 or self.dice.random() < self.probability

    def fits(self, call: Call) -> bool:
        """Whether its kind has something to do with a call."""
        if self.kind.of_events != (call.kind == "events") or (call.part and not self.kind.in_parts):
            return False
        return self.part in {None, call.part} and self.kind.where.holds(call)

    def described(self) -> dict[str, Any]:
        """What it is and how often it struck, for the control plane."""
        return {
            "name": self.name,
            "kind": self.kind.name,
            "path": self.path.pattern if self.path else None,
            "times": self.times,
            "matched": self.matched,
            "struck": self.struck,
        }

    def _matches(self, call: Call, now: datetime) -> bool:
        return (
            self.fits(call)
            and (self.method is None or self.method == call.method)
            and (self.path is None or self.path.search(call.target) is not None)
            and (self.statement is None or self.statement.search(call.statement or "") is not None)
            and (not self.objects or (call.object_name or "").lower() in self.objects)
            and (not self.calls or call.kind in self.calls)
            and (self.agent is None or self.agent.search(call.headers.get("user-agent", "")) is not None)
            and (self.begins is None or self.begins <= now)
            and (self.ends is None or now < self.ends)
        )


@dataclass(slots=True, kw_only=True)
class Chance:
    """Faults at random: the same seed and the same calls give the same faults."""

    seed: int
    rate: float
    rules: tuple[Rule, ...]
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def draw(self, call: Call) -> Rule | None:
        """The fault that strikes this call, if any; each call takes two numbers whether one does or not."""
        struck, choice = self.dice.random() < self.rate, self.dice.random()
        if not struck:
            return None
        fitting = [rule for rule in self.rules if rule.fits(call)]
        return fitting[int(choice * len(fitting))] if fitting else None
