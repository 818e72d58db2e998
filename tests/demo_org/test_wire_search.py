"""Searches with SOSL and with parameters, what a user worked on last, list views, and the Tooling API's share."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_client import BASE, client_of, error_of

from demo_org.errors import SalesforceFault
from demo_org.soql.sosl import matcher, parse_search


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        client.make("Account", Name="Acme Rockets", Phone="555-0100", Description="They love anvils")
        client.make("Account", Name="Acmeson Sons", Industry="Biotechnology")
        client.make("Contact", LastName="Rocket", Email="joe@acme.example", FirstName="Joe")
        client.make("Opportunity", Name="Acme anvils", StageName="Prospecting", CloseDate="2026-04-01")
        gone = client.make("Account", Name="Acme Gone")
        client.delete(f"sobjects/Account/{gone}")
        yield client


def names(client, sosl):
    answer = client.get("search/", params={"q": sosl})
    assert answer.status_code == 200, answer.text
    return [each.get("Name") or each["attributes"]["type"] for each in answer.json()["searchRecords"]]


@pytest.mark.parametrize(
    ("sosl", "expected"),
    [
        ("FIND {Acme} IN NAME FIELDS RETURNING Account(Id, Name)", ["Acme Rockets"]),
        ("FIND {acme*} IN NAME FIELDS RETURNING Account(Name ORDER BY Name DESC)", ["Acmeson Sons", "Acme Rockets"]),
        ("find {Acm?} in all fields returning account(name), opportunity(name)", ["Acme Rockets", "Acme anvils"]),
        ("FIND {anvils} RETURNING Account(Name)", ["Acme Rockets"]),
        ('FIND {"acme rockets" OR joe} RETURNING Account(Name), Contact(Name)', ["Acme Rockets", "Joe Rocket"]),
        ("FIND {acme AND NOT rockets} IN NAME FIELDS RETURNING Account(Name), Opportunity(Name)", ["Acme anvils"]),
        ("FIND {(acme OR acmeson) AND sons} RETURNING Account(Name)", ["Acmeson Sons"]),
        ("FIND {joe\\-nobody} RETURNING Account", []),
        ("FIND {0100} IN PHONE FIELDS RETURNING Account(Name)", ["Acme Rockets"]),
        ("FIND {acme} IN EMAIL FIELDS RETURNING Contact(Name), Account(Name)", ["Joe Rocket"]),
        ("FIND {acme*} RETURNING Account(Name WHERE Industry = 'Biotechnology' LIMIT 5)", ["Acmeson Sons"]),
        ("FIND {acme*} IN NAME FIELDS RETURNING Account(Name ORDER BY Name LIMIT 1 OFFSET 1)", ["Acmeson Sons"]),
        ("FIND {acme} IN NAME FIELDS", ["Account", "Opportunity"]),
        ("FIND {acme} IN NAME FIELDS LIMIT 1", ["Account"]),
    ],
)
def test_words_are_found_where_they_are_looked_for(client, sosl, expected):
    """Whole words without regard to case, wildcards, phrases, AND, OR and NOT; never what is in the bin."""
    found = names(client, sosl)

    assert expected == (sorted(found) if "RETURNING" not in sosl.upper() and "LIMIT" not in sosl else found)


@pytest.mark.parametrize(
    ("sosl", "code"),
    [
        ("FIND Acme", "MALFORMED_SEARCH"),
        ("FIND {a}", "MALFORMED_SEARCH"),
        ("FIND {}", "MALFORMED_SEARCH"),
        ("FIND {acme OR}", "MALFORMED_SEARCH"),
        ("FIND {(acme}", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Account(Name", "MALFORMED_SEARCH"),
        ("FIND {acme} NONSENSE", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Nothing(Id)", "INVALID_TYPE"),
        ("FIND {acme*} RETURNING Account(Naem)", "INVALID_FIELD"),
    ],
)
def test_what_is_no_search_is_refused(client, sosl, code):
    """In Salesforce's words where they are known."""
    assert error_of(client.get("search", params={"q": sosl}))[:2] == (400, code)


