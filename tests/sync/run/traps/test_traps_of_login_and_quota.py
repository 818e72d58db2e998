"""Traps of login, quota and permission: an org that lets us in no more, or shows less than before."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from misbehaving import WATERMARKS, one_pass, sql, stamp, striking, struck

from app.read.status import sync_status
from sync.errors import DeletionBreaker
from sync.run import run_once


def _logins(followed: Any) -> int:
    counted = httpx.get(f"{followed.settings.url}/demo/calls").json()
    return int(counted["free"].get("login", 0))


@pytest.mark.parametrize("kind", ["live", "snapshot"])
def test_a_session_may_end_at_any_request_of_a_pass(synced: Any, kind: str, is_long: bool) -> None:
    """At any page, of a poll as of a bulk job: one new login, the request is sent again, and the pass goes on.

    Of a snapshot's hundred requests only some are tried, and all of them in the long version.
    """
    number = done = 0
    while True:
        done += 1
        number += 1 if is_long or number < 6 else max(1, number // 2)
        synced.org.update("Opportunity", synced.deals[0], {"NextStep": f"Step {number}"})
        synced.org.insert("Task", {"WhatId": synced.deals[2], "Subject": f"Call {number}", "Status": "Completed"})
        before = _logins(synced)
        with striking(synced, "session_killed", nth=number, path=r"/services/data/v\d+\.\d/"):
            report = one_pass(synced, kind)
        if not struck(synced):
            break
        assert report.failed == {}
        assert _logins(synced) - before == 2  # the pass's own, and the one that cured it
        assert synced.ask("SELECT nextstep FROM closure.opportunity WHERE id = :id", id=synced.deals[0]) == [
            (f"Step {number}",)
        ]

    assert number > 3
    assert synced.ask("SELECT count(*) FROM closure.task WHERE whatid = :id", id=synced.deals[2]) == [(1 + done,)]
    assert synced.proof().drift_rows == 0


def test_a_field_that_is_hidden_in_the_middle_of_a_pass_keeps_its_values(synced: Any) -> None:
    """Describe still shows it, the query refuses it: the window is read without it, or anew, and never as NULL."""
    amounts = synced.ask("SELECT id, amount FROM closure.opportunity ORDER BY id")
    synced.org.clock.move(by=timedelta(hours=1))
    synced.org.update("Opportunity", synced.deals[0], {"NextStep": "Call"})
    with striking(synced, "field_hidden", object="Opportunity", field="Amount", statement=r"\bAmount\b"):
        for _ in range(2):
            one_pass(synced, "deep")

    assert "field_hidden" in struck(synced)
    assert synced.ask("SELECT id, amount FROM closure.opportunity ORDER BY id") == amounts

    one_pass(synced, "deep")

    assert synced.ask("SELECT nextstep FROM closure.opportunity WHERE id = :id", id=synced.deals[0]) == [("Call",)]
    assert synced.proof().drift_rows == 0


@pytest.mark.parametrize(
    ("name", "parent", "kind"),
    [("Task", "WhatId", "snapshot"), ("OpportunityLineItem", "OpportunityId", "live")],
)
def test_a_sudden_drop_of_a_count_is_an_alarm_and_no_mass_deletion(
    followed: Any, name: str, parent: str, kind: str
) -> None:
    """Seventy records that nobody deleted and nobody shows any more: then a permission was taken away.

    Whoever has looked, and knows better, says so.
    """
    now = stamp(followed.org.clock.now())
    columns = [parent, "Description", "CreatedDate", "SystemModstamp"]
    followed.org.load(name, columns, [[followed.deals[0], f"Number {n}", now, now] for n in range(70)])
    followed.sync()
    followed.org.clock.move(by=timedelta(hours=1))
    before = followed.ask(WATERMARKS)
    sql(followed, f'DELETE FROM "{name}" WHERE "{parent}" = ?', followed.deals[0])
    followed.org.update("Opportunity", followed.deals[0], {"NextStep": "Call"})
    with pytest.raises(DeletionBreaker):
        one_pass(followed, kind)
    with followed.store.reading() as session:
        problems = sync_status(session)["problems"]

    counted = f"SELECT count(*) FROM closure.{name.lower()} WHERE {parent.lower()} = :id"
    assert followed.ask(counted, id=followed.deals[0]) == [(71,)]
    assert followed.ask(WATERMARKS) == before
    assert [words for words in problems if f"records of {name} would have been deleted" in words]

    run_once(followed.store, followed.settings, snapshot=True, accept_deletions=True)

    assert followed.ask(counted, id=followed.deals[0]) == [(0,)]
    assert followed.proof().drift_rows == 0


def test_many_records_that_people_delete_are_deleted(followed: Any) -> None:
    """Seventy line items that a quote has replaced are in Salesforce's list of deletions: that is no alarm."""
    now = stamp(followed.org.clock.now())
    columns = ["OpportunityId", "Description", "CreatedDate", "SystemModstamp"]
    followed.org.load("OpportunityLineItem", columns, [[followed.deals[0], f"No {n}", now, now] for n in range(70)])
    followed.sync()
    with followed.org.transaction() as unit:
        for item in unit.rows("OpportunityLineItem", "OpportunityId = ?", (followed.deals[0],)):
            unit.hard_delete("OpportunityLineItem", item["Id"])
    one_pass(followed)

    assert followed.ask("SELECT count(*) FROM closure.opportunitylineitem") == [(2,)]
    assert followed.proof().drift_rows == 0
