"""The scope in force: who comes and leaves when it changes, when the day changes, and when a deal changes."""

from datetime import timedelta
from typing import Any

import pytest

from models.kept_scope import keep_scope, kept_scope
from sync.errors import FieldHidden, ScopeInvalid
from sync.run import connected_org
from sync.run.scope_choice import choose, preview
from sync.salesforce.client import connect
from sync.scope.document import read_scope

MEMBERS = "SELECT opportunity_id, reason FROM ops.scope_member WHERE state = 'in' ORDER BY 1"
REASON = "SELECT state, reason FROM ops.scope_member WHERE opportunity_id = :deal"
EVENTS = "SELECT type, deal_id, data ->> 'reason' FROM cs.event ORDER BY seq"


def scope(followed: Any, **conditions: Any) -> Any:
    """Choose a scope as `baton scope set` does, and return what the preview said."""
    with connect(followed.settings) as client:
        found = preview(followed.store, client, read_scope(conditions))
        choose(followed.store, connected_org(followed.store, client), found.scope, by="a test")
    return found


def day(followed: Any, *, later: int = 0) -> str:
    """A day of the org, some days from now."""
    return str((followed.org.clock.now() + timedelta(days=later)).date())


def close(followed: Any, number: int, *, later: int, probability: int = 90) -> str:
    """Let an open deal be expected to close some days from now; returns its id."""
    deal = followed.deals[number]
    followed.org.update("Opportunity", deal, {"CloseDate": day(followed, later=later), "Probability": probability})
    return str(deal)


def test_a_start_date_lets_go_of_older_deals_and_says_why(followed: Any) -> None:
    """A deal that leaves because of a choice was not reopened, and comes back with all its records."""
    old, kept = followed.deals[0], followed.deals[2]
    followed.org.update("Opportunity", old, {"CloseDate": "2020-05-05"})
    followed.sync()
    said = scope(followed, closed_from="2026-01-01")
    report = followed.sync()

    assert [each.id for each in said.leave] == [old]
    assert (report.deals_in, report.deals_out) == (0, 1)
    assert followed.ask(REASON, deal=old) == [("out", "scope_changed")]
    assert followed.ask(REASON, deal=kept) == [("in", "won")]
    assert followed.ask("SELECT count(*) FROM closure.task WHERE whatid = :deal", deal=old) == [(0,)]
    assert followed.proof().drift_rows == 0

    followed.org.insert("Task", {"WhatId": old, "Subject": "While it was away"})
    said = scope(followed)
    followed.sync()

    assert [each.id for each in said.enter] == [old]
    assert followed.ask("SELECT count(*) FROM closure.task WHERE whatid = :deal", deal=old) == [(2,)]
    assert followed.ask(EVENTS) == [("deal.unwon", old, "scope_changed"), ("deal.won", old, "scope_changed")]
    assert followed.proof().drift_rows == 0


def test_a_deal_edited_out_of_the_scope_leaves_for_that_reason(synced: Any) -> None:
    """It is still won; the scope just does not mean it any more."""
    scope(synced, closed_from="2026-01-01")
    synced.sync()
    synced.org.update("Opportunity", synced.deals[0], {"CloseDate": "2020-05-05"})
    synced.org.update("Opportunity", synced.deals[2], {"StageName": "Prospecting"})
    synced.sync()

    assert synced.ask(REASON, deal=synced.deals[0]) == [("out", "out_of_scope")]
    assert synced.ask(REASON, deal=synced.deals[2]) == [("out", "reopened")]


def test_stages_that_count_as_won_replace_what_salesforce_calls_won(followed: Any) -> None:
    """Some teams hand over at the signature, before anybody closes the deal."""
    followed.org.update("Opportunity", followed.deals[1], {"StageName": "Negotiation/Review"})
    followed.sync()
    said = scope(followed, stages=["negotiation/review"])
    followed.sync()

    assert [each.id for each in said.leave] == followed.deals[0::2]
    assert followed.ask(MEMBERS) == [(followed.deals[1], "won")]
    assert followed.ask("SELECT is_draft, won_at IS NOT NULL FROM cs_v1.deal") == [(False, True)]
    assert followed.proof().drift_rows == 0


def test_drafts_come_without_an_event_and_become_deals_with_one(followed: Any) -> None:
    """CS prepares for a deal that is nearly won; nobody hears of a win before it is one."""
    soon = close(followed, 1, later=10)
    followed.sync()
    said = scope(followed, closing_soon={"days": 14, "probability": 80})
    report = followed.sync()

    assert [(each.id, each.is_draft) for each in said.enter] == [(soon, True)]
    assert (report.deals_in, report.drafts_in) == (0, 1)
    assert followed.ask("SELECT is_draft, won_at, handoff_state FROM cs_v1.deal WHERE deal_id = :deal", deal=soon) == [
        (True, None, None)
    ]
    assert followed.ask("SELECT count(*) FROM closure.task WHERE whatid = :deal", deal=soon) == [(1,)]
    assert followed.ask(EVENTS) == []
    assert followed.proof().drift_rows == 0

    followed.org.update("Opportunity", soon, {"NextStep": "Sign"})
    followed.sync()
    assert followed.ask(EVENTS) == []

    followed.org.update("Opportunity", soon, {"StageName": "Closed Won"})
    report = followed.sync()

    assert (report.deals_in, report.drafts_out) == (1, 1)
    assert [row for row in followed.ask(EVENTS) if row[1] == soon] == [("deal.won", soon, None)]
    assert followed.ask("SELECT is_draft, handoff_state FROM cs_v1.deal WHERE deal_id = :deal", deal=soon) == [
        (False, "waiting")
    ]


