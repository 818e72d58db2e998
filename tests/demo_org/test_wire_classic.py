"""Bulk API 1.0: the jobs, batches and results that dlt, Stitch's tap, CumulusCI and older programs rely on."""

import re
import time
from xml.etree import ElementTree as ET

import pytest
from cassettes import exchanges, template
from wire_client import client_of, recorded

from demo_org.wire.bulk.classic.documents import NAMESPACE

XML = {"Content-Type": "application/xml"}
JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
BASE = "/services/async/64.0/job"


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        client.headers["X-SFDC-Session"] = client.headers.pop("Authorization").removeprefix("Bearer ")
        client.org.catalog.add_field("Account", "Ext__c", external_id=True)
        yield client


def opened(client, *, headers=JSON, **wanted):
    given = {"operation": "insert", "object": "Account", "contentType": "CSV"} | wanted
    answer = client.post(BASE, json=given, headers=JSON | headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def batch_of(client, job, body, *, headers=CSV):
    answer = client.post(f"{BASE}/{job}/batch", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return fact(answer, "id")


def fact(answer, name):
    if answer.headers["Content-Type"] == "application/json":
        return answer.json()[name]
    return ET.fromstring(answer.content).findtext(f"{{{NAMESPACE}}}{name}")


def done(client, job, batch):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = client.get(f"{BASE}/{job}/batch/{batch}")
        if fact(answer, "state") in {"Completed", "Failed", "NotProcessed"}:
            return answer
        time.sleep(0.01)
    raise AssertionError("the batch did not end")


def result(client, job, batch):
    done(client, job, batch)
    return client.get(f"{BASE}/{job}/batch/{batch}/result")


def query(client, soql, kind="CSV", **wanted):
    job = opened(client, operation="query", contentType=kind, **wanted)
    batch = batch_of(client, job, soql)
    listed = result(client, job, batch)
    ids = listed.json() if kind == "JSON" else [each.text for each in ET.fromstring(listed.content)]
    return [client.get(f"{BASE}/{job}/batch/{batch}/result/{each}") for each in ids]


def keys(markup):
    """The names of the elements in their order, deeper ones behind their parent's."""
    return re.findall(r"<(\w+)[\s>]", re.sub(r"<\?.*?\?>", "", markup))


def test_rows_of_csv_become_records_in_the_order_of_the_rows(client):
    """The result has a line for each row: its id, or the reason why there is none."""
    job = opened(client)
    answer = result(client, job, batch_of(client, job, 'Name,Industry\n"One, Two",Banking\n,Banking\n'))
    first, second, third = answer.text.splitlines()

    assert answer.headers["Content-Type"] == "text/csv"
    assert first == '"Id","Success","Created","Error"'
    assert re.fullmatch(r'"001\w{15}","true","true",""', second)
    assert third == '"","false","false","REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("JSON", '[{"attributes": {"type": "Contact"}, "LastName": "J", "Title": null, "Account": {"Ext__c": "a1"}}]'),
        (
            "XML",
            (
                f'<sObjects xmlns="{NAMESPACE}"><sObject><LastName>X</LastName><Title/>'
                "<Account><sObject><Ext__c>a1</Ext__c></sObject></Account></sObject></sObjects>"
            ),
        ),
        ("CSV", "LastName,Title,Account.Ext__c\nC,#N/A,a1\n"),
    ],
)
def test_rows_come_in_three_formats(client, kind, body):
    """Empty values and records named by an external id, each in the way of its format."""
    if client.query("SELECT Id FROM Account WHERE Ext__c = 'a1'").get("totalSize") == 0:
        client.org.insert("Account", {"Name": "A", "Ext__c": "a1"})
    job = opened(client, object="Contact", contentType=kind)
    headers = {"JSON": JSON, "XML": XML, "CSV": CSV}[kind]
    answer = result(client, job, batch_of(client, job, body, headers=headers))
    found = client.query(f"SELECT Account.Name, Title FROM Contact WHERE LastName = '{kind[0]}'")["records"]

    assert answer.status_code == 200
    assert [(each["Account"]["Name"], each["Title"]) for each in found] == [("A", None)]
    if kind == "JSON":
        (outcome,) = answer.json()
        assert (outcome["success"], outcome["created"], outcome["errors"]) == (True, True, [])


