"""A whole day in simulated time: the budget lasts to its end, polls go on to its end, and nothing is lost.

The short version drives the real governor with the costs of real passes; with `--long` the real worker goes through the
whole day against the demo org.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sync.salesforce.governor import Governor, Lane, Rules
from sync.salesforce.usage import ApiUsage
from sync.settings import WorkerSettings
from sync.worker import Worker
from sync.worker.lanes import DEEP_EVERY

TICK = timedelta(seconds=30)
TICKS = 2_880
CHANGES = 50_000
IDLE_DAY_AT_MOST = 3_000


@dataclass
class Costs:
    """API calls of real passes, by the org's own counter."""

    idle: int
    deep: int
    night: int
    #: of a pass that reads so many changed tasks and deals
    burst: int
    burst_changes: int


@dataclass
class Day:
    """What happened in a day."""

    polls: list[datetime] = field(default_factory=list)
    spent: int = 0
    longest_gap: timedelta = timedelta()


@contextmanager
def at_midnight(followed: Any) -> Iterator[datetime]:
    """Everything has landed, and a day begins in which the org has not been asked yet."""
    followed.sync()
    midnight = (datetime.now(UTC) + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
    followed.org.clock.freeze(midnight - timedelta(minutes=40))
    followed.sync()
    followed.org.clock.freeze(midnight)
    httpx.post(followed.settings.url + "/demo/calls/reset", json={}).raise_for_status()
    yield midnight


def worker_of(followed: Any) -> Worker:
    return Worker(
        followed.store, followed.settings, WorkerSettings(), stop=threading.Event(), now=followed.org.clock.now
    )


def calls(followed: Any) -> int:
    return int(httpx.get(followed.settings.url + "/demo/calls").json()["total"])


def touch(followed: Any, object_name: str, *, after: int, count: int) -> int:
    """Let the org change so many records of an object at once; returns how many there were to change."""
    stamp = followed.org.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with followed.org.writing() as connection:
        done = connection.execute(
            f'UPDATE "{object_name}" SET Description = ?, SystemModstamp = ?, LastModifiedDate = ? WHERE Id IN'
            f' (SELECT Id FROM "{object_name}" ORDER BY Id LIMIT ? OFFSET ?)',
            (f"changed at {stamp}", stamp, stamp, count, after),
        )
        return int(done.rowcount)


def more_tasks(followed: Any, count: int) -> None:
    """So many tasks of the won deals."""
    won = followed.deals[0::2]
    rows = [(won[number % len(won)], f"Task {number}", "Completed") for number in range(count)]
    followed.org.load("Task", ["WhatId", "Subject", "Status"], rows)


def measured(followed: Any) -> Costs:
    """Do each kind of pass once and count."""
    more_tasks(followed, 1_000)
    with at_midnight(followed):
        worker = worker_of(followed)
        counted = []
        for step in (lambda: None, lambda: None, lambda: touch(followed, "Task", after=0, count=1_000)):
            step()
            before = calls(followed)
            worker.beat()
            counted.append(calls(followed) - before)
            followed.org.clock.move(by=TICK)
        followed.org.clock.move(by=timedelta(hours=3))
        worker.beat()
        before = calls(followed)
        worker.work()
        night = calls(followed) - before
        worker.close()
    return Costs(deep=counted[0], idle=counted[1], burst=counted[2], burst_changes=1_000, night=night)


def simulated(costs: Costs, *, limit: int, changes: int) -> Day:
    """Let the real governor go through a day whose passes cost what real ones do; the changes come at ten."""
    midnight = datetime(2026, 11, 28, tzinfo=UTC)
    at = [midnight]
    governor, day = Governor(Rules(poll_every=TICK), now=lambda: at[0]), Day()
    governor.told(ApiUsage(used=0, limit=limit))
    next_poll, deep_at, left = midnight, midnight - DEEP_EVERY, 0
    for tick in range(TICKS):
        at[0] = midnight + tick * TICK
        if tick == 1_200:
            left = changes
        if tick == 240:
            _spend(governor, Lane.BULK, costs.night)
        if governor.plan().not_before is not None or at[0] < next_poll:
            continue
        cost = costs.idle
        if left:
            cost, left = costs.burst, max(0, left - costs.burst_changes)
        if at[0] - deep_at >= DEEP_EVERY:
            cost, deep_at = cost - costs.idle + costs.deep, at[0]
        _spend(governor, Lane.LIVE, cost)
        governor.poll_done(cost)
        _note(day, at[0])
        every = governor.plan().poll_every
        next_poll = at[0] if every <= TICK else max(next_poll, at[0] - every) + every
    day.spent = governor.forecast().total
    assert left == 0
    return day


def _note(day: Day, now: datetime) -> None:
    if day.polls:
        day.longest_gap = max(day.longest_gap, now - day.polls[-1])
    day.polls.append(now)


def _spend(governor: Governor, lane: Lane, count: int) -> None:
    for _ in range(count):
        governor.sent("query", lane)


def test_the_budget_of_a_day_lasts_through_a_burst_of_fifty_thousand_changes(followed: Any) -> None:
    """A mass update at ten in the morning costs some polls of the afternoon, and none of the people's calls."""
    costs = measured(followed)
    assert costs.idle == 1
    for limit in (100_000, 40_000, 15_000):
        day = simulated(costs, limit=limit, changes=CHANGES)
        quiet = simulated(costs, limit=limit, changes=0)

        assert day.spent <= limit // 20 + max(costs.burst, costs.deep, costs.night)
        assert day.polls[-1] - day.polls[0] >= timedelta(days=1) - 2 * day.longest_gap - TICK
        assert day.longest_gap <= timedelta(minutes=15)
        assert quiet.spent <= limit // 20
    assert simulated(costs, limit=100_000, changes=CHANGES).longest_gap <= 3 * TICK


def test_an_idle_day_at_thirty_seconds_stays_under_three_thousand_calls(followed: Any) -> None:
    """Polls, describes and the nightly proof together."""
    costs = measured(followed)
    day = simulated(costs, limit=100_000, changes=0)

    assert len(day.polls) == TICKS
    assert day.spent < IDLE_DAY_AT_MOST, costs


@pytest.mark.timeout(7_200)
def test_a_real_worker_goes_through_the_day(followed: Any, is_long: bool) -> None:
    """Every poll, chore and call of 24 hours at 30 s, with 50,000 changes in ten minutes, against the org itself."""
    if not is_long:
        pytest.skip("half an hour; run with --long")
    more_tasks(followed, CHANGES)
    with at_midnight(followed) as midnight:
        worker, day, touched = worker_of(followed), Day(), 0
        for tick in range(TICKS):
            followed.org.clock.freeze(midnight + tick * TICK)
            if 1_200 <= tick < 1_220:
                touched += touch(followed, "Task", after=(tick - 1_200) * 2_500, count=2_500)
            before = followed.ask("SELECT max(run_id) FROM ops.run")
            worker.beat()
            worker.work()
            if followed.ask("SELECT max(run_id) FROM ops.run") != before:
                _note(day, followed.org.clock.now())
        day.spent = calls(followed)
        worker.close()
        forecast = worker.governor.forecast()
        told = f"{len(day.polls)} passes, {day.spent} calls, longest gap {day.longest_gap}, {dict(forecast.spent)}"

        assert touched == CHANGES
        assert day.spent <= 5_000, told
        assert forecast.total == day.spent, told
        assert day.polls[-1] >= midnight + (TICKS - 4) * TICK, told
        assert day.longest_gap <= timedelta(minutes=2), told
        assert followed.proof().drift_rows == 0
