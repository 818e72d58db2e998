"""What a save implies: stages, amounts, history, totals, names and dates the org derives by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo_org.clock import Clock
from demo_org.errors import SalesforceFault
from demo_org.semantics.contract import end_date
from demo_org.store import Org

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def org():
    """A new org in which it is nine o'clock."""
    with Org.open(clock=Clock(frozen_at=START)) as opened:
        yield opened


@pytest.fixture
def deal(org):
    """An open deal worth 100."""
    return org.insert(
        "Opportunity",
        {"Name": "Acme", "StageName": "Qualification", "CloseDate": "2026-03-31", "Amount": 100},
    )


@pytest.fixture
def entry(org):
    """A widget at 10 in the standard price book."""
    product = org.insert("Product2", {"Name": "Widget", "ProductCode": "W-1", "IsActive": True})
    (book,) = org.connection.execute("SELECT Id FROM Pricebook2").fetchone()
    values = {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 10, "IsActive": True}
    return org.insert("PricebookEntry", values)


def histories(org, *columns):
    """The history rows, oldest first."""
    names = ", ".join(columns)
    return org.connection.execute(f"SELECT {names} FROM OpportunityHistory ORDER BY Id").fetchall()


def test_the_stage_decides_whether_a_deal_is_won(org, deal):
    """Winning is one change of the stage; everything else follows."""
    assert not org.get("Opportunity", deal)["IsWon"]
    org.clock.move(by=timedelta(minutes=1))
    org.update("Opportunity", deal, {"StageName": "Closed Won"})
    row = org.get("Opportunity", deal)

    assert tuple(row[name] for name in ("IsClosed", "IsWon", "Probability", "ForecastCategory", "ExpectedRevenue")) == (
        True,
        True,
        100.0,
        "Closed",
        100.0,
    )
    assert row["LastStageChangeDate"] == "2026-03-02T09:01:00.000Z"

    org.update("Opportunity", deal, {"StageName": "Negotiation/Review"})
    assert not org.get("Opportunity", deal)["IsWon"]


def test_a_probability_sent_with_the_stage_wins(org, deal):
    """A seller may overrule the stage's chance."""
    org.update("Opportunity", deal, {"StageName": "Negotiation/Review", "Probability": 40})

    assert org.get("Opportunity", deal)["Probability"] == 40.0
    assert org.get("Opportunity", deal)["ExpectedRevenue"] == 40.0


def test_each_save_that_matters_leaves_one_history_row(org, deal):
    """Stage, amount and date are followed; a new next step is not; one save leaves one row."""
    org.update("Opportunity", deal, {"NextStep": "call"})
    org.update("Opportunity", deal, {"Amount": 200})
    with org.transaction() as unit:
        unit.update("Opportunity", deal, {"StageName": "Needs Analysis"})
        unit.update("Opportunity", deal, {"StageName": "Closed Won", "CloseDate": "2026-04-01"})

    assert histories(org, "StageName", "Amount", "PrevAmount", "CloseDate", "PrevCloseDate") == [
        ("Qualification", 100.0, None, "2026-03-31", None),
        ("Qualification", 200.0, 100.0, "2026-03-31", "2026-03-31"),
        ("Closed Won", 200.0, 200.0, "2026-04-01", "2026-03-31"),
    ]


def test_a_deal_is_pushed_when_it_closes_in_a_later_month(org, deal):
    """Moving the date within the month or to an earlier one is no push."""
    for day in ("2026-03-30", "2026-04-01", "2026-03-15", "2026-06-01"):
        org.update("Opportunity", deal, {"CloseDate": day})

    assert org.get("Opportunity", deal)["PushCount"] == 2
    assert org.get("Opportunity", deal)["Fiscal"] == "2026 2"


def test_line_items_make_the_amount(org, deal, entry):
    """Name, code and price come from the price book; the deal is worth their sum."""
    org.clock.move(by=timedelta(minutes=1))
    item = org.insert("OpportunityLineItem", {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 3})
    line, row = org.get("OpportunityLineItem", item), org.get("Opportunity", deal)

    assert tuple(line[name] for name in ("Name", "ProductCode", "ListPrice", "UnitPrice", "TotalPrice")) == (
        "Acme Widget",
        "W-1",
        10.0,
        10.0,
        30.0,
    )
    assert tuple(row[name] for name in ("Amount", "HasOpportunityLineItem", "SystemModstamp")) == (
        30.0,
        True,
        "2026-03-02T09:01:00.000Z",
    )
    assert histories(org, "Amount") == [(100.0,), (30.0,)]


def test_the_amount_of_a_deal_with_line_items_is_not_writable(org, deal, entry):
    """An amount that is sent is ignored, the rest of the save is done."""
    org.insert("OpportunityLineItem", {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 3})
    org.update("Opportunity", deal, {"Amount": 1, "NextStep": "call"})

    assert tuple(org.get("Opportunity", deal)[name] for name in ("Amount", "NextStep")) == (30.0, "call")


