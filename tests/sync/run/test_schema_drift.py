"""Fields and objects that appear, vanish, or may not be read any more: values stay, and a state says so."""

from typing import Any

import httpx
import pytest

from sync.run import connected_org, run_pass
from sync.salesforce.client import connect

_WHY = "SELECT id, custom ->> 'Why_Us__c' FROM closure.opportunity ORDER BY 1"
_STATE = "SELECT state, unavailable_fields FROM ops.object_state WHERE object = :name"


def _live(followed: Any, *, times: int = 1) -> Any:
    with connect(followed.settings) as client:
        org_id = connected_org(followed.store, client)
        for _ in range(times):
            report = run_pass(followed.store, client, org_id, kind="live")
    return report


def _with_why(followed: Any) -> list[Any]:
    """Give each deal a custom field with a value that is as old as the deal."""
    followed.org.catalog.add_field("Opportunity", "Why_Us__c", "string", label="Why us")
    for deal in followed.deals:
        followed.org.update("Opportunity", deal, {"Why_Us__c": "because"})
    followed.sync()
    return followed.ask(_WHY)


def test_a_new_field_is_filled_for_records_that_nobody_saves_again(synced: Any) -> None:
    """A field with a default value has it in all records, with old stamps."""
    synced.org.catalog.add_field("Opportunity", "Why_Us__c", "string", label="Why us")
    with synced.org.writing() as connection:
        connection.execute("UPDATE Opportunity SET \"Why_Us__c\" = 'default'")
    synced.sync()

    assert synced.ask(_WHY) == [(deal, "default") for deal in synced.deals[0::2]]
    assert synced.proof().drift_rows == 0


def test_a_field_that_was_deleted_keeps_its_values_and_is_told(followed: Any) -> None:
    """What a rep once wrote is not lost because an admin tidied up."""
    before = _with_why(followed)
    followed.org.catalog.remove_field("Opportunity", "Why_Us__c")
    followed.org.update("Opportunity", followed.deals[0], {"NextStep": "call"})
    followed.sync()

    assert followed.ask(_WHY) == before == [(deal, "because") for deal in followed.deals[0::2]]
    assert followed.ask(_STATE, name="Opportunity") == [("ok", ["Why_Us__c"])]


def test_a_field_that_is_hidden_between_two_passes_does_not_stop_a_live_one(followed: Any) -> None:
    """INVALID_FIELD: the same window is read again at once without the field, whose values stay."""
    before = _with_why(followed)
    followed.org.catalog.hide_field("Opportunity", "Why_Us__c")
    followed.org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
    report = _live(followed)

    assert report.complete
    assert report.deals_in == 1
    assert [row for row in followed.ask(_WHY) if row[0] != followed.deals[1]] == before
    assert followed.ask(_STATE, name="Opportunity") == [("ok", ["Why_Us__c"])]


@pytest.mark.parametrize("object_name", ["Opportunity", "Account", "Contact", "Task", "User", "OpportunityHistory"])
def test_a_field_that_any_query_refuses_is_left_out_at_once(synced: Any, object_name: str) -> None:
    """Whichever query it is: of changes, of children, of records by their ids."""
    fault = {"kind": "field_hidden", "object": object_name, "part": True}
    httpx.post(synced.settings.url + "/demo/faults", json=[fault]).raise_for_status()
    synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
    synced.org.update("Account", synced.accounts[1], {"Name": "Renamed"})
    synced.org.update("Contact", synced.contacts[0], {"Title": "Dean"})
    report = synced.sync()

    assert report.complete
    assert synced.deals[1] in [row[0] for row in synced.ask("SELECT deal_id FROM cs_v1.deal")]


def test_a_hidden_field_that_is_shown_again_is_caught_up(followed: Any) -> None:
    """Each record gets the value that it has now, not only those that are saved again."""
    _with_why(followed)
    followed.org.catalog.hide_field("Opportunity", "Why_Us__c")
    followed.sync()
    followed.org.catalog.show_field("Opportunity", "Why_Us__c")
    with followed.org.writing() as connection:
        connection.execute("UPDATE Opportunity SET \"Why_Us__c\" = 'new'")
    followed.sync()

    assert followed.ask(_WHY) == [(deal, "new") for deal in followed.deals[0::2]]
    assert followed.ask(_STATE, name="Opportunity") == [("ok", [])]
    assert followed.proof().drift_rows == 0


def test_an_object_that_vanishes_keeps_its_records_and_comes_back(followed: Any) -> None:
    """A licence that runs out takes nothing from what CS knows; when it is renewed, all is caught up."""
    for deal in followed.deals:
        followed.org.insert("Quote", {"OpportunityId": deal, "Name": "Offer"})
    followed.sync()
    followed.org.catalog.disable("Quote")
    followed.org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
    _live(followed)
    followed.sync()

    assert followed.ask(_STATE, name="Quote") == [("missing", [])]
    assert followed.ask("SELECT count(*) FROM closure.quote") == [(3,)]
    assert followed.deals[1] in [row[0] for row in followed.ask("SELECT deal_id FROM cs_v1.deal")]

    followed.org.catalog.enable("Quote")
    followed.sync()

    assert followed.ask(_STATE, name="Quote") == [("ok", [])]
    assert followed.ask("SELECT count(*) FROM closure.quote") == [(4,)]
    assert followed.proof().drift_rows == 0
