"""Traps of change events: what they lose, repeat or never tell. The polls are complete by themselves.

Baton listens to no change events yet, so these tests say what a listener may never change: whatever becomes of the
events, the next pass makes the store equal to the org.
"""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from misbehaving import one_pass, sql, striking

EVENTS = ("event_lost", "event_duplicated", "event_reordered", "event_gap", "event_overflow", "event_undecodable")


def _work(followed: Any) -> None:
    """Win, reopen, move, delete in every way, rename: a day of people."""
    org, deals = followed.org, followed.deals
    with org.transaction() as unit:  # one transaction, and one event about several records
        for deal in deals:
            unit.update("Opportunity", deal, {"NextStep": "Call"})
    org.update("Opportunity", deals[1], {"StageName": "Closed Won"})
    org.update("Opportunity", deals[0], {"StageName": "Prospecting"})
    org.update("Opportunity", deals[0], {"StageName": "Closed Won"})
    org.update("Opportunity", deals[2], {"StageName": "Prospecting"})
    org.update("Account", followed.accounts[1], {"Name": "Renamed"})
    org.hard_delete("OpportunityLineItem", followed.one("OpportunityLineItem", "OpportunityId", deals[4]))
    org.delete("Task", followed.one("Task", "WhatId", deals[4]))
    org.merge("Contact", followed.contacts[1], [followed.contacts[0]])


@pytest.mark.parametrize("fault", EVENTS)
def test_whatever_becomes_of_the_events_the_next_pass_is_complete(followed: Any, fault: str) -> None:
    """Lost, doubled, in another order, replaced by a gap: events are hints, and nothing rests on them."""
    httpx.post(f"{followed.settings.url}/demo/event_objects", json={"objects": ["Opportunity", "Account"]})
    followed.sync()
    with striking(followed, fault):
        _work(followed)
        one_pass(followed, "deep")

    assert {row[0] for row in followed.ask("SELECT deal_id FROM cs_v1.deal")} == {
        followed.deals[0], followed.deals[1], followed.deals[4],
    }  # fmt: skip
    assert followed.proof().drift_rows == 0


def test_what_no_event_ever_tells_is_found_by_one_live_pass(synced: Any) -> None:
    """Line items and roles that are removed for good, and a stage that no longer means won."""
    synced.org.hard_delete("OpportunityLineItem",
                             synced.one("OpportunityLineItem", "OpportunityId", synced.deals[0]))  # fmt: skip
    synced.org.hard_delete("OpportunityContactRole",
                             synced.one("OpportunityContactRole", "OpportunityId", synced.deals[2]))  # fmt: skip
    one_pass(synced)

    assert synced.ask("SELECT count(*) FROM closure.opportunitylineitem") == [(2,)]
    assert synced.ask("SELECT count(*) FROM closure.opportunitycontactrole") == [(2,)]

    synced.org.clock.move(by=timedelta(hours=1))
    one_pass(synced, "deep")
    synced.org.clock.move(by=timedelta(hours=1))
    sql(synced, "UPDATE OpportunityStage SET IsWon = 0 WHERE ApiName = 'Closed Won'")
    sql(synced, "UPDATE Opportunity SET IsWon = 0 WHERE StageName = 'Closed Won'")
    one_pass(synced)

    assert synced.ask("SELECT count(*) FROM cs_v1.deal") == [(0,)]
    assert synced.proof().drift_rows == 0
