"""What the worker promises: one leader, a rhythm that survives failures, and a stop that lets the pass end."""

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sync.errors import LoginRefused
from sync.settings import WorkerSettings
from sync.worker import Worker, run_worker


def _eventually(question: Callable[[], bool], *, seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, "it did not become true in time"
        time.sleep(0.05)


def test_a_win_is_in_the_store_within_moments(followed: Any) -> None:
    """The worker follows the org by itself, and a stop ends it cleanly."""
    stop = threading.Event()
    worker = threading.Thread(
        target=run_worker,
        args=(followed.store, followed.settings, WorkerSettings(poll_seconds=0.5, api_share=1)),
        kwargs={"stop": stop},
    )
    worker.start()
    try:
        _eventually(lambda: len(followed.ask("SELECT 1 FROM cs_v1.deal")) == 3)
        followed.org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
        _eventually(lambda: len(followed.ask("SELECT 1 FROM cs_v1.deal")) == 4, seconds=5)
    finally:
        stop.set()
        worker.join(10)

    assert not worker.is_alive()


def test_only_one_of_two_workers_leads_and_the_other_takes_over(synced: Any) -> None:
    """Two workers never write over each other, and one that stops does not stop the sync."""
    first, second = (
        Worker(synced.store, synced.settings, WorkerSettings(poll_seconds=1), stop=threading.Event()) for _ in range(2)
    )
    first.beat()
    second.beat()

    assert [first.keep_lease(), second.keep_lease()] == [True, False]

    first.close()

    assert second.keep_lease()
    second.close()


def test_a_worker_that_is_refused_says_so_and_ends(followed: Any) -> None:
    """A wrong password is for a person to mend; trying again for ever would lock the user out."""
    wrong = followed.settings.model_copy(update={"client_secret": type(followed.settings.client_secret)("wrong")})
    with pytest.raises(LoginRefused):
        run_worker(followed.store, wrong, WorkerSettings(poll_seconds=1), stop=threading.Event())


def test_an_org_that_is_down_for_a_moment_delays_the_store_and_loses_nothing(synced: Any) -> None:
    """A maintenance page instead of an answer fails the pass; the next one reads the same window."""
    worker = Worker(synced.store, synced.settings, WorkerSettings(poll_seconds=1, api_share=1), stop=threading.Event())
    worker.beat()
    synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
    fault = {
        "path": "composite",
        "status": 400,
        "body": [{"errorCode": "QUERY_TIMEOUT", "message": "too long"}],
        "times": 1,
    }
    httpx.post(synced.settings.url + "/demo/faults", json=[fault]).raise_for_status()
    worker.beat()

    assert synced.ask("SELECT state FROM ops.run ORDER BY run_id DESC LIMIT 1") == [("failed",)]

    _eventually(lambda: worker.beat() is None and len(synced.ask("SELECT 1 FROM cs_v1.deal")) == 4)
    worker.close()
