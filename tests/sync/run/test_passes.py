"""What a pass promises: after it, the store is the closure of the org's won deals, whatever happened before."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from models import lease
from models.errors import LeaseLost
from sync.errors import LoginRefused
from sync.run import Fence, connected_org, run_pass
from sync.salesforce.client import connect

_HOURS = timedelta(hours=2)
DEALS = "SELECT deal_id FROM cs_v1.deal ORDER BY 1"


def _deals(followed: Any) -> list[str]:
    return [row[0] for row in followed.ask(DEALS)]


def test_the_first_pass_brings_every_won_deal_with_all_that_hangs_on_it(followed: Any) -> None:
    """Nothing learned while selling is dropped, and nothing of other deals is brought."""
    report = followed.sync()

    assert _deals(followed) == sorted(followed.deals[0::2])
    assert report.kind == "snapshot"
    assert report.complete
    for object_name in ("opportunitycontactrole", "opportunitylineitem", "task", "note"):
        assert followed.ask(f"SELECT count(*) FROM closure.{object_name}") == [(3,)]
    assert followed.ask("SELECT count(*) FROM cs.event") == [(0,)]
    assert followed.proof().drift_rows == 0


def test_an_account_comes_with_its_parents_all_the_way_up(synced: Any) -> None:
    """Who a customer belongs to is part of who they are."""
    assert (synced.accounts[5],) in synced.ask("SELECT id FROM closure.account")


def test_a_deal_that_is_won_brings_children_that_were_last_changed_long_before(followed: Any) -> None:
    """A rep reads the whole history of a deal the moment it is won."""
    with followed.org.writing() as connection:
        for table in ("Task", "Note", "OpportunityContactRole", "OpportunityLineItem"):
            connection.execute(f"UPDATE {table} SET SystemModstamp = '2025-01-01T00:00:00.000Z'")
    followed.sync()
    followed.org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
    report = followed.sync()

    assert report.deals_in == 1
    for object_name, column in (("task", "whatid"), ("note", "parentid"), ("opportunitycontactrole", "opportunityid")):
        query = f"SELECT count(*) FROM closure.{object_name} WHERE {column} = :deal"
        assert followed.ask(query, deal=followed.deals[1]) == [(1,)]
    assert followed.ask("SELECT type, deal_id FROM cs.event WHERE type = 'deal.won'") == [
        ("deal.won", followed.deals[1])
    ]
    assert followed.proof().drift_rows == 0


def test_a_deal_that_is_reopened_leaves_and_says_why(synced: Any) -> None:
    """A rep never sees a deal that is no longer won."""
    synced.org.update("Opportunity", synced.deals[0], {"StageName": "Prospecting"})
    report = synced.sync()

    assert report.deals_out == 1
    assert synced.deals[0] not in _deals(synced)
    reason = "SELECT state, reason FROM ops.scope_member WHERE opportunity_id = :deal"
    assert synced.ask(reason, deal=synced.deals[0]) == [("out", "reopened")]
    assert synced.proof().drift_rows == 0


def test_a_deal_that_is_deleted_leaves_and_comes_back_when_it_is_undeleted(synced: Any) -> None:
    """The recycle bin is not the end of a deal."""
    synced.org.delete("Opportunity", synced.deals[0])
    synced.sync()

    assert synced.deals[0] not in _deals(synced)

    synced.org.undelete("Opportunity", synced.deals[0])
    synced.sync()

    assert synced.deals[0] in _deals(synced)
    assert synced.ask("SELECT count(*) FROM closure.task WHERE whatid = :deal", deal=synced.deals[0]) == [(1,)]
    assert synced.proof().drift_rows == 0


@pytest.mark.parametrize(
    ("object_name", "column"),
    [
        ("OpportunityLineItem", "OpportunityId"),
        ("OpportunityContactRole", "OpportunityId"),
        ("Task", "WhatId"),
        ("Note", "ParentId"),
    ],
)
def test_a_child_that_is_deleted_without_a_trace_is_gone_after_one_pass(
    synced: Any, object_name: str, column: str
) -> None:
    """Hard deletes are caught within one cycle."""
    synced.org.hard_delete(object_name, synced.one(object_name, column, synced.deals[0]))
    synced.sync()

    query = f"SELECT count(*) FROM closure.{object_name.lower()} WHERE {column.lower()} = :deal"
    assert synced.ask(query, deal=synced.deals[0]) == [(0,)]
    assert synced.proof().drift_rows == 0


def test_a_task_that_moves_to_an_open_deal_leaves_the_won_one(synced: Any) -> None:
    """A child that is moved away escapes queries of won deals, and is seen to leave all the same."""
    task = synced.one("Task", "WhatId", synced.deals[0])
    synced.org.update("Task", task, {"WhatId": synced.deals[1]})
    synced.sync()

    assert synced.ask("SELECT count(*) FROM closure.task WHERE id = :id", id=task) == [(0,)]
    assert synced.proof().drift_rows == 0


def test_lookups_to_a_deleted_contact_are_cleared_as_in_the_org(synced: Any) -> None:
    """Salesforce clears them without a stamp; the store must not keep naming somebody who is gone."""
    synced.org.delete("Contact", synced.contacts[0])
    synced.sync()

    query = "SELECT count(*) FROM closure.task WHERE whoid = :contact"
    assert synced.ask(query, contact=synced.contacts[0]) == [(0,)]
    assert synced.proof().drift_rows == 0


def test_a_stage_that_stops_counting_as_won_moves_its_deals_out(synced: Any) -> None:
    """No deal's own stamp moves when a stage changes its meaning."""
    with synced.org.writing() as connection:
        connection.execute("UPDATE OpportunityStage SET IsWon = 0 WHERE ApiName = 'Closed Won'")
        connection.execute("UPDATE Opportunity SET IsWon = 0 WHERE StageName = 'Closed Won'")
    synced.sync()

    assert _deals(synced) == []
    assert synced.proof().drift_rows == 0


