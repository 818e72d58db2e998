"""What a salesperson does in Salesforce shows in the API within seconds, and nothing else changes."""

import time
from datetime import timedelta

import pytest
from processes import until

WITHIN = 5.0
YEAR = timedelta(days=365)


def first(rows):
    """The only or first row of a query."""
    assert rows, "the story has no such record"
    return rows[0]


@pytest.fixture(scope="module")
def long_open(org):
    """An open opportunity all of whose children were last modified a year ago."""
    org.control("clock", {"move": -YEAR.total_seconds()})
    org.login()
    account = org.create("Account", Name="Slow Decision Clinics", Industry="Healthcare")
    contact = org.create("Contact", LastName="Patient", FirstName="Pia", AccountId=account, Title="COO")
    values = {"Name": "Slow Decision Clinics - Rotas", "AccountId": account, "CloseDate": "2027-01-31"}
    stage = first(org.query("SELECT ApiName FROM OpportunityStage WHERE IsClosed = false ORDER BY SortOrder LIMIT 1"))
    entry = first(org.query("SELECT Id, Pricebook2Id FROM PricebookEntry WHERE IsActive = true LIMIT 1"))
    deal = org.create("Opportunity", StageName=stage["ApiName"], Pricebook2Id=entry["Pricebook2Id"], Amount=1, **values)
    for quantity in (1, 2):
        org.create(
            "OpportunityLineItem", OpportunityId=deal, PricebookEntryId=entry["Id"], Quantity=quantity, UnitPrice=50
        )
    org.create("OpportunityContactRole", OpportunityId=deal, ContactId=contact, Role="Decision Maker", IsPrimary=True)
    org.create("Task", WhatId=deal, WhoId=contact, Subject="Call about rotas", Status="Completed", Priority="Normal")
    org.create("Note", ParentId=deal, Title="Discovery", Body="They plan shifts on paper.")
    org.control("clock", {"reset": True})
    org.login()
    return {"deal": deal, "account": account, "contact": contact}


@pytest.fixture(scope="module")
def stage(org, long_open, new_stage):
    """Worker and API at work, with the first snapshot landed."""
    stage = new_stage()
    stage.worker = stage.start("worker")
    until(stage.api().ready, within=120)
    return stage


@pytest.fixture
def api(stage):
    """The API."""
    return stage.api()


@pytest.fixture
def won(org, api):
    """A won deal of the story with products and people, whose customer is in no other's story."""
    items = {row["OpportunityId"] for row in org.query("SELECT OpportunityId FROM OpportunityLineItem")}
    roles = {row["OpportunityId"] for row in org.query("SELECT OpportunityId FROM OpportunityContactRole")}
    deals = org.query("SELECT Id, AccountId, StageName FROM Opportunity WHERE IsWon = true ORDER BY Id")
    accounts = [row["AccountId"] for row in org.query("SELECT AccountId FROM Opportunity")]
    parents = {row["ParentId"] for row in org.query("SELECT ParentId FROM Account WHERE ParentId != null")}
    return next(
        row
        for row in deals
        if row["Id"] in items & roles and accounts.count(row["AccountId"]) == 1 and row["AccountId"] not in parents
    )


class Unchanged:
    """Compares everything the API says before and after, but for the deals that were meant to change."""

    def __init__(self, api, *but):
        self._api, self._but = api, set(but)

    def __enter__(self):
        self._before = self._api.documents()

    def __exit__(self, kind, *_):
        if kind is None:
            after = self._api.documents()
            for deal_id in (self._before.keys() | after.keys()) - self._but:
                assert after.get(deal_id) == self._before.get(deal_id), deal_id


def test_the_first_snapshot_brings_every_won_deal(org, api):
    """The list holds exactly the won opportunities."""
    expected = {row["Id"] for row in org.query("SELECT Id FROM Opportunity WHERE IsWon = true")}

    assert set(api.deals()) == expected


