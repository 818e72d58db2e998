"""Bulk API 2.0 ingest: files that become records, and files that tell what became of each row."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_client import client_of, error_of, recorded

from demo_org.bulk import csv_rows
from demo_org.wire.bulk.jobs import DELIMITERS


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        client.org.catalog.add_field("Account", "Ext__c", external_id=True, unique=True)
        yield client


def opened(client, **wanted):
    answer = client.post("jobs/ingest", json={"object": "Account", "operation": "insert"} | wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


def done(client, job):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status = client.get(f"jobs/ingest/{job['id']}").json()
        if status["state"] in {"JobComplete", "Failed", "Aborted"}:
            return status
        time.sleep(0.01)
    raise AssertionError("the job did not end")


def load(client, text, **wanted):
    job = opened(client, **wanted)
    put = client.put("/" + job["contentUrl"], content=text.encode(), headers={"Content-Type": "text/csv"})
    assert (put.status_code, put.content) == (201, b"")
    client.patch(f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    return done(client, job)


def results(client, job, kind):
    answer = client.get(f"jobs/ingest/{job['id']}/{kind}")
    assert answer.headers["Content-Type"] == "text/csv"
    return answer.text


def test_rows_become_records_and_keep_their_quoting_in_the_results(client):
    """sf__ columns are quoted; the others come back as they were sent, line breaks and all."""
    status = load(client, 'Name,"Description"\nPlain,"two\nlines"\n"Quo""ted",x\n,nameless\n')
    ids = [
        client.query(f"SELECT Id FROM Account WHERE Name = '{name}'")["records"][0]["Id"]
        for name in ("Plain", 'Quo"ted')
    ]

    assert (status["state"], status["numberRecordsProcessed"], status["numberRecordsFailed"]) == ("JobComplete", 3, 1)
    assert results(client, status, "successfulResults") == (
        f'"sf__Id","sf__Created",Name,"Description"\n"{ids[0]}","true",Plain,"two\nlines"\n"{ids[1]}","true","Quo""ted",x\n'
    )
    assert results(client, status, "failedResults") == (
        '"sf__Id","sf__Error",Name,"Description"\n'
        '"","REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",,nameless\n'
    )
    assert results(client, status, "unprocessedRecords") == 'Name,"Description"\n'


def test_an_update_leaves_empty_cells_alone_and_empties_na(client):
    """An empty cell says nothing; #N/A says: nothing any more."""
    account = client.make("Account", Name="Kept", Industry="Banking", Website="http://x.example")
    status = load(client, f"Id,Name,Industry\n{account},,#N/A\n", operation="update")
    row = client.org.get("Account", account)

    assert (status["numberRecordsFailed"], row["Name"], row["Industry"]) == (0, "Kept", None)
    assert results(client, status, "successfulresults").splitlines()[1].startswith(f'"{account}","false",')


def test_an_upsert_goes_by_the_external_id(client):
    """The second file changes what the first one made."""
    first = load(client, "Ext__c,Name\ne1,One\n", operation="upsert", externalIdFieldName="Ext__c")
    second = load(client, "Ext__c,Name\ne1,Uno\ne2,Two\n,None\n", operation="upsert", externalIdFieldName="Ext__c")
    found = client.query("SELECT Name FROM Account WHERE Ext__c IN ('e1', 'e2') ORDER BY Ext__c")["records"]

    assert first["externalIdFieldName"] == "Ext__c"
    assert [each["Name"] for each in found] == ["Uno", "Two"]
    assert (second["numberRecordsProcessed"], second["numberRecordsFailed"]) == (3, 1)
    assert "MISSING_ARGUMENT:Ext__c not specified" in results(client, second, "failedResults")


def test_a_lookup_may_name_its_record_by_an_external_id(client):
    """Contacts find their account without anybody knowing its id."""
    load(client, "Ext__c,Name\nparent,Parent\n")
    status = load(client, "LastName,Account.Ext__c\nChild,parent\nOrphan,nobody\n", object="Contact")
    (child,) = client.query("SELECT Account.Name FROM Contact WHERE LastName = 'Child'")["records"]

    assert child["Account"]["Name"] == "Parent"
    assert "nobody no record found" in results(client, status, "failedResults")


@pytest.mark.parametrize(("operation", "in_bin"), [("delete", True), ("hardDelete", False)])
def test_rows_can_be_deleted_and_removed_for_good(client, operation, in_bin):
    """HardDelete leaves nothing in the recycle bin."""
    account = client.make("Account", Name="Gone")
    load(client, f"Id\n{account}\n", operation=operation)

    assert (client.org.get("Account", account) is not None) == in_bin
    assert client.query(f"SELECT Id FROM Account WHERE Id = '{account}'")["totalSize"] == 0


def test_two_hundred_rows_share_a_transaction_and_a_stamp(client):
    """Bulk loads make ties: readers by SystemModstamp must live with them."""
    load(client, "Name,Site\n" + "".join(f"Tie {number},tie\n" for number in range(450)))
    groups = client.query("SELECT count(Id) n FROM Account WHERE Site = 'tie' GROUP BY Site")["records"]
    stamps = client.query("SELECT SystemModstamp FROM Account WHERE Site = 'tie'")["records"]

    assert groups[0]["n"] == 450
    assert len({each["SystemModstamp"] for each in stamps}) <= 3


@pytest.mark.parametrize("name", list(DELIMITERS))
def test_every_delimiter_is_understood_with_both_line_endings(client, name):
    """The delimiter stands between the sf__ columns, too."""
    mark = DELIMITERS[name]
    status = load(client, f"Name{mark}Site\r\nD{mark}{name}\r\n", columnDelimiter=name, lineEnding="CRLF")

    assert status["numberRecordsFailed"] == 0
    assert results(client, status, "successfulResults").startswith(
        f'"sf__Id"{mark}"sf__Created"{mark}Name{mark}Site\r\n'
    )


