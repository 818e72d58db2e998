"""What the two lanes promise: polls never wait for bulk work, and an org that fails is not hammered by both."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import DeletionBreaker, OrgBusy
from sync.salesforce.governor import Lane
from sync.settings import WorkerSettings
from sync.worker import Worker, run_worker
from sync.worker.chores import CHORES, Chore, last_night
from sync.worker.pause import pause_after

RHYTHM = WorkerSettings(poll_seconds=1, api_share=1)
_LIMIT = {
    "path": "composite", "status": 403, "times": 1,
    "body": [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}],
}  # fmt: skip


def chore(do: Callable[[Any], dict[str, Any]], *, name: str = "test", can_wait: bool = False, calls: int = 1) -> Chore:
    """A chore that is due until it has been done."""
    return Chore(name=name, can_wait=can_wait, calls=calls, do=do, due=lambda look: None if look.done_at else look.now)


@contextmanager
def working(followed: Any, *chores: Chore, **more: Any) -> Iterator[Worker]:
    """A worker whose lanes the test moves by hand."""
    worker = Worker(
        followed.store, followed.settings, more.pop("rhythm", RHYTHM), stop=threading.Event(), chores=chores,
        now=more.pop("now", followed.org.clock.now), **more,
    )  # fmt: skip
    try:
        worker.beat()
        yield worker
    finally:
        worker.close()


def strike(followed: Any, **fault: Any) -> None:
    """Let the org misbehave."""
    httpx.post(followed.settings.url + "/demo/faults", json=[fault]).raise_for_status()


def test_polls_go_on_while_a_download_takes_for_ever(synced: Any) -> None:
    """A won deal is in the store within a poll, whatever the bulk lane does."""
    begun, go_on = threading.Event(), threading.Event()

    def download(hands: Any) -> dict[str, Any]:
        job = hands.client.start_bulk("SELECT Id FROM Opportunity", object_name="Opportunity")
        while not hands.client.bulk_state(job).is_complete:
            time.sleep(0.01)
        with hands.client.bulk_page(job) as page:
            begun.set()
            go_on.wait(30)
            page.verify(sum(chunk.count(b"\n") for chunk in page.chunks) - 1)
        return {}

    with working(synced, chore(download)) as worker:
        lane = threading.Thread(target=worker.work)
        lane.start()
        assert begun.wait(10)
        synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
        worker.beat()

        assert len(synced.ask("SELECT 1 FROM cs_v1.deal")) == 4
        assert lane.is_alive()
        assert synced.ask("SELECT doing FROM ops.heartbeat WHERE lane = 'bulk'") in ([("test",)], [])
        worker.keep_lease()

        assert synced.ask("SELECT doing FROM ops.heartbeat WHERE lane = 'bulk'") == [("test",)]
        go_on.set()
        lane.join(10)

    assert synced.ask("SELECT name, failures FROM ops.chore WHERE done_at IS NOT NULL") == [("test", 0)]


def test_the_nightly_proof_is_done_once_a_night_and_its_drift_is_kept(synced: Any) -> None:
    """Nobody has to remember to prove; the number is there in the morning."""
    with working(synced, *CHORES) as worker:
        worker.work()
        before = synced.ask("SELECT name FROM ops.chore WHERE name = 'nightly_proof'")
        synced.org.clock.move(by=timedelta(days=1))
        worker.beat()
        worker.work()
        worker.work()

    assert before == []
    assert synced.ask(
        "SELECT done_at IS NOT NULL, failures, calls > 0 FROM ops.chore WHERE name = 'nightly_proof'"
    ) == [(True, 0, True)]
    assert synced.ask("SELECT calls > 0 FROM ops.api_spend WHERE kind = 'nightly_proof'") == [(True,)]


def test_a_chore_that_fails_is_put_off_and_the_polls_never_notice(synced: Any) -> None:
    """What the bulk lane breaks stays in the bulk lane, a person's case as well."""
    errors: list[Exception] = [
        OrgBusy(status=503, detail="busy", retry_after=timedelta(hours=7)),
        DeletionBreaker(object_name="Task", deletions=99, allowed=50),
        ValueError("a defect"),
    ]

    def fail(_: Any) -> dict[str, Any]:
        raise errors[0]

    with working(synced, chore(fail)) as worker:
        for at_least in (timedelta(hours=7), timedelta(minutes=59), timedelta(minutes=1)):
            worker.work()
            [(until, why)] = synced.ask("SELECT not_before, detail ->> 'why' FROM ops.chore")

            assert until - synced.org.clock.now() >= at_least
            assert why
            errors.pop(0)
            synced.org.clock.move(by=timedelta(hours=12))
            worker.beat()

        assert worker.refused is None
    assert synced.ask("SELECT failures FROM ops.chore") == [(3,)]


