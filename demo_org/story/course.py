"""How a deal went: the stages it passed, the dates that slipped, the amounts that were hoped for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from random import Random

from demo_org.story.arcs import Outcome, Plan, Sort
from demo_org.story.daybook import Calendar

#: stage -> probability, forecast category, its name (the org's standard stages)
STAGES = {
    "Qualification": (10, "Pipeline", "Pipeline"),
    "Needs Analysis": (20, "Pipeline", "Pipeline"),
    "Value Proposition": (50, "Pipeline", "Pipeline"),
    "Id. Decision Makers": (60, "Pipeline", "Pipeline"),
    "Proposal/Price Quote": (75, "BestCase", "Best Case"),
    "Negotiation/Review": (90, "Forecast", "Commit"),
    "Closed Won": (100, "Closed", "Closed"),
    "Closed Lost": (0, "Omitted", "Omitted"),
}
PROPOSAL = "Proposal/Price Quote"
_PATHS = {
    Sort.NEW: list(STAGES)[:6],
    Sort.EXPANSION: ["Needs Analysis", "Value Proposition", PROPOSAL, "Negotiation/Review"],
    Sort.RENEWAL: ["Needs Analysis", PROPOSAL, "Negotiation/Review"],
}
_SLIPS = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One save of the deal that left a line in its history."""

    at: datetime
    ago: float
    stage: str
    amount: float | None
    close_on: date
    slipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The whole way of a deal so far."""

    changes: tuple[Change, ...]
    #: the stages it passed before it was decided, in order
    stages: tuple[str, ...]
    #: days ago on which somebody last worked on it
    quiet_since: float

    @property
    def priced(self) -> bool:
        """Whether there has been an offer, with products and a price."""
        return PROPOSAL in self.stages

    @property
    def pushes(self) -> int:
        """How often the close date moved into a later month."""
        return sum(
            1 for before, after in zip(self.changes, self.changes[1:], strict=False)
            if f"{after.close_on:%Y%m}" > f"{before.close_on:%Y%m}"
        )  # fmt: skip

    def entered_last(self) -> datetime:
        """When the present stage was entered."""
        stage = self.changes[-1].stage
        entered = self.changes[-1].at
        for change in reversed(self.changes):
            if change.stage != stage:
                break
            entered = change.at
        return entered


def passed_stages(plan: Plan, rng: Random) -> tuple[str, ...]:
    """The stages a deal went through: all for a won one, the first few for another."""
    path = _PATHS[plan.sort]
    if plan.outcome is Outcome.WON:
        # Sellers jump: not every stage is set on the way, but an offer there always was.
        return tuple(each for each in path if each in {path[0], PROPOSAL} or rng.random() < 0.8)
    reached = rng.randint(1, len(path))
    return tuple(each for place, each in enumerate(path[:reached]) if place in {0, reached - 1} or rng.random() < 0.4)


def tell_course(plan: Plan, stages: Sequence[str], amount: float, calendar: Calendar, rng: Random) -> Course:
    """Put stages, slips and hopes on the calendar."""
    quiet = _quiet_since(plan, rng)
    steps: list[tuple[float, str, str | float]] = _stage_steps(plan, stages, quiet, rng)
    estimates = _estimates(plan, quiet, rng)
    steps += [(when, "close", to) for when, to in estimates[1:]]
    steps.sort(key=lambda step: -step[0])
    hoped = round(amount * rng.choice((0.7, 0.8, 0.9, 1.1, 1.2, 1.4)), -3) or 1000.0
    instants = calendar.in_order((step[0] for step in steps), rng)
    changes, stage, money, close = [], stages[0], None, estimates[0][1]
    for (ago, what, value), at in zip(steps, instants, strict=True):
        if what == "close":
            close = float(value)
        else:
            stage = str(value)
            money = amount if stage == PROPOSAL or money == amount else hoped if stage != "Qualification" else None
        closed = stage.startswith("Closed")
        day = calendar.workday(max(1, plan.closed)) if closed else calendar.workday(close)
        changes.append(Change(at=at, ago=ago, stage=stage, amount=money, close_on=day, slipped=what == "close"))
    return Course(changes=tuple(changes), stages=tuple(stages), quiet_since=quiet)


def _quiet_since(plan: Plan, rng: Random) -> float:
    if plan.outcome is not Outcome.OPEN:
        return float(plan.closed)
    if plan.opened > 100:
        return plan.opened * rng.uniform(0.45, 0.75)  # the sleeping ones
    return min(plan.opened - 1.0, rng.uniform(1, 15))


def _stage_steps(plan: Plan, stages: Sequence[str], quiet: float, rng: Random) -> list[tuple[float, str, str | float]]:
    span = plan.opened - quiet
    fractions = sorted(rng.uniform(0.05, 0.93) for _ in stages[1:])
    steps: list[tuple[float, str, str | float]] = [(float(plan.opened), "stage", stages[0])]
    steps += [(plan.opened - span * part, "stage", each) for part, each in zip(fractions, stages[1:], strict=True)]
    if plan.outcome is not Outcome.OPEN:
        steps.append((float(plan.closed), "stage", "Closed Won" if plan.outcome is Outcome.WON else "Closed Lost"))
    return steps


def _estimates(plan: Plan, quiet: float, rng: Random) -> list[tuple[float, float]]:
    """The expected days of the decision, each with the day it was set; the last one is nearly right."""
    final = float(plan.closed) - (rng.randint(0, 9) if plan.outcome is not Outcome.OPEN else 0)
    estimates = [final]
    for _ in range(rng.choice(_SLIPS) if plan.outcome is Outcome.WON else rng.choice((0, 0, 0, 1))):
        earlier = estimates[0] + rng.randint(16, 55)
        # A date is moved shortly before it is reached, and while somebody still works on the deal.
        if not quiet + 2 < earlier + 6 < plan.opened - 4:
            break
        estimates.insert(0, earlier)
    return [(float(plan.opened), estimates[0])] + [
        (before + rng.uniform(0.5, 6), after) for before, after in pairwise(estimates)
    ]
