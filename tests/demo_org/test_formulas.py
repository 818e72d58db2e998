"""Formulas are computed whenever a record is read, so their values move without any stamp."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_client import client_of, error_of

from demo_org.clock import Clock
from demo_org.errors import SalesforceFault
from demo_org.formula import FormulaError
from demo_org.formula.parser import parse
from demo_org.store import Org

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

#: formula, type of the field, what it gives for the deal below
EXPECTED = [
    ("Amount * 2 + 1", "currency", 201.0),
    ("Amount / 0", "currency", None),
    ("2 ^ 3 ^ 1 - -1", "double", 9.0),
    ("ROUND(Amount / 3, 2)", "double", 33.33),
    ("Probability", "percent", 10.0),
    ("Amount * Probability", "currency", 10.0),
    ("TotalOpportunityQuantity + 5", "double", 5.0),
    ("Name & ' (' & TEXT(StageName) & ')'", "string", "Acme (Qualification)"),
    ("NextStep & ''", "string", None),
    ("Account.Name", "string", "Acme Inc."),
    ("Account.Parent.Name", "string", "Holding"),
    ("Account.Owner.Username", "string", "admin@demo.example"),
    ("UPPER(LEFT(Name, 2)) + LOWER(RIGHT(Name, 2)) + MID(Name, 2, 1)", "string", "ACmec"),
    ("TEXT(Amount)", "string", "100"),
    ("TEXT(CloseDate)", "string", "2026-03-31"),
    ("VALUE('12.50') + LEN(Name)", "double", 16.5),
    ("CloseDate - TODAY()", "double", 29.0),
    ("CloseDate + 1", "date", "2026-04-01"),
    ("ADDMONTHS(DATE(2026, 1, 31), 1)", "date", "2026-02-28"),
    ("ADDMONTHS(DATE(2026, 3, 31), -1)", "date", "2026-02-28"),
    ("NOW() - 1", "datetime", "2026-03-01T09:00:00.000Z"),
    ("YEAR(CloseDate) * 10000 + MONTH(CloseDate) * 100 + DAY(CloseDate)", "double", 20260331.0),
    ("WEEKDAY(CloseDate)", "double", 3.0),
    ("DATEVALUE(CreatedDate)", "date", "2026-03-02"),
    ("Amount > 99 && NOT(IsWon) || FALSE", "boolean", True),
    ("AND(ISBLANK(NextStep), OR(Amount < 5, CloseDate > TODAY()))", "boolean", True),
    ("NextStep = NULL", "boolean", True),
    ("ISPICKVAL(StageName, 'Closed Won')", "boolean", False),
    ("IF(IsWon, 'won', IF(Amount >= 100, 'big', 'small'))", "string", "big"),
    ("CASE(StageName, 'Prospecting', 1, 'Qualification', 2, 0)", "double", 2.0),
    ("BLANKVALUE(NextStep, 'call')", "string", "call"),
    ("IF(CONTAINS(Name, 'cm') && BEGINS(Name, 'Ac'), 1, 0)", "double", 1.0),
    ("MIN(3, 1, 2) + MAX(Amount, 5) + ABS(-1) + MOD(7, 4) + FLOOR(-1.5) + CEILING(1.2)", "double", 106.0),
    ("/* a remark */ Amount", "currency", 100.0),
]
WRONG = [
    ("Amount +", "double", "Syntax error"),
    ("Amount )", "double", "Extra"),
    ("(Amount", "double", "Missing"),
    ("Amount ? 1", "double", "Found '?'"),
    ("Nonsense", "double", "Field Nonsense does not exist"),
    ("Account.Nonsense", "string", "does not exist"),
    ("NONSENSE(1)", "double", "Unknown function NONSENSE"),
    ("ROUND(1)", "double", "Incorrect number of parameters"),
    ("Amount & Name", "string", "Incorrect parameter type"),
    ("Amount = Name", "boolean", "Incorrect parameter type"),
    ("IF(1, 2, 3)", "double", "Expected Boolean"),
    ("IF(IsWon, 2, 'x')", "double", "Incorrect parameter type"),
    ("Name", "double", "incompatible with expected data type"),
    ("(" * 200 + "1" + ")" * 200, "double", "nested"),
    ("-" * 200 + "1", "double", "nested"),
    ("+".join(["1"] * 300), "double", "too big"),
]


@pytest.fixture(scope="module")
def org():
    with Org.open(clock=Clock(frozen_at=START)) as opened:
        holding = opened.insert("Account", {"Name": "Holding"})
        account = opened.insert("Account", {"Name": "Acme Inc.", "ParentId": holding})
        values = {"Name": "Acme", "StageName": "Qualification", "CloseDate": "2026-03-31", "Amount": 100}
        opened.insert("Opportunity", values | {"AccountId": account})
        yield opened


def deal(org):
    """The only deal."""
    (found,) = org.connection.execute("SELECT Id FROM Opportunity").fetchone()
    return found


@pytest.mark.parametrize(("formula", "kind", "expected"), EXPECTED)
def test_a_formula_gives_what_salesforce_computes(org, formula, kind, expected):
    """Whoever copies a formula from a real org gets the same values here."""
    scale = 2 if kind in {"currency", "double"} else 0
    org.catalog.add_field("Opportunity", "Made__c", kind, formula=formula, scale=scale)
    try:
        assert org.get("Opportunity", deal(org))["Made__c"] == expected
    finally:
        org.catalog.remove_field("Opportunity", "Made__c")


@pytest.mark.parametrize(("formula", "kind", "reason"), WRONG)
def test_a_wrong_formula_is_refused_with_its_mistake(org, formula, kind, reason):
    """The field is not made, so nobody reads nonsense."""
    with pytest.raises(FormulaError, match=reason.replace("?", r"\?")):
        org.catalog.add_field("Opportunity", "Made__c", kind, formula=formula)

    assert not org.catalog.object("Opportunity").has("Made__c")


@given(st.text(alphabet="Amount.()+-*/&<>=!|,'\" 01AND IF", max_size=40))
def test_no_formula_crashes_the_reader(text):
    """A formula is read or refused."""
    with suppress(FormulaError):
        parse(text)


@settings(deadline=None, max_examples=30)
@given(text=st.text(alphabet="abc{}'\"\\row ", max_size=20))
def test_any_text_survives_a_formula(org, text):
    """Quotes, braces and backslashes in a text are themselves."""
    written = text.replace("\\", "\\\\").replace('"', '\\"')
    org.catalog.add_field("Opportunity", "Made__c", "string", formula=f'"{written}" & ""')
    try:
        assert org.get("Opportunity", deal(org))["Made__c"] == (text or None)
    finally:
        org.catalog.remove_field("Opportunity", "Made__c")


def test_a_formula_contains_other_formulas(org):
    """Formulas may name formulas, also of a parent, but never themselves."""
    org.catalog.add_field("Account", "Weight__c", "double", formula="LEN(Name) + LEN(Parent.Name)")
    org.catalog.add_field("Opportunity", "Both__c", "double", formula="Account.Weight__c + LEN(Account.Parent.Name)")
    org.catalog.add_field("Opportunity", "Twice__c", "double", formula="Both__c * 2")

    assert org.get("Opportunity", deal(org))["Twice__c"] == 2 * (9 + 7 + 7)
    with pytest.raises(SalesforceFault):
        org.catalog.add_field("Opportunity", "Self__c", "double", formula="Self__c + 1")


def test_a_formula_is_selected_filtered_and_sorted_by(org):
    """SOQL makes no difference between a formula and a stored field, and nobody can write it."""
    with client_of(Clock(frozen_at=START)) as client:
        client.org.catalog.add_field("Opportunity", "Days__c", "double", formula="CloseDate - TODAY()")
        client.org.catalog.add_field("Opportunity", "Customer__c", "string", formula="Account.Name")
        account = client.make("Account", Name="Acme")
        for day in (10, 20, 30):
            client.make("Opportunity", Name=f"{day}", StageName="Prospecting", CloseDate=f"2026-03-{day}",
                        AccountId=account)  # fmt: skip
        where = "WHERE Days__c > 10 AND Customer__c = 'acme' ORDER BY Days__c DESC"
        found = client.query(f"SELECT Name, Days__c, Account.Name, Customer__c FROM Opportunity {where}")["records"]
        before = client.query("SELECT Id, SystemModstamp FROM Opportunity")["records"]

        assert [(each["Name"], each["Days__c"], each["Customer__c"]) for each in found] == [
            ("30", 28.0, "Acme"), ("20", 18.0, "Acme"),
        ]  # fmt: skip
        grouped = client.query("SELECT Customer__c, COUNT(Id) n FROM Opportunity GROUP BY Customer__c")["records"]
        assert grouped[0]["n"] == 3
        refused = client.post("sobjects/Opportunity", json={"Name": "x", "Days__c": 1})
        assert error_of(refused)[1] == "INVALID_FIELD_FOR_INSERT_UPDATE"

        client.org.clock.move(by=timedelta(days=5))
        client.log_in()
        client.patch(f"sobjects/Account/{account}", json={"Name": "Renamed"})
        later = client.query("SELECT Days__c, Customer__c FROM Opportunity WHERE Name = '30'")["records"]
        assert [(each["Days__c"], each["Customer__c"]) for each in later] == [(23.0, "Renamed")]
        assert client.query("SELECT Id, SystemModstamp FROM Opportunity")["records"] == before


def test_a_formula_is_described_with_its_text(org):
    """A client sees that a field is computed, and how."""
    org.catalog.add_field("Contact", "Hello__c", "string", formula="'Dear ' & LastName")
    field = {each["name"]: each for each in org.catalog.describe("Contact")["fields"]}["Hello__c"]

    assert (field["calculated"], field["calculatedFormula"]) == (True, "'Dear ' & LastName")
    assert (field["createable"], field["updateable"], field["formulaTreatNullNumberAsZero"]) == (False, False, True)


def test_a_field_a_formula_needs_cannot_be_removed(org):
    """Otherwise the formula would fail whoever reads it."""
    org.catalog.add_field("Case", "Weight__c", "double")
    org.catalog.add_field("CaseComment", "Heavy__c", "boolean", formula="Parent.Weight__c > 5")

    with pytest.raises(SalesforceFault, match=r"referenced elsewhere: CaseComment\.Heavy__c"):
        org.catalog.remove_field("Case", "Weight__c")
    org.catalog.remove_field("CaseComment", "Heavy__c")
    org.catalog.remove_field("Case", "Weight__c")


def test_a_deal_knows_its_open_activities_and_its_age(org):
    """HasOpenActivity, HasOverdueTask and the ages follow tasks and days, without a stamp on the deal."""
    with Org.open(clock=Clock(frozen_at=START)) as fresh:
        fresh.catalog.switch("opportunity_ages", on=True)
        values = {"Name": "Acme", "StageName": "Qualification", "CloseDate": "2026-03-31"}
        made = fresh.insert("Opportunity", values)
        stamp = fresh.get("Opportunity", made)["SystemModstamp"]

        def state():
            row = fresh.get("Opportunity", made)
            return bool(row["HasOpenActivity"]), bool(row["HasOverdueTask"]), row["AgeInDays"]

        assert state() == (False, False, 0)
        task = fresh.insert("Task", {"WhatId": made, "Subject": "Call", "ActivityDate": "2026-03-05"})
        assert state() == (True, False, 0)
        fresh.clock.move(by=timedelta(days=7))
        assert state() == (True, True, 7)
        fresh.delete("Task", task)
        assert state() == (False, False, 7)
        assert fresh.get("Opportunity", made)["SystemModstamp"] == stamp


def test_formulas_survive_a_restart(tmp_path):
    """An org reopened from its file computes as before."""
    with Org.open(tmp_path / "org.sqlite") as org:
        org.catalog.add_field("Account", "Shout__c", "string", formula="UPPER(Name)")
        account = org.insert("Account", {"Name": "Acme"})

    with Org.open(tmp_path / "org.sqlite") as org:
        assert org.get("Account", account)["Shout__c"] == "ACME"
