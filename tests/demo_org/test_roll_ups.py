"""Roll-up summary fields: parents that sum up their children, with the stamps Salesforce gives them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pubsub_client import pubsub_of

from demo_org import control
from demo_org.clock import Clock
from demo_org.errors import SalesforceFault
from demo_org.store import Org

ACTS = ["insert", "update", "delete", "move", "undelete"]
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def org():
    """An org whose accounts count their deals and sum up, and date, those that are won."""
    with Org.open(clock=Clock(frozen_at=START)) as opened:
        won = [["IsWon", "=", True]]
        add(opened, "Deals__c", "double", operation="count")
        add(opened, "Won__c", "currency", operation="sum", field="Amount", filters=won)
        add(opened, "Last__c", "date", operation="max", field="CloseDate", filters=won)
        yield opened


def add(org, name, kind, **facts):
    """A roll-up of an account's deals."""
    order = {"object": "Account", "field": name, "type": kind, "roll_up": {"child": "Opportunity"} | facts}
    control.change_field(org, order)


def account(org, record_id):
    """The roll-ups of an account."""
    row = org.get("Account", record_id)
    return row["Deals__c"], row["Won__c"], row["Last__c"]


def deal(org, account_id, amount, *, won=True):
    """A deal of the account."""
    stage = "Closed Won" if won else "Prospecting"
    values = {"Name": "D", "StageName": stage, "CloseDate": "2026-03-31", "Amount": amount, "AccountId": account_id}
    return org.insert("Opportunity", values)


def test_a_child_that_is_saved_saves_its_parents(org):
    """The parent's stamp moves, as if the child's editor had saved it; an unrelated save leaves it alone."""
    first, second = (org.insert("Account", {"Name": name}) for name in ("A", "B"))
    assert account(org, first) == (0.0, 0.0, None)
    org.clock.move(by=timedelta(minutes=1))
    made = deal(org, first, 100)
    deal(org, first, 7, won=False)
    row = org.get("Account", first)

    assert account(org, first) == (2.0, 100.0, "2026-03-31")
    assert row["SystemModstamp"] == row["LastModifiedDate"] == "2026-03-02T09:01:00.000Z"

    org.clock.move(by=timedelta(minutes=1))
    org.update("Opportunity", made, {"NextStep": "call"})
    assert org.get("Account", first)["SystemModstamp"] == "2026-03-02T09:01:00.000Z"

    org.update("Opportunity", made, {"AccountId": second})
    assert account(org, first) == (1.0, 0.0, None)
    assert account(org, second) == (1.0, 100.0, "2026-03-31")


def test_a_deletion_and_an_undelete_are_summed_up(org):
    """What is in the recycle bin does not count."""
    parent = org.insert("Account", {"Name": "A"})
    made = deal(org, parent, 100)
    org.delete("Opportunity", made)
    assert account(org, parent) == (0.0, 0.0, None)

    org.undelete("Opportunity", made)
    assert account(org, parent) == (1.0, 100.0, "2026-03-31")


def test_a_new_definition_moves_system_modstamp_only(org):
    """All parents are touched at once by the system, which a sync that goes by LastModifiedDate never sees."""
    parent = org.insert("Account", {"Name": "A"})
    deal(org, parent, 100)
    org.clock.move(by=timedelta(hours=1))
    add(org, "Least__c", "currency", operation="min", field="Amount")
    row = org.get("Account", parent)

    assert row["Least__c"] == 100.0
    assert row["SystemModstamp"] == "2026-03-02T10:00:00.000Z"
    assert row["LastModifiedDate"] == "2026-03-02T09:00:00.000Z"
    described = {each["name"]: each for each in org.catalog.describe("Account")["fields"]}["Least__c"]
    assert (described["calculated"], described["calculatedFormula"], described["updateable"]) == (True, None, False)


