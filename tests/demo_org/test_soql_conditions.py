import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_org.clock import Clock
from demo_org.ids import make_id, normalise, to15
from demo_org.soql import SoqlError, execute, write
from demo_org.soql import syntax as s
from demo_org.store import Org

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
ACCOUNTS = [make_id("001", "Dm1", number) for number in range(4)]
IDS = [make_id("006", "Dm1", number) for number in range(40)]
TEXTS = [None, "Acme", "ACME", "acme ltd", "Éclair", "éclair", "Zoë", "100%", "a_b", "it's", "x\ny", "\\"]
STAMPS = ["2026-11-24T23:59:59.000Z", "2026-11-25T00:00:00.000Z", "2026-11-25T11:00:00.000Z", None]
DATES = [None, "2026-11-24", "2026-11-25", "2026-11-26", "2026-12-01", "2025-01-31"]
AMOUNTS = [None, 0.0, 10.5, -3.0, 1e7, 15000.0]
CHOICES = [None, "A", "B", "A;B", "C;A"]
COLUMNS = ["Id", "Name", "NextStep", "AccountId", "Amount", "IsWon", "CloseDate", "LastStageChangeDate", "Interests__c"]


def rows():
    for number, record_id in enumerate(IDS):
        yield (
            record_id,
            TEXTS[number % 11 + 1],
            TEXTS[number * 7 % 12],
            [None, *ACCOUNTS][number % 5],
            AMOUNTS[number * 5 % 6],
            number % 2,
            DATES[number * 5 % 6],
            STAMPS[number % 4],
            CHOICES[number * 3 % 5],
        )


@pytest.fixture(scope="module")
def org():
    with Org.open(clock=Clock(frozen_at=NOW)) as org:
        org.catalog.add_field("Opportunity", "Interests__c", "multipicklist")
        accounts = [(record_id, TEXTS[number + 1], number or None) for number, record_id in enumerate(ACCOUNTS)]
        org.load("Account", ["Id", "Name", "NumberOfEmployees"], accounts)
        org.load("Opportunity", COLUMNS, rows())
        yield org


# -- a naive oracle: the same questions answered record by record ------------------------------------------------------


def path(name):
    return s.Path(tuple(name.split(".")))


def fold(value):
    return value.lower() if isinstance(value, str) else value


def value_of(record, operand):
    if len(operand.names) == 1:
        return record[operand.names[0]]
    if record["AccountId"] is None:
        return None
    number = ACCOUNTS.index(record["AccountId"])
    return {"Name": TEXTS[number + 1], "NumberOfEmployees": number or None}[operand.names[1]]


def literal(value, operand):  # noqa: PLR0911 - one for each kind of literal
    match value:
        case s.Text(text) if operand.names[-1].endswith("Id") and text:
            return normalise(text)
        case s.Text(text):
            return text or None
        case s.Number(number):
            return float(number)
        case s.Truth(truth):
            return truth
        case s.Null():
            return False if operand.names == ("IsWon",) else None
        case s.Day(day):
            return day.isoformat()
        case s.Instant(instant):
            return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def like(value, pattern):
    if value is None or not pattern:
        return False
    pieces = re.findall(r"\\.|.", pattern, re.DOTALL)
    form = "".join({"%": ".*", "_": "."}.get(piece) or re.escape(piece[-1]) for piece in pieces)
    return re.fullmatch(form.lower(), value.lower(), re.DOTALL) is not None


def holds(record, condition):  # noqa: PLR0911 - one for each kind of condition
    match condition:
        case s.And(parts):
            return all(holds(record, part) for part in parts)
        case s.Or(parts):
            return any(holds(record, part) for part in parts)
        case s.Not(part):
            return not holds(record, part)
        case s.Membership(left, values, negated):
            wanted = [s.Text(each) for each in values.values] if isinstance(values, s.Texts) else values
            found = any(holds(record, s.Comparison(left, s.Operator.EQUAL, each)) for each in wanted)
            return found is not negated
        case s.Choice(left, groups, excluded):
            chosen = set((value_of(record, left) or "").split(";"))
            return any(set(group.split(";")) <= chosen for group in groups) is not excluded
        case s.Comparison(left, s.Operator.LIKE, s.Text(pattern)):
            return like(value_of(record, left), pattern)
        case s.Comparison(left, operator, value):
            return compared(value_of(record, left), operator, literal(value, left), left)


def compared(mine, operator, wanted, left):
    mine, wanted = (mine, wanted) if left.names[-1].endswith("Id") else (fold(mine), fold(wanted))
    if operator is s.Operator.EQUAL:
        return mine == wanted
    if operator is s.Operator.UNEQUAL:
        return mine != wanted
    if mine is None or wanted is None:
        return False
    mine, wanted = (each.encode() if isinstance(each, str) else each for each in (mine, wanted))
    return {"<": mine < wanted, "<=": mine <= wanted, ">": mine > wanted, ">=": mine >= wanted}[operator.value]