def test_a_transaction_that_commits_late_is_not_missed(synced: Any) -> None:
    """Rows show later than their stamps say; a window that has been read is read again for a while."""
    late = synced.org.open_transaction()
    late.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
    synced.sync()
    late.commit()
    synced.sync()

    assert synced.deals[1] in _deals(synced)
    assert synced.proof().drift_rows == 0


def test_a_second_pass_over_an_unchanged_org_writes_nothing(synced: Any) -> None:
    """Reading a window again costs no write and makes no event."""
    report = synced.sync()

    assert (report.rows_written, report.rows_deleted, report.briefs, report.events) == (0, 0, 0, 0)


def test_an_idle_live_pass_spends_one_api_call(followed: Any) -> None:
    """The org's people keep their API calls."""
    followed.org.clock.move(by=_HOURS)
    followed.sync()
    followed.org.clock.move(by=_HOURS)
    with connect(followed.settings) as client:
        org_id = connected_org(followed.store, client)
        run_pass(followed.store, client, org_id, kind="live")
        report = run_pass(followed.store, client, org_id, kind="live")

    assert report.api_calls == 1


def test_an_idle_pass_by_hand_spends_five_api_calls(followed: Any) -> None:
    """Two ask what fields there are, three ask for everything that changed or vanished, 25 questions each."""
    followed.org.clock.move(by=_HOURS)
    followed.sync()
    followed.org.clock.move(by=_HOURS)
    followed.sync()

    assert followed.sync().api_calls == 5


