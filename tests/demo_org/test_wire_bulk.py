import csv
import io
import re
import time
from datetime import timedelta

import pytest
from wire_client import BASE, client_of, error_of, header_names, recorded

from demo_org.clock import Clock

TRICKY = ["plain", 'with "quotes"', "two\nlines", 'ends with a quote"', '"\n"', 'comma, and "\nquote"', "ümlaut"]
SOQL = "SELECT Id, Name, Description FROM Account ORDER BY Name"


@pytest.fixture(scope="module")
def client():
    with client_of(bulk_page_rows=4) as client:
        for number in range(10):
            client.make("Account", Name=f"Row {number}", Description=TRICKY[number % len(TRICKY)])
        yield client


@pytest.fixture(scope="module")
def job(client):
    return client.bulk(SOQL)


def rows_of(answer, **dialect):
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline=""), **dialect))


def pages_of(client, job_id, **params):
    locator: str | None = None
    while locator != "null":
        page = client.get(f"jobs/query/{job_id}/results", params=params | ({"locator": locator} if locator else {}))
        assert page.status_code == 200, page.text
        locator = page.headers["Sforce-Locator"]
        yield page


def test_a_job_is_created_with_200_and_the_documented_keys(client):
    """The state is UploadComplete, the API version a number."""
    answer = client.post("jobs/query", json={"operation": "query", "query": "SELECT Id FROM Account"})
    body = answer.json()

    assert (
        answer.status_code,
        body["state"],
        body["apiVersion"],
        body["object"],
    ) == (200, "UploadComplete", 64.0, "Account")
    assert {
        "id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state", "concurrencyMode",
        "contentType", "apiVersion", "lineEnding", "columnDelimiter",
    } == set(body)  # fmt: skip
    assert body["id"].startswith("750")


def test_a_job_passes_through_its_states():
    """UploadComplete, InProgress, JobComplete; the rows are there only at the end."""
    with client_of(bulk_delay=0.2) as client:
        client.make("Account", Name="One")
        job_id = client.post("jobs/query", json={"operation": "query", "query": SOQL}).json()["id"]
        early = client.get(f"jobs/query/{job_id}/results")
        states = set()
        deadline = time.monotonic() + 10
        while "JobComplete" not in states and time.monotonic() < deadline:
            states.add(client.get(f"jobs/query/{job_id}").json()["state"])
            time.sleep(0.05)

    assert error_of(early)[:2] == (400, "INVALIDJOBSTATE")
    assert {"UploadComplete", "InProgress", "JobComplete"} == states


def test_the_rows_come_in_pages_with_their_number_and_a_locator(client, job):
    """Every row once, whatever its text; the header on each page; the last locator is the word null."""
    pages = list(pages_of(client, job["id"]))
    rows = [row for page in pages for row in rows_of(page)]

    assert job["numberRecordsProcessed"] == 10
    assert [page.headers["Sforce-NumberOfRecords"] for page in pages] == ["4", "4", "2"]
    assert [f"Row {number}" for number in range(10)] == [row["Name"] for row in rows]
    assert [TRICKY[number % len(TRICKY)] for number in range(10)] == [row["Description"] for row in rows]
    assert {"text/csv"} == {page.headers["Content-Type"] for page in pages}
    assert {"Sforce-NumberOfRecords", "Sforce-Locator"} <= header_names(pages[0])


def test_a_client_may_ask_for_smaller_pages(client, job):
    """The wish is a maximum; locators can be asked for again."""
    pages = list(pages_of(client, job["id"], maxRecords=3))
    names = [row["Name"] for page in pages for row in rows_of(page)]
    again = client.get(f"jobs/query/{job['id']}/results", params={"locator": pages[0].headers["Sforce-Locator"]})

    assert [page.headers["Sforce-NumberOfRecords"] for page in pages] == ["3", "3", "3", "1"]
    assert [f"Row {number}" for number in range(10)] == names
    assert rows_of(again)[0]["Name"] == "Row 3"


def test_pages_can_be_fetched_side_by_side(client, job):
    """A call names up to five of them and where the rest are."""
    body = client.get(f"jobs/query/{job['id']}/resultPages").json()
    names = [row["Name"] for page in body["resultPages"] for row in rows_of(client.get(page["resultUrl"]))]

    assert (body["done"], body["nextRecordsUrl"]) == (True, None)
    assert [f"Row {number}" for number in range(10)] == names