ORDERED = [each for each in s.Operator if each is not s.Operator.LIKE]
EQUALITY = [s.Operator.EQUAL, s.Operator.UNEQUAL]
INSTANTS = [datetime.fromisoformat(each) for each in STAMPS if each]


def comparisons(names, operators, values):
    return st.builds(s.Comparison, st.sampled_from(names).map(path), st.sampled_from(operators), values)


def null_or(values):
    return st.one_of(values, st.just(s.Null()))


TEXT_VALUES = st.sampled_from([each for each in TEXTS if each]) | st.sampled_from(["", "b", "É", "zz"])
KNOWN_IDS = st.sampled_from([IDS[3], IDS[20], to15(IDS[7]), ACCOUNTS[1], to15(ACCOUNTS[2])])
PATTERNS = st.sampled_from(
    ["a%", "%E", "%é%", "É_lair", "100\\%", "%\\%", "a\\_b", "_cme", "%", "it's", "\\\\", "%\n%"]
)
SOME_NUMBERS = st.sampled_from(["0", "1e7"]).map(Decimal).map(s.Number)
GROUPS = st.lists(st.sampled_from(["A", "B", "A;B", "C;B"]), min_size=1, max_size=2).map(tuple)
CONDITIONS = st.recursive(
    st.one_of(
        comparisons(["Name", "NextStep", "Account.Name"], ORDERED, null_or(TEXT_VALUES.map(s.Text))),
        comparisons(["Name", "NextStep", "Account.Name"], [s.Operator.LIKE], PATTERNS.map(s.Text)),
        comparisons(["Amount", "Account.NumberOfEmployees"], ORDERED,
                    null_or(st.sampled_from(["0", "10.5", "2", "-3", "1e7", "15000"]).map(Decimal).map(s.Number))),
        comparisons(["IsWon"], EQUALITY, null_or(st.booleans().map(s.Truth))),
        comparisons(["CloseDate"], ORDERED, null_or(st.sampled_from(DATES[1:]).map(date.fromisoformat).map(s.Day))),
        comparisons(["LastStageChangeDate"], ORDERED, null_or(st.sampled_from(INSTANTS).map(s.Instant))),
        comparisons(["Id", "AccountId"], ORDERED, null_or(KNOWN_IDS.map(s.Text))),
        st.builds(s.Membership, st.sampled_from(["Name", "NextStep", "Account.Name"]).map(path),
                  st.lists(TEXT_VALUES, min_size=1, max_size=4).map(lambda each: s.Texts(tuple(each))), st.booleans()),
        st.builds(s.Membership, st.sampled_from(["Id", "AccountId"]).map(path),
                  st.lists(KNOWN_IDS, min_size=1, max_size=4)
                  .map(lambda each: s.Texts(tuple(each))), st.booleans()),
        st.builds(s.Membership, st.just(path("Amount")), st.tuples(st.just(s.Null()), SOME_NUMBERS), st.booleans()),
        st.builds(s.Choice, st.just(path("Interests__c")), GROUPS, st.booleans()),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(s.And),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(s.Or),
        inner.map(s.Not),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300)
@given(CONDITIONS)
def test_a_condition_finds_what_a_look_at_every_record_finds(org, condition):
    """SQL and a naive reading agree on every combination of operators, types, nulls and capitals."""
    query = s.Query(select=(s.SelectField(path("Id")),), source=path("Opportunity"), where=condition)
    records = [dict(zip(COLUMNS, row, strict=True)) for row in rows()]
    expected = {record["Id"] for record in records if holds(record, condition)}

    for tail in ("", " ORDER BY Id LIMIT 2000", " ORDER BY Name DESC NULLS LAST"):
        result = execute(org, write(query) + tail)
        assert expected == {record["Id"] for record in result.records(0, 100)}
        assert len(expected) == result.total_size
    assert len(expected) == execute(org, write(query).replace("SELECT Id", "SELECT COUNT()")).total_size


def names(org, where, object_name="Opportunity", **how):
    result = execute(org, f"SELECT Id FROM {object_name} WHERE {where}", **how)
    return {record["Id"] for record in result.records(0, 1000)}


def test_ids_of_fifteen_characters_find_the_same_records(org):
    """And letters of another case do not."""
    assert {IDS[7]} == names(org, f"Id = '{to15(IDS[7])}'") == names(org, f"Id IN ('{to15(IDS[7])}', '{IDS[7]}')")
    assert set() == names(org, f"Id = '{to15(IDS[39]).swapcase()}'")


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


def test_thousands_of_conditions_are_not_too_deep(org):
    """SQLite takes expressions a thousand levels deep; a statement may hold more terms."""
    terms = " OR ".join(f"Name LIKE '{number}%'" for number in range(3000))

    assert execute(org, f"SELECT COUNT() FROM Opportunity WHERE {terms}").total_size > 0
