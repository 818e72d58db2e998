"""Describes in recorded conversations: asked for again, alone and inside composite calls."""

import pytest
from cassettes import exchanges
from likeness import differences
from wire_client import client_of, recorded


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        client.org.catalog.add_object("Custom__c", label="My Custom Object")
        yield client


def missing(known, answered):
    """What differs, without the keys that came after the recording."""
    return [line for line in differences(known, answered) if ": adds " not in line]


def test_an_object_of_an_admin_is_described_as_recorded(client):
    """Every key with its type; the recorded one is a setting, which other records do not point at."""
    known = recorded("describe/Custom__c_describe.json")
    answered = client.get("sobjects/Custom__c/describe").json()
    listed = {"fields", "childRelationships", "recordTypeInfos", "supportedScopes", "namedLayoutInfos", "urls"}
    ours = {each["name"]: each for each in answered["fields"]}

    assert missing({key: value for key, value in known.items() if key not in listed}, answered) == []
    assert set(known) - set(answered) == set()
    for field in known["fields"]:
        if field["name"] in ours:
            assert missing(field, ours[field["name"]]) == []


@pytest.mark.parametrize(
    "path",
    [
        "cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Account_describe.yaml",
        "cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Case_describe.yaml",
        "cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Contact_describe.yaml",
        "cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Custom__c_describe.yaml",
        "cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Event_describe.yaml",
        "cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Lead_describe.yaml",
        "cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_OpportunityContactRole_describe.yaml",
        "cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Opportunity_describe.yaml",
    ],
)
def test_a_recorded_describe_is_answered(client, path):
    """The request as it was sent gives an answer with every recorded key."""
    (exchange,) = exchanges(path)
    answer = client.request(exchange.method, exchange.resource)

    assert exchange.status == answer.status_code
    assert set(exchange.answered) <= set(answer.json())
    assert set(exchange.answered["fields"][0]) <= set(answer.json()["fields"][0])


def test_the_global_list_is_answered_as_recorded(client):
    """Each object both orgs have, with every key; two lines of the recording were put in by hand."""
    (exchange,) = exchanges("cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Global_describe.yaml")
    known = {each["name"]: each for each in exchange.answered["sobjects"] if each["name"] not in {"Event", "Lead"}}
    answered = {each["name"]: each for each in client.get("sobjects").json()["sobjects"]}

    assert len(known.keys() & answered.keys()) > 3
    for name in known.keys() & answered.keys():
        assert missing(known[name], answered[name]) == [], name


def test_the_organization_is_answered_as_recorded(client):
    """Every field of the recorded organization; a Developer Edition is no trial."""
    (exchange,) = exchanges("cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Organization.yaml")
    known = recorded("describe/Organization.json")
    answer = client.get(f"sobjects/Organization/{client.org.org_id}")
    trial = "TrialExpirationDate: recorded an instant ('2022-03-25T16:21:17.000+0000'), answered null (None)"

    assert exchange.status == answer.status_code
    assert missing(exchange.answered, answer.json()) == [trial]
    assert missing(known, answer.json()) == [trial]


@pytest.mark.parametrize(
    "path",
    [
        "cumulusci/cumulusci/utils/http/tests/cassettes/ManualEditTestCompositeParallelSalesforce.test_http_headers.yaml",
        "cumulusci/cumulusci/utils/tests/cassettes/ManualEditTestDescribeOrg.test_minimal_schema.yaml",
        "cumulusci/cumulusci/utils/tests/cassettes/ManualEdit_test_describe_to_sql.yaml",
    ],
)
def test_describes_inside_a_composite_go_the_recorded_way(client, path):
    """Several objects in one call, unless nothing changed since the client's copy: then 304 without a body."""
    for exchange in exchanges(path):
        if exchange.method != "POST" or not isinstance(exchange.sent, dict):
            continue
        parts = exchange.sent["compositeRequest"]
        known = {each["referenceId"]: each for each in exchange.answered["compositeResponse"]}
        for part in parts:
            part["url"] = "/services/data/v64.0/" + part["url"].split("/", 4)[-1]
            if known[part["referenceId"]]["httpStatusCode"] == 304:
                part["httpHeaders"]["If-Modified-Since"] = "Fri, 01 Jan 2100 00:00:00 GMT"
        answer = client.post("composite", json={"compositeRequest": parts})

        assert answer.status_code == 200
        for each in answer.json()["compositeResponse"]:
            was = known[each["referenceId"]]
            assert was["httpStatusCode"] == each["httpStatusCode"]
            assert set(was["httpHeaders"]) == set(each["httpHeaders"])
            assert differences(was["httpHeaders"], each["httpHeaders"]) == []
            if was["body"] is not None:
                assert set(was["body"]) <= set(each["body"])
