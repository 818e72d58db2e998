"""What the governor promises: the budget holds, the polls go on, the org's people come first."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import BudgetSpent
from sync.salesforce.governor import (
    Governor,
    Lane,
    Pace,
    Rules,
    Spending,
    budget_of,
    day_end,
    forecast,
    learned,
    plan,
)
from sync.salesforce.usage import ApiUsage

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 28, tzinfo=UTC)
RULES = Rules()
TICK = timedelta(seconds=30)


def usage(used=0, limit=100_000, **app):
    return ApiUsage(used=used, limit=limit, **app)


instants = st.integers(0, 86_399).map(lambda second: MIDNIGHT + timedelta(seconds=second))
rules = st.builds(
    Rules,
    poll_every=st.sampled_from([1, 30, 300]).map(lambda seconds: timedelta(seconds=seconds)),
    slowest_poll=st.sampled_from([300, 900, 3600]).map(lambda seconds: timedelta(seconds=seconds)),
    share=st.floats(0.001, 1),
    floor=st.floats(0, 0.9),
)
usages = st.builds(
    lambda limit, part, app: ApiUsage(
        used=int(limit * part), limit=limit, app_used=app and app[0], app_limit=app and app[1]
    ),
    st.integers(100, 1_000_000),
    st.floats(0, 1.2),
    st.none() | st.tuples(st.integers(0, 5000), st.integers(1, 5000)),
)
costs = st.floats(1, 50)


def test_the_budget_is_a_share_of_the_allocation_or_what_the_app_was_given():
    """An admin who gives the app its own allocation has decided."""
    assert budget_of(RULES, usage(limit=100_000)) == 5_000
    assert budget_of(RULES, usage(limit=5_000, app_used=17, app_limit=250)) == 250
    assert budget_of(RULES, None) is None


def test_polls_come_as_configured_while_the_budget_allows_it():
    """Thirty seconds are thirty seconds."""
    planned = plan(RULES, Spending(usage=usage()), MIDNIGHT)

    assert (planned.pace, planned.poll_every, planned.not_before) == (Pace.AS_CONFIGURED, TICK, None)


def test_polls_are_stretched_so_that_the_budget_lasts_to_the_end_of_the_day():
    """What is left is spread evenly over what is left of the day."""
    planned = plan(RULES, Spending(usage=usage(), spent={"composite": 4_500}), NOON)

    assert planned.pace is Pace.STRETCHED
    assert planned.poll_every == timedelta(hours=12) / 500


def test_a_spent_budget_ends_the_polls_until_the_next_day():
    """The next day's budget is another one."""
    planned = plan(RULES, Spending(usage=usage(), spent={"composite": 5_000}), NOON)

    assert (planned.pace, planned.not_before, planned.needed) == (Pace.SPENT, day_end(NOON), 0)
    assert day_end(NOON) == datetime(2026, 11, 29, tzinfo=UTC)


def test_near_the_floor_only_the_slowest_polls_go_on():
    """The last calls of the org belong to its people."""
    planned = plan(RULES, Spending(usage=usage(used=90_001)), NOON)

    assert (planned.pace, planned.poll_every, planned.needed) == (Pace.FLOOR, RULES.slowest_poll, 0)


def test_chores_leave_what_polls_need_and_those_that_can_wait_leave_more():
    """Bulk work yields first."""
    planned = plan(RULES, Spending(usage=usage(), spent={"snapshot": 4_900}), NOON)

    assert planned.left == 100
    assert planned.needed == 100 - 48
    assert planned.elective == 100 // 4


def test_an_allocation_that_is_not_known_yet_slows_nobody():
    """The first answer of the org tells it."""
    planned = plan(RULES, Spending(), NOON)

    assert (planned.pace, planned.budget, planned.needed) == (Pace.AS_CONFIGURED, None, None)


def test_the_forecast_tells_what_the_day_will_have_cost():
    """Whoever asks what it costs gets a number before the day is over."""
    told = forecast(RULES, Spending(usage=usage(used=40_000), spent={"composite": 1_440}), NOON, chores=100)

    assert (told.total, told.expected, told.budget) == (1_440, 2 * 1_440 + 100, 5_000)
    assert (told.org_used, told.org_limit) == (40_000, 100_000)


def test_one_burst_hardly_changes_what_a_poll_is_believed_to_cost():
    """A mass update at noon does not slow the polls of the evening."""
    assert learned(1.0, 500) <= 1.3
    cost = 1.0
    for _ in range(100):
        cost = learned(cost, 8)

    assert cost == pytest.approx(8, rel=0.01)


