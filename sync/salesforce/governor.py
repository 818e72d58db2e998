"""How many API calls may be spent, and how fast: the org's people come first, then the polls, then everything else.

The middle of this module is arithmetic on what was spent and what is left; time is an argument. `Governor` around it is
what the two lanes of a worker share: it counts, it is told what Salesforce tells, and it says no.

The budget of a day (UTC) is a share of the org's allocation, or the allocation that Salesforce gives our app. Polls
spread what is left of it evenly over what is left of the day, so it lasts to the end. Chores may spend only what polls
at their slowest rhythm can spare.
"""

import math
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from sync.errors import BudgetSpent
from sync.salesforce.usage import ApiUsage

#: one costly poll says little about the next ones: no single observation may count for more than this much of the rest
_WEIGHT = 0.1
#: what chores that could wait may take of what is left: there is another night
_ELECTIVE_PART = 4


class Lane(StrEnum):
    """Who asks: polls never queue behind bulk work."""

    LIVE = "live"
    BULK = "bulk"


class Pace(StrEnum):
    """Why polls come as often as they do."""

    AS_CONFIGURED = "as_configured"
    #: so that the budget lasts to the end of the day
    STRETCHED = "stretched"
    #: the org has few calls left, which are for its people
    FLOOR = "floor"
    #: the budget of the day is gone
    SPENT = "spent"
    #: Salesforce takes no calls
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a person has decided."""

    #: the polls' rhythm while nothing speaks against it
    poll_every: timedelta = timedelta(seconds=30)
    #: the rhythm that all other work must leave room for
    slowest_poll: timedelta = timedelta(minutes=15)
    #: part of the org's daily allocation that may be spent
    share: float = 0.05
    #: part of it below which only the slowest polls go on
    floor: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What is known when a decision is made."""

    #: what Salesforce told last; None before its first answer
    usage: ApiUsage | None = None
    #: calls of this day (UTC), by kind
    spent: Mapping[str, int] = field(default_factory=dict)
    #: what a poll costs these days
    poll_cost: float = 1.0
    #: Salesforce takes no calls before this
    paused_until: datetime | None = None

    @property
    def total(self) -> int:
        """Calls of this day."""
        return sum(self.spent.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What may be done now."""

    pace: Pace
    #: time from one poll to the next
    poll_every: timedelta
    #: no poll before this; None = whenever it is due
    not_before: datetime | None
    #: calls of the day's budget and what is left of them; None while the allocation is unknown
    budget: int | None
    left: int | None
    #: calls that work may spend which can't wait, such as the first load; None = as many as it likes
    needed: int | None
    #: calls that work may spend which can wait, such as the nightly proof
    elective: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The calls of this day: so far, and at its end if nothing changes."""

    spent: Mapping[str, int]
    total: int
    expected: int
    budget: int | None
    #: the org's own count and allocation, everybody's calls included
    org_used: int | None
    org_limit: int | None


def day_end(now: datetime) -> datetime:
    """When the day's budget ends and the next begins."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(0), UTC)


def budget_of(rules: Rules, usage: ApiUsage | None) -> int | None:
    """The calls of one day: what Salesforce gives our app, or our share of what the org has."""
    if usage is None:
        return None
    return usage.app_limit if usage.app_limit is not None else int(usage.limit * rules.share)


def plan(rules: Rules, spending: Spending, now: datetime) -> Plan:
    """Decide how often to poll and what else may be spent."""
    budget, until = budget_of(rules, spending.usage), day_end(now)
    left = None if budget is None else max(0, budget - spending.total)
    if spending.paused_until is not None and spending.paused_until > now:
        return _stopped(Pace.PAUSED, rules, until=spending.paused_until, budget=budget, left=left)
    if spending.usage is None or left is None:
        return Plan(
            pace=Pace.AS_CONFIGURED, poll_every=rules.poll_every, not_before=None, budget=None, left=None,
            needed=None, elective=None,
        )  # fmt: skip
    if not left:
        return _stopped(Pace.SPENT, rules, until=until, budget=budget, left=0)
    room = room_of(rules, spending.usage)
    every, pace = _rhythm(rules, spending, left=left, room=room, rest=until - now)
    kept = _kept_for_polls(rules, spending, rest=until - now)
    needed = max(0, min(left - kept, room))
    elective = min(needed, left // _ELECTIVE_PART)
    return Plan(
        pace=pace, poll_every=every, not_before=None, budget=budget, left=left, needed=needed, elective=elective
    )


def room_of(rules: Rules, usage: ApiUsage) -> int:
    """Calls that the org can spare: what is left of its allocation, less what its people keep."""
    return usage.limit - usage.used - int(usage.limit * rules.floor)


def forecast(rules: Rules, spending: Spending, now: datetime, *, chores: int = 0) -> Forecast:
    """Tell the day's calls so far, and how many it will have been if polls go on as now and `chores` calls come."""
    planned = plan(rules, spending, now)
    begins = max(now, planned.not_before or now)
    polls = max(0, int((day_end(now) - begins) / planned.poll_every))
    usage = spending.usage
    return Forecast(
        spent=dict(spending.spent),
        total=spending.total,
        expected=spending.total + round(polls * spending.poll_cost) + chores,
        budget=planned.budget,
        org_used=usage.used if usage else None,
        org_limit=usage.limit if usage else None,
    )


def learned(poll_cost: float, calls: int) -> float:
    """What a poll costs, now that another one has cost so many calls; one burst hardly counts, a busy hour does."""
    return max(1.0, poll_cost + _WEIGHT * (min(calls, 2 * poll_cost + 1) - poll_cost))


def _stopped(pace: Pace, rules: Rules, *, until: datetime, budget: int | None, left: int | None) -> Plan:
    return Plan(
        pace=pace, poll_every=rules.poll_every, not_before=until, budget=budget, left=left, needed=0, elective=0
    )


def _rhythm(rules: Rules, spending: Spending, *, left: int, room: int, rest: timedelta) -> tuple[timedelta, Pace]:
    even = rest / max(1.0, left / spending.poll_cost)
    # The org's count is of 24 rolling hours and others spend from it too, so it slows us down but never beyond the
    # slowest rhythm: whoever polls sees when there is room again.
    spare = rest / max(1.0, room / spending.poll_cost) if room > 0 else rules.slowest_poll
    if spending.usage is not None and _app_is_spent(spending.usage):
        spare = rules.slowest_poll
    spare = min(spare, rules.slowest_poll)
    every = max(rules.poll_every, even, spare)
    if every == rules.poll_every:
        return every, Pace.AS_CONFIGURED
    return every, Pace.STRETCHED if even >= spare else Pace.FLOOR


def _app_is_spent(usage: ApiUsage) -> bool:
    return usage.app_limit is not None and (usage.app_used or 0) >= usage.app_limit


def _kept_for_polls(rules: Rules, spending: Spending, *, rest: timedelta) -> int:
    """What polls at their slowest rhythm need until the end of the day."""
    return math.ceil(rest / max(rules.slowest_poll, rules.poll_every) * spending.poll_cost)


class Governor:
    """What the lanes of one org share: one account of calls, one pause, one answer to "may I?". Threads may share it.

    `now` tells Salesforce's time. `unsaved` is added to what the store has of this day, since the lanes write their
    calls down only now and then.
    """

    def __init__(self, rules: Rules, *, now: Callable[[], datetime]) -> None:
        self.rules = rules
        self._now = now
        self._lock = threading.Lock()
        self._day = now().date()
        self._saved: Counter[str] = Counter()
        self._unsaved: Counter[str] = Counter()
        self._state = Spending()

    # --- the account -------------------------------------------------------------------------------------------------

    def meter(self, lane: Lane) -> "LaneMeter":
        """The meter for the connection of a lane."""
        return LaneMeter(self, lane)

    def sent(self, kind: str, lane: Lane) -> None:
        """Count a call that is about to be sent.

        Raises:
            BudgetSpent: it is not sent. Polls keep what they need: chores are refused before the budget is gone.
        """
        with self._lock:
            if lane is Lane.BULK:
                self._refuse_bulk()
            self._unsaved[kind] += 1

    def told(self, usage: ApiUsage) -> None:
        """Take note of what a reply says about the org's allocation."""
        with self._lock:
            self._state = replace(self._state, usage=usage)

    def take_unsaved(self) -> Counter[str]:
        """Return the calls that are not in the store yet, to write them down; `put_back` them when that fails."""
        with self._lock:
            taken, self._unsaved = self._unsaved, Counter()
            self._saved += taken
            return taken

    def put_back(self, taken: Mapping[str, int]) -> None:
        """Take calls back whose writing down has failed."""
        with self._lock:
            self._unsaved += Counter(taken)
            self._saved -= Counter(taken)

    def restore(self, spent: Mapping[str, int], usage: ApiUsage | None = None) -> None:
        """Take over what the store has of this day: of a former process, and of commands run by hand."""
        with self._lock:
            self._day = self._now().date()
            self._saved = Counter(spent)
            if usage is not None and self._state.usage is None:
                self._state = replace(self._state, usage=usage)

    # --- decisions ---------------------------------------------------------------------------------------------------

    def poll_done(self, calls: int) -> None:
        """Learn what a poll costs."""
        with self._lock:
            self._state = replace(self._state, poll_cost=learned(self._state.poll_cost, calls))

    def pause(self, lasting: timedelta) -> datetime:
        """Send nothing for a while, because Salesforce takes nothing; returns until when."""
        with self._lock:
            until = self._now() + lasting
            self._state = replace(self._state, paused_until=max(until, self._state.paused_until or until))
            return self._state.paused_until or until

    def plan(self) -> Plan:
        """What may be done now."""
        with self._lock:
            return plan(self.rules, self._spending(), self._now())

    def forecast(self, *, chores: int = 0) -> Forecast:
        """The calls of this day, so far and at its end."""
        with self._lock:
            return forecast(self.rules, self._spending(), self._now(), chores=chores)

    def _refuse_bulk(self) -> None:
        planned = plan(self.rules, self._spending(), self._now())
        if planned.needed is None or planned.needed > 0:
            return
        now = self._now()
        if planned.pace in {Pace.PAUSED, Pace.SPENT}:
            until = planned.not_before or day_end(now)
        else:  # the org's people may need less in a while, and the polls keep less each minute
            until = now + self.rules.slowest_poll
        raise BudgetSpent(
            detail=f"what is left of today's budget of {planned.budget} calls is for polls", retry_after=until - now
        )

    def _spending(self) -> Spending:
        if self._now().date() != self._day:
            self._day = self._now().date()
            self._saved = Counter()
        return replace(self._state, spent=self._saved + self._unsaved)


class LaneMeter:
    """The governor as the connection of one lane sees it."""

    def __init__(self, governor: Governor, lane: Lane) -> None:
        self.purpose: str | None = None
        self._governor = governor
        self._lane = lane

    def sent(self, kind: str) -> None:
        """Count a call that is about to be sent, or refuse it."""
        self._governor.sent(self.purpose or kind, self._lane)

    def told(self, usage: ApiUsage) -> None:
        """Take note of what a reply says about the org's allocation."""
        self._governor.told(usage)

    def refused(self, lasting: timedelta) -> None:
        """Salesforce takes no calls: both lanes pause."""
        self._governor.pause(lasting)

    def take_unsaved(self) -> Counter[str]:
        """Return the calls of both lanes that are not in the store yet."""
        return self._governor.take_unsaved()

    def put_back(self, taken: Mapping[str, int]) -> None:
        """Take calls back whose writing down has failed."""
        self._governor.put_back(taken)
