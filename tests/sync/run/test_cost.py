"""What the org pays in API calls, by its own counter, with every object of the closure present."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from demo_org.store import Org
from demo_org.story import fill
from demo_org.wire.server import running
from demo_org.wire.settings import WireSettings
from models.session import Store
from sync.run import connected_org, run_once, run_pass
from sync.run.report import PassReport
from sync.salesforce.client import Client, connect
from sync.settings import SalesforceSettings

#: passes in which it is every object's turn, and the widest overlap has been read
_ALL_TURNS = 8


@dataclass
class Watched:
    """An org in which nothing happens by itself, the worker's client, and the org's own count of calls."""

    org: Org
    store: Store
    client: Client
    org_id: str
    counter: httpx.Client

    def live(self) -> tuple[int, PassReport]:
        """Do one live pass, 30 s after the last; returns the calls that the org counted, and the report."""
        self.org.clock.move(by=timedelta(seconds=30))
        self.counter.post("/demo/calls/reset").raise_for_status()
        report = run_pass(self.store, self.client, self.org_id, kind="live")
        return int(self.counter.get("/demo/calls").raise_for_status().json()["total"]), report

    def quiet(self) -> None:
        """Let so much time pass, and so many looks, that nothing of before is read again."""
        self.org.clock.move(by=timedelta(hours=1))
        for _ in range(_ALL_TURNS):
            self.live()


@pytest.fixture(scope="module")
def watched(new_database: Callable[[], str]) -> Iterator[Watched]:
    """The story's org with all features that add objects, read once for all tests."""
    org, store = Org.open(), Store(new_database())
    for feature in ("team_selling", "contacts_to_multiple_accounts", "multi_currency"):
        org.switch_feature(feature, on=True)
    fill(org)
    wire = WireSettings(bulk_delay=0.0)
    with running(org, settings=wire) as served:
        settings = SalesforceSettings(
            url=served.url,
            auth="client_credentials",
            client_id=wire.credentials.client_id,
            client_secret=wire.credentials.client_secret,
        )
        run_once(store, settings, snapshot=False)
        with connect(settings) as client, httpx.Client(base_url=served.url, trust_env=False) as counter:
            found = Watched(org=org, store=store, client=client, org_id=connected_org(store, client), counter=counter)
            found.quiet()
            yield found
    store.close()
    org.close()


def test_an_idle_cycle_over_the_whole_closure_is_one_call(watched: Watched) -> None:
    """2,880 calls a day at two looks a minute, with forty objects to look after."""
    cycles = [watched.live() for _ in range(20)]

    assert [calls for calls, _ in cycles] == [1] * 20
    assert all(report.complete and report.rows_written == 0 for _, report in cycles)
    assert len(cycles[0][1].objects) >= 37


def _change_amount(watched: Watched, deal: str) -> None:
    watched.org.update("Opportunity", deal, {"Description": "They want the second region by spring."})


def _change_line(watched: Watched, deal: str) -> None:
    line = _first(watched, "OpportunityLineItem", "OpportunityId", deal)
    watched.org.update("OpportunityLineItem", line, {"Quantity": 77})


def _log_call(watched: Watched, deal: str) -> None:
    watched.org.insert("Task", {"WhatId": deal, "Subject": "Call", "Status": "Completed"})


def _first(watched: Watched, object_name: str, field: str, value: str) -> Any:
    with watched.org.reading() as connection:
        return connection.execute(f'SELECT Id FROM "{object_name}" WHERE {field} = ?', (value,)).fetchone()[0]


@pytest.mark.parametrize("change", [_change_amount, _change_line, _log_call])
def test_a_changed_deal_costs_at_most_three_calls_more(watched: Watched, change: Any) -> None:
    """Over all cycles in which it is seen, the readings of the overlap included."""
    watched.quiet()
    change(watched, _first(watched, "Opportunity", "IsWon", "1"))

    cycles = [watched.live() for _ in range(_ALL_TURNS)]

    assert sum(report.rows_written for _, report in cycles) >= 1
    assert sum(calls - 1 for calls, _ in cycles) <= 3
