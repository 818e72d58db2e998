from datetime import UTC, datetime

import pytest

from demo_org.clock import Clock
from demo_org.ids import to15
from demo_org.soql import SoqlError, execute
from demo_org.store import Org

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday


def names(org, where, object_name="Opportunity", **how):
    result = execute(org, f"SELECT Id FROM {object_name} WHERE {where}", **how)
    return {record["Id"] for record in result.records(0, 1000)}


@pytest.fixture
def sales():
    """Two won deals and a lost one, with their children, some in the recycle bin or archived."""
    with Org.open(clock=Clock(frozen_at=NOW)) as org:

        def make(name, **values):
            return org.insert(name, values)

        org.accounts = [make("Account", Name=f"Customer {number}") for number in range(3)]
        org.deals = [
            make("Opportunity", Name="Deal", AccountId=account, StageName=stage, CloseDate="2026-11-01")
            for account, stage in zip(org.accounts, ["Closed Won", "Prospecting", "Closed Won"], strict=True)
        ]
        org.contact = make("Contact", LastName="Doe", AccountId=org.accounts[1])
        make("OpportunityContactRole", OpportunityId=org.deals[0], ContactId=org.contact)
        org.tasks = [make("Task", Subject="Call", WhatId=deal) for deal in org.deals]
        yield org


def test_ids_of_fifteen_characters_find_the_same_records(sales):
    """And letters of another case do not."""
    deal = sales.deals[0]

    assert {deal} == names(sales, f"Id = '{to15(deal)}'") == names(sales, f"Id IN ('{to15(deal)}', '{deal}')")
    assert set() == names(sales, f"Id = '{to15(deal).swapcase()}'")


def test_semi_joins_find_the_closure_of_won_deals(sales):
    """The three forms the sync uses, alone and together with a page of ids."""
    won = "(SELECT {} FROM Opportunity WHERE IsWon = true)"
    roles = "(SELECT ContactId FROM OpportunityContactRole WHERE Opportunity.IsWon = true)"
    tasks, accounts = [sales.tasks[0], sales.tasks[2]], [sales.accounts[0], sales.accounts[2]]

    for tail in ("", " ORDER BY Id LIMIT 2000", " AND Id > '000000000000000' ORDER BY Id LIMIT 2000",
                 " AND SystemModstamp >= 2026-11-25T00:00:00Z AND SystemModstamp < 2026-11-26T00:00:00Z"):  # fmt: skip
        assert set(tasks) == names(sales, f"WhatId IN {won.format('Id')}{tail}", "Task")
        assert set(accounts) == names(sales, f"Id IN {won.format('AccountId')}{tail}", "Account")
        assert {sales.contact} == names(sales, f"Id IN {roles}{tail}", "Contact")
        assert {sales.accounts[1]} == names(sales, f"Id NOT IN {won.format('AccountId')}{tail}", "Account")


def test_deleted_and_archived_records_show_only_when_asked_for(sales):
    """A query hides them even from a condition that asks for them; queryAll shows them."""
    sales.delete("Opportunity", sales.deals[0])
    sales.load("Task", ["Subject", "IsArchived"], [("Old", 1)])

    assert set() == names(sales, "IsDeleted = true")
    assert {sales.deals[0]} == names(sales, "IsDeleted = true", include_deleted=True)
    assert set() == names(sales, "IsArchived = true", "Task")
    assert len(names(sales, "IsArchived = true", "Task", include_deleted=True)) == 1
    assert {sales.tasks[2]} == names(sales, "WhatId IN (SELECT Id FROM Opportunity WHERE IsWon = true)", "Task")


def test_a_parent_that_is_not_there_has_no_values(sales):
    """= null finds the record, != null does not, and the parent's checkbox is unticked."""
    lonely = sales.insert("Contact", {"LastName": "Alone"})

    assert {lonely} == names(sales, "Account.Name = null", "Contact")
    assert {sales.contact} == names(sales, "Account.Name != null", "Contact")
    assert {lonely, sales.contact} == names(sales, "Account.IsDeleted = false", "Contact")
    assert {lonely} == names(sales, "Account.Name != 'customer 1'", "Contact")


def test_using_scope_mine_shows_the_users_own(sales):
    """Everything else stays hidden."""
    mine = sales.insert("Account", {"Name": "Mine", "OwnerId": sales.users.integration})

    assert [mine] == [each["Id"] for each in execute(sales, "SELECT Id FROM Account USING SCOPE mine").records(0, 9)]
    assert execute(sales, "SELECT Id FROM Account USING SCOPE everything").total_size == 4
    with pytest.raises(SoqlError, match="invalid query scope"):
        execute(sales, "SELECT Id FROM Account USING SCOPE nobody")


def test_thousands_of_conditions_are_not_too_deep(sales):
    """SQLite takes expressions a thousand levels deep; a statement may hold more terms."""
    terms = " OR ".join(f"Name LIKE '{number}%'" for number in range(3000))

    assert execute(sales, f"SELECT COUNT() FROM Opportunity WHERE {terms} OR Name LIKE 'd%'").total_size == 3
