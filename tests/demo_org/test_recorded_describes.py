"""Recorded describes, field by field, held against those of the demo org."""

import pytest
from cassettes import exchanges
from likeness import differences
from wire_client import client_of, recorded

_SHARED = "cumulusci/cumulusci/tests/shared_cassettes/"
#: objects of the recorded org this one has no field for: they belong to features that are off
LEFT_OUT = {"DandbCompanyId", "OperatingHoursId", "IndividualId"}
#: pages of the recorded org's user interface that hang on features of their own
PAGES = {
    "defaultValues",
    "caseArticleSuggestions",
    "caseRowArticleSuggestions",
    "eventSeriesUpdates",
    "namedLayouts",
    "passwordUtilities",
}


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        client.org.catalog.add_object("Custom__c", label="My Custom Object")
        yield client


def missing(known, answered):
    """What differs, without the keys that came after the recording."""
    return [line for line in differences(known, answered) if ": adds " not in line]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Account", "describe/Account_describe.json"),
        ("Case", "describe/Case_describe.json"),
        ("Contact", "describe/Contact_describe.json"),
        ("Event", "describe/Event_describe.json"),
        ("Lead", "describe/Lead_describe.json"),
        ("Opportunity", "describe/Opportunity_describe.json"),
        ("OpportunityContactRole", "describe/OpportunityContactRole_describe.json"),
        ("Custom__c", "describe/Custom__c_describe.json"),
    ],
)
def test_an_object_is_described_as_recorded(client, name, path):
    """Every key with its type; every field that any org has; children with the recorded traits."""
    known = recorded(path)
    answered = client.get(f"sobjects/{name}/describe").json()
    listed = {
        "fields",
        "childRelationships",
        "picklistValues",
        "recordTypeInfos",
        "supportedScopes",
        "namedLayoutInfos",
    }
    traits = {key: value for key, value in known.items() if key not in listed}
    traits["urls"] = {key: value for key, value in known["urls"].items() if key not in PAGES}

    assert missing(traits, answered) == []
    assert set(known) - set(answered) == set()
    ours = {each["name"]: each for each in answered["fields"]}
    standard = {each["name"]: each for each in known["fields"] if not each["name"].endswith("__c")}
    assert set(standard) - set(ours) - LEFT_OUT == set()
    for field in standard.keys() & ours.keys():
        # The choices of a list, and what stands in a field at first, are the org's own.
        told = {key: value for key, value in standard[field].items() if key not in {"picklistValues", "defaultValue"}}
        assert missing(told, ours[field]) in ([], _allowed(field)), field
        assert list(standard[field]) == [key for key in ours[field] if key in standard[field]]


def _allowed(field):
    """A relationship to an object that is not there has no name; person accounts switch the type of a name."""
    return {
        "JigsawCompanyId": ["relationshipName: recorded text ('JigsawCompany'), answered null (None)"],
        "JigsawContactId": ["relationshipName: recorded text ('JigsawContact'), answered null (None)"],
        "Name": ["extraTypeInfo: recorded text ('switchablepersonname'), answered null (None)"],
    }.get(field)


@pytest.mark.parametrize("name", ["Account", "Case", "Contact", "Lead", "Opportunity", "OpportunityContactRole"])
def test_children_are_described_as_recorded(client, name):
    """Cascades, names and restrictions of every relationship both orgs have."""
    known = {_child(each): each for each in recorded(f"describe/{name}_describe.json")["childRelationships"]}
    answered = {_child(each): each for each in client.get(f"sobjects/{name}/describe").json()["childRelationships"]}
    differing = [
        (child, key, known[child][key], answered[child][key])
        for child in known.keys() & answered.keys()
        for key in known[child]
        if known[child][key] != answered[child][key]
    ]

    # An order can't be deleted from under a contact only where orders were activated.
    assert [each for each in differing if each[0][0] != "Order"] == []


def _child(relationship):
    return relationship["childSObject"], relationship["field"]


@pytest.mark.parametrize(
    "name", ["Account", "Case", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "Event"]
)
def test_fields_are_hidden_and_searched_as_recorded(client, name):
    """Where field-level security applies, and which lookups narrow a search."""
    ours = {each["name"]: each for each in client.get(f"sobjects/{name}/describe").json()["fields"]}
    differing = [
        (field["name"], key)
        for field in recorded(f"describe/{name}_describe.json")["fields"]
        if field["name"] in ours and not field["name"].endswith("__c")
        for key in ("permissionable", "searchPrefilterable")
        if field[key] != ours[field["name"]][key]
    ]

    # Read by activities through a person's own settings; the contact of a deal is filled in at creation only.
    assert set(differing) <= {("IsPrivate", "permissionable"), ("ContactId", "permissionable"),
                              ("Recurrence2PatternText", "permissionable")}  # fmt: skip


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
    """Each object both orgs have, with every key and value that does not hang on what a user made."""
    (exchange,) = exchanges("cumulusci/cumulusci/tests/shared_cassettes/GET_sobjects_Global_describe.yaml")
    known = {each["name"]: each for each in exchange.answered["sobjects"]}
    trimmed = {each["name"]: each for each in recorded("describe/Global_describe.json")["sobjects"]}
    answered = {each["name"]: each for each in client.get("sobjects").json()["sobjects"]}

    assert len(known.keys() & answered.keys()) > 3
    for name in known.keys() & answered.keys():
        urls = {key: value for key, value in known[name]["urls"].items() if key not in PAGES}
        assert missing(known[name] | {"urls": urls}, answered[name]) == [], name
        assert missing(trimmed[name] | {"urls": urls}, answered[name]) == [], name


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
