from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_org.soql import SoqlError, execute
from demo_org.store import Org

REMEDY = "Please reference your WSDL or the describe call for the appropriate names."
NO_COLUMN = (
    "No such column '{}' on entity '{}'. If you are attempting to use a custom field, be sure to append the '__c' "
    f"after the custom field name. {REMEDY}"
)
NO_OBJECT = (
    "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' "
    f"after the entity name. {REMEDY}"
)
NO_RELATIONSHIP = (
    "Didn't understand relationship '{}' in {}. If you are attempting to use a custom relationship, be sure to append "
    f"the '__r' after the custom relationship name. {REMEDY}"
)
UNFIT = "value of filter criterion for field '{}' must be of type {} and should not be enclosed in quotes"
UNFIT_TEXT = "value of filter criterion for field '{}' must be of type string and should be enclosed in quotes"
NOT_IN_A_QUERY = "field '{}' can not be {} in a query call"
FIELD, MALFORMED, OPERATOR = "INVALID_FIELD", "MALFORMED_QUERY", "INVALID_QUERY_FILTER_OPERATOR"
SEMI = "SELECT Id FROM Account WHERE Id IN"


@pytest.fixture(scope="module")
def shared():
    """An org nobody changes."""
    with Org.open() as org:
        yield org


@pytest.fixture
def org():
    with Org.open() as org:
        yield org


@pytest.mark.parametrize(
    ("soql", "column", "code", "reason"),
    [
        ("Select Naem from Account", 8, FIELD, NO_COLUMN.format("Naem", "Account")),
        ("SELECT Id FROM Contact WHERE Account.Naem = 'x'", 30, FIELD, NO_COLUMN.format("Naem", "Account")),
        ("SELECT Id FROM Task WHERE What.Amount > 1", 27, FIELD, NO_COLUMN.format("Amount", "Name")),
        ("select count() from XYZZY", 21, "INVALID_TYPE", NO_OBJECT.format("XYZZY")),
        ("SELECT Id, Foo.Name FROM Account", 12, FIELD, NO_RELATIONSHIP.format("Foo", "field path")),
        ("SELECT Id, (SELECT Id FROM Foos) FROM Account", 28, "INVALID_TYPE",
         NO_RELATIONSHIP.format("Foos", "FROM part of query call")),
        ("SELECT Id, Name, id FROM Account", 18, FIELD, "duplicate field selected: Id"),
        ("SELECT Id FROM Account WHERE Description = 'x'", 30, FIELD, NOT_IN_A_QUERY.format("Description", "filtered")),
        ("SELECT Id FROM Account ORDER BY Description", 33, MALFORMED, NOT_IN_A_QUERY.format("Description", "sorted")),
        ("SELECT Amount FROM Opportunity GROUP BY Amount", 41, MALFORMED, NOT_IN_A_QUERY.format("Amount", "grouped")),
        ("SELECT Id FROM Contract WHERE EndDate = '2026-01-01'", 31, FIELD, UNFIT.format("EndDate", "date")),
        ("SELECT Id FROM Contract WHERE EndDate > 2026-01-01T00:00:00Z", 31, FIELD, UNFIT.format("EndDate", "date")),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01", 27, FIELD, UNFIT.format("CreatedDate", "dateTime")),
        ("SELECT Id FROM Opportunity WHERE IsWon = 'true'", 34, FIELD, UNFIT.format("IsWon", "boolean")),
        ("SELECT Id FROM Opportunity WHERE Amount IN ('5')", 34, FIELD, UNFIT.format("Amount", "double")),
        ("SELECT Id FROM Opportunity WHERE Name = 5", 34, FIELD, UNFIT_TEXT.format("Name")),
        ("SELECT Id FROM Opportunity WHERE Id = '00Q'", 34, OPERATOR, "invalid ID field: 00Q"),
        ("SELECT Id FROM Opportunity WHERE Id LIKE '006%'", 34, OPERATOR, "invalid operator on id field"),
        ("SELECT Id FROM Opportunity WHERE IsWon > true", 34, OPERATOR, "invalid operator on boolean field"),
        ("SELECT Id FROM Opportunity WHERE Name INCLUDES ('x')", 34, OPERATOR, "invalid operator on string field"),
        ("SELECT Id i, Name FROM Opportunity", 8, MALFORMED, "only aggregate expressions use field aliasing"),
        ("SELECT Id FROM Account WHERE Name = 'x' OR Id IN (SELECT AccountId FROM Contact)", 73, MALFORMED,
         "Semi join sub-selects are not allowed with the 'OR' operator"),
        (f"{SEMI} (SELECT WhatId FROM Task)", 56, MALFORMED,
         "Entity 'Task' is not supported for semi join inner selects"),
        (f"{SEMI} (SELECT Id FROM Account)", 52, MALFORMED, "The inner and outer selects should not be on the same"),
        (f"{SEMI} (SELECT AccountId FROM Contact LIMIT 1)", 59, MALFORMED, "Semi join sub-selects cannot have"),
        (f"{SEMI} (SELECT Account.Id FROM Contact)", 44, MALFORMED,
         "The inner select field 'Account.Id' cannot have more than one level of relationships"),
        (f"{SEMI} (SELECT Name FROM Contact)", 44, MALFORMED, "Semi join sub-selects can only query id fields"),
        ("SELECT Id FROM Contact WHERE Account.Id IN (SELECT AccountId FROM Quote)", 30, MALFORMED,
         "The left operand 'Account.Id' cannot have more than one level of relationships"),
    ],
)  # fmt: skip
def test_a_refusal_has_salesforces_code_text_and_place(shared, soql, column, code, reason):
    """Clients take object and field out of these texts."""
    with pytest.raises(SoqlError) as raised:
        execute(shared, soql)

    message = raised.value.message
    assert (400, code) == (raised.value.status, raised.value.code)
    assert f"\nERROR at Row:1:Column:{column}\n{reason}" in message
    _, excerpt, caret, *_ = message.split("\n")
    start = soql.index(excerpt)
    assert excerpt in soql
    assert start + len(caret) == column