def test_the_proof_finds_what_was_tampered_with(synced: Any) -> None:
    """A proof that can't fail proves nothing: a changed value, a lost record and an invented one are drift."""
    with synced.store.writing() as session:
        session.execute(text("UPDATE salesforce.opportunity SET amount = 1 WHERE id = :id"), {"id": synced.deals[0]})
        session.execute(text("DELETE FROM salesforce.task WHERE whatid = :id"), {"id": synced.deals[2]})
        session.execute(
            text(
                "INSERT INTO salesforce.note (org_id, id, parentid, generation)"
                " SELECT org_id, '002000000000000AAA', id, 1 FROM salesforce.opportunity WHERE id = :id"
            ),
            {"id": synced.deals[0]},
        )
        session.execute(
            text("UPDATE ops.scope_member SET state = 'out' WHERE opportunity_id = :id"), {"id": synced.deals[4]}
        )
    proof = synced.proof()

    assert {name: each["drift_rows"] for name, each in proof.objects.items() if each["drift_rows"]} == {
        "Opportunity": 2,
        "Task": 1,
        "Note": 1,
    }

    synced.sync(snapshot=True)

    assert synced.proof().drift_rows == 0


def test_a_pass_without_the_newest_lease_commits_nothing(followed: Any) -> None:
    """A worker that was thought dead can't overwrite what its successor does."""
    with connect(followed.settings) as client:
        org_id = connected_org(followed.store, client)
        with followed.store.writing() as session:
            lease.take_lease(session, "worker", holder="another", lasting=_HOURS)
        with pytest.raises(LeaseLost):
            run_pass(followed.store, client, org_id, kind="snapshot", fence=Fence(name="worker", token=0))

    assert _deals(followed) == []


def test_an_object_the_org_lacks_is_a_state_and_comes_when_it_appears(followed: Any) -> None:
    """An org without quotes is followed like any other, and its briefs say what is not there."""
    followed.org.catalog.disable("Quote")
    followed.sync()

    assert followed.ask("SELECT state FROM ops.object_state WHERE object = 'Quote'") == [("missing",)]

    followed.org.catalog.enable("Quote")
    followed.org.insert("Quote", {"OpportunityId": followed.deals[0], "Name": "Offer"})
    followed.sync()

    assert followed.ask("SELECT name FROM closure.quote") == [("Offer",)]
    assert followed.proof().drift_rows == 0


def test_a_field_that_is_hidden_keeps_its_values_and_is_marked(synced: Any) -> None:
    """No silent NULL: what may not be read any more is a state, never a value; when it may again, it is caught up."""
    before = synced.ask("SELECT id, amount FROM closure.opportunity ORDER BY 1")
    synced.org.catalog.hide_field("Opportunity", "Amount")
    synced.org.update("Opportunity", synced.deals[0], {"NextStep": "call"})
    synced.sync()

    assert synced.ask("SELECT id, amount FROM closure.opportunity ORDER BY 1") == before
    assert synced.ask("SELECT unavailable_fields FROM ops.object_state WHERE object = 'Opportunity'") == [(["Amount"],)]

    synced.org.catalog.show_field("Opportunity", "Amount")
    synced.sync()

    assert synced.ask("SELECT unavailable_fields FROM ops.object_state WHERE object = 'Opportunity'") == [([],)]
    assert synced.proof().drift_rows == 0


def test_a_new_custom_field_is_filled_for_every_deal(synced: Any) -> None:
    """What the org begins to record is in the store with the next pass by hand."""
    synced.org.catalog.add_field("Opportunity", "Why_Us__c", "string", label="Why us")
    synced.org.update("Opportunity", synced.deals[0], {"Why_Us__c": "because"})
    synced.sync()

    query = "SELECT custom FROM closure.opportunity WHERE id = :deal"
    assert synced.ask(query, deal=synced.deals[0]) == [({"Why_Us__c": "because"},)]
    assert synced.proof().drift_rows == 0


def test_a_refused_login_loses_nothing(synced: Any) -> None:
    """The next pass with the right secret reads the same window."""
    synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
    right = synced.settings
    synced.settings = right.model_copy(update={"client_secret": type(right.client_secret)("wrong")})
    with pytest.raises(LoginRefused):
        synced.sync()
    synced.settings = right
    synced.sync()

    assert synced.deals[1] in _deals(synced)