def test_a_roll_up_of_a_roll_up_follows(org):
    """Line items make the deal's amount, the deals make the account's."""
    parent = org.insert("Account", {"Name": "A"})
    made = deal(org, parent, 100)
    product = org.insert("Product2", {"Name": "Widget", "IsActive": True})
    (book,) = org.connection.execute("SELECT Id FROM Pricebook2").fetchone()
    entry = org.insert("PricebookEntry", {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 10})
    org.insert("OpportunityLineItem", {"OpportunityId": made, "PricebookEntryId": entry, "Quantity": 3})

    assert account(org, parent)[1] == 30.0


@pytest.mark.parametrize(
    "facts",
    [
        {"child": "Opportunity", "operation": "median", "field": "Amount"},
        {"child": "Opportunity", "operation": "sum", "field": "Name"},
        {"child": "Opportunity", "operation": "sum"},
        {"child": "Product2", "operation": "count"},
        {"child": "Opportunity", "operation": "count", "filters": [["Amount", "LIKE", 1]]},
        {"child": "Opportunity", "operation": "count", "filters": [["Nonsense", "=", 1]]},
    ],
)
def test_a_roll_up_that_makes_no_sense_is_refused(org, facts):
    """A definition is checked when it is made, not when somebody reads it."""
    with pytest.raises(SalesforceFault):
        org.catalog.add_field("Account", "Bad__c", "double", roll_up=facts)
    assert not org.catalog.object("Account").has("Bad__c")


@settings(deadline=None, max_examples=10)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 99)), max_size=8))
def test_roll_ups_equal_a_fresh_sum_whatever_happens(steps):
    """After any course of saves the parents hold what a query over their children gives."""
    with Org.open(clock=Clock(frozen_at=START)) as org:
        add(org, "Won__c", "currency", operation="sum", field="Amount", filters=[["IsWon", "=", True]])
        parents = [org.insert("Account", {"Name": name}) for name in "AB"]
        deals = [deal(org, parents[0], 1)]
        for act, number in steps:
            chosen = deals[number % len(deals)]
            gone = org.get("Opportunity", chosen)["IsDeleted"]
            match act:
                case "insert":
                    deals.append(deal(org, parents[number % 2], number, won=number % 3 > 0))
                case "update" if not gone:
                    org.update("Opportunity", chosen, {"Amount": number})
                case "move" if not gone:
                    org.update("Opportunity", chosen, {"AccountId": parents[number % 2]})
                case "delete" if not gone:
                    org.delete("Opportunity", chosen)
                case "undelete" if gone:
                    org.undelete("Opportunity", chosen)
        sums = dict(org.connection.execute(
            "SELECT AccountId, total(Amount) FROM Opportunity WHERE IsWon = 1 AND IsDeleted = 0 GROUP BY AccountId"
        ))  # fmt: skip

        assert [org.get("Account", each)["Won__c"] or 0 for each in parents] == [sums.get(each, 0) for each in parents]


def test_a_roll_up_that_moves_is_told_by_a_change_event():
    """A parent saved by its child has an event with the new sum; formulas are never part of one."""
    with pubsub_of(pubsub={"keep_alive": 0.2}) as client:
        org = client.org
        add(org, "Deals__c", "double", operation="count")
        org.catalog.add_field("Account", "Shout__c", "string", formula="UPPER(Name)")
        parent = org.insert("Account", {"Name": "A"})
        with client.subscribe("/data/AccountChangeEvent") as stream:
            stream.answer()
            deal(org, parent, 5)
            (event,) = stream.take(1)

        assert event.header["recordIds"] == [parent]
        assert event.header["changeType"] == "UPDATE"
        assert event.body["Deals__c"] == 1.0
        assert "Shout__c" not in event.body


def test_roll_ups_survive_a_restart(tmp_path):
    """An org reopened from its file goes on summing up."""
    with Org.open(tmp_path / "org.sqlite") as org:
        add(org, "Won__c", "currency", operation="sum", field="Amount", filters=[["IsWon", "=", True]])
        parent = org.insert("Account", {"Name": "A"})

    with Org.open(tmp_path / "org.sqlite") as org:
        deal(org, parent, 5)
        assert org.get("Account", parent)["Won__c"] == 5.0