@given(st.text(alphabet="ab (){}\"'*?,\\ANDORNOTFINDRETURNING", max_size=60))
def test_no_text_breaks_the_search_parser(text):
    """Whatever is sent is a search or a refusal."""
    with contextlib.suppress(SalesforceFault):
        assert matcher(parse_search(text).term)(["some text"]) in {True, False}


def test_a_search_may_come_in_parameters_or_in_a_body(client):
    """Each object with fields of its own; a limit for each and for all."""
    by_address = client.get(
        "parameterizedSearch",
        params={
            "q": "acme*",
            "sobject": "Account,Opportunity",
            "Account.fields": "name",
            "in": "NAME",
            "Account.limit": "1",
        },
    ).json()["searchRecords"]
    by_body = client.post(
        "parameterizedSearch",
        json={
            "q": "acme*", "in": "NAME", "fields": ["Id"], "overallLimit": 2,
            "sobjects": [{"name": "Account", "fields": ["Name"], "where": "Industry != null"}, {"name": "Opportunity"}],
        },
    ).json()["searchRecords"]  # fmt: skip

    assert [list(each) for each in by_address] == [["attributes", "Name"], ["attributes", "Id"]]
    assert [each.get("Name") for each in by_body] == ["Acmeson Sons", None]
    assert error_of(client.get("parameterizedSearch"))[1] == "MALFORMED_SEARCH"
    assert error_of(client.get("parameterizedSearch", params={"q": "acme", "in": "SHOES"}))[0] == 400


def test_a_user_finds_the_latest_records_again(client):
    """Of all objects, latest first, and after a restart (they are kept in the org's file)."""
    first = client.make("Campaign", Name="First")
    second = client.make("Contact", LastName="Second")
    found = client.get("recent", params={"limit": "2"}).json()

    assert [each["Id"] for each in found] == [second, first]
    assert [each["Name"] for each in found] == ["Second", "First"]


def test_list_views_show_what_a_user_sees(client):
    """All and My of each object, with their query; the ids are good for the next call."""
    views = client.get("sobjects/Account/listviews").json()
    mine = next(each for each in views["listviews"] if each["developerName"] == "MyAccounts")
    described = client.get(mine["describeUrl"]).json()
    shown = client.get(mine["resultsUrl"]).json()

    assert views["size"] == len(views["listviews"]) == 2
    assert client.get(mine["url"]).json() == mine
    assert described["scope"] == "mine"
    assert described["columns"] == shown["columns"]
    assert shown["size"] == len(shown["records"]) == 2
    assert error_of(client.get("sobjects/Account/listviews/00B000000000001AAA"))[:2] == (404, "NOT_FOUND")


def test_the_tooling_api_answers_for_the_objects_it_shares(client):
    """Addresses stay below /tooling; what needs code of the org's own is an unknown type."""
    users = client.get("tooling/query/", params={"q": "SELECT Id, Name FROM User"}).json()
    listed = client.get("tooling/sobjects").json()["sobjects"]
    described = client.get("tooling/sobjects/User/describe").json()

    assert users["records"][0]["attributes"]["url"].startswith(f"{BASE}/tooling/sobjects/User/005")
    assert {each["urls"]["sobject"] for each in listed} >= {f"{BASE}/tooling/sobjects/User"}
    assert described["urls"]["describe"] == f"{BASE}/tooling/sobjects/User/describe"
    assert error_of(client.get("tooling/query", params={"q": "SELECT Id FROM ApexClass"}))[:2] == (400, "INVALID_TYPE")
    assert error_of(client.get("tooling/sobjects/Account/describe"))[:2] == (404, "NOT_FOUND")
    assert set(client.get("tooling").json()) == {"query", "sobjects"}