@given(rules, usages, costs, instants, st.integers(0, 60_000), st.integers(1, 10_000))
def test_less_budget_never_means_faster_polls(rules, told, cost, now, spent, more):
    """Monotone: whoever has less goes slower, or not at all."""
    rich, poor = (
        plan(rules, Spending(usage=told, spent={"composite": each}, poll_cost=cost), now)
        for each in (spent, spent + more)
    )

    assert _gap(poor) >= _gap(rich)
    assert (poor.needed or 0) <= (rich.needed or 0)


@given(rules, usages, costs, instants, st.integers(1, 10_000))
def test_the_less_the_org_has_left_the_slower_are_the_polls(rules, told, cost, now, more):
    """What others spend counts as well."""
    fuller = ApiUsage(used=told.used + more, limit=told.limit, app_used=told.app_used, app_limit=told.app_limit)
    before, after = (plan(rules, Spending(usage=each, poll_cost=cost), now) for each in (told, fuller))

    assert _gap(after) >= _gap(before)


@given(rules, usages, costs, instants, st.integers(0, 60_000))
def test_polls_never_starve_while_budget_is_left(rules, told, cost, now, spent):
    """As long as a call is left, a poll comes before the day is over; chores can't take it."""
    planned = plan(rules, Spending(usage=told, spent={"composite": spent}, poll_cost=cost), now)

    if planned.left:
        rest = day_end(now) - now
        assert planned.not_before is None
        assert planned.poll_every <= max(rules.poll_every, rules.slowest_poll, rest)
        assert (planned.needed or 0) < planned.left
    else:
        assert planned.not_before == day_end(now)


@given(
    rules,
    st.integers(500, 20_000),
    st.lists(st.integers(1, 40), min_size=20, max_size=20),
    st.lists(st.integers(0, 500), min_size=6, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_a_day_never_costs_more_than_the_budget_and_one_pass(rules, limit, poll_costs, chores):
    """Whatever polls cost and chores want, the account is at most one pass over the budget at midnight."""
    clock = _Clock(MIDNIGHT)
    governor = Governor(rules, now=clock.now)
    governor.told(usage(limit=limit))
    next_poll, polls = clock.now(), 0
    for tick in range(24 * 12):
        clock.at = MIDNIGHT + tick * timedelta(minutes=5)
        if tick % 48 == 0:
            _try(governor, Lane.BULK, chores[tick // 48])
        planned = governor.plan()
        if planned.not_before is None and clock.now() >= next_poll:
            cost = poll_costs[polls % len(poll_costs)]
            _try(governor, Lane.LIVE, cost)
            governor.poll_done(cost)
            polls += 1
            next_poll = clock.now() + governor.plan().poll_every
    spent = governor.forecast().total

    assert spent <= int(limit * rules.share) + max(poll_costs)


def test_chores_are_refused_before_the_polls_are():
    """A download stops in the middle when the calls that are left belong to the polls."""
    clock = _Clock(MIDNIGHT)
    governor = Governor(RULES, now=clock.now)
    governor.told(usage(limit=10_000))
    with pytest.raises(BudgetSpent) as refused:
        _spend(governor, Lane.BULK, 10_000)

    assert governor.forecast().total == 500 - 96
    assert refused.value.retry_after == RULES.slowest_poll
    governor.sent("composite", Lane.LIVE)


def test_a_limit_pauses_both_lanes_until_a_time_that_is_told():
    """REQUEST_LIMIT_EXCEEDED: nobody knocks again before it can help."""
    clock = _Clock(NOON)
    governor = Governor(RULES, now=clock.now)
    governor.told(usage())
    governor.meter(Lane.LIVE).refused(timedelta(minutes=15))

    assert governor.plan().not_before == NOON + timedelta(minutes=15)
    with pytest.raises(BudgetSpent):
        governor.sent("bulk", Lane.BULK)
    clock.at += timedelta(minutes=15)

    assert governor.plan().not_before is None


def test_a_restart_does_not_forget_what_was_spent():
    """The account of the day is in the store; what was not written down yet is added to it."""
    clock = _Clock(NOON)
    governor = Governor(RULES, now=clock.now)
    governor.sent("composite", Lane.LIVE)
    governor.restore({"composite": 4_000}, usage())

    assert governor.forecast().total == 4_001
    taken = governor.take_unsaved()

    assert (dict(taken), governor.forecast().total) == ({"composite": 1}, 4_001)
    governor.put_back(taken)

    assert governor.forecast().total == 4_001
    clock.at = day_end(NOON)

    assert governor.forecast().spent == {"composite": 1}


class _Clock:
    def __init__(self, at):
        self.at = at

    def now(self):
        return self.at


def _gap(planned):
    """How long until the next poll; not at all today is longer than any rhythm."""
    return timedelta.max if planned.not_before is not None else planned.poll_every


def _spend(governor, lane, calls):
    for _ in range(calls):
        governor.sent("query", lane)


def _try(governor, lane, calls):
    try:
        _spend(governor, lane, calls)
    except BudgetSpent:
        assert lane is Lane.BULK
