from datetime import UTC, datetime, timedelta

import pytest

from demo_org.clock import Clock
from demo_org.ids import make_id
from demo_org.soql import execute, parse
from demo_org.soql.context import Context
from demo_org.soql.plan import Plan
from demo_org.soql.scope import Scope
from demo_org.soql.sql import ready
from demo_org.store import Org

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 20_000
FIRST, MIDDLE = make_id("006", "Dm1", 0), make_id("006", "Dm1", ROWS // 2)
HOUR = "SystemModstamp >= 2026-01-02T10:00:00Z AND SystemModstamp < 2026-01-02T11:00:00Z"
ALWAYS = "SystemModstamp >= 2025-01-01T00:00:00Z AND SystemModstamp < 2027-01-01T00:00:00Z"
BY_STAMP, BY_ID = "Opportunity_by_SystemModstamp", "sqlite_autoindex_Opportunity_1"


@pytest.fixture(scope="module")
def org():
    with Org.open(clock=Clock(frozen_at=START + timedelta(days=300))) as org:
        accounts = [make_id("001", "Dm1", number) for number in range(2000)]
        org.load("Account", ["Id", "Name"], [(each, "Acme") for each in accounts])
        stamps = [(START + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z") for number in range(ROWS)]
        deals = [make_id("006", "Dm1", number) for number in range(ROWS)]
        org.load("Opportunity", ["Id", "Name", "AccountId", "IsWon", "SystemModstamp"],
                 [(deals[n], f"D{n}", accounts[n % 2000], n % 2, stamps[n]) for n in range(ROWS)])  # fmt: skip
        org.load("Task", ["WhatId", "SystemModstamp"], zip(deals, stamps, strict=True))
        org.load("Case", ["SystemModstamp"], ([stamps[n // 7]] for n in range(ROWS)))
        org.load("OpportunityLineItem", ["OpportunityId", "SystemModstamp"], zip(deals, stamps, strict=True))
        yield org


def steps(org, soql):
    """How SQLite goes about it, one step a line."""
    query = parse(soql)
    context = Context.of(org)
    with org.reading() as connection:
        ready(org, connection)
        statement = Plan(context, Scope.of(context, query)).statement(connection)
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values).fetchall()
    return "\n".join(row[3] for row in rows)


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (f"Id > '{MIDDLE}'", f"{BY_ID} (Id>?)"),  # a keyset page
        (f"{HOUR} AND Id > '{FIRST}'", f"{BY_STAMP} (SystemModstamp>? AND SystemModstamp<?)"),  # a window's page
        (f"IsWon = true AND {HOUR}", f"{BY_STAMP} (SystemModstamp>? AND SystemModstamp<?)"),
        (f"{ALWAYS} AND Id > '{MIDDLE}'", f"{BY_ID} (Id>?)"),  # everything changed at once: walk along the ids
        (f"IsWon = true AND Id > '{MIDDLE}'", f"{BY_ID} (Id>?)"),
        (f"AccountId = '{make_id('001', 'Dm1', 5)}' AND {ALWAYS}", "Opportunity_by_AccountId (AccountId=?)"),
        (f"Id IN ('{FIRST}', '{MIDDLE}') AND {HOUR}", f"{BY_ID} (Id=?)"),
    ],
)
def test_a_page_is_found_by_the_index_that_leads_to_the_fewest_records(org, condition, index):
    """Never by the won ones, which are half of all, and never by looking at every record."""
    found = steps(org, f"SELECT Id FROM Opportunity WHERE {condition} ORDER BY Id LIMIT 2000")

    assert f"USING INDEX {index}" in found.replace("COVERING ", "")
    assert "SCAN t" not in found


def test_the_first_page_walks_along_the_ids(org):
    """In their order, without sorting, with the parent looked up for each."""
    found = steps(org, "SELECT Id FROM OpportunityLineItem WHERE Opportunity.IsWon = true ORDER BY Id LIMIT 2000")

    assert "SCAN t USING" in found
    assert "TEMP B-TREE" not in found
    assert "SEARCH t1 USING INDEX sqlite_autoindex_Opportunity_1 (Id=?)" in found


NOON = "2026-01-06T12:00:00Z"
AFTER = f"(SystemModstamp > {NOON} OR (SystemModstamp = {NOON} AND Id > '{MIDDLE}'))"

BEFORE = f"(SystemModstamp < {NOON} OR (SystemModstamp = {NOON} AND Id < '{MIDDLE}'))"


@pytest.mark.parametrize(
    ("statement", "range_"),
    [
        (f"WHERE {AFTER} ORDER BY SystemModstamp, Id LIMIT 2000", "(SystemModstamp>?)"),
        (f"WHERE IsWon = true AND {AFTER} ORDER BY SystemModstamp, Id LIMIT 2000", "(SystemModstamp>?)"),
        (f"WHERE {HOUR} AND {AFTER} ORDER BY SystemModstamp, Id LIMIT 2000", "(SystemModstamp>? AND SystemModstamp<?)"),
        (f"WHERE SystemModstamp >= {NOON} ORDER BY SystemModstamp, Id LIMIT 2000", "(SystemModstamp>?)"),
        (f"WHERE AccountId IN (SELECT Id FROM Account) AND {AFTER} ORDER BY SystemModstamp LIMIT 200",
         "(SystemModstamp>?)"),
        (f"WHERE {BEFORE} ORDER BY SystemModstamp DESC, Id DESC LIMIT 2000", "(SystemModstamp<?)"),
    ],
)  # fmt: skip
def test_a_keyset_of_modstamp_and_id_walks_along_the_modstamps(org, statement, range_):
    """The page begins where the last one ended, whatever OR says, and only equal stamps are sorted."""
    found = steps(org, f"SELECT Id FROM Opportunity {statement}")

    assert f"SEARCH t USING INDEX {BY_STAMP} {range_}" in found.replace("COVERING ", "")
    assert "SCAN t" not in found
    assert "TEMP B-TREE FOR ORDER BY" not in found


def test_a_snapshot_by_modstamp_begins_without_sorting_all(org):
    """The first page of everything is read along the index."""
    found = steps(org, "SELECT Id FROM Opportunity ORDER BY SystemModstamp, Id LIMIT 2000")

    assert f"SCAN t USING INDEX {BY_STAMP}" in found.replace("COVERING ", "")
    assert "TEMP B-TREE FOR ORDER BY" not in found


def test_a_keysets_pages_are_all_records_in_their_order(org):
    """Pages joined by (stamp, id) lose nothing and give nothing twice, up and down."""
    for direction, sign in (("ASC", ">"), ("DESC", "<")):
        found, after = [], ""
        while True:
            tail = f"ORDER BY SystemModstamp {direction}, Id {direction} LIMIT 1500"
            page = execute(org, f"SELECT Id, SystemModstamp FROM Case {after} {tail}").records(0, 2000)
            if not page:
                break
            found += [(each["SystemModstamp"], each["Id"]) for each in page]
            stamp = found[-1][0].replace("+0000", "Z")
            after = (
                f"WHERE (SystemModstamp {sign} {stamp} OR (SystemModstamp = {stamp} AND Id {sign} '{found[-1][1]}'))"
            )

        assert len(found) == ROWS
        assert found == sorted(found, reverse=direction == "DESC")
        assert len(set(found)) == ROWS


def test_semi_joins_of_a_page_are_looked_up_one_by_one(org):
    """Both of them, and neither is listed whole for two hundred records."""
    both = ("AccountId IN (SELECT Id FROM Account WHERE Name = 'Acme') AND "
            "Id NOT IN (SELECT OpportunityId FROM OpportunityLineItem WHERE Quantity > 5)")  # fmt: skip
    found = steps(org, f"SELECT Id FROM Opportunity WHERE {both} AND Id > '{FIRST}' ORDER BY Id LIMIT 200")

    assert f"SEARCH t USING INDEX {BY_ID} (Id>?)" in found.replace("COVERING ", "")
    assert found.count("CORRELATED") == 2
    assert "OpportunityLineItem_by_OpportunityId (OpportunityId=?)" in found


def test_thousands_of_ids_of_a_parent_lead_whatever_the_window(org):
    """The list leads when it is shorter than the window."""
    listed = ",".join(f"'{make_id('001', 'Dm1', number)}'" for number in range(40))
    found = steps(org, f"SELECT Id FROM Opportunity WHERE AccountId IN ({listed}) AND {ALWAYS} ORDER BY Id LIMIT 2000")

    assert "SEARCH t USING INDEX Opportunity_by_AccountId (AccountId=?)" in found


def test_a_semi_join_in_a_window_looks_at_the_windows_records_only(org):
    """The deal of each is looked up; the won deals are not listed first."""
    won = "WhatId IN (SELECT Id FROM Opportunity WHERE IsWon = true)"
    found = steps(org, f"SELECT Id FROM Task WHERE {won} AND {HOUR} ORDER BY Id LIMIT 2000")

    assert "SEARCH t USING INDEX Task_by_SystemModstamp" in found
    assert "CORRELATED" in found
    assert "sqlite_autoindex_Opportunity_1 (Id=?)" in found


def test_a_snapshot_may_be_read_as_sqlite_likes(org):
    """All tasks of won deals: the list of deals is made once."""
    found = steps(org, "SELECT Id FROM Task WHERE WhatId IN (SELECT Id FROM Opportunity WHERE IsWon = true)")

    assert "CORRELATED" not in found
    assert "Opportunity_by_IsWon" in found


def test_children_of_thousands_of_deals_are_found_by_their_lookup(org):
    """4,500 ids in one statement of nearly 100,000 characters."""
    ids = [make_id("006", "Dm1", number) for number in range(0, ROWS, 5)] + [
        make_id("006", "Dm2", n) for n in range(500)
    ]
    listed = ",".join(f"'{each}'" for each in ids)
    soql = f"SELECT Id FROM OpportunityLineItem WHERE OpportunityId IN ({listed}) ORDER BY Id"
    found = steps(org, soql)

    assert 94_000 < len(soql) < 100_000
    assert "SEARCH t USING INDEX OpportunityLineItem_by_OpportunityId (OpportunityId=?)" in found
    assert execute(org, soql).total_size == ROWS // 5


def test_the_plan_does_not_change_what_is_found(org):
    """The same records by window, along the ids, page by page."""
    whole = execute(org, f"SELECT Id FROM Opportunity WHERE IsWon = true AND {ALWAYS}")
    pages, last = [], FIRST
    while True:
        where = f"IsWon = true AND {ALWAYS} AND Id > '{last}'"
        page = execute(org, f"SELECT Id FROM Opportunity WHERE {where} ORDER BY Id LIMIT 2000").records(0, 2000)
        if not page:
            break
        pages += [record["Id"] for record in page]
        last = pages[-1]

    assert ROWS // 2 == whole.total_size == len(pages)
    assert sorted(pages) == pages
    assert set(pages) == {record["Id"] for record in whole.records(0, ROWS)}
