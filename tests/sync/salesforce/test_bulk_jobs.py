"""Bulk jobs: pages are streamed, and counts are believed only when they agree."""

import pytest
from job_reading import pages_of
from scripted_org import Answer, as_json

from sync.errors import BadReply, BulkUnsupported, FieldHidden, OrgUnreachable, ResultTruncated
from sync.salesforce.bulk import BulkJob

JOBS = "/services/data/v64.0/jobs/query"


def read_all(client, job=None):
    """Read every page to its end, and take the lines for rows."""
    for page in pages_of(client, job or client.start_bulk("SELECT Id FROM Account", object_name="Account")):
        text = b"".join(page.chunks)
        page.verify(max(0, text.count(b"\n") - 1))


def job_script(org, *pages, processed):
    job = {"id": "750", "object": "Account", "state": "UploadComplete"}
    done = job | {"state": "JobComplete", "numberRecordsProcessed": processed}
    org.on(JOBS, as_json(job))
    org.on(f"{JOBS}/750", as_json(job | {"state": "InProgress"}), as_json(done))
    org.on(f"{JOBS}/750/results", *pages)


def csv_page(body: bytes, rows: int | None, locator: str = "null", **more) -> Answer:
    headers = {"Content-Type": "text/csv", "Sforce-Locator": locator}
    if rows is not None:
        headers["Sforce-NumberOfRecords"] = str(rows)
    return Answer(body=body, headers=headers, **more)


def test_bulk_pages_stream_with_their_header_and_without_nul_bytes(org, connected):
    """Each page can be copied by itself; NULs, which no database takes, are gone."""
    first = csv_page(b'"Id","Na"\n"1","a\x00b"\n', 1, "next")
    job_script(org, first, csv_page(b'"Id","Na"\n"2","c\nd"\n', 1), processed=2)
    client = connected()

    job = client.start_bulk("SELECT Id, Na FROM Account", object_name="Account")
    seen = []
    for page in pages_of(client, job):
        seen.append((page.columns, b"".join(page.chunks)))
        page.verify(1)

    assert seen == [
        (("Id", "Na"), b'"Id","Na"\n"1","ab"\n'),
        (("Id", "Na"), b'"Id","Na"\n"2","c\nd"\n'),
    ]
    assert "locator=next" in org.asked_for(f"{JOBS}/750/results")[1].path


def test_a_page_with_too_few_rows_is_not_believed(org, connected):
    """A connection that breaks can look like the end of a page."""
    job_script(org, csv_page(b'"Id"\n"1"\n', 2), processed=2)
    client = connected()
    page = next(pages_of(client, client.start_bulk("SELECT Id FROM Account", object_name="Account")))

    with pytest.raises(ResultTruncated):
        page.verify(1)


def test_a_page_without_a_count_is_read_all_the_same(org, connected):
    """Old versions do not say the number of rows, and send nothing at all for none."""
    job_script(org, csv_page(b"", None), processed=0)
    client = connected()

    page = next(pages_of(client, client.start_bulk("SELECT Id FROM Account", object_name="Account")))
    page.verify(0)

    assert (page.columns, page.expected_rows, list(page.chunks)) == ((), None, [])


def test_a_page_that_breaks_off_is_an_error_and_can_be_asked_again(org, connected):
    """Only this page is read twice."""
    whole = csv_page(b'"Id"\n"1"\n"2"\n', 2)
    job_script(org, csv_page(whole.body, 2, cut=8), whole, processed=2)
    client = connected()
    job = client.start_bulk("SELECT Id FROM Account", object_name="Account")

    with pytest.raises(OrgUnreachable):
        read_all(client, job)
    with client.bulk_page(job) as page:
        again = b"".join(page.chunks)

    assert again == whole.body


def test_a_maintenance_page_is_never_taken_for_rows(org, connected):
    """It comes with status 200 at times."""
    page = Answer(body=b"<html>Down For Maintenance</html>", headers={"Content-Type": "text/html"})
    job_script(org, page, csv_page(b'"Id"\n"1"\n', 1), processed=1)

    read_all(connected())

    assert len(org.asked_for(f"{JOBS}/750/results")) == 2


@pytest.mark.parametrize(
    ("link", "more"),
    [
        ({"resultUrl": "/services/data/v64.0/jobs/query/750/results?locator={}"}, "nextRecordsUrl"),
        ({"resultLink": "/jobs/query/750/results?locator={}&maxRecords=9"}, "nextRecordUrl"),
    ],
)
def test_the_pages_of_a_large_job_are_listed_to_the_end(org, connected, link, more):
    """Five at a time; Salesforce's own pages spell the names in several ways, with and without the path."""
    ((name, url),) = link.items()

    def listed(*locators):
        return [{name: url.format(each)} for each in locators]

    first = {"resultPages": listed("MA", "MQ"), more: "/jobs/query/750/resultPages?locator=Mg", "done": False}
    last = {"resultPages": listed("Mg"), more: None, "done": True}
    org.on(f"{JOBS}/750/resultPages", as_json(first), as_json(last))
    job = BulkJob(id="750", object_name="Account")

    assert connected().bulk_locators(job) == ["MA", "MQ", "Mg"]
    assert org.asked_for(f"{JOBS}/750/resultPages")[1].path.endswith("?locator=Mg")


def test_lists_of_pages_that_run_in_a_circle_are_noticed(org, connected):
    """A list must not lead back."""
    page = {"resultUrl": f"{JOBS}/750/results?locator=MA"}
    circle = {"resultPages": [page], "nextRecordsUrl": f"{JOBS}/750/resultPages?locator=MA", "done": False}
    org.on(f"{JOBS}/750/resultPages", as_json(circle))

    with pytest.raises(BadReply, match="circle"):
        connected().bulk_locators(BulkJob(id="750", object_name="Account"))


def test_objects_that_bulk_refuses_are_said_to_be_so(org, connected):
    """Only this error changes the way an object is read."""
    message = "Entity 'TaskStatus' is not supported by the Bulk API."
    org.on(JOBS, as_json([{"errorCode": "INVALIDENTITY", "message": message}], 400))

    client = connected()

    with pytest.raises(BulkUnsupported):
        client.start_bulk("SELECT Id FROM TaskStatus", object_name="TaskStatus")


def test_a_failed_job_tells_why(org, connected):
    """A field hidden while the job waited is a hidden field."""
    job = {"id": "750", "object": "Account", "state": "UploadComplete"}
    message = "INVALID_FIELD: \nERROR at Row:1\nNo such column 'X__c' on entity 'Account'. If you are"
    org.on(JOBS, as_json(job))
    org.on(f"{JOBS}/750", as_json(job | {"state": "Failed", "errorMessage": message}))
    client = connected()

    with pytest.raises(FieldHidden, match="X__c"):
        read_all(client)