def test_more_than_five_pages_continue_behind_a_link():
    """The link leads to the pages that are left."""
    with client_of(bulk_page_rows=1) as client:
        for number in range(7):
            client.make("Account", Name=f"R{number}")
        job_id = client.bulk("SELECT Name FROM Account")["id"]
        first = client.get(f"jobs/query/{job_id}/resultPages").json()
        second = client.get(first["nextRecordsUrl"]).json()

    assert (
        len(first["resultPages"]),
        first["done"],
        len(second["resultPages"]),
        second["done"],
    ) == (5, False, 2, True)


def test_an_empty_result_is_a_header_only(client):
    """No rows, no locator."""
    job = client.bulk("SELECT Id, Name FROM Lead")
    answer = client.get(f"jobs/query/{job['id']}/results")

    assert (
        answer.headers["Sforce-NumberOfRecords"],
        answer.headers["Sforce-Locator"],
        answer.content,
    ) == ("0", "null", b'"Id","Name"\n')


def test_delimiter_and_line_ending_are_the_clients_choice(client):
    """A tab and CRLF, with line breaks inside a text left as they are."""
    job = client.bulk(SOQL, columnDelimiter="TAB", lineEnding="CRLF")
    pages = list(pages_of(client, job["id"]))

    assert pages[0].content.startswith(b'"Id"\t"Name"\t"Description"\r\n')
    rows = [row for page in pages for row in rows_of(page, delimiter="\t")]
    assert [TRICKY[number % len(TRICKY)] for number in range(10)] == [row["Description"] for row in rows]


def test_results_are_packed_for_clients_that_accept_it(client, job):
    """Streamed all the same; the content is equal."""
    path = f"jobs/query/{job['id']}/results"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == plain.content


def test_deleted_rows_come_with_the_query_all_operation_only(client):
    """As in REST."""
    client.delete(f"sobjects/Contact/{client.make('Contact', LastName='Gone')}")
    soql = "SELECT Id FROM Contact"

    assert (
        client.bulk(soql)["numberRecordsProcessed"],
        client.bulk(soql, operation="queryAll")["numberRecordsProcessed"],
    ) == (0, 1)


def test_results_need_the_version_of_their_job(client, job):
    """409 with another one."""
    assert client.get(f"/services/data/v63.0/jobs/query/{job['id']}/results").status_code == 409


def test_unsound_queries_are_refused_at_once(client):
    """A wrong field, an object or a feature the Bulk API does not serve, and no job is made."""

    def attempt(soql, **job):
        return error_of(client.post("jobs/query", json={"operation": "query", "query": soql} | job))[:2]

    before = len(client.get("jobs/query").json()["records"])
    assert attempt("SELECT Naem FROM Account") == (400, "INVALID_FIELD")
    assert attempt("SELECT Id FROM Attachment") == (400, "INVALIDENTITY")
    assert attempt("SELECT COUNT(Id) FROM Account") == (400, "FUNCTIONALITY_NOT_ENABLED")
    assert attempt("SELECT StageName, COUNT(Id) n FROM Opportunity GROUP BY StageName")[0] == 400
    assert attempt("SELECT Id FROM Account LIMIT 5 OFFSET 5") == (400, "FUNCTIONALITY_NOT_ENABLED")
    assert attempt("SELECT Id, (SELECT Id FROM Contacts) FROM Account") == (400, "FUNCTIONALITY_NOT_ENABLED")
    assert attempt("SELECT BillingAddress FROM Account") == (400, "FUNCTIONALITY_NOT_ENABLED")
    assert attempt("SELECT Id FROM Account", operation="insert") == (400, "INVALIDJOB")
    assert attempt("SELECT Id FROM Account", columnDelimiter="SPACE") == (400, "INVALIDJOB")
    assert before == len(client.get("jobs/query").json()["records"])