def test_a_removed_line_item_lowers_the_amount(org, deal, entry):
    """Changing, deleting and restoring a line each save the deal with the new sum."""
    values = {"OpportunityId": deal, "PricebookEntryId": entry}
    first = org.insert("OpportunityLineItem", {**values, "Quantity": 3})
    org.insert("OpportunityLineItem", {**values, "Quantity": 1, "UnitPrice": 8})
    amounts = [org.get("Opportunity", deal)["Amount"]]
    org.update("OpportunityLineItem", first, {"Quantity": 5, "Discount": 10})
    amounts.append(org.get("Opportunity", deal)["Amount"])
    org.delete("OpportunityLineItem", first)
    amounts.append(org.get("Opportunity", deal)["Amount"])
    org.undelete("OpportunityLineItem", first)
    amounts.append(org.get("Opportunity", deal)["Amount"])

    # 3 * 10 + 8, 5 * 10 * 0.9 + 8, 8, back again
    assert amounts == [38.0, 53.0, 8.0, 53.0]


def test_a_line_item_needs_a_price_book_entry(org, deal):
    """A line without a product is refused."""
    with pytest.raises(SalesforceFault) as caught:
        org.insert("OpportunityLineItem", {"OpportunityId": deal, "Quantity": 1})

    assert caught.value.code == "REQUIRED_FIELD_MISSING"


def test_choosing_a_quote_replaces_the_line_items(org, deal, entry):
    """The deal's former lines vanish without a trace in the bin; new ones with new ids take their place."""
    former = org.insert("OpportunityLineItem", {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 3})
    quote = org.insert("Quote", {"OpportunityId": deal, "Name": "Offer"})
    org.insert("QuoteLineItem", {"QuoteId": quote, "PricebookEntryId": entry, "Quantity": 7, "UnitPrice": 9})
    org.update("Opportunity", deal, {"SyncedQuoteId": quote})
    (made,) = org.connection.execute("SELECT Id FROM OpportunityLineItem").fetchone()

    assert former != made
    assert org.get("OpportunityLineItem", former) is None
    assert org.get("Opportunity", deal)["Amount"] == 63.0
    assert org.get("Quote", quote)["IsSyncing"]
    assert org.get("Quote", quote)["GrandTotal"] == 63.0
    assert former in dict(org.deleted_ids("OpportunityLineItem", START, START + timedelta(minutes=1))[0])


def test_a_deal_has_one_primary_contact(org, deal):
    """A new primary role takes the mark from the former one."""
    people = [org.insert("Contact", {"LastName": name}) for name in ("Doe", "Roe")]
    first, second = (
        org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": person, "IsPrimary": True})
        for person in people
    )

    assert [org.get("OpportunityContactRole", role)["IsPrimary"] for role in (first, second)] == [False, True]
    assert people[1] == org.get("Opportunity", deal)["ContactId"]


def test_a_full_name_follows_its_parts(org):
    """Marriage changes one field and two values."""
    person = org.insert("Contact", {"FirstName": "Jane", "LastName": "Doe"})
    org.update("Contact", person, {"LastName": "Roe"})

    assert org.get("Contact", person)["Name"] == "Jane Roe"


def test_a_contract_knows_its_number_and_end(org):
    """Start plus term less a day."""
    account = org.insert("Account", {"Name": "Acme"})
    contract = org.insert("Contract", {"AccountId": account, "StartDate": "2026-04-01", "ContractTerm": 12})
    org.update("Contract", contract, {"Status": "Activated"})
    row = org.get("Contract", contract)

    assert tuple(row[name] for name in ("ContractNumber", "EndDate", "StatusCode", "ActivatedDate")) == (
        "00000001",
        "2027-03-31",
        "Activated",
        "2026-03-02T09:00:00.000Z",
    )


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2026-01-01", 12, "2026-12-31"), ("2026-01-31", 1, "2026-02-28"), ("2024-02-29", 12, "2025-02-28"),
     ("2026-03-15", 1, "2026-04-14"), ("2026-12-01", 1, "2026-12-31")],
)  # fmt: skip
def test_a_term_ends_the_day_before_its_anniversary(start, months, end):
    """Months of different length do not lose or gain days."""
    assert end == end_date(start, months)


@given(st.dates(min_value=datetime(1990, 1, 1, tzinfo=UTC).date(), max_value=datetime(2090, 1, 1, tzinfo=UTC).date()),
       st.integers(min_value=1, max_value=120))  # fmt: skip
def test_a_longer_term_never_ends_earlier(start, months):
    """One more month moves the end forward."""
    assert end_date(start.isoformat(), months) < end_date(start.isoformat(), months + 1)


def test_a_finished_call_touches_deal_and_account(org):
    """The last activity is noted by the system: only SystemModstamp moves."""
    account = org.insert("Account", {"Name": "Acme"})
    values = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-03-31", "AccountId": account}
    deal = org.insert("Opportunity", values)
    org.clock.move(by=timedelta(minutes=1))
    task = org.insert("Task", {"WhatId": deal, "Subject": "Call", "ActivityDate": "2026-03-01"})
    assert org.get("Opportunity", deal)["LastActivityDate"] is None

    org.update("Task", task, {"Status": "Completed"})
    row, done = org.get("Opportunity", deal), org.get("Task", task)
    assert (account, True, "2026-03-02T09:01:00.000Z") == tuple(
        done[name] for name in ("AccountId", "IsClosed", "CompletedDateTime")
    )
    assert row["LastActivityDate"] == org.get("Account", account)["LastActivityDate"] == "2026-03-01"
    assert row["LastModifiedDate"] < row["SystemModstamp"]
