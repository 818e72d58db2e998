"""The story reads like a year of real sales, is the same for the same seed, and grows without losing its shape."""

import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from demo_org.clock import Clock
from demo_org.ids import is_id
from demo_org.store import Org
from demo_org.story import fill
from demo_org.story.plots import kinds

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def org():
    with Org.open() as filled:
        fill(filled, today=TODAY)
        yield filled


def rows(org: Org, object_name: str, where: str = "1") -> list[dict[str, Any]]:
    cursor = org.connection.execute(f'SELECT * FROM "{object_name}" WHERE {where}')
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, each, strict=True)) for each in cursor]


def test_the_story_has_the_size_of_a_start_ups_year(org):
    """About 200 accounts with their groups, 600 opportunities, 150 of them won by more than a hundred customers."""
    deals = rows(org, "Opportunity")

    assert len(deals) == 600
    assert sum(deal["IsWon"] for deal in deals) == 150
    assert 200 <= len(rows(org, "Account")) <= 240
    assert len({deal["AccountId"] for deal in deals if deal["IsWon"]}) > 100
    assert rows(org, "Account", "ParentId IN (SELECT Id FROM Account WHERE ParentId IS NOT NULL)")


def test_the_same_seed_tells_the_same_story():
    """Two people who look at the demo on one day see the same deals; another seed shows others."""

    def told(seed: int) -> list[tuple[Any, ...]]:
        with Org.open() as org:
            fill(org, seed=seed, today=TODAY)
            return org.connection.execute(
                "SELECT Id, Name, Amount, Description FROM Opportunity ORDER BY Id"
            ).fetchall()

    assert told(7) == told(7)
    assert told(7) != told(8)


def test_line_items_add_up_to_the_amount(org):
    """The amount of a deal with products is their sum, and recurring products make its ARR."""
    for deal in rows(org, "Opportunity", "HasOpportunityLineItem = 1"):
        items = rows(org, "OpportunityLineItem", f"OpportunityId = '{deal['Id']}'")
        recurring = [
            each["TotalPrice"]
            for each in items
            if rows(org, "Product2", f"Id = '{each['Product2Id']}' AND Family IN ('Subscription', 'Support')")
        ]

        assert sum(each["TotalPrice"] for each in items) == pytest.approx(deal["Amount"])
        assert sum(recurring) == pytest.approx(deal["ARR__c"])


def test_every_reference_points_at_a_record(org):
    """Nothing in the story points nowhere."""
    ids = {
        record_id
        for name in org.catalog.stored
        for (record_id,) in org.connection.execute(f'SELECT Id FROM "{name}"').fetchall()
    }
    for name in ("Opportunity", "Contact", "Account", "OpportunityContactRole", "OpportunityLineItem", "Task", "Event",
                 "Note", "Quote", "Contract", "OpportunityHistory", "User"):  # fmt: skip
        described = org.catalog.stored_object(name)
        lookups = [field.name for field in described.fields.values() if field.type == "reference"]
        for row in rows(org, name):
            assert is_id(row["Id"])
            assert {row[lookup] for lookup in lookups if row[lookup]} <= ids


def test_nothing_happened_later_than_yesterday(org):
    """A story that ends today has no stamps from the future, and many children are much older than their win."""
    for name in ("Opportunity", "Task", "Event", "Note", "OpportunityHistory", "Contract", "Quote"):
        (last,) = org.connection.execute(f'SELECT max(SystemModstamp) FROM "{name}"').fetchone()
        assert datetime.fromisoformat(last).date() < TODAY
    (old,) = org.connection.execute(
        "SELECT count(*) FROM Opportunity o JOIN Task t ON t.WhatId = o.Id "
        "WHERE o.IsWon AND julianday(o.CloseDate) - julianday(t.SystemModstamp) > 180"
    ).fetchone()
    assert old > 50


