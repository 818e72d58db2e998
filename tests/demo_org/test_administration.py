"""What an admin sets: permissions of the integration user, validation rules, values of picklists, imports, teams."""

from datetime import UTC, datetime, timedelta

import pytest
from wire_client import client_of, error_of

from demo_org.clock import Clock
from demo_org.formula import FormulaError
from demo_org.store import Org

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEAL = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-03-31"}


@pytest.fixture
def client():
    with client_of(Clock(frozen_at=START)) as client:
        yield client


def order(client, path, **body):
    """An order to the control plane."""
    answer = client.post(f"/demo/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def described(client, object_name, field=None):
    """The describe of an object, or of one of its fields."""
    whole = client.get(f"sobjects/{object_name}/describe").json()
    return whole if field is None else {each["name"]: each for each in whole["fields"]}.get(field)


def test_the_integration_user_may_be_barred_from_writing(client):
    """The describe says so, the write is refused, and everybody else goes on."""
    made = client.make("Opportunity", **DEAL)
    order(client, "objects/Opportunity/permissions", createable=False, deletable=False)

    assert [described(client, "Opportunity")[key] for key in ("createable", "updateable", "deletable")] == [
        False, True, False,
    ]  # fmt: skip
    assert client.post("sobjects/Opportunity", json=DEAL).status_code == 400
    assert client.delete(f"sobjects/Opportunity/{made}").status_code == 400
    assert client.patch(f"sobjects/Opportunity/{made}", json={"NextStep": "call"}).status_code == 204
    assert client.org.insert("Opportunity", DEAL)

    order(client, "objects/Opportunity/permissions", createable=True, deletable=True)
    assert client.delete(f"sobjects/Opportunity/{made}").status_code == 204


def test_a_field_may_be_read_only_or_hidden(client):
    """A field the user may not write is in the describe without its abilities; a hidden one is not there."""
    made = client.make("Opportunity", **DEAL)
    order(client, "objects/Opportunity/permissions", fields={"Amount": "read", "NextStep": "none"})
    refused = client.patch(f"sobjects/Opportunity/{made}", json={"Amount": 5})

    assert error_of(refused)[:2] == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert described(client, "Opportunity", "Amount")["updateable"] is False
    assert described(client, "Opportunity", "NextStep") is None
    client.org.update("Opportunity", made, {"Amount": 5})

    order(client, "objects/Opportunity/permissions", fields={"Amount": "write", "NextStep": "write"})
    assert client.patch(f"sobjects/Opportunity/{made}", json={"Amount": 6, "NextStep": "x"}).status_code == 204


def test_a_validation_rule_refuses_the_save(client):
    """The message and the field are the admin's; nothing is left of the refused save."""
    made = client.make("Opportunity", **DEAL)
    rule = {"name": "Dated", "formula": "CloseDate < TODAY()", "message": "Too late", "field": "CloseDate"}
    order(client, "objects/Opportunity/rules", **rule)
    refused = client.patch(f"sobjects/Opportunity/{made}", json={"CloseDate": "2026-01-01"})

    assert refused.status_code == 400
    assert refused.json() == [
        {"message": "Too late", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["CloseDate"]}
    ]
    assert client.post("sobjects/Opportunity", json={**DEAL, "CloseDate": "2026-01-01"}).status_code == 400
    assert client.query("SELECT Id FROM Opportunity WHERE CloseDate < 2026-02-01")["totalSize"] == 0

    order(client, "objects/Opportunity/rules", name="Dated")
    assert client.patch(f"sobjects/Opportunity/{made}", json={"CloseDate": "2026-01-01"}).status_code == 204


def test_a_validation_rule_that_is_no_condition_is_refused(client):
    """A rule is checked when it is made."""
    with pytest.raises(FormulaError):
        client.org.catalog.admin.add_rule("Opportunity", "Odd", "Amount + 1", "Odd")


def test_a_renamed_value_is_renamed_in_the_describe_as_well(client):
    """A client that offers the picklist offers the new value and not the old one."""
    order(client, "jobs/rename_value", object="Lead", field="Rating", old="Hot", new="Burning")
    values = [each["value"] for each in described(client, "Lead", "Rating")["picklistValues"]]

    assert "Burning" in values
    assert "Hot" not in values


def test_a_label_is_what_people_see(client):
    """The API's value and the label differ where Salesforce's own picklists do."""
    client.make("Opportunity", **DEAL, ForecastCategoryName="Commit")
    soql = "SELECT ForecastCategory, toLabel(ForecastCategory) shown FROM Opportunity"
    (row,) = client.query(soql)["records"]

    assert (row["ForecastCategory"], row["shown"]) == ("Forecast", "Commit")


def test_an_import_brings_its_own_dates_where_that_is_allowed(client):
    """Set Audit Fields upon Record Creation: the record looks years old, but SystemModstamp is now."""
    old = {"Name": "A", "CreatedDate": "2019-05-01T08:00:00.000Z", "LastModifiedDate": "2020-01-01T00:00:00.000Z"}
    assert error_of(client.post("sobjects/Account", json=old))[1] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    order(client, "features/audit_fields")
    row = client.org.get("Account", client.make("Account", **old))

    assert described(client, "Account", "CreatedDate")["createable"] is True
    assert (row["CreatedDate"], row["LastModifiedDate"], row["SystemModstamp"]) == (
        "2019-05-01T08:00:00.000Z", "2020-01-01T00:00:00.000Z", "2026-03-02T09:00:00.000Z",
    )  # fmt: skip


def test_a_team_member_is_shown_by_the_users_name(client):
    """Team selling: the member's name comes from the user, who is in a team once; a removal leaves no trace."""
    order(client, "features/team_selling")
    deal, user = client.make("Opportunity", **DEAL), client.org.users.admin
    member = client.make("OpportunityTeamMember", OpportunityId=deal, UserId=user, TeamMemberRole="Sales Manager")
    again = client.post("sobjects/OpportunityTeamMember", json={"OpportunityId": deal, "UserId": user})

    assert client.org.get("OpportunityTeamMember", member)["Name"] == "Ada Admin"
    assert error_of(again)[1] == "DUPLICATE_VALUE"
    assert client.delete(f"sobjects/OpportunityTeamMember/{member}").status_code == 204
    assert client.get("queryAll", params={"q": "SELECT Id FROM OpportunityTeamMember"}).json()["totalSize"] == 0


def test_a_split_is_its_part_of_the_deal(client):
    """When the deal's amount moves, the splits follow by the system."""
    order(client, "features/splits")
    deal = client.make("Opportunity", **DEAL, Amount=200)
    values = {"OpportunityId": deal, "SplitOwnerId": client.org.users.admin, "SplitPercentage": 25}
    split = client.make("OpportunitySplit", **values)
    assert client.org.get("OpportunitySplit", split)["SplitAmount"] == 50.0

    client.patch(f"sobjects/Opportunity/{deal}", json={"Amount": 400})
    assert client.org.get("OpportunitySplit", split)["SplitAmount"] == 100.0


def test_a_shared_task_has_a_row_for_everybody_it_is_about(client):
    """Shared activities: the people and the record of a task are found in TaskRelation."""
    order(client, "features/shared_activities")
    account, contact = client.make("Account", Name="A"), client.make("Contact", LastName="C")
    task = client.make("Task", Subject="Call", WhatId=account, WhoId=contact)
    soql = f"SELECT RelationId, IsWhat FROM TaskRelation WHERE TaskId = '{task}' ORDER BY IsWhat"
    assert [each["RelationId"] for each in client.query(soql)["records"]] == [contact, account]

    client.patch(f"sobjects/Task/{task}", json={"WhatId": None})
    assert [each["RelationId"] for each in client.query(soql)["records"]] == [contact]


def test_an_account_with_cases_says_which(client):
    """The refusal names the account and the cases, as Salesforce's does."""
    account = client.make("Account", Name="Acme")
    client.make("Case", Subject="Help", AccountId=account)

    status, code, message = error_of(client.delete(f"sobjects/Account/{account}"))
    assert (status, code) == (400, "DELETE_FAILED")
    assert message == (
        "Your attempt to delete Acme could not be completed because it is associated with the following cases.: "
        "00000001\n"
    )


def test_cases_are_merged(client):
    """A merged case points at the one that stays, which gets its comments."""
    winner, loser = (client.make("Case", Subject=each) for each in "AB")
    comment = client.make("CaseComment", ParentId=loser, CommentBody="Hello")
    order(client, f"records/Case/{winner}/merge", losers=[loser])

    assert client.org.get("Case", loser)["MasterRecordId"] == winner
    assert client.org.get("CaseComment", comment)["ParentId"] == winner


def test_the_bin_forgets_after_fifteen_days_by_the_orgs_clock(client):
    """Whoever was away longer finds no deleted row any more, and has to compare ids."""
    account = client.make("Account", Name="A")
    client.delete(f"sobjects/Account/{account}")
    soql = {"q": "SELECT Id FROM Account WHERE IsDeleted = true"}
    order(client, "clock", move=timedelta(days=14, hours=23).total_seconds())
    client.log_in()
    assert client.get("queryAll", params=soql).json()["totalSize"] == 1

    order(client, "clock", move=timedelta(hours=2).total_seconds())
    client.log_in()
    assert client.get("queryAll", params=soql).json()["totalSize"] == 0


def test_a_custom_object_has_a_history(client):
    """Renewal__History keeps what an admin told it to keep of Renewal__c, and goes with its record."""
    client.org.catalog.add_object("Renewal__c", label="Renewal")
    client.org.catalog.add_field("Renewal__c", "Size__c", "double", scale=0)
    order(client, "jobs/track_history", object="Renewal__c", fields=["Size__c"])
    made = client.make("Renewal__c", Name="R", Size__c=1)
    client.patch(f"sobjects/Renewal__c/{made}", json={"Size__c": 2})
    soql = "SELECT ParentId, Field, NewValue FROM Renewal__History ORDER BY Id"

    found = client.query(soql)["records"]
    assert [(each["ParentId"], each["Field"]) for each in found] == [(made, "created"), (made, "Size__c")]
    assert described(client, "Renewal__History")["associateParentEntity"] == "Renewal__c"
    client.delete(f"sobjects/Renewal__c/{made}")
    assert client.query(soql)["totalSize"] == 0


def test_a_converted_lead_stays_as_it_was(client):
    """What became of a lead goes on as a contact; the lead itself can be deleted but not changed."""
    lead = client.make("Lead", LastName="L", Company="C")
    order(client, f"records/Lead/{lead}/convert")

    refused = client.patch(f"sobjects/Lead/{lead}", json={"Title": "Boss"})
    assert error_of(refused) == (400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def test_a_document_knows_its_size_and_its_author(client):
    """The documents of old orgs lie in folders."""
    folder = client.make("Folder", Name="Logos", Type="Document", AccessType="Public", DeveloperName="Logos")
    row = client.org.get("Document", client.make("Document", Name="Logo", FolderId=folder, Body="QUJD"))

    assert (row["BodyLength"], row["AuthorId"]) == (3, client.org.users.integration)


def test_the_bin_survives_a_restart(tmp_path):
    """A record comes out of the bin with its children and the lookups to it, also in another process."""
    with Org.open(tmp_path / "org.sqlite", clock=Clock(frozen_at=START)) as org:
        campaign = org.insert("Campaign", {"Name": "Spring"})
        deal = org.insert("Opportunity", DEAL | {"CampaignId": campaign})
        stamp = org.get("Opportunity", deal)["SystemModstamp"]
        org.clock.move(by=timedelta(minutes=1))
        org.delete("Campaign", campaign)
        assert org.get("Opportunity", deal)["CampaignId"] is None

    with Org.open(tmp_path / "org.sqlite", clock=Clock(frozen_at=START)) as org:
        org.undelete("Campaign", campaign)
        row = org.get("Opportunity", deal)
        assert (row["CampaignId"], row["SystemModstamp"]) == (campaign, stamp)


def test_what_an_admin_set_survives_a_restart(tmp_path):
    """An org reopened from its file refuses and offers what it did."""
    with Org.open(tmp_path / "org.sqlite") as org:
        org.catalog.admin.add_rule("Account", "Named", "LEN(Name) > 3", "Too long", field="Name")
        org.catalog.admin.set_permissions("Contact", {"createable": False})
        org.catalog.admin.set_field_access("Contact", "Email", writable=False)
        org.catalog.admin.replace_value("Lead", "Rating", "Hot", "Burning")

    with Org.open(tmp_path / "org.sqlite") as org:
        assert [each.message for each in org.catalog.admin.rules("Account")] == ["Too long"]
        assert not org.catalog.object("Contact").createable
        assert not org.catalog.object("Contact").field("Email").updateable
        assert "Burning" in org.catalog.object("Lead").field("Rating").picklist_values