def test_a_deal_that_is_won_arrives_whole(org, api, long_open):
    """Products, people and activities that nobody touched for a year arrive with the win."""
    assert api.deal(long_open["deal"]) is None
    with Unchanged(api, long_open["deal"]):
        org.change("Opportunity", long_open["deal"], StageName="Closed Won")
        committed = time.monotonic()
        deal = until(lambda: api.deal(long_open["deal"]), every=0.05)
        took = time.monotonic() - committed
    brief = api.get(f"/api/v1/deals/{long_open['deal']}/brief")

    assert took < WITHIN
    assert sorted(item["quantity"] for item in deal["items"]) == [1, 2]
    assert [person["contact_id"] for person in deal["stakeholders"]] == [long_open["contact"]]
    assert {entry["kind"] for entry in deal["timeline"]} >= {"task", "note"}
    assert deal["customer_id"] == long_open["account"]
    assert brief["customer"]["name"] == "Slow Decision Clinics"


def test_a_deal_that_is_reopened_leaves(org, api, long_open):
    """A rep never sees a deal that is no longer won."""
    stage = first(org.query("SELECT ApiName FROM OpportunityStage WHERE IsClosed = false LIMIT 1"))["ApiName"]
    org.change("Opportunity", long_open["deal"], StageName="Closed Won")
    until(lambda: api.deal(long_open["deal"]))
    with Unchanged(api, long_open["deal"]):
        org.change("Opportunity", long_open["deal"], StageName=stage)
        until(lambda: api.deal(long_open["deal"]) is None)


def test_a_deal_that_is_deleted_leaves_and_comes_back_whole_when_it_is_undeleted(org, api, won):
    """The recycle bin is a way back: products and people return with the deal."""
    before = api.deal(won["Id"])
    with Unchanged(api, won["Id"]):
        org.delete("Opportunity", won["Id"])
        until(lambda: api.deal(won["Id"]) is None)
        org.control(f"records/Opportunity/{won['Id']}/undelete")
        after = until(lambda: api.deal(won["Id"]))

    assert {item["item_id"] for item in after["items"]} == {item["item_id"] for item in before["items"]}
    assert len(after["timeline"]) == len(before["timeline"])
    assert after["amount"] == before["amount"]


def test_a_product_line_that_is_deleted_for_good_disappears(org, api, won):
    """A quote sync replaces lines without a trace in the recycle bin; the deal still shows what is sold."""
    before = api.deal(won["Id"])
    gone = before["items"][0]["item_id"]
    with Unchanged(api, won["Id"]):
        org.control(f"records/OpportunityLineItem/{gone}/hard_delete")
        after = until(lambda: (deal := api.deal(won["Id"])) and len(deal["items"]) == len(before["items"]) - 1 and deal)

    assert gone not in {item["item_id"] for item in after["items"]}


def test_a_customer_that_is_renamed_has_its_new_name_everywhere(org, api, won):
    """The name changes in the list, the deal, the brief and the customer."""
    with Unchanged(api, won["Id"]):
        org.change("Account", won["AccountId"], Name="Renamed Health GmbH")
        until(lambda: api.deal(won["Id"])["customer_name"] == "Renamed Health GmbH")
        until(lambda: api.get(f"/api/v1/deals/{won['Id']}/brief")["customer"]["name"] == "Renamed Health GmbH")

    assert api.get(f"/api/v1/customers/{won['AccountId']}")["name"] == "Renamed Health GmbH"


def test_a_person_who_is_added_to_a_deal_shows(org, api, won):
    """A new contact with a role is a stakeholder within seconds."""
    before = api.deal(won["Id"])
    with Unchanged(api, won["Id"]):
        contact = org.create("Contact", LastName="Newcomer", FirstName="Nia", AccountId=won["AccountId"])
        org.create("OpportunityContactRole", OpportunityId=won["Id"], ContactId=contact, Role="Technical Buyer")
        after = until(
            lambda: (deal := api.deal(won["Id"])) and len(deal["stakeholders"]) > len(before["stakeholders"]) and deal
        )

    assert contact in {person["contact_id"] for person in after["stakeholders"]}


def test_after_all_that_nothing_differs(stage):
    """Store and org agree in every row, as soon as it was the turn of every object."""
    until(lambda: stage.prove()["drift_rows"] == 0, within=120)


def test_the_worker_stops_when_it_is_told_to(stage):
    """SIGTERM ends it cleanly within five seconds."""
    began = time.monotonic()

    assert stage.worker.stop() == 0
    assert time.monotonic() - began < 5