def test_stage_history_ends_where_the_deal_stands(org):
    """The last line of a deal's history is its stage, amount and close date; it begins when the deal was made."""
    for deal in rows(org, "Opportunity"):
        history = sorted(
            rows(org, "OpportunityHistory", f"OpportunityId = '{deal['Id']}'"), key=lambda r: r["CreatedDate"]
        )

        assert history[0]["CreatedDate"] == deal["CreatedDate"]
        assert [history[-1][name] for name in ("StageName", "Amount", "CloseDate")] == [
            deal[name] for name in ("StageName", "Amount", "CloseDate")
        ]
    slips = Counter(deal["PushCount"] for deal in rows(org, "Opportunity", "IsWon = 1"))
    assert slips[0] > 20
    assert sum(count for pushes, count in slips.items() if pushes >= 1) > 20


def test_every_text_is_filled(org):
    """No reader ever meets a hole such as {champion}, and all kinds of customers appear."""
    texts = [
        value
        for name in ("Opportunity", "Task", "Event", "Note", "Quote", "Contract", "Account")
        for row in rows(org, name)
        for value in row.values()
        if isinstance(value, str)
    ]

    assert not [text for text in texts if re.search(r"\{[a-z_]+\}", text)]
    customers = rows(org, "Account", "Type <> 'Technology Partner'")
    assert {row["Industry"] for row in customers} == {kind.facts["industry"] for kind in kinds()}


def test_the_people_in_a_deals_texts_work_for_its_customer(org):
    """A champion's name in a text is the champion who is named on the deal."""
    for deal in rows(org, "Opportunity", "IsWon = 1 AND Champion__c IS NOT NULL AND Decision_Process__c IS NOT NULL"):
        (champion,) = rows(org, "Contact", f"Id = '{deal['Champion__c']}'")

        assert champion["AccountId"] == deal["AccountId"]
        assert champion["Name"] in deal["Decision_Process__c"]


def test_some_deals_have_gaps_and_most_have_not(org):
    """A brief needs something to ask for, but not everywhere."""
    won = rows(org, "Opportunity", "IsWon = 1")
    for field in ("Champion__c", "Success_Criteria__c", "Commitments__c", "Go_Live_Date__c", "ContractId"):
        filled = sum(deal[field] is not None for deal in won)
        assert 0.3 * len(won) < filled < len(won)


def test_a_renewal_begins_where_the_former_term_ended(org):
    """The contract of a renewal starts the day after a former contract of the same customer."""
    checked = 0
    for deal in rows(org, "Opportunity", "IsWon = 1 AND Type = 'Renewal' AND ContractId IS NOT NULL"):
        (contract,) = rows(org, "Contract", f"Id = '{deal['ContractId']}'")
        former = rows(
            org,
            "Contract",
            f"AccountId = '{deal['AccountId']}' AND date(EndDate, '+1 day') = '{contract['StartDate']}'",
        )
        checked += len(former)
    assert checked > 15


def test_copies_get_ids_and_numbers_of_their_own(tmp_path: Path):
    """A bigger org repeats texts, never ids or contract numbers, and it can be opened again and written to."""
    path = tmp_path / "org.db"
    with Org.open(path) as org:
        fill(org, scale=6, today=TODAY)
        for object_name, field in (("Opportunity", "Id"), ("Contract", "ContractNumber"), ("Quote", "QuoteNumber")):
            total, distinct = org.connection.execute(
                f'SELECT count("{field}"), count(DISTINCT "{field}") FROM "{object_name}"'
            ).fetchone()
            assert total == distinct
        assert org.connection.execute("SELECT count(*) FROM Opportunity").fetchone() == (3600,)
    with Org.open(path, clock=Clock()) as org:
        made = org.insert("Account", {"Name": "Newcomer"})
        assert org.get("Account", made)["Name"] == "Newcomer"


def test_a_size_below_one_is_refused():
    """There is no half story."""
    with Org.open() as org, pytest.raises(ValueError, match="scale is 0"):
        fill(org, scale=0)