def test_a_draft_whose_day_passes_leaves_and_one_that_comes_near_enters(followed: Any) -> None:
    """Time alone moves drafts: nobody has to save a record for it."""
    passing, coming, lost = close(followed, 1, later=1), close(followed, 3, later=5), close(followed, 5, later=1)
    followed.sync()
    scope(followed, closing_soon={"days": 3, "probability": 80})
    followed.sync()
    before = followed.ask(MEMBERS)
    followed.org.update("Opportunity", lost, {"StageName": "Closed Lost"})
    followed.org.clock.move(by=timedelta(days=3))
    report = followed.sync()

    assert [row for row in before if row[1] == "closing_soon"] == [(passing, "closing_soon"), (lost, "closing_soon")]
    assert followed.ask(REASON, deal=passing) == [("out", "not_closing_soon")]
    assert followed.ask(REASON, deal=lost) == [("out", "lost")]
    assert followed.ask(REASON, deal=coming) == [("in", "closing_soon")]
    assert (report.deals_in, report.deals_out, report.drafts_in, report.drafts_out) == (0, 0, 1, 2)
    assert followed.ask(EVENTS) == []
    assert followed.proof().drift_rows == 0


def test_a_deal_that_is_reopened_may_stay_as_a_draft(synced: Any) -> None:
    """Those who listen hear that it is not won any more."""
    scope(synced, closing_soon={"days": 14, "probability": 80})
    synced.sync()
    won = synced.deals[0]
    synced.org.update(
        "Opportunity", won, {"StageName": "Prospecting", "CloseDate": day(synced, later=2), "Probability": 95}
    )
    synced.sync()

    assert synced.ask(REASON, deal=won) == [("in", "closing_soon")]
    assert synced.ask(EVENTS) == [("deal.unwon", won, "reopened")]


def test_a_stage_that_was_renamed_empties_nothing(synced: Any) -> None:
    """The pass says what to do, and everything stays as it was until somebody does it."""
    scope(synced, stages=["Closed Won"])
    synced.sync()
    before = synced.ask(MEMBERS)
    with synced.org.writing() as connection:
        connection.execute(
            "UPDATE OpportunityStage SET ApiName = 'Won', MasterLabel = 'Won' WHERE ApiName = 'Closed Won'"
        )
        connection.execute("UPDATE Opportunity SET StageName = 'Won' WHERE StageName = 'Closed Won'")

    with pytest.raises(ScopeInvalid, match="'Closed Won'"):
        synced.sync()
    assert synced.ask(MEMBERS) == before


def test_a_field_of_the_scope_that_is_hidden_stops_the_pass(synced: Any) -> None:
    """Without it nobody can tell who belongs to us, so nobody comes or leaves."""
    scope(synced, closing_soon={"days": 14, "probability": 80})
    synced.sync()
    before = synced.ask(MEMBERS)
    synced.org.catalog.hide_field("Opportunity", "Probability")

    with pytest.raises(FieldHidden, match="Probability"):
        synced.sync()
    assert synced.ask(MEMBERS) == before


def test_a_preview_writes_nothing(followed: Any) -> None:
    """Looking is free of consequences, also before the first pass."""
    with connect(followed.settings) as client:
        early = preview(followed.store, client, read_scope({"closed_from": "2026-01-01"}))

    assert [each.id for each in early.enter] == followed.deals[0::2]
    assert followed.ask("SELECT count(*) FROM ops.org") == [(0,)]

    followed.sync()
    with connect(followed.settings) as client:
        found = preview(followed.store, client, read_scope({"closed_from": "2027-01-01"}))
        calls = client.api_calls
    followed.sync()

    assert [each.id for each in found.leave] == followed.deals[0::2]
    assert found.leave[0].name == "Deal 0"
    assert str(found.leave[0].amount) == "20.00" or found.leave[0].amount == 20
    assert calls <= 4
    assert followed.ask("SELECT count(*) FROM ops.scope") == [(0,)]
    assert len(followed.ask(MEMBERS)) == 3


def test_a_scope_chosen_before_the_first_pass_decides_what_is_loaded(followed: Any) -> None:
    """Nobody has to load everything first to leave most of it out."""
    followed.org.update("Opportunity", followed.deals[0], {"CloseDate": "2020-05-05"})
    scope(followed, closed_from="2026-01-01")
    followed.sync()

    assert [row[0] for row in followed.ask(MEMBERS)] == sorted([followed.deals[2], followed.deals[4]])
    assert followed.ask("SELECT count(*) FROM salesforce.opportunity") == [(2,)]
    assert followed.ask("SELECT applied_at IS NOT NULL FROM ops.scope") == [(True,)]


def test_versions_of_a_scope_are_kept(synced: Any) -> None:
    """Who chose what, and when, can be read later."""
    with synced.store.writing() as session:
        org_id = session.exec_driver_sql("SELECT org_id FROM ops.org").scalar_one()
        assert keep_scope(session, org_id, {"closed_from": "2026-01-01"}, set_by="ann") == 1
        assert keep_scope(session, org_id, {}, set_by="bob") == 2
    with synced.store.reading() as session:
        assert (kept_scope(session, org_id).version, kept_scope(session, org_id).set_by) == (2, "bob")
    synced.sync()

    assert synced.ask("SELECT version, applied_at IS NOT NULL FROM ops.scope ORDER BY 1") == [(1, False), (2, True)]