@pytest.fixture(autouse=True)
def _rest_session(client):
    # The same token serves REST, for looking at what became of the rows.
    client.headers["Authorization"] = f"Bearer {client.headers['X-SFDC-Session']}"


def test_a_query_answers_in_three_formats(client):
    """CSV as Bulk 2.0 writes it, JSON with instants and days in milliseconds, XML with types."""
    client.org.insert("Opportunity", {"Name": "Deal <1>", "StageName": "Prospecting", "CloseDate": "2026-03-31"})
    soql = "SELECT Name, CloseDate, CreatedDate, IsWon, Amount FROM Opportunity"
    (csv,), (json,), (xml,) = (query(client, soql, kind, object="Opportunity") for kind in ("CSV", "JSON", "XML"))
    (record,) = json.json()

    assert csv.text.splitlines()[0] == '"Name","CloseDate","CreatedDate","IsWon","Amount"'
    assert record["attributes"]["type"] == "Opportunity"
    assert (record["CloseDate"], record["IsWon"], record["Amount"]) == (1774915200000, False, None)
    assert isinstance(record["CreatedDate"], int)
    assert '<records xsi:type="sObject"><type>Opportunity</type><Name>Deal &lt;1&gt;</Name>' in xml.text
    assert '<Amount xsi:nil="true"/>' in xml.text


def test_a_query_that_is_wrong_fails_its_batch(client):
    """The batch says why; its result is refused."""
    job = opened(client, operation="query")
    batch = batch_of(client, job, "SELECT Nonsense FROM Account")
    failed = done(client, job, batch)

    assert fact(failed, "state") == "Failed"
    assert "No such column 'Nonsense'" in fact(failed, "stateMessage")
    assert client.get(f"{BASE}/{job}/batch/{batch}/result").status_code == 400


def test_a_query_cut_by_ids_has_a_batch_for_each_range(client):
    """The first batch is not processed; together the others find every record once."""
    for number in range(25):
        client.org.insert("Product2", {"Name": f"P {number}"})
    header = {"Sforce-Enable-PKChunking": "chunkSize=10; parent=Account"}
    job = opened(client, operation="query", object="Product2", headers=header)
    batch_of(client, job, "SELECT Id FROM Product2 WHERE Name LIKE 'P%'")
    listed = ET.fromstring(client.get(f"{BASE}/{job}/batch").content)
    ids = [each.findtext(f"{{{NAMESPACE}}}id") for each in listed]
    rows = []
    for each in ids[1:]:
        listed_results = ET.fromstring(result(client, job, each).content)
        for one in listed_results:
            rows += client.get(f"{BASE}/{job}/batch/{each}/result/{one.text}").text.splitlines()[1:]

    assert next(each.findtext(f"{{{NAMESPACE}}}state") for each in listed) == "NotProcessed"
    assert (len(ids), len(rows), len(set(rows))) == (4, 25, 25)


def test_documents_come_in_the_format_the_client_speaks(client):
    """A job in the format of the request; batches in that of the job."""
    job = opened(client)
    batch = batch_of(client, job, "Name\nX\n", headers=JSON)
    kinds = [
        client.get(f"{BASE}/{job}", headers=JSON).headers["Content-Type"],
        client.get(f"{BASE}/{job}", headers=XML).headers["Content-Type"],
        client.get(f"{BASE}/{job}").headers["Content-Type"],
        client.get(f"{BASE}/{job}/batch/{batch}", headers=JSON).headers["Content-Type"],
    ]

    assert kinds == ["application/json", "application/xml", "application/xml", "application/xml"]
    assert client.get(f"{BASE}/{job}/batch/{batch}/request").text == "Name\nX\n"


def test_a_closed_job_takes_no_batch_and_an_aborted_one_processes_none(client):
    """Each state has its rules."""
    closed, aborted = opened(client), opened(client)
    for job, state in ((closed, "Closed"), (aborted, "Aborted")):
        assert client.post(f"{BASE}/{job}", json={"state": state}, headers=JSON).json()["state"] == state
        refused = client.post(f"{BASE}/{job}/batch", content="Name\nX\n", headers=CSV)
        assert (refused.status_code, fact(refused, "exceptionCode")) == (400, "InvalidJobState")