def test_a_chore_that_can_wait_waits_while_calls_are_short(synced: Any) -> None:
    """The proof of a small org's night must not stop its polls."""
    done: list[str] = []
    late, now = chore(lambda _: {"done": done.append("late")}, name="late", can_wait=True, calls=500), "now"
    urgent = chore(lambda _: {"done": done.append(now)}, name=now)
    httpx.post(synced.settings.url + "/demo/calls/reset", json={"daily_calls": 20_000}).raise_for_status()
    rhythm = WorkerSettings(poll_seconds=30, api_share=0.05)
    noon = datetime.now(UTC).replace(hour=12)
    synced.org.clock.freeze(noon)
    with working(synced, late, urgent, rhythm=rhythm) as worker:
        worker.work()

        assert done == ["now"]
    [(why,)] = synced.ask("SELECT detail ->> 'why' FROM ops.chore WHERE name = 'late'")
    assert "API calls" in why


def test_a_failing_org_is_left_alone_by_both_lanes_longer_each_time(synced: Any) -> None:
    """Polls find out when it is well again; until then nobody else asks, and they ask less and less."""
    tried: list[int] = []
    done: list[int] = []
    began, passed = synced.org.clock.now(), 0
    with working(
        synced, chore(lambda _: {"n": done.append(1)}), now=lambda: began + timedelta(seconds=passed)
    ) as worker:
        strike(synced, path="composite", status=400, times=0, body=[{"errorCode": "QUERY_TIMEOUT", "message": "no"}])
        for passed in range(1, 401):
            before = synced.ask("SELECT count(*) FROM ops.run")
            worker.beat()
            worker.work()
            if synced.ask("SELECT count(*) FROM ops.run") != before:
                tried.append(passed)
        gaps = [later - earlier for earlier, later in pairwise(tried)]

        assert gaps == sorted(gaps)
        assert gaps[-1] >= 60
        assert done == []
        httpx.delete(synced.settings.url + "/demo/faults").raise_for_status()
        passed += 300
        worker.beat()
        worker.work()

        assert done == [1]


@pytest.mark.parametrize("told", ["7200", "date"])
def test_an_org_that_says_when_to_come_back_is_not_asked_before(synced: Any, told: str) -> None:
    """Retry-After is obeyed as seconds and as an instant."""
    with working(synced) as worker:
        later = synced.org.clock.now() + timedelta(hours=2)
        value = told if told.isdigit() else later.strftime("%a, %d %b %Y %H:%M:%S GMT")
        strike(synced, path="composite", status=503, times=1, body="<html>", headers={"Retry-After": value})
        worker.beat()
        runs = synced.ask("SELECT count(*) FROM ops.run")
        synced.org.clock.move(by=timedelta(minutes=119))
        worker.beat()

        assert synced.ask("SELECT count(*) FROM ops.run") == runs
        synced.org.clock.move(by=timedelta(minutes=14))
        worker.beat()

        assert synced.ask("SELECT state FROM ops.run ORDER BY run_id DESC LIMIT 1") == [("done",)]


def test_a_spent_allocation_pauses_both_lanes_until_a_time_that_everybody_can_read(synced: Any) -> None:
    """REQUEST_LIMIT_EXCEEDED is no reason to try something else: nothing is sent until the time that is told."""
    done: list[int] = []
    with working(synced, chore(lambda hands: {"n": done.append(1), "was": hands.client.identity().name})) as worker:
        strike(synced, **_LIMIT)
        worker.beat()
        calls = _calls(synced)
        for _ in range(14):
            synced.org.clock.move(by=timedelta(minutes=1))
            worker.beat()
            worker.work()

        assert _calls(synced) == calls
        [(pace, until)] = synced.ask(
            "SELECT plan ->> 'pace', next_at FROM ops.heartbeat WHERE lane = 'live' AND error IS NOT NULL"
        )
        assert pace == "paused"
        assert until > synced.org.clock.now()
        synced.org.clock.move(by=timedelta(minutes=2))
        worker.beat()
        worker.work()

        assert done == [1]


def test_the_account_of_the_day_survives_a_restart_to_the_call(followed: Any) -> None:
    """The store has every call that the org has counted."""
    followed.sync()
    with working(followed) as worker:
        for _ in range(3):
            followed.org.clock.move(by=timedelta(seconds=30))
            worker.beat()
    with working(followed) as worker:
        assert worker.governor.forecast().total == _calls(followed)
        assert followed.ask("SELECT sum(calls)::int FROM ops.api_spend") == [(_calls(followed),)]


def test_an_idle_cycle_is_one_call_by_the_orgs_own_counter(synced: Any) -> None:
    """Heartbeats, leases and chores that are not due cost Salesforce nothing."""
    synced.org.clock.move(by=timedelta(hours=1))
    with working(synced) as worker:
        synced.org.clock.move(by=timedelta(minutes=20))
        worker.beat()
        synced.org.clock.move(by=timedelta(seconds=30))
        before = _calls(synced)
        worker.beat()
        worker.work()
        worker.keep_lease()

    assert _calls(synced) - before == 1


