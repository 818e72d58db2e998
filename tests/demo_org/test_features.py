"""What some orgs have and others lack: features with their objects and fields, and ids no two records share."""

import pytest
from wire_client import BASE, error_of

from demo_org.catalog.features import FEATURES
from demo_org.store import Org


def switch(client, feature, *, on):
    """Switch a feature by the control plane."""
    answer = client.post(f"/demo/features/{feature}", json={"enabled": on})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("feature", [name for name, each in FEATURES.items() if each.objects])
def test_objects_of_a_feature_come_and_go_with_it(client, feature):
    """A sync meets INVALID_TYPE in an org without the feature, and rows in one with it."""
    was_on = FEATURES[feature].on
    for name in FEATURES[feature].objects:
        switch(client, feature, on=False)
        answer = client.get("query", params={"q": f"SELECT Id FROM {name}"})
        assert error_of(answer)[:2] == (400, "INVALID_TYPE")
        assert client.get(f"sobjects/{name}/describe").status_code == 404

        switch(client, feature, on=True)
        assert client.query(f"SELECT Id FROM {name}")["totalSize"] >= 0
        assert client.get(f"sobjects/{name}/describe").status_code == 200
    switch(client, feature, on=was_on)


def test_fields_of_a_feature_come_and_go_with_it(client):
    """An org with one currency has no CurrencyIsoCode anywhere; its describe moves when that changes."""
    soql = "SELECT CurrencyIsoCode FROM Opportunity"
    assert error_of(client.get("query", params={"q": soql}))[:2] == (400, "INVALID_FIELD")
    before = client.get("sobjects/Opportunity/describe").headers["Last-Modified"]

    switch(client, "multi_currency", on=True)
    assert "records" in client.query(soql)
    assert client.get("sobjects/Opportunity/describe", headers={"If-Modified-Since": before}).status_code == 200

    switch(client, "multi_currency", on=False)
    assert error_of(client.get("query", params={"q": soql}))[:2] == (400, "INVALID_FIELD")


def test_the_list_of_objects_moves_when_one_goes(client):
    """A client that keeps the list learns that an object is no longer there."""
    before = client.get("sobjects").headers
    switch(client, "partners", on=False)
    asked = {"If-Modified-Since": before["Last-Modified"], "If-None-Match": before["ETag"]}
    after = client.get("sobjects", headers=asked)
    switch(client, "partners", on=True)

    assert after.status_code == 200
    assert "Partner" not in {each["name"] for each in after.json()["sobjects"]}


def test_an_unknown_feature_is_refused_with_the_list(client):
    """A slip of the pen is told, not ignored."""
    status, code, message = error_of(client.post("/demo/features/quotas", json={}))

    assert (status, code) == (400, "INVALID_OPERATION")
    assert "quotes" in message


def test_features_survive_a_restart(tmp_path):
    """An org reopened from its file is the org that was closed."""
    with Org.open(tmp_path / "org.sqlite") as org:
        org.catalog.switch("quotes", on=False)
        org.catalog.switch("team_selling", on=True)

    with Org.open(tmp_path / "org.sqlite") as org:
        assert "Quote" not in org.catalog
        assert "OpportunityTeamMember" in org.catalog
        assert not org.catalog.object("Opportunity").has("SyncedQuoteId")


def test_no_two_records_share_an_id():
    """All histories have ids that begin with 017, yet an id is one record's for ever."""
    with Org.open() as org:
        ids = [org.new_id(name) for name in ("AccountHistory", "ContactHistory", "AccountHistory")]
        partners = [org.new_id(name) for name in ("Partner", "AccountPartner")]

        assert len({*ids, *partners}) == 5
        assert {each[:3] for each in ids} == {"017"}


def test_change_events_are_described_but_not_queried(client):
    """A client finds out by the describe which objects tell their changes."""
    entries = {each["name"]: each for each in client.get("sobjects").json()["sobjects"]}
    event = entries["AccountChangeEvent"]

    assert (event["associateEntityType"], event["associateParentEntity"]) == ("ChangeEvent", "Account")
    assert not event["queryable"]
    assert event["keyPrefix"] is None
    assert "OpportunityHistoryChangeEvent" not in entries
    described = client.get("sobjects/AccountChangeEvent/describe").json()
    assert [each["name"] for each in described["fields"]][1:4] == ["ReplayId", "ChangeEventHeader", "Name"]
    assert client.get("query", params={"q": "SELECT Id FROM AccountChangeEvent"}).status_code == 400


def test_histories_tell_whose_they_are(client):
    """The key associateEntityType is the way a program finds the history of an object."""
    entries = {each["name"]: each for each in client.get(f"{BASE}/sobjects").json()["sobjects"]}

    assert entries["CaseHistory"]["associateParentEntity"] == "Case"
    assert entries["CaseHistory"]["associateEntityType"] == "History"
    assert entries["CaseHistory"]["keyPrefix"] is None