@pytest.mark.parametrize(
    ("text", "wanted", "message"),
    [
        ("Nonsense\nx\n", {}, "InvalidBatch : Field name not found : Nonsense"),
        ("Name\nx\n", {"operation": "update"}, "InvalidBatch : Field name not found : Id"),
        ("Name\r\nx\r\n", {}, "ClientInputError : LineEnding is invalid on user data. Job's LineEnding is set to LF"),
        ("", {}, "InvalidBatch : The file has no head row"),
    ],
)
def test_a_file_that_makes_no_sense_fails_the_job(client, text, wanted, message):
    """The message says what is wrong; no row was touched."""
    status = load(client, text, **wanted)

    assert (status["state"], status["errorMessage"], status["numberRecordsProcessed"]) == ("Failed", message, 0)


def test_a_job_takes_one_upload_and_is_refused_out_of_turn(client):
    """Each step has its time."""
    job = opened(client)
    first, second = (
        client.put("/" + job["contentUrl"], content=b"Name\nA\n", headers={"Content-Type": "text/csv"})
        for _ in range(2)
    )
    aborted = client.patch(f"jobs/ingest/{job['id']}", json={"state": "Aborted"})
    late = client.patch(f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"})

    assert (first.status_code, error_of(second)[:2]) == (201, (400, "INVALIDJOBSTATE"))
    assert (aborted.json()["state"], error_of(late)[:2]) == ("Aborted", (400, "INVALIDJOBSTATE"))
    assert client.delete(f"jobs/ingest/{job['id']}").status_code == 204
    assert client.get(f"jobs/ingest/{job['id']}").status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [
        {"operation": "query"}, {"operation": None}, {"object": "Nonsense"}, {"object": 5}, {"contentType": "JSON"},
        {"columnDelimiter": "DOT"}, {"lineEnding": []}, {"operation": "upsert"},
    ],
)  # fmt: skip
def test_a_job_that_makes_no_sense_is_refused_at_once(client, wanted):
    """In Salesforce's shape, with a status of 400."""
    answer = client.post("jobs/ingest", json={"object": "Account", "operation": "insert"} | wanted)

    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] in {"INVALIDJOB", "INVALIDENTITY"}


def test_job_and_rows_may_come_in_one_multipart_request(client):
    """Small loads need one call; the job begins at once."""
    form = {
        "job": (None, '{"object": "Account", "operation": "insert"}', "application/json"),
        "content": ("content", "Name\nMultipart\n", "text/csv"),
    }
    job = client.post("jobs/ingest", files=form).json()

    assert done(client, job)["numberRecordsProcessed"] == 1
    assert client.query("SELECT Id FROM Account WHERE Name = 'Multipart'")["totalSize"] == 1


def test_jobs_answer_with_the_recorded_keys(client):
    """Created, closed, looked at and listed: the keys of real replies, in their order."""
    created = opened(client)
    closed = client.patch(f"jobs/ingest/{created['id']}", json={"state": "UploadComplete"}).json()
    status = load(client, "Name\nA\n")
    listed = client.get("jobs/ingest").json()

    assert list(created) == list(recorded("rest/postman/POST__jobs.ingest.json")["body"])
    assert list(closed) == list(recorded("rest/postman/PATCH__jobs.ingest.ID.json")["body"])
    assert list(status) == list(recorded("rest/postman/GET__jobs.ingest.ID.json")["body"])
    real = recorded("rest/postman/GET__jobs.ingest.json")["body"]
    assert list(real) == list(listed)
    assert set(real["records"][0]) <= set(listed["records"][0])


@pytest.mark.parametrize("kind", ["successfulResults", "failedResults", "unprocessedrecords"])
def test_result_files_begin_as_recorded(client, kind):
    """The head of an empty result, to the letter."""
    real = {
        "successfulResults": recorded("rest/postman/GET__jobs.ingest.ID.successfulResults.json"),
        "failedResults": recorded("rest/postman/GET__jobs.ingest.ID.failedResults.json"),
        "unprocessedrecords": recorded("rest/postman/GET__jobs.ingest.ID.unprocessedrecords.json"),
    }[kind]

    assert results(client, load(client, "Name\n"), kind) == real["body"]


@pytest.mark.parametrize(
    ("path", "delimiter"),
    [("bulk2/Account_bulk2_test.csv", "COMMA"), ("bulk2/Account_bulk2_test_backquote.csv", "BACKQUOTE")],
)
def test_files_of_other_peoples_tests_are_loaded(client, path, delimiter):
    """Names in capitals, numbers as 3.00E+07, line breaks within quotes."""
    text = recorded(path, text=True)
    rows = len(list(csv_rows(text, DELIMITERS[delimiter]))) - 1
    status = load(client, text, columnDelimiter=delimiter, lineEnding="CRLF" if "\r\n" in text else "LF")

    assert status["numberRecordsProcessed"] == rows
    assert status["numberRecordsFailed"] == 0, results(client, status, "failedResults")[:2000]


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=2, max_size=3), min_size=1
    )
)
def test_any_value_survives_quoting(rows):
    """What was written with quotes is read as it was, whatever it holds; the text of a row is the row's own."""
    lines = [",".join('"' + value.replace('"', '""') + '"' for value in row) for row in rows]
    read = list(csv_rows("\n".join(lines) + "\n", ","))

    assert [each.values for each in read] == rows
    assert [each.text for each in read] == lines
