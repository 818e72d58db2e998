"""What happens with each customer: which deals it has, when they begin and end, and how.

Days are counted back from today; a negative number is a day to come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from demo_org.story.cast import Customer
from demo_org.story.plots import Plot


class Sort(StrEnum):
    """Why there is a deal."""

    NEW = "New Customer"
    RENEWAL = "Renewal"
    EXPANSION = "Existing Customer - Upgrade"


class Outcome(StrEnum):
    """How a deal stands today."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One deal before it is told."""

    sort: Sort
    outcome: Outcome
    plot: Plot
    opened: int
    #: the day it was decided, or for an open deal the day it is expected to be
    closed: int
    term: int
    #: last day of the term that a renewal prolongs
    due: int | None = None


#: arc -> how many of 200 customers; the rest never bought
_ARCS = {"renewed": 30, "renewing": 10, "churned": 5, "new": 46, "second_try": 15, "grown": 7}
_DEALS = 600
_TERMS = (12, 12, 12, 24, 36)
_MONTH = 30.44
#: arcs about the end of a term -> how the renewal ends, and between which days the term does
_PROLONGED = {
    "renewed": (Outcome.WON, 8, 345),
    "renewing": (Outcome.OPEN, -75, -10),
    "churned": (Outcome.LOST, 20, 300),
}
_LONGEST_PAST = 24  # months; a term of three years would begin before the start-up did
_CYCLES = {"clinic": (35, 150), "lab": (50, 210), "insurer": (130, 430), "hospital": (110, 410)}


def plan(customers: Sequence[Customer], rng: Random) -> list[list[Plan]]:
    """The deals of every customer, oldest first: about 600 of which 150 are won for 200 customers."""
    arcs = [name for name, share in _ARCS.items() for _ in range(share * len(customers) // 200)]
    arcs += ["never"] * (len(customers) - len(arcs))
    rng.shuffle(arcs)
    plans = [_arc(name, customer, rng) for name, customer in zip(arcs, customers, strict=True)]
    wanted = _DEALS * len(customers) // 200
    while sum(map(len, plans)) < wanted:
        place = rng.randrange(len(customers))
        if len(plans[place]) < 6:
            plans[place].append(_side_deal(customers[place], plans[place], rng))
    return [sorted(each, key=lambda deal: -deal.opened) for each in plans]


def _arc(name: str, customer: Customer, rng: Random) -> list[Plan]:
    first, second = rng.sample(customer.kind.plots, 2)
    if name in _PROLONGED and (first.term or 0) > _LONGEST_PAST:
        first, second = second, first
    match name:
        case "renewed" | "renewing" | "churned":
            outcome, soonest, latest = _PROLONGED[name]
            return _renewed(customer, first, rng, due=rng.randint(soonest, latest), outcome=outcome)
        case "new":
            return [_new(customer, first, rng, Outcome.WON, closed=rng.randint(1, 360))]
        case "second_try":
            won = _new(customer, first, rng, Outcome.WON, closed=rng.randint(1, 200))
            return [_new(customer, first, rng, Outcome.LOST, closed=won.opened + rng.randint(60, 200)), won]
        case "grown":
            won = _new(customer, first, rng, Outcome.WON, closed=rng.randint(200, 360))
            more = _deal(second, rng, Sort.EXPANSION, Outcome.WON, rng.randint(1, 130), rng.randint(30, 65))
            return [won, more]
        case _:
            return [_new(customer, first, rng, Outcome.LOST, closed=rng.randint(5, 355))]


def _renewed(customer: Customer, plot: Plot, rng: Random, *, due: int, outcome: Outcome) -> list[Plan]:
    """A deal of former years, and the renewal of its term that ends on the due day."""
    term = plot.term or rng.choice((12, 12, 24))
    won = _new(customer, plot, rng, Outcome.WON, closed=due + round(term * _MONTH) + rng.randint(4, 20), term=term)
    closed = max(1, due + rng.randint(-25, 32)) if outcome is not Outcome.OPEN else min(-2, due + rng.randint(-5, 10))
    opened = max(closed, 0) + rng.randint(70, 120)
    renewal = Plan(sort=Sort.RENEWAL, outcome=outcome, plot=plot, opened=opened, closed=closed,
                   term=rng.choice((12, 12, 24)), due=due)  # fmt: skip
    return [won, renewal]


def _new(
    customer: Customer, plot: Plot, rng: Random, outcome: Outcome, *, closed: int, term: int | None = None
) -> Plan:
    cycle = rng.randint(*_CYCLES[customer.kind.key])
    return _deal(plot, rng, Sort.NEW, outcome, closed, cycle, term=term)


def _side_deal(customer: Customer, former: list[Plan], rng: Random) -> Plan:
    """One more talk that came to nothing, or that has not ended yet."""
    bought = any(deal.outcome is Outcome.WON for deal in former)
    known = {deal.plot.key for deal in former}
    fresh = [plot for plot in customer.kind.plots if plot.key not in known] or list(customer.kind.plots)
    sort = Sort.EXPANSION if bought else Sort.NEW
    cycle = rng.randint(*_CYCLES[customer.kind.key])
    if rng.random() < 0.5:
        # An open deal is as old as a deal of its kind may be, the older ones have slept for months.
        age = rng.randint(4, min(cycle + 40, 320))
        return _deal(rng.choice(fresh), rng, sort, Outcome.OPEN, -rng.randint(4, 110), 0, opened=age)
    first_win = max((deal.closed for deal in former if deal.outcome is Outcome.WON), default=None)
    latest = 355 if first_win is None else max(6, min(355, first_win - cycle))
    return _deal(rng.choice(fresh), rng, sort, Outcome.LOST, rng.randint(3, latest), min(cycle, 200))


def _deal(
    plot: Plot, rng: Random, sort: Sort, outcome: Outcome, closed: int, cycle: int,
    *, opened: int | None = None, term: int | None = None,
) -> Plan:  # fmt: skip
    return Plan(sort=sort, outcome=outcome, plot=plot, opened=closed + cycle if opened is None else opened,
                closed=closed, term=term or plot.term or rng.choice(_TERMS))  # fmt: skip