def test_a_stop_waits_for_the_pass_but_not_for_a_download(followed: Any) -> None:
    """Ctrl-C ends the worker in moments, even while the first load of a large org streams."""
    begun = threading.Event()

    def download(hands: Any) -> dict[str, Any]:
        strike(followed, path="results", delay=60, times=0, kind="answer")
        begun.set()
        job = hands.client.start_bulk("SELECT Id FROM Opportunity", object_name="Opportunity")
        while not hands.client.bulk_state(job).is_complete:
            time.sleep(0.01)
        with hands.client.bulk_page(job) as page:
            return {"rows": list(page.chunks)}

    followed.sync()
    stop, chores = threading.Event(), (chore(download),)
    worker = threading.Thread(
        target=run_worker,
        args=(followed.store, followed.settings, RHYTHM),
        kwargs={"stop": stop, "chores": chores},
    )
    worker.start()
    try:
        assert begun.wait(15)
        began = time.monotonic()
    finally:
        stop.set()
        worker.join(20)

    assert not worker.is_alive()
    assert time.monotonic() - began < 10


@given(st.integers(1, 100), st.floats(0, 0.999), st.none() | st.integers(0, 100_000))
def test_pauses_grow_are_bounded_and_never_undercut_what_was_asked(
    failures: int, dice: float, asked: int | None
) -> None:
    """Jitter spreads the workers; it never makes one impatient."""
    first, longest = timedelta(seconds=1), timedelta(minutes=5)
    wanted = None if asked is None else timedelta(seconds=asked)
    pause = pause_after(failures, first=first, longest=longest, dice=dice, asked=wanted)

    assert first * 0.75 <= pause <= max(longest, (wanted or first) * 1.1)
    assert pause >= (wanted or timedelta())
    assert pause <= pause_after(failures + 1, first=first, longest=longest, dice=dice, asked=wanted)


def test_a_night_begins_at_two_where_the_org_is() -> None:
    """The proof of a Californian org does not run in its afternoon."""
    now = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)

    assert last_night(now, "America/Los_Angeles") == datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert last_night(now, None) == datetime(2026, 11, 28, 2, tzinfo=UTC)


def test_both_lanes_are_named_as_the_store_names_them() -> None:
    """Whoever reads ops.heartbeat finds two rows per org."""
    assert [each.value for each in Lane] == ["live", "bulk"]


def _calls(followed: Any) -> int:
    return int(httpx.get(followed.settings.url + "/demo/calls").json()["total"])


def test_polls_go_on_while_an_object_with_a_new_field_is_read_whole(followed: Any) -> None:
    """An admin's new field costs a download, and no deal is late for it."""
    followed.org.catalog.add_field("Opportunity", "Region__c", "string", label="Region")
    followed.sync()
    with working(followed, *CHORES) as worker:
        worker.work()
        followed.org.catalog.add_field("Opportunity", "Segment__c", "string", label="Segment")
        with followed.org.writing() as connection:
            connection.execute("UPDATE Opportunity SET Segment__c = 'SMB'")  # without a stamp
        strike(followed, kind="answer", path="/results", delay=3, times=1)
        for _ in range(60):  # until it is the turn of the describe of opportunities
            followed.org.clock.move(by=timedelta(seconds=30))
            worker.beat()
            if followed.ask("SELECT 1 FROM ops.object_state WHERE snapshot_at IS NULL AND state = 'ok'"):
                break
        lane = threading.Thread(target=worker.work)
        lane.start()
        followed.org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
        followed.org.clock.move(by=timedelta(seconds=30))
        worker.beat()

        assert len(followed.ask("SELECT 1 FROM cs_v1.deal")) == 4
        assert lane.is_alive()
        lane.join(30)

    assert followed.ask("SELECT DISTINCT custom ->> 'Segment__c' FROM closure.opportunity") == [("SMB",)]
    [(detail,)] = followed.ask("SELECT detail FROM ops.chore WHERE name = 'whole_objects'")
    assert "Opportunity" in detail["objects"]
    assert followed.proof().drift_rows == 0


def test_the_first_load_is_the_bulk_lanes_and_polls_begin_after_it(followed: Any) -> None:
    """Nothing can change in a store that is empty; a stop never waits for a first load."""
    worker = Worker(followed.store, followed.settings, RHYTHM, stop=threading.Event(), now=followed.org.clock.now)
    worker.beat()
    before = _calls(followed)
    worker.beat()

    assert _calls(followed) == before
    worker.work()
    followed.org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
    worker.beat()

    assert len(followed.ask("SELECT 1 FROM cs_v1.deal")) == 4
    assert followed.ask("SELECT kind FROM ops.run ORDER BY run_id") == [("snapshot",), ("deep",)]
    worker.close()
    assert followed.proof().drift_rows == 0


def test_polls_go_on_while_somebody_reads_everything_anew(synced: Any) -> None:
    """`baton sync run --snapshot` beside a worker downloads first and takes its turn only to merge."""
    with working(synced) as worker:
        strike(synced, kind="answer", path="/results", delay=3, times=1)
        by_hand = threading.Thread(target=synced.sync, kwargs={"snapshot": True})
        by_hand.start()
        time.sleep(0.5)
        synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
        worker.beat()

        assert len(synced.ask("SELECT 1 FROM cs_v1.deal")) == 4
        assert by_hand.is_alive()
        by_hand.join(60)

    assert not by_hand.is_alive()
    assert synced.proof().drift_rows == 0
