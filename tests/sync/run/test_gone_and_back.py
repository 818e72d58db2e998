"""Deletions, merges, undeletes and moves: what other systems lose or keep for ever, each with the remedy it needs.

Between the first pass and the act lie two hours, so that no overlap brings by chance what a remedy must bring.
"""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from sync.run import PassReport, connected_org, run_pass
from sync.salesforce.client import connect

_HOURS = timedelta(hours=2)


@pytest.fixture
def settled(synced: Any) -> Any:
    """The org and a store that has followed it for hours."""
    synced.org.clock.move(by=_HOURS)
    synced.sync()
    return synced


def _live(followed: Any, *, times: int = 1) -> PassReport:
    with connect(followed.settings) as client:
        org_id = connected_org(followed.store, client)
        for _ in range(times):
            followed.org.clock.move(by=timedelta(seconds=30))
            report = run_pass(followed.store, client, org_id, kind="live")
    return report


def _deals(followed: Any) -> list[str]:
    return [row[0] for row in followed.ask("SELECT deal_id FROM cs_v1.deal ORDER BY 1")]


def _fault(followed: Any, *faults: dict[str, Any]) -> None:
    httpx.post(followed.settings.url + "/demo/faults", json=list(faults)).raise_for_status()


# --- deletions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("object_name", ["OpportunityLineItem", "OpportunityContactRole", "Task", "Note", "Contact"])
def test_what_vanished_without_a_trace_is_gone_after_live_passes_alone(settled: Any, object_name: str) -> None:
    """A hard deletion leaves no IsDeleted to query; the list of deletions tells of it."""
    record = settled.ask(f"SELECT min(id) FROM closure.{object_name.lower()}")[0][0]
    settled.org.hard_delete(object_name, record)
    _live(settled, times=8)

    assert settled.ask(f"SELECT id FROM closure.{object_name.lower()} WHERE id = :id", id=record) == []
    assert settled.proof().drift_rows == 0


def test_a_log_of_deletions_that_was_purged_makes_all_ids_be_compared(settled: Any) -> None:
    """Salesforce forgets deletions early when its log grows; earliestDateAvailable says so, and nobody else does."""
    task = settled.one("Task", "WhatId", settled.deals[0])
    settled.org.hard_delete("Task", task)
    with settled.org.writing() as connection:
        connection.execute("DELETE FROM _deleted_log")
    settled.org.clock.move(by=timedelta(minutes=20))
    _fault(settled, {"kind": "log_trimmed", "minutes": 1, "times": 0})
    settled.sync()

    assert settled.ask("SELECT id FROM closure.task WHERE id = :id", id=task) == []
    assert settled.proof().drift_rows == 0


def test_a_window_that_is_refused_is_asked_for_in_another_way(settled: Any) -> None:
    """INVALID_REPLICATION_DATE must not leave a deletion unseen for ever."""
    task = settled.one("Task", "WhatId", settled.deals[0])
    settled.org.hard_delete("Task", task)
    _fault(settled, {"kind": "bad_replication_date", "object": "Task", "times": 0})
    settled.sync()
    httpx.delete(settled.settings.url + "/demo/faults")
    settled.org.clock.move(by=timedelta(minutes=1))
    settled.sync()

    assert settled.ask("SELECT id FROM closure.task WHERE id = :id", id=task) == []


@pytest.mark.parametrize("how", ["delete", "hard_delete"])
@pytest.mark.parametrize("passes", ["live", "deep"])
def test_lookups_to_what_was_deleted_are_cleared_as_in_the_org(settled: Any, how: str, passes: str) -> None:
    """Salesforce clears them without a stamp on the records that held them."""
    boss, person = _person_with_boss(settled)
    getattr(settled.org, how)("Contact", boss)
    _live(settled, times=8) if passes == "live" else settled.sync()

    assert settled.ask(_BOSS, id=person) == [(None,)]
    assert settled.proof().drift_rows == 0


def test_lookups_that_an_undelete_restores_are_restored_here_too(settled: Any) -> None:
    """The undelete stamps the contact and none of the records that named it."""
    boss, person = _person_with_boss(settled)
    settled.org.delete("Contact", boss)
    settled.sync()
    settled.org.clock.move(by=_HOURS)
    settled.sync()
    settled.org.undelete("Contact", boss)
    settled.sync()

    assert settled.ask(_BOSS, id=person) == [(boss,)]
    assert settled.proof().drift_rows == 0


_BOSS = "SELECT reportstoid FROM closure.contact WHERE id = :id"


def _person_with_boss(settled: Any) -> tuple[str, str]:
    """A contact who reports to another, who has nothing else to do with any deal; both have been known for hours."""
    account = settled.accounts[0]
    boss = settled.org.insert("Contact", {"LastName": "Boss", "AccountId": account})
    person = settled.org.insert("Contact", {"LastName": "Person", "AccountId": account, "ReportsToId": boss})
    settled.sync()
    settled.org.clock.move(by=_HOURS)
    settled.sync()
    return boss, person


