"""Recorded answers about records, queries and composite calls, held against those of the demo org."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from likeness import assert_alike, differences
from wire_client import BASE, RECORDED, client_of, header_names, recorded

from demo_org.clock import Clock

ACCOUNT = {"Name": "Edge Communications", "Phone": "(512) 757-6000", "Type": "Customer - Direct", "Site": "HQ"}
#: what an admin says of one field and not of another
OWN = {"picklistValues", "defaultValue", "referenceTo", "relationshipName", "controllerName", "dependentPicklist"}
#: an admin's object with a field of each type, as the recordings have it
WHIZBANG = {
    "Checkbox_Label__c": ("boolean", True),
    "Currency_Label__c": ("currency", 23.0),
    "Date_Label__c": ("date", "2010-01-01"),
    "DateTime_Label__c": ("datetime", "2011-07-07T00:37:00.000+0000"),
    "OtherDateTime_Label__c": ("datetime", None),
    "Email_Label__c": ("email", "danny@example.com"),
    "Number_Label__c": ("double", 23.0),
    "Percent_Label__c": ("percent", 33.0),
    "Phone_Label__c": ("phone", "(415) 555-1212"),
    "Picklist_Label__c": ("picklist", "one"),
    "Picklist_Multiselect_Label__c": ("multipicklist", "four;six"),
    "Text_Label__c": ("string", "some text"),
    "TextArea_Label__c": ("textarea", "a text area"),
    "TextAreaLong_Label__c": ("textarea", "a long text area"),
    "TextAreaRich_Label__c": ("textarea", "Rich <strong>text</strong>"),
    "URL_Label__c": ("url", "http://example.com"),
}


@pytest.fixture(scope="module")
def client():
    with client_of(Clock(frozen_at=datetime(2026, 3, 2, 9, tzinfo=UTC)), page_rows=1, oldest_version=20) as client:
        catalog = client.org.catalog
        catalog.add_object("Whizbang__c", label="Whizbang")
        for name, (kind, _) in WHIZBANG.items():
            catalog.add_field("Whizbang__c", name, kind)
        catalog.add_field(
            "Whizbang__c", "ParentWhizbang__c", "reference", reference_to=("Whizbang__c",), children="Whizbangs"
        )
        catalog.add_field("Whizbang__c", "External_Field__c", "string", external_id=True)
        yield client


@pytest.fixture(scope="module")
def whizbangs(client):
    """A parent, a record and its child."""
    values = {name: value for name, (_, value) in WHIZBANG.items()}
    parent = client.make("Whizbang__c", Name="Parent Whizbang", Text_Label__c="Hello")
    record = client.make(
        "Whizbang__c", Name="My First Whizbang", ParentWhizbang__c=parent, External_Field__c="1234", **values
    )
    client.make("Whizbang__c", Name="Child Whizbang", ParentWhizbang__c=record)
    return parent, record


def plain(whole):
    """An answer with the endings of custom names taken off, which the recordings lack."""
    text = re.sub(r'"(\w+_Label|Whizbang|\w+_Number)__c"', r'"\1"', json.dumps(whole))
    return json.loads(text)


def test_a_record_is_created_as_recorded(client):
    """Id, success, errors."""
    known = recorded("rest/restforce/sobject/create_success_response.json")
    made = client.post("sobjects/Account", json=ACCOUNT)

    assert made.status_code == 201
    assert_alike(known, made.json())


def test_a_record_is_read_as_recorded(client, whizbangs):
    """Every type of field has the recorded form; audit fields the recording was shortened by are ours to add."""
    known = recorded("rest/restforce/sobject/sobject_find_success_response.json")
    added = {"CreatedDate", "LastModifiedDate", "SystemModstamp", "ParentWhizbang__c", "External_Field__c"}

    answered = plain(client.get(f"sobjects/Whizbang__c/{whizbangs[1]}").json())

    # The recorded object has a number of its own; ids were replaced by words.
    assert_alike(known, answered, extra=added, absent={"Auto_Number"})


def test_fields_are_selected_as_recorded(client, whizbangs):
    """The id comes with the fields asked for."""
    known = recorded("rest/restforce/sobject/sobject_select_success_response.json")
    answered = client.get(f"sobjects/Whizbang__c/{whizbangs[1]}", params={"fields": "External_Field__c"}).json()

    assert_alike(known, answered)
    assert list(known) == list(answered)


def test_a_query_answers_as_recorded(client, whizbangs):
    """A parent, children, a day, an instant, a list of choices."""
    known = recorded("rest/restforce/sobject/query_success_response.json")
    soql = (
        "SELECT Checkbox_Label__c, Text_Label__c, Date_Label__c, DateTime_Label__c, Picklist_Multiselect_Label__c, "
        "ParentWhizbang__r.Name, ParentWhizbang__r.Text_Label__c, (SELECT Name FROM Whizbangs__r) FROM Whizbang__c "
        f"WHERE Id = '{whizbangs[1]}'"
    )

    assert_alike(known, plain(client.query(soql)))


def test_pages_answer_as_recorded(client):
    """The first has the address of the next, the last has none."""
    first_known = recorded("rest/restforce/sobject/query_paginated_first_page_response.json")
    last_known = recorded("rest/restforce/sobject/query_paginated_last_page_response.json")
    client.make("Campaign", Name="One")
    client.make("Campaign", Name="Two")
    first = client.query("SELECT Name FROM Campaign ORDER BY Name LIMIT 2")
    last = client.get(first["nextRecordsUrl"]).json()

    def named(page):
        return json.loads(json.dumps(page).replace('"Name"', '"Text_Label"'))

    assert_alike(first_known, named(first))
    assert_alike(last_known, named(last))
    assert (list(first), list(last)) == (list(first_known), list(last_known))


def test_groups_answer_as_recorded(client):
    """An AggregateResult without an address; a null group; sums as doubles (the recording has one as 400)."""
    known = recorded("rest/restforce/sobject/query_aggregate_success_response.json")
    known["records"][2]["expr0"] = float(known["records"][2]["expr0"])
    campaigns = [client.make("Campaign", Name=f"Grouped {number}") for number in range(2)]
    for given in (*campaigns, None):
        client.make(
            "Opportunity", Name="x", StageName="Prospecting", CloseDate="2026-04-01", Amount=100, CampaignId=given
        )
    answered = client.query(
        "SELECT CampaignId, SUM(Amount) FROM Opportunity GROUP BY CampaignId ORDER BY CampaignId ASC NULLS LAST"
    )

    assert_alike(known, answered)


def test_an_empty_query_answers_as_recorded(client):
    """Nothing found is no error."""
    known = recorded("rest/restforce/sobject/query_empty_response.json")

    assert known == client.query("SELECT Id FROM Lead")


def test_the_organization_is_read_as_recorded(client):
    """Clients ask for it first."""
    assert_alike(
        recorded("rest/restforce/sobject/org_query_response.json"), client.query("SELECT Id FROM Organization")
    )


@pytest.mark.parametrize(
    ("path", "method", "target", "body", "status"),
    [
        ("rest/restforce/sobject/delete_error_response.json", "DELETE", "sobjects/Account/rid", None, 404),
        ("rest/restforce/sobject/sobject_find_error_response.json", "GET", "sobjects/Account/23foo", None, 404),
        ("rest/restforce/sobject/upsert_error_response.json", "PATCH", "sobjects/Account/Namez/x", {"Name": "x"}, 404),
        ("rest/restforce/sobject/sobject_describe_error_response.json", "GET", "sobjects/Foo/describe", None, 404),
        ("rest/restforce/sobject/search_error_response.json", "GET", "search?q=FIND+bar", None, 400),
    ],
)
def test_refusals_are_those_recorded(client, path, method, target, body, status):
    """Status, code and text, word for word."""
    answer = client.request(method, target, json=body)

    assert (status, recorded(path)) == (answer.status_code, answer.json())


def test_a_refused_write_has_the_recorded_keys(client):
    """An unknown column: the text names field and object, and there is no list of fields."""
    known = recorded("rest/restforce/sobject/write_error_response.json")
    answered = client.post("sobjects/Account", json={"Name": "x", "foo": "y"}).json()

    assert json.loads(json.dumps(known).replace("type Bar", "type Account")) == answered


def test_a_refused_query_has_the_recorded_keys(client):
    """Message and code only."""
    known = recorded("rest/restforce/sobject/query_error_response.json")
    answered = client.get("query", params={"q": "SELECT Naem FROM Account"}).json()

    assert_alike(known, answered)
    assert known[0]["errorCode"] == answered[0]["errorCode"]


def test_upserts_answer_as_recorded(client):
    """Created and several, now and in version 40, which has no word about what was created."""
    created_known = recorded("rest/restforce/sobject/upsert_created_success_response.json")
    several_known = recorded("rest/restforce/sobject/upsert_multiple_error_response.json")
    updated_known = RECORDED / "rest/restforce/sobject/upsert_updated_success_response.json"
    for version, value, added in (("v64.0", "foo", {"created"}), ("v40.0", "bar", set())):
        key = f"/services/data/{version}/sobjects/Whizbang__c/External_Field__c/{value}"
        created, updated = (client.patch(key, json={"Name": name}) for name in ("New", "Again"))
        client.make("Whizbang__c", Name="Twin", External_Field__c=value)
        several = client.patch(key, json={"Name": "Which"})

        assert [created.status_code, updated.status_code, several.status_code] == [201, 200 if added else 204, 300]
        assert_alike(created_known, created.json(), extra=added)
        assert_alike(several_known, plain(several.json()))
    assert updated_known.read_bytes() == updated.content


def test_what_changed_and_went_is_listed_as_recorded(client):
    """Ids and instants; the deletions with how far back they are known."""
    updated_known = recorded("rest/restforce/sobject/get_updated_success_response.json")
    deleted_known = recorded("rest/restforce/sobject/get_deleted_success_response.json")
    client.make("Campaign", Name="Changed")
    client.delete(f"sobjects/Campaign/{client.make('Campaign', Name='Gone')}")
    now = client.org.clock.now()
    span = {"start": (now - timedelta(hours=1)).isoformat(), "end": (now + timedelta(minutes=2)).isoformat()}

    assert_alike(updated_known, client.get("sobjects/Campaign/updated/", params=span).json())
    assert_alike(deleted_known, client.get("sobjects/Campaign/deleted/", params=span).json())


@pytest.mark.parametrize(
    "path",
    [
        "rest/restforce/sobject/describe_sobjects_success_response.json",
        "rest/restforce/sobject/list_sobjects_success_response.json",
    ],
)
def test_the_global_list_has_the_recorded_keys(client, path):
    """Version 23 had fewer; none of them is missing."""
    known = recorded(path)
    account = next(each for each in client.get("sobjects").json()["sobjects"] if each["name"] == "Account")

    found = differences(known["sobjects"][0], account)
    assert [line for line in found if " adds " not in line] == []


def test_a_describe_has_the_recorded_keys(client):
    """Version 23 had fewer; those it had are there with their types, in fields, children and record types, too."""
    known = recorded("rest/restforce/sobject/sobject_describe_success_response.json")
    answered = client.get("sobjects/Whizbang__c/describe").json()
    by_type = {each["type"]: each for each in answered["fields"]}

    def missing(was, now):
        return [line for line in differences(was, now) if " adds " not in line]

    whole = {key: value for key, value in known.items() if key not in {"fields", "childRelationships"}}
    assert missing(whole, answered) == []
    for field in known["fields"]:
        if field["type"] in by_type:
            # What an admin may say of a field (a length, choices, a default) is that field's own.
            told = {key: value for key, value in field.items() if key not in OWN}
            assert missing(told, by_type[field["type"]]) == [], field["name"]


def test_searches_answer_as_recorded(client):
    """A list in old versions, and in an object since version 37; its elements are the recorded ones."""
    known = recorded("rest/restforce/sobject/search_success_response.json")
    for name in ("Searched One", "Searched Two"):
        client.make("Whizbang__c", Name=name)
    asked = {"q": "FIND {Searched}"}

    assert_alike(known, plain(client.get("/services/data/v23.0/search", params=asked).json()))
    assert_alike({"searchRecords": known}, plain(client.get("search", params=asked).json()))


def test_recent_records_answer_as_recorded(client):
    """Addresses, ids and names."""
    known = recorded("rest/restforce/sobject/recent_success_response.json")
    for name in ("Recent One", "Recent Two"):
        client.make("Whizbang__c", Name=name)

    assert_alike(known, plain(client.get("recent", params={"limit": 2}).json()))


def test_a_list_view_answers_as_recorded(client):
    """Columns with how they are sorted, records as lists of texts."""
    known = recorded("rest/restforce/sobject/list_view_results_success_response.json")
    client.make("Account", **ACCOUNT)
    mine = next(each for each in client.get("sobjects/Account/listviews").json()["listviews"] if "My" in each["label"])
    answered = client.get(mine["resultsUrl"]).json()

    assert_alike(known, answered, nullable={"records.*.columns.*.value"})
    shown, hidden = (next(each for each in body["columns"] if each["hidden"]) for body in (known, answered))
    assert shown.keys() == hidden.keys()
    assert (shown["ascendingLabel"], shown["sortable"]) == (hidden["ascendingLabel"], hidden["sortable"])


# -- what a collection of requests recorded, with the names of the headers -----------------------------------------


def headers_alike(known, answer):
    """Every recorded header is there, in Salesforce's case; those that tell how a body was sent depend on its size."""
    sent = header_names(answer)
    return set(known["response_header_names"]) - sent - {"Vary", "Content-Encoding", "Transfer-Encoding"}