def test_jobs_are_aborted_and_deleted(client):
    """A finished job can be deleted, not aborted; afterwards it is not found."""
    done = client.bulk("SELECT Id FROM Account")["id"]
    cannot = client.patch(f"jobs/query/{done}", json={"state": "Aborted"})
    deleted = client.delete(f"jobs/query/{done}")

    assert error_of(cannot)[:2] == (400, "INVALIDJOBSTATE")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert error_of(client.get(f"jobs/query/{done}"))[:2] == (404, "NOT_FOUND")


def test_jobs_answer_with_the_recorded_keys(client):
    """Created, aborted and listed; jobs of the older API are listed and found beside them."""
    created = client.post("jobs/query", json={"operation": "query", "query": "SELECT Id FROM Account"})
    aborted = client.patch(f"jobs/query/{created.json()['id']}", json={"state": "Aborted"})
    token = client.headers["Authorization"].removeprefix("Bearer ")
    order = {"operation": "query", "object": "Account", "contentType": "CSV"}
    older = client.post("/services/async/64.0/job", json=order, headers={"X-SFDC-Session": token}).json()["id"]
    listed = client.get("jobs/query", params={"jobType": "Classic"}).json()
    everything = client.get("jobs/query").json()["records"]
    found = client.get(f"jobs/query/{older}").json()

    assert list(created.json()) == list(recorded("rest/postman/POST__jobs.query.json")["body"])
    if aborted.status_code == 200:  # else it was faster than we
        assert list(aborted.json()) == list(recorded("rest/postman/PATCH__jobs.query.ID.json")["body"])
    assert [each["id"] for each in listed["records"]] == [older]
    assert {"V2Query", "Classic"} <= {each["jobType"] for each in everything}
    assert list(found) == list(recorded("rest/postman/GET__jobs.query.ID.json")["body"])
    real = recorded("rest/postman/GET__jobs.query.json")["body"]  # masked, so no JSON
    assert re.findall(r'"(\w+)":', real) == [*listed, *listed["records"][0]]


def test_pages_to_fetch_side_by_side_come_as_recorded(client, job):
    """The documented names; the links are whole paths."""
    real = recorded("rest/postman/GET__jobs.query.ID.resultPages.json")["body"]
    answered = client.get(f"jobs/query/{job['id']}/resultPages").json()

    # The recording says resultLink, the guide resultUrl; the guide is followed.
    assert list(real) == list(answered)
    assert next(list(each) for each in answered["resultPages"]) == ["resultUrl"]
    assert real["resultPages"][0]["resultLink"].split("?")[0].endswith("/results")
    assert answered["resultPages"][0]["resultUrl"].split("?")[0].endswith("/results")


def test_a_day_has_only_so_many_query_jobs():
    """The one too many is refused, and no job is made; limits tell what is left."""
    with client_of(daily_query_jobs=2) as client:
        answers = [client.post("jobs/query", json={"operation": "query", "query": SOQL}) for _ in range(3)]

        assert [each.status_code for each in answers] == [200, 200, 400]
        assert error_of(answers[2])[1] == "LIMIT_EXCEEDED"
        assert client.get("limits").json()["DailyBulkV2QueryJobs"] == {"Max": 2, "Remaining": 0}
        assert len(client.get("jobs/query").json()["records"]) == 2


def test_jobs_are_forgotten_after_seven_days():
    """A client that comes too late must read anew."""
    clock = Clock()
    with client_of(clock) as client:
        job = client.bulk(SOQL)["id"]
        clock.move(by=timedelta(days=8))
        client.log_in()

        assert client.get(f"jobs/query/{job}/results").status_code == 404
        assert client.get("jobs/query").json()["records"] == []


def test_a_running_job_can_be_aborted():
    """It stays aborted and has no results."""
    with client_of(bulk_delay=0.5) as client:
        job_id = client.post("jobs/query", json={"operation": "query", "query": SOQL}).json()["id"]
        early = client.delete(f"jobs/query/{job_id}")
        aborted = client.patch(f"jobs/query/{job_id}", json={"state": "Aborted"})
        time.sleep(0.1)

        assert error_of(early)[:2] == (400, "INVALIDJOBSTATE")
        assert (aborted.status_code, aborted.json()["state"]) == (200, "Aborted")
        assert client.get(f"{BASE}/jobs/query/{job_id}").json()["state"] == "Aborted"
        assert client.delete(f"jobs/query/{job_id}").status_code == 204