def test_the_recorded_text_of_an_unknown_column_is_met_exactly(org):
    """Letter by letter, with the line break in front."""
    with pytest.raises(SoqlError) as raised:
        execute(org, "Select Naem from Account")

    assert raised.value.message.startswith(
        "\nSelect Naem from Account\n       ^\nERROR at Row:1:Column:8\nNo such column"
    )


def test_no_more_than_two_semi_joins(org):
    """The third is one too many."""
    one = "Id IN (SELECT AccountId FROM Opportunity)"
    two = f"SELECT Id FROM Account WHERE {one} AND Id NOT IN (SELECT AccountId FROM Contact)"
    execute(org, two)
    with pytest.raises(SoqlError) as raised:
        execute(org, f"{two} AND {one}")

    assert raised.value.code == "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS"


def test_hidden_fields_and_switched_off_objects_do_not_exist(org):
    """The same words as for names nobody ever made."""
    org.catalog.hide_field("Opportunity", "Amount")
    org.catalog.disable("Quote")

    for soql in (
        "SELECT Amount FROM Opportunity",
        "SELECT Id FROM Opportunity WHERE Amount > 1",
        "SELECT Opportunity.Amount FROM OpportunityLineItem",
        "SELECT Id FROM Opportunity ORDER BY Amount",
    ):
        with pytest.raises(SoqlError, match="No such column 'Amount' on entity 'Opportunity'"):
            execute(org, soql)
    with pytest.raises(SoqlError, match="sObject type 'Quote' is not supported"):
        execute(org, "SELECT Id FROM Quote")
    with pytest.raises(SoqlError, match="relationship 'Quotes'"):
        execute(org, "SELECT (SELECT Id FROM Quotes) FROM Opportunity")
    with pytest.raises(SoqlError, match="relationship 'SyncedQuote'"):
        execute(org, "SELECT SyncedQuote.Name FROM Opportunity")


WORDS = [
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "(", ")", ",", "GROUP BY", "HAVING", "ORDER BY", "LIMIT",
    "DESC", "NULLS LAST", "OFFSET", "FIELDS(ALL)", "(SELECT Id FROM Contacts)", "Opportunity", "Task", "Account",
    "What.Name",
]  # fmt: skip
FIELDS = [
    "Id", "Name", "Amount", "IsWon", "CloseDate", "CreatedDate", "AccountId", "Account.Name", "Owner.IsActive", "Type",
    "Account.BillingAddress", "Description", "CALENDAR_YEAR(CloseDate)", "MAX(Amount)", "COUNT()", "toLabel(Name)",
    "DAY_ONLY(CreatedDate)", "Account.Owner.UserRole.Name", "FISCAL_MONTH(convertTimezone(CreatedDate))",
]  # fmt: skip
LITERALS = [
    "'x'", "null", "5", "true", "2026-01-01", "2026-01-01T00:00:00Z", "TODAY", "LAST_N_YEARS:2147483647", "1e999", "''",
    "'006000000000001'", "'é%'", "-0.0", "99999999999999999999",
]  # fmt: skip
OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "LIKE"]
TAILS = ["", " GROUP BY {}", " ORDER BY {}", " GROUP BY {} HAVING {} ORDER BY {}", " ORDER BY {} LIMIT 2"]
NOISE = st.lists(st.sampled_from(WORDS + FIELDS + LITERALS + OPERATORS), max_size=20).map(" ".join)


@st.composite
def plausible(draw):
    """A statement that could be meant."""
    field, literal = st.sampled_from(FIELDS), st.sampled_from(LITERALS)
    term = st.tuples(field, st.sampled_from(OPERATORS), literal).map(" ".join)
    listed = ", ".join(draw(st.lists(field, min_size=1, max_size=3)))
    where = draw(st.sampled_from([" AND ", " OR "])).join(draw(st.lists(term, max_size=3)))
    tail = draw(st.sampled_from(TAILS)).replace("HAVING {}", f"HAVING {draw(term)}").replace("{}", draw(field))
    return f"SELECT {listed} FROM Opportunity{' WHERE ' + where if where else ''}{tail}"


@settings(max_examples=500)
@given(st.one_of(plausible(), NOISE))
def test_whatever_is_asked_the_answer_is_a_result_or_a_refusal(shared, soql):
    """No statement reaches SQLite in a form it does not understand."""
    with suppress(SoqlError):
        result = execute(shared, soql)
        result.records(0, 10)
        list(result.csv_chunks(0, 10))