def test_query_all_answers_as_recorded(client):
    """Body and headers."""
    known = recorded("rest/postman/GET__queryAll.json")
    client.make("Account", Name="Grand Hotels")
    answer = client.get("queryAll", params={"q": "SELECT Name FROM Account LIMIT 1"})

    assert_alike(known["body"], answer.json())
    assert answer.headers["Content-Type"] == known["content_type"]
    assert headers_alike(known, answer) == set()


def test_counts_answer_as_recorded(client):
    """Body and headers."""
    known = recorded("rest/postman/GET__limits.recordCount.json")
    client.make("Account", Name="Counted")
    answer = client.get("limits/recordCount", params={"sObjects": "Account,Nothing"})

    assert_alike(known["body"], answer.json())
    assert headers_alike(known, answer) == set()


def test_a_composite_call_answers_as_recorded(client):
    """The recorded request itself is sent."""
    known = recorded("rest/postman/POST__composite.json")
    answer = client.post("composite", json=known["request_example"])

    assert answer.status_code == 200
    assert_alike(known["body"], answer.json())
    assert headers_alike(known, answer) == set()


def test_a_batch_answers_as_recorded(client):
    """The recorded request itself is sent; its answer was shortened by dots, which are taken out."""
    known = recorded("rest/postman/POST__composite.batch.json")
    body = json.loads(re.sub(r",\s*\.\.\.", "", known["body"]))
    client.make("Account", Name="First")
    client.make("Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-04-01")
    answer = client.post("composite/batch", json=known["request_example"])

    # A page of one row is this org's; Salesforce answers the two in one.
    more = {"results.*.result.nextRecordsUrl"}
    assert_alike(body, answer.json(), extra=more)
    assert headers_alike(known, answer) == set()