@pytest.mark.parametrize("headers", [JSON, XML])
def test_refusals_come_in_this_apis_own_form(client, headers):
    """Clients find the code by its own name, and log in again on InvalidSessionId with status 400."""
    gone = client.get(f"{BASE}/750000000000001", headers=headers)
    stranger = client.get(f"{BASE}/x", headers=headers | {"X-SFDC-Session": "none", "Authorization": ""})
    nowhere = client.get("/services/async/64.0/nowhere", headers=headers)
    retired = client.get("/services/async/20.0/job/x", headers=headers)

    assert [(each.status_code, fact(each, "exceptionCode")) for each in (gone, stranger, nowhere, retired)] == [
        (400, "InvalidJob"),
        (400, "InvalidSessionId"),
        (404, "InvalidUrl"),
        (410, "InvalidVersion"),
    ]


@pytest.mark.parametrize("headers", [JSON, XML], ids=["json", "xml"])
@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("session_rejected", 400, "InvalidSessionId"),
        ("request_limit", 403, "ExceededQuota"),
        ("api_disabled", 403, "FeatureNotEnabled"),
        ("unknown_exception", 500, "Unknown"),
    ],
)
def test_faults_refuse_in_this_apis_own_form(client, kind, status, code, headers):
    """A client of the older API meets the older API's refusals, whoever ordered them."""
    job = opened(client)
    client.post("/demo/faults", json=[{"kind": kind, "call": "bulk"}]).raise_for_status()
    try:
        refused = client.get(f"{BASE}/{job}", headers=headers)
    finally:
        client.delete("/demo/faults").raise_for_status()
    served = client.get(f"{BASE}/{job}", headers=headers)

    assert (refused.status_code, fact(refused, "exceptionCode")) == (status, code)
    assert "Sforce-Limit-Info" not in refused.headers
    assert (served.status_code, fact(served, "id")) == (200, job)


