"""Field history: what a tracked field was and became, as the history objects tell it."""

from datetime import UTC, datetime, timedelta

import pytest

from demo_org import jobs
from demo_org.clock import Clock
from demo_org.semantics import field_history
from demo_org.store import Org


@pytest.fixture
def org():
    clock = Clock()
    clock.freeze(datetime(2026, 3, 1, 9, tzinfo=UTC))
    with Org.open(clock=clock) as org:
        yield org


@pytest.fixture
def deal(org):
    account = org.insert("Account", {"Name": "Old"})
    values = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01", "AccountId": account, "Amount": 5}
    return org.insert("Opportunity", values)


def history(org, name="OpportunityFieldHistory"):
    with org.reading() as connection:
        return connection.execute(
            f"SELECT Field, DataType, OldValue, NewValue FROM {name} ORDER BY CreatedDate, Id"
        ).fetchall()


def test_a_new_record_leaves_one_row(org, deal):
    """The first row says that the record came into being."""
    assert history(org) == [("created", "Text", None, None)]


def test_a_change_leaves_the_value_before_and_after(org, deal):
    """Numbers stay numbers, texts stay texts; what is not tracked leaves nothing."""
    org.update("Opportunity", deal, {"StageName": "Closed Won", "Amount": 7.5, "Description": "long"})

    assert history(org)[1:] == [
        ("StageName", "DynamicEnum", "Prospecting", "Closed Won"),
        ("Amount", "Currency", 5.0, 7.5),
    ]


def test_a_changed_lookup_leaves_two_rows(org, deal):
    """One with the names people read, one with the ids programs follow."""
    new = org.insert("Account", {"Name": "New"})
    old = org.get("Opportunity", deal)["AccountId"]
    org.update("Opportunity", deal, {"AccountId": new})

    assert [("Account", "Text", "Old", "New"), ("Account", "EntityId", old, new)] == history(org)[1:]


def test_the_sum_of_new_lines_is_kept_like_any_amount(org, deal):
    """A roll-up saves the deal, and so leaves history."""
    product = org.insert("Product2", {"Name": "P", "IsActive": True})
    with org.reading() as connection:
        book = connection.execute("SELECT Id FROM Pricebook2").fetchone()[0]
    price = org.insert(
        "PricebookEntry", {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 10, "IsActive": True}
    )
    org.insert(
        "OpportunityLineItem", {"OpportunityId": deal, "PricebookEntryId": price, "Quantity": 2, "UnitPrice": 10}
    )

    assert ("Amount", "Currency", 5.0, 20.0) in history(org)


def test_an_org_chooses_what_it_tracks(org, deal):
    """Fields an admin adds to the history are kept from then on, over a restart, too."""
    with org.transaction() as unit:
        field_history.track(unit, "Opportunity", ["Type"])
    org.update("Opportunity", deal, {"Type": "New Customer", "StageName": "Qualification"})

    assert history(org)[1:] == [("Type", "DynamicEnum", None, "New Customer")]


def test_other_objects_have_histories_of_their_own(org):
    """Accounts, contacts, cases, contracts: each in its own object, with ids of one series."""
    account = org.insert("Account", {"Name": "A"})
    org.update("Account", account, {"Name": "B"})
    case = org.insert("Case", {"Status": "New", "Subject": "S"})
    org.update("Case", case, {"Status": "Closed"})

    assert ("Name", "Text", "A", "B") in history(org, "AccountHistory")
    assert ("Status", "DynamicEnum", "New", "Closed") in history(org, "CaseHistory")


def test_rows_come_and_go_with_their_record_and_end_after_eighteen_months(org, deal):
    """A deleted deal hides its history; the purge tells nobody."""
    org.delete("Opportunity", deal)
    with org.reading() as connection:
        assert connection.execute("SELECT DISTINCT IsDeleted FROM OpportunityFieldHistory").fetchall() == [(1,)]
    org.undelete("Opportunity", deal)
    org.clock.move(by=timedelta(days=600))
    with org.transaction() as unit:
        gone = jobs.purge_history(unit)

    assert gone == 2  # that of the deal and that of its account
    assert history(org) == []
    assert org.deleted_ids("OpportunityFieldHistory", org.clock.now() - timedelta(days=1), org.clock.now())[0] == []
