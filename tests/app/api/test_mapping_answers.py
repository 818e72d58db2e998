"""The mapping over the API: shown, tried on a deal, chosen, and refused with what to write instead."""

from typing import Any

import pytest
import stored_deals as stored
from sqlalchemy import insert, text

from app.main import create_app
from app.settings import HttpSettings
from models.org import ORG, set_object_state

ID = stored.deal_id(1)
PATH = "/api/v1/mapping"
CHOICE = {"fields": {"success_criteria": ["Opportunity.Zz__c"]}}


def field(name: str, label: str, kind: str = "textarea") -> dict[str, Any]:
    """A field as describe told it."""
    return {"name": name, "label": label, "type": kind, "custom": name.endswith("__c"), "reference_to": []}


@pytest.fixture
def admin(store, client_of):
    """An admin of an org with a field that no alias finds."""
    deal = {"id": ID, "name": "First", "custom": {"Zz__c": "Rotas 14 days ahead"}}
    stored.fill(store, [deal, {"id": stored.deal_id(2), "name": "Second"}])
    shape = {
        "name": "Opportunity",
        "fields": [field("Name", "Name", "string"), field("Zz__c", "Agreed success criteria")],
    }
    with store.writing() as session:
        set_object_state(session, stored.ORG_ID, "Opportunity", shape=shape)
    return client_of(store, "admin")


def put(client, body: Any, *, headers: dict[str, str] | None = None, **params: Any):
    """PUT a mapping."""
    return client.request("PUT", PATH, params=params, headers=headers, json=body)


def line(shown: dict[str, Any]) -> dict[str, Any]:
    """The line that the tests are about."""
    return next(each for each in shown["lines"] if each["key"] == "success_criteria")


def test_a_mapping_is_shown_with_what_comes_into_question(admin):
    """An admin sees which field to choose, and how often it is filled."""
    shown = admin.get(PATH).json()

    assert (shown["org_id"], shown["version"], shown["mapping"], shown["problems"]) == (stored.ORG_ID, 0, {}, [])
    assert line(shown)["fields"] == []
    assert line(shown)["suggestions"][0]["field"] == "Opportunity.Zz__c"
    assert line(shown)["suggestions"][0]["fill_rate"] == 0.5


def test_a_dry_run_tells_what_would_change_and_keeps_nothing(admin):
    """The brief of a real deal is the proof."""
    found = put(admin, CHOICE, dry_run="true", deal_id=ID).json()

    assert found["changes"] == [{"key": "fields.success_criteria", "before": None, "after": ["Opportunity.Zz__c"]}]
    assert [(each["key"], each["after"]["value"]) for each in found["brief"]["lines"]] == [
        ("success_criteria", "Rotas 14 days ahead")
    ]
    assert (found["dry_run"], found["version"], admin.get(PATH).json()["version"]) == (True, 0, 0)


def test_a_mapping_is_kept_with_who_chose_it(admin):
    """The next pass follows it; the same again is no new version."""
    first, again = put(admin, CHOICE), put(admin, CHOICE)
    shown = admin.get(PATH).json()

    assert (first.status_code, first.json()["version"], again.json()["version"]) == (200, 1, 1)
    assert again.json()["changes"] == []
    assert (shown["version"], shown["mapping"], shown["set_by"]) == (1, CHOICE, "a test")
    assert (line(shown)["fields"], line(shown)["chosen"], line(shown)["fill_rate"]) == (
        ["Opportunity.Zz__c"],
        True,
        0.5,
    )


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        ({"fields": {"succes_criteria": []}}, "/body/fields", "did you mean success_criteria?"),
        ({"fields": {"champion": ["Opportunity.Zy__c"]}}, "/body/fields/champion", "did you mean Opportunity.Zz__c?"),
        ({"amount_means": "much"}, "/body/amount_means", "must be one of tcv, acv, arr"),
        ({"colour": "red"}, "/body", "it takes fields"),
    ],
)
def test_a_wrong_mapping_is_refused_with_what_to_write(admin, body, pointer, said):
    """Nothing is kept of it."""
    found = put(admin, body)

    assert (found.status_code, found.json()["type"]) == (400, "urn:baton:problem:mapping_invalid")
    assert said in found.json()["errors"][0]["detail"]
    assert found.json()["errors"][0]["pointer"] == pointer
    assert admin.get(PATH).json()["version"] == 0


def test_whoever_read_an_older_mapping_is_told(admin):
    """Two admins do not undo each other's choice unseen."""
    read = admin.get(PATH).headers["etag"]
    assert put(admin, CHOICE, headers={"If-Match": read}).status_code == 200
    late = put(admin, {"amount_means": "arr"}, headers={"If-Match": read})

    assert (late.status_code, late.json()["type"]) == (412, "urn:baton:problem:changed_meanwhile")
    assert admin.get(PATH).json()["mapping"] == CHOICE


@pytest.mark.parametrize("deal", ["nobody", stored.deal_id(9)])
def test_a_mapping_is_tried_on_a_deal_that_is_there(admin, deal):
    """A preview of nothing would look like no change."""
    assert put(admin, CHOICE, dry_run="true", deal_id=deal).json()["type"] == "urn:baton:problem:deal_not_found"


def test_only_admins_see_and_choose_mappings(admin, store, client_of):
    """What a brief says is not for every key to decide."""
    reader = client_of(store, "briefs:read", "metrics:read", "notes:write")

    assert reader.get(PATH).status_code == 403
    assert put(reader, CHOICE).status_code == 403


def test_of_several_orgs_one_is_named(admin, store):
    """A mapping belongs to one org."""
    other = "00D000000000002AAA"
    with store.writing() as session:
        values = {"name": "Other", "instance_url": "https://o.my.salesforce.com", "is_sandbox": False}
        session.execute(insert(ORG).values(org_id=other, **values))

    assert admin.get(PATH).json()["type"] == "urn:baton:problem:several_orgs"
    assert admin.get(PATH, params={"org": other}).json()["org_id"] == other
    assert admin.get(PATH, params={"org": "00D000000000003AAA"}).json()["type"] == "urn:baton:problem:org_not_found"


def test_a_server_without_the_making_of_briefs_says_so(admin, store):
    """Whoever embeds the application learns what is missing."""
    admin.app = create_app(store, HttpSettings())

    assert admin.get(PATH).json()["type"] == "urn:baton:problem:mapping_not_served"


def test_a_mapping_of_which_the_org_lost_a_field_tells_it(admin, store):
    """A field that was deleted in Salesforce is noticed where mappings are looked at."""
    put(admin, CHOICE)
    with store.writing() as session:
        session.execute(text("UPDATE ops.object_state SET unavailable_fields = '[\"Zz__c\"]'"))

    assert "there is no field Opportunity.Zz__c, or it is hidden" in admin.get(PATH).json()["problems"][0]