def test_a_graph_answers_as_recorded(client):
    """The recorded request is sent without its custom field; the recorded answer is of one with two new records."""
    known = recorded("rest/postman/POST__composite.graph.json")
    first, _ = known["request_example"]["graphs"][0]["compositeRequest"]
    first["body"].pop("Custom__c")
    second = {
        "method": "POST", "url": f"{BASE}/sobjects/Contact/", "referenceId": "newContact",
        "body": {"LastName": "Doe", "AccountId": "@{newAccount.id}"},
    }  # fmt: skip
    answer = client.post(
        "composite/graph", json={"graphs": [{"graphId": "graph1", "compositeRequest": [first, second]}]}
    )

    assert_alike(known["body"], answer.json())


def test_the_tooling_list_has_the_recorded_keys(client):
    """Every key of an entry, and nothing else."""
    known = recorded("rest/tooling_global_describe_v65_first60.json")
    answered = client.get("tooling/sobjects").json()

    assert_alike({key: value for key, value in known.items() if key != "sobjects"}, answered, extra={"sobjects"})
    assert set(known["sobjects"][0]) == set(answered["sobjects"][0])
    kinds = {key: {type(each[key]) for each in known["sobjects"]} for key in known["sobjects"][0]}
    for entry in answered["sobjects"]:
        assert {key for key, value in entry.items() if type(value) not in kinds[key]} <= {"keyPrefix"}
        assert entry["urls"].keys() >= {"rowTemplate", "describe", "sobject"}
