"""What the system and admins do to many records at once, and what a reader sees of it."""

from datetime import UTC, datetime, timedelta

import pytest
from wire_client import client_of

from demo_org.clock import Clock

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def client():
    with client_of(Clock(frozen_at=START)) as client:
        yield client


def job(client, name, **order):
    answer = client.post(f"/demo/jobs/{name}", json=order)
    assert answer.status_code == 200, answer.text
    return answer.json()


def deal(client, **values):
    given = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-03-31"}
    return client.make("Opportunity", **given | values)


def later(client, **by):
    client.org.clock.move(by=timedelta(**by))


def test_a_stage_that_turns_won_wins_its_deals_without_a_stamp(client):
    """A reader who looks at stamps alone never learns of it."""
    won, other = deal(client, StageName="Negotiation/Review"), deal(client)
    before = client.org.get("Opportunity", won)
    later(client, minutes=5)
    changed = job(client, "flip_stage", stage="Negotiation/Review", is_won=True)
    after = client.org.get("Opportunity", won)
    (stage,) = client.query("SELECT SystemModstamp, IsWon FROM OpportunityStage WHERE ApiName = 'Negotiation/Review'")[
        "records"
    ]

    assert changed == {"changed": 1}
    assert (before["IsWon"], after["IsWon"], after["IsClosed"]) == (False, True, True)
    assert before["SystemModstamp"] == after["SystemModstamp"]
    assert (stage["IsWon"], stage["SystemModstamp"]) == (True, "2026-03-02T09:05:00.000+0000")
    assert not client.org.get("Opportunity", other)["IsWon"]


def test_a_renamed_stage_moves_the_system_stamp_only(client):
    """The deals look unchanged to people; a replication by SystemModstamp sees them all."""
    record = deal(client)
    later(client, minutes=5)
    job(client, "rename_value", object="Opportunity", field="StageName", old="Prospecting", new="Lead In")
    row = client.org.get("Opportunity", record)
    histories = client.query("SELECT StageName FROM OpportunityHistory")["records"]

    assert row["StageName"] == "Lead In"
    assert (row["LastModifiedDate"], row["SystemModstamp"]) == ("2026-03-02T09:00:00.000Z", "2026-03-02T09:05:00.000Z")
    assert [each["StageName"] for each in histories] == ["Lead In"]
    assert client.query("SELECT Id FROM OpportunityStage WHERE ApiName = 'Lead In'")["totalSize"] == 1


def test_old_activities_are_archived_and_seen_by_query_all_only(client):
    """A year after its day an event, or a done task, leaves ordinary queries; it is not deleted."""
    record = deal(client)
    for day in ("2025-02-01", "2026-02-01"):
        for status in ("Completed", "In Progress"):
            client.make("Task", Subject=f"{status} {day}", WhatId=record, ActivityDate=day, Status=status)
    changed = job(client, "archive_activities")
    names = [each["Subject"] for each in client.query("SELECT Subject FROM Task ORDER BY Subject")["records"]]
    everything = client.get("queryAll", params={"q": "SELECT Subject, IsDeleted FROM Task WHERE IsArchived = true"})

    assert changed == {"changed": 1}
    assert names == ["Completed 2026-02-01", "In Progress 2025-02-01", "In Progress 2026-02-01"]
    assert [(each["Subject"], each["IsDeleted"]) for each in everything.json()["records"]] == [
        ("Completed 2025-02-01", False)
    ]


def test_the_bin_forgets_after_fifteen_days(client):
    """QueryAll no longer shows the record; getDeleted's log still did."""
    old, young = deal(client, Name="Old"), deal(client, Name="Young")
    client.delete(f"sobjects/Opportunity/{old}")
    later(client, days=10)
    client.log_in()  # the session did not live so long
    client.delete(f"sobjects/Opportunity/{young}")
    later(client, days=6)
    job(client, "expire_bin")
    client.log_in()
    everything = client.get("queryAll", params={"q": "SELECT Name FROM Opportunity"}).json()["records"]

    assert [each["Name"] for each in everything] == ["Young"]


def test_a_transfer_gives_open_deals_to_the_new_owner(client):
    """Closed deals stay with who won them, unless the admin says otherwise."""
    former, owner = client.org.users.integration, client.org.users.admin
    account = client.make("Account", Name="A")
    opened, closed = (deal(client, AccountId=account, StageName=stage) for stage in ("Prospecting", "Closed Won"))
    changed = job(client, "transfer", former=former, owner=owner)

    assert changed == {"changed": 2}
    assert [
        client.org.get(name, each)["OwnerId"] for name, each in (("Account", account), ("Opportunity", opened))
    ] == [owner] * 2
    assert client.org.get("Opportunity", closed)["OwnerId"] == former


def test_a_touch_moves_every_system_stamp_of_an_object(client):
    """A storm without a single changed value, as after a new roll-up field."""
    accounts = [client.make("Account", Name=str(number)) for number in range(3)]
    later(client, minutes=5)
    job(client, "touch", object="Account", ids=accounts[:2])
    stamps = [client.org.get("Account", each)["SystemModstamp"][11:16] for each in accounts]

    assert stamps == ["09:05", "09:05", "09:00"]
    assert job(client, "touch", object="Account") == {"changed": 3}


def test_a_lead_becomes_an_account_a_contact_and_a_deal(client):
    """What was done with the lead is found with the contact; the lead stays and says what it became."""
    lead = client.make("Lead", LastName="Ito", Company="Clinic", Email="ito@example.com", City="Kobe", LeadSource="Web")
    task = client.make("Task", Subject="Call", WhoId=lead, Status="Completed")
    made = client.post(f"/demo/records/Lead/{lead}/convert", json={}).json()
    converted = client.org.get("Lead", lead)
    contact, opportunity = (
        client.org.get("Contact", made["contact"]),
        client.org.get("Opportunity", made["opportunity"]),
    )
    moved = client.org.get("Task", task)
    roles = client.query("SELECT ContactId, IsPrimary FROM OpportunityContactRole")["records"]
    histories = client.query("SELECT Field FROM OpportunityFieldHistory")["records"]

    assert (contact["LastName"], contact["AccountId"], contact["MailingCity"]) == ("Ito", made["account"], "Kobe")
    assert (opportunity["Name"], opportunity["CloseDate"]) == ("Clinic-", "2026-03-31")
    assert (converted["IsConverted"], converted["ConvertedDate"]) == (True, "2026-03-02")
    assert converted["ConvertedOpportunityId"] == made["opportunity"]
    assert (moved["WhoId"], moved["WhatId"]) == (made["contact"], made["opportunity"])
    assert [(each["ContactId"], each["IsPrimary"]) for each in roles] == [(made["contact"], True)]
    assert [each["Field"] for each in histories] == ["opportunityCreatedFromLead"]
    assert client.post(f"/demo/records/Lead/{lead}/convert", json={}).status_code == 400


def test_a_job_says_what_it_lacks(client):
    """One line with what to do next, in Salesforce's shape."""
    answer = client.post("/demo/jobs/rename_value", json={"object": "Opportunity"})

    assert answer.status_code == 400
    assert answer.json()[0]["message"] == "Say which field: give it as a text"