def test_an_account_comes_back_with_everything_that_was_deleted_with_it(settled: Any) -> None:
    """The recycle bin is not the end of a customer."""
    before = settled.ask("SELECT count(*) FROM closure.contact") + settled.ask("SELECT count(*) FROM closure.task")
    settled.org.delete("Account", settled.accounts[0])
    settled.sync()

    assert settled.deals[0] not in _deals(settled)
    assert settled.proof().drift_rows == 0

    settled.org.clock.move(by=_HOURS)
    settled.org.undelete("Account", settled.accounts[0])
    settled.sync()

    assert settled.deals[0] in _deals(settled)
    assert (
        settled.ask("SELECT count(*) FROM closure.contact") + settled.ask("SELECT count(*) FROM closure.task") == before
    )
    assert settled.proof().drift_rows == 0


# --- merges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("passes", ["live", "deep"])
@pytest.mark.parametrize("winner", [0, 1])
def test_accounts_with_deals_that_are_merged_become_one_customer(settled: Any, winner: int, passes: str) -> None:
    """The loser's deals, contacts and contracts belong to the winner, whether that had a deal before or not."""
    loser = 1 - winner if winner == 0 else 0
    for account in (settled.accounts[winner], settled.accounts[loser]):
        settled.org.insert("Contract", {"AccountId": account, "Status": "Draft"})
    settled.sync()
    settled.org.clock.move(by=_HOURS)
    settled.sync()
    settled.org.merge("Account", settled.accounts[winner], [settled.accounts[loser]])
    _live(settled, times=8) if passes == "live" else settled.sync()

    assert settled.ask("SELECT 1 FROM closure.account WHERE id = :id", id=settled.accounts[loser]) == []
    assert settled.ask("SELECT count(*) FROM closure.contract") == [(2,)]
    assert settled.proof().drift_rows == 0


@pytest.mark.parametrize("passes", ["live", "deep"])
def test_contacts_with_roles_that_are_merged_become_one_person(settled: Any, passes: str) -> None:
    """Roles and activities of the loser name the winner."""
    settled.org.merge("Contact", settled.contacts[4], [settled.contacts[0]])
    _live(settled, times=8) if passes == "live" else settled.sync()

    assert settled.ask("SELECT 1 FROM closure.contact WHERE id = :id", id=settled.contacts[0]) == []
    for object_name, column in (("opportunitycontactrole", "contactid"), ("task", "whoid")):
        query = f"SELECT count(*) FROM closure.{object_name} WHERE {column} = :contact"
        assert settled.ask(query, contact=settled.contacts[4]) == [(2,)]
    assert settled.proof().drift_rows == 0


# --- membership ------------------------------------------------------------------------------------------------------


def test_a_deal_that_was_won_lost_and_won_again_between_two_passes_is_in_once(settled: Any) -> None:
    """Toggles inside one window are resolved on what is true now; nobody is told of a deal twice."""
    for stage in ("Closed Won", "Prospecting", "Closed Won"):
        settled.org.update("Opportunity", settled.deals[1], {"StageName": stage})
    for stage in ("Prospecting", "Closed Won", "Prospecting"):
        settled.org.update("Opportunity", settled.deals[0], {"StageName": stage})
    for stage in ("Prospecting", "Closed Won"):
        settled.org.update("Opportunity", settled.deals[2], {"StageName": stage})
    settled.sync()

    assert _deals(settled) == sorted([settled.deals[1], settled.deals[2], settled.deals[4]])
    events = settled.ask("SELECT type, deal_id FROM cs.event WHERE type <> 'deal.updated' ORDER BY 1, 2")
    assert events == [("deal.unwon", settled.deals[0]), ("deal.won", settled.deals[1])]
    assert settled.proof().drift_rows == 0


def test_a_child_that_changes_while_its_deal_is_being_fetched_is_not_skipped(settled: Any) -> None:
    """What is saved between the reading of a deal's children and their commit belongs to the next window."""
    settled.org.update("Opportunity", settled.deals[1], {"StageName": "Closed Won"})
    task = settled.one("Task", "WhatId", settled.deals[1])
    late = settled.org.open_transaction()
    late.update("Task", task, {"Subject": "Changed in the meantime"})
    settled.sync()
    late.commit()
    _live(settled, times=3)

    assert settled.ask("SELECT subject FROM closure.task WHERE id = :id", id=task) == [("Changed in the meantime",)]
    assert settled.proof().drift_rows == 0


def test_a_row_that_leaves_the_query_leaves_the_store(settled: Any) -> None:
    """A record that is moved away is in no query of the closure any more, and must not stay for that reason."""
    task = settled.one("Task", "WhatId", settled.deals[0])
    settled.org.update("Task", task, {"WhatId": settled.deals[1]})
    settled.org.update("Contact", settled.contacts[0], {"AccountId": settled.accounts[4]})
    settled.org.update("Opportunity", settled.deals[2], {"AccountId": settled.accounts[3]})
    settled.sync()

    assert settled.proof().drift_rows == 0
    assert settled.ask("SELECT id FROM closure.task WHERE id = :id", id=task) == []
