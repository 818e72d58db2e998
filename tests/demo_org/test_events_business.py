"""What composite business acts look like to somebody who hears their change events."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from event_bus import Bus, opened

from demo_org import jobs
from demo_org.semantics import conversion

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


@pytest.fixture
def bus() -> Iterator[Bus]:
    """A bus that tells of every object the tests of this file are about."""
    names = ("Account", "Contact", "Opportunity", "OpportunityContactRole", "OpportunityLineItem", "Lead", "Task")
    with opened(selected=names, most=10) as made:
        yield made


def test_a_lead_that_is_converted_tells_of_all_four_records(bus: Bus):
    """Account, contact, deal and role are created, the lead is updated without a stamp, under one key."""
    lead = bus.org.insert("Lead", {"FirstName": "Ada", "LastName": "Berg", "Company": "Clinic"})
    bus.news()
    with bus.org.transaction() as unit:
        made = conversion.convert(unit, lead)
    events = bus.news()
    told = {(e.header["changeType"], e.header["entityName"]): e for e in events}

    assert [key for key in told if key[0] == "CREATE"][:3] == [
        ("CREATE", "Account"), ("CREATE", "Contact"), ("CREATE", "Opportunity"),
    ]  # fmt: skip
    assert len({e.header["transactionKey"] for e in events}) == 1
    changed = told["UPDATE", "Lead"]
    assert "LastModifiedDate" not in changed.header["changedFields"]
    assert changed.body["IsConverted"] is True
    assert changed.body["ConvertedAccountId"] == made.account_id
    assert {"ConvertedContactId", "ConvertedOpportunityId", "ConvertedDate", "Status"} <= changed.body.keys()


def test_a_quote_that_is_chosen_replaces_lines_of_which_only_the_new_are_told(bus: Bus):
    """The former lines vanish without an event; whoever mirrors them must look."""
    org = bus.org
    book = _standard_book(bus)
    product = org.insert("Product2", {"Name": "Scanner", "IsActive": True})
    entry = org.insert(
        "PricebookEntry", {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 10.0, "IsActive": True}
    )
    deal = org.insert("Opportunity", DEAL | {"Pricebook2Id": book})
    old = org.insert(
        "OpportunityLineItem", {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 10.0}
    )
    quote = org.insert("Quote", {"Name": "Offer", "OpportunityId": deal, "Pricebook2Id": book})
    org.insert("QuoteLineItem", {"QuoteId": quote, "PricebookEntryId": entry, "Quantity": 2, "UnitPrice": 9.0})
    bus.news()
    org.update("Opportunity", deal, {"SyncedQuoteId": quote})
    lines = [e for e in bus.news() if e.header["entityName"] == "OpportunityLineItem"]

    assert org.get("OpportunityLineItem", old) is None
    assert [e.header["changeType"] for e in lines] == ["CREATE"]
    assert old not in lines[0].header["recordIds"]


def test_activities_that_are_archived_leave_gaps(bus: Bus):
    """The job works past the application servers: ids, no values, no line of who did it by which API."""
    task = bus.org.insert("Task", {"Subject": "Call", "Status": "Completed", "ActivityDate": "2025-01-10"})
    bus.org.clock.move(by=timedelta(days=1))
    bus.news()
    with bus.org.transaction() as unit:
        jobs.archive_activities(unit)
    (event,) = bus.news()

    assert (event.header["changeType"], event.header["recordIds"], event.body) == ("GAP_UPDATE", [task], {})
    assert (event.header["sequenceNumber"], event.header["changeOrigin"]) == (1, "")


def test_a_touch_of_a_whole_object_names_it_by_its_prefix(bus: Bus):
    """Of thousands of records at once a consumer learns only which object to read again."""
    bus.org.load("Account", ["Name"], [(f"Clinic {number}",) for number in range(2001)])
    with bus.org.transaction() as unit:
        jobs.touch(unit, "Account")
    (event,) = bus.news()

    assert (event.header["changeType"], event.header["recordIds"]) == ("GAP_UPDATE", ["001*"])


def test_lines_move_their_deal(bus: Bus):
    """A new line is told, and the amount that follows from it, under one key."""
    book = _standard_book(bus)
    product = bus.org.insert("Product2", {"Name": "Scanner", "IsActive": True})
    entry = bus.org.insert(
        "PricebookEntry", {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 10.0, "IsActive": True}
    )
    deal = bus.org.insert("Opportunity", DEAL | {"Pricebook2Id": book})
    bus.news()
    bus.org.insert(
        "OpportunityLineItem", {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 3, "UnitPrice": 10.0}
    )
    line, moved = bus.news()

    assert line.header["entityName"] == "OpportunityLineItem"
    assert (moved.header["recordIds"], moved.body["Amount"]) == ([deal], 30.0)
    assert moved.body["HasOpportunityLineItem"] is True
    assert moved.header["transactionKey"] == line.header["transactionKey"]


def test_a_win_is_told_with_all_that_follows_from_it(bus: Bus):
    """One event tells the stage and what the stage implies."""
    deal = bus.org.insert("Opportunity", DEAL | {"Amount": 100})
    bus.news()
    bus.org.update("Opportunity", deal, {"StageName": "Closed Won"})
    (event,) = bus.news()

    assert {"StageName", "IsClosed", "IsWon", "Probability", "ForecastCategory", "ExpectedRevenue"} <= set(
        event.header["changedFields"]
    )
    assert (event.body["IsWon"], event.body["Probability"]) == (True, 100.0)
    assert "Amount" not in event.body


def test_emptying_the_bin_is_silent(bus: Bus):
    """Users lost the records before."""
    account = bus.org.insert("Account", {"Name": "Clinic"})
    bus.org.delete("Account", account)
    bus.news()
    bus.org.purge()

    assert bus.told() == []


def _standard_book(bus: Bus) -> str:
    with bus.org.reading() as connection:
        return str(connection.execute("SELECT Id FROM Pricebook2 WHERE IsStandard = 1").fetchone()[0])