def test_an_answer_that_a_fault_spells_out_reaches_the_older_api_as_written(client):
    """Only refusals are put into its words; a page of a proxy in between stays the page it is."""
    job = opened(client)
    fault = {"kind": "answer", "call": "bulk", "status": 502, "body": '[{"errorCode": "MINE"}]'}
    client.post("/demo/faults", json=[fault]).raise_for_status()
    try:
        answered = client.get(f"{BASE}/{job}", headers=XML)
    finally:
        client.delete("/demo/faults").raise_for_status()

    assert (answered.status_code, answered.json()) == (502, [{"errorCode": "MINE"}])


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"operation": "explode"}, "InvalidJob"),
        ({"contentType": "ZIP_CSV"}, "InvalidJob"),
        ({"object": "Nonsense"}, "InvalidEntity"),
        ({"operation": "upsert"}, "InvalidJob"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(client, wanted, code):
    """At once, with what is wrong."""
    given = {"operation": "insert", "object": "Account", "contentType": "CSV"} | wanted
    answer = client.post(BASE, json=given, headers=JSON)

    assert (answer.status_code, answer.json()["exceptionCode"]) == (400, code)


def test_jobs_in_json_have_the_recorded_keys(client):
    """Created and closed, in alphabetical order, null or not."""
    created = client.post(BASE, json={"operation": "insert", "object": "Account", "contentType": "CSV"}, headers=JSON)
    closed = client.post(f"{BASE}/{created.json()['id']}", json={"state": "Closed"}, headers=JSON)
    first = recorded("rest/postman/POST__async.64.0.job.json")
    second = recorded("rest/postman/POST__async.64.0.job.ID.json")

    assert (created.status_code, list(created.json())) == (int(first["status"]), list(first["body"]))
    assert (closed.status_code, list(closed.json())) == (int(second["status"]), list(second["body"]))
    assert created.headers["Content-Type"] == first["content_type"]


@pytest.mark.parametrize(
    "path",
    [
        "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestUpsert.test_upsert_complex_fields__bulk.yaml",
        "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/TestUpsert.test_upsert_external_id_field.yaml",
    ],
)
def test_jobs_in_xml_are_the_recorded_ones(client, path):
    """Element by element, in their order: jobs, batches, lists of them, and results."""
    real = [each for each in exchanges(path) if "/async/" in each.target]
    opening, adding, closing, listing, rows = (
        next(each for each in real if each.method == method and re.search(f"{end}$", each.target))
        for method, end in (
            ("POST", "/job"), ("POST", "/batch"), ("POST", "/job/[^/]+"), ("GET", "/batch"), ("GET", "/result"),
        )
    )  # fmt: skip
    said = re.sub("<externalIdFieldName>.*?</", "<externalIdFieldName>Id</", opening.sent)
    created = client.post(BASE, content=said.encode(), headers=XML)
    job = fact(created, "id")
    name = "LastName" if "<object>Contact<" in said else "Name"
    batch = client.post(f"{BASE}/{job}/batch", content=f'"{name}","Id"\n"Sitwell",""\n', headers=CSV)
    assert fact(done(client, job, fact(batch, "id")), "stateMessage") is None
    closed = client.post(f"{BASE}/{job}", content=closing.sent.encode(), headers=XML)
    listed = client.get(f"{BASE}/{job}/batch")
    outcomes = client.get(f"{BASE}/{job}/batch/{fact(batch, 'id')}/result")

    assert (created.status_code, keys(created.text)) == (opening.status, keys(opening.answered))
    assert (batch.status_code, keys(batch.text)) == (adding.status, keys(adding.answered))
    assert (closed.status_code, keys(closed.text)) == (closing.status, keys(closing.answered))
    assert (listed.status_code, set(keys(listed.text))) == (listing.status, set(keys(listing.answered)))
    assert outcomes.text.splitlines()[0] == rows.answered.splitlines()[0]
    assert created.headers["Content-Type"] == opening.headers["Content-Type"]


@pytest.mark.parametrize(
    "name",
    [
        "cumulusci/cumulusci/tests/shared_cassettes/vcr_string_templates/jobInfo_insert_xml.tpl",
        "cumulusci/cumulusci/tests/shared_cassettes/vcr_string_templates/jobInfo_upsert_xml.tpl",
        "cumulusci/cumulusci/tests/shared_cassettes/vcr_string_templates/batchInfo_xml.tpl",
        "cumulusci/cumulusci/tests/shared_cassettes/vcr_string_templates/batchInfoList_xml.tpl",
    ],
)
def test_documents_are_laid_out_as_recorded(client, name):
    """To the last blank: the text of the recording with our values in its places."""
    upsert = {"operation": "upsert", "externalIdFieldName": "Id"} if "upsert" in name else {}
    job = opened(client, **upsert)
    batch = batch_of(client, job, "Name\nX\n" if not upsert else "Id,Name\n,X\n")
    done(client, job, batch)
    path = f"{BASE}/{job}"
    answered = client.get(path if "job" in name else f"{path}/batch" + ("" if "List" in name else f"/{batch}")).text

    assert re.fullmatch(template(recorded(name, text=True)), answered)


def test_a_query_in_json_is_the_recorded_one(client):
    """Batches, results and records of a job whose content type is JSON."""
    path = (
        "cumulusci/cumulusci/tasks/bulkdata/tests/cassettes/"
        "TestSelect.test_select_similarity_select_and_insert_strategy_bulk.yaml"
    )
    real = [each for each in exchanges(path) if "/async/" in each.target]
    added = next(each for each in real if each.method == "POST" and each.target.endswith("/batch"))
    listed = next(each for each in real if each.target.endswith("/result"))
    rows = next(each for each in real if "/result/" in each.target)
    contact = client.org.insert("Contact", {"LastName": "Contact"})
    account = client.org.insert("Account", {"Name": "Tom"})
    for what in (account, None):
        values = {"Subject": "S", "WhoId": contact, "WhatId": what, "DurationInMinutes": 60}
        client.org.insert("Event", values | {"ActivityDateTime": "2024-11-07T07:00:00Z"})
    job = opened(client, operation="query", object="Event", contentType="JSON")
    batch = client.post(f"{BASE}/{job}/batch", content=added.sent, headers=JSON)
    ids = result(client, job, batch.json()["id"])
    records = client.get(f"{BASE}/{job}/batch/{batch.json()['id']}/result/{ids.json()[0]}?format=json")

    assert (batch.status_code, list(batch.json())) == (added.status, list(added.answered))
    assert (len(ids.json()[0]), ids.status_code) == (len(listed.answered[0]), listed.status)
    assert {tuple(each) for each in records.json()} == {tuple(each) for each in rows.answered}
    assert records.headers["Content-Type"] == rows.headers["Content-Type"]
    assert records.json()[0]["ActivityDateTime"] == 1730962800000
