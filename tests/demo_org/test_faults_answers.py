"""Faults in answers that are otherwise right, each over the wire: what is off, and that nothing else is."""

import csv
import io
from datetime import UTC, datetime

import pytest
from wire_client import client_of

from demo_org.clock import Clock

ROWS = 700
SMALL = {"Sforce-Query-Options": "batchSize=200"}
UNORDERED, ORDERED = "SELECT Id, Name FROM Account", "SELECT Id, Name FROM Account ORDER BY Id"


@pytest.fixture(scope="module")
def client():
    clock = Clock(frozen_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    with client_of(clock, bulk_page_rows=300) as client:
        client.org.load("Account", ["Name", "Description"], [[f"Acme {n}", 'so "far"\nso good'] for n in range(ROWS)])
        yield client


@pytest.fixture(autouse=True)
def no_faults(client):
    yield
    client.delete("/demo/faults")


def fault(client, kind, **described):
    client.post("/demo/faults", json=[{"kind": kind} | described]).raise_for_status()


def pages(client, soql):
    """All pages of a query, by their addresses."""
    page = client.query(soql, **SMALL)
    found = [page]
    while not page["done"]:
        page = client.get(page["nextRecordsUrl"]).json()
        found.append(page)
    return found


def ids(*found):
    return [record["Id"] for page in found for record in page["records"]]


def result_page(client, job, locator=None):
    return client.get(f"jobs/query/{job['id']}/results", params={"locator": locator} if locator else {})


def table(answer):
    return list(csv.reader(io.StringIO(answer.text, newline="")))


@pytest.fixture(scope="module")
def truth(client):
    return sorted(row["Id"] for row in client.get("/demo/truth/Account").json())


@pytest.mark.parametrize("nth", [1, 2])
def test_a_page_may_be_shorter_than_asked(client, truth, nth):
    """page_short: who follows the addresses gets everything all the same."""
    fault(client, "page_short", nth=nth)
    found = pages(client, ORDERED)

    assert len(found[nth - 1]["records"]) == 100
    assert ids(*found) == truth


@pytest.mark.parametrize("nth", [1, 2])
def test_a_page_may_be_empty_and_not_the_last(client, truth, nth):
    """page_empty: done tells the end, not the number of records."""
    fault(client, "page_empty", nth=nth)
    found = pages(client, ORDERED)

    assert (found[nth - 1]["records"], found[nth - 1]["done"]) == ([], False)
    assert ids(*found) == truth


def test_rows_may_come_twice_across_pages(client, truth):
    """rows_repeated: reading a page again must do no harm."""
    fault(client, "rows_repeated", path="/query/01g")
    found = pages(client, ORDERED)

    assert found[1]["records"][0] == found[0]["records"][-1]
    assert len(ids(*found)) == ROWS + 1
    assert sorted(set(ids(*found))) == truth


def test_rows_have_no_order_unless_they_are_asked_for_one(client, truth):
    """rows_shuffled: strikes no query with ORDER BY."""
    fault(client, "rows_shuffled", times=0)
    shuffled, ordered = client.query(UNORDERED, **SMALL), client.query(ORDERED, **SMALL)
    log = client.get("/demo/faults/log").json()

    assert ids(shuffled) != truth[:200]
    assert sorted(ids(shuffled)) == ids(ordered) == truth[:200]
    assert len(log) == 1, "an answer that could not be changed counts as no strike"


def test_rows_of_bulk_results_are_shuffled_and_repeated_too(client, truth):
    """A job's rows keep no order either, and a row may come twice."""
    job = client.bulk(UNORDERED)
    proper = table(result_page(client, job))
    fault(client, "rows_shuffled")
    shuffled = table(result_page(client, job))
    fault(client, "rows_repeated")
    repeated = result_page(client, job)

    assert shuffled[0] == proper[0]
    assert shuffled != proper
    assert sorted(shuffled[1:]) == sorted(proper[1:])
    assert table(repeated) == [*proper, proper[-1]]
    assert repeated.headers["Sforce-NumberOfRecords"] == str(len(proper))


def test_rows_of_a_bulk_page_may_be_missing_at_its_end(client):
    """csv_cut: the body looks complete, its count tells."""
    job = client.bulk("SELECT Id, Name, Description FROM Account")
    proper = result_page(client, job)
    fault(client, "csv_cut", rows=2)
    cut = result_page(client, job)

    assert table(cut) == table(proper)[:-2]
    assert cut.headers["Sforce-NumberOfRecords"] == "300"
    assert proper.content.startswith(cut.content)


def test_the_count_of_a_bulk_page_may_be_wrong(client):
    """count_wrong: rows and count must be compared, and neither be believed alone."""
    job = client.bulk(UNORDERED)
    fault(client, "count_wrong", by=-1)
    answer = result_page(client, job)

    assert (answer.headers["Sforce-NumberOfRecords"], len(table(answer)) - 1) == ("299", 300)


def test_the_locator_of_a_bulk_page_may_change(client, truth):
    """locator_changed: another name for the same page, which leads there."""
    job = client.bulk(ORDERED)
    first = result_page(client, job)
    fault(client, "locator_changed")
    again = result_page(client, job)
    locators = [each.headers["Sforce-Locator"] for each in (first, again)]

    assert locators[0] != locators[1]
    assert table(result_page(client, job, locators[0])) == table(result_page(client, job, locators[1]))


def test_texts_may_hold_nul_bytes(client):
    """nul_bytes: they occur in real texts, and no database takes them."""
    job = client.bulk("SELECT Name FROM Account")
    fault(client, "nul_bytes", times=0)
    name = client.query("SELECT Id, Name FROM Account LIMIT 1")["records"][0]["Name"]
    answer = result_page(client, job)

    assert name == "A\0cme 0"
    assert answer.content.splitlines()[1] == b'"A\0cme 0"'
    assert "\0" not in client.get("sobjects/Account/describe").text


def test_texts_may_hold_anything(client):
    """odd_text: line breaks, quotes and separators inside a value, in JSON and in CSV."""
    job = client.bulk("SELECT Id, Name FROM Account")
    fault(client, "odd_text", times=0)
    name = client.query("SELECT Name FROM Account LIMIT 1")["records"][0]["Name"]
    rows = table(result_page(client, job))

    assert {"\u2028", "\r\n", '"'} <= {each for each in ("\u2028", "\r\n", '"') if each in name}
    assert rows[1][1] == name
    assert len(rows) == 301


def deleted(client):
    window = {"start": "2026-03-01T11:00:00Z", "end": "2026-03-01T12:05:00Z"}
    return client.get("sobjects/Account/deleted", params=window).json()


def test_the_log_of_deletions_may_have_been_trimmed(client):
    """log_trimmed: deletions before earliestDateAvailable are lost; ids must be compared."""
    record = client.make("Account", Name="Gone")
    client.delete(f"sobjects/Account/{record}")
    client.post("/demo/clock", json={"move": 240})
    known = deleted(client)
    fault(client, "log_trimmed")
    trimmed = deleted(client)

    assert [each["id"] for each in known["deletedRecords"]] == [record]
    assert trimmed["deletedRecords"] == []
    assert trimmed["earliestDateAvailable"] == "2026-03-01T12:02:00.000+0000" > known["earliestDateAvailable"]
    assert deleted(client) == known


def test_what_is_covered_may_be_less_than_was_asked(client):
    """covered_held_back: the next window begins at latestDateCovered, not at the end of this one."""
    window = {"start": "2026-03-01T11:00:00Z", "end": "2026-03-01T12:00:00Z"}
    fault(client, "covered_held_back", minutes=5)
    held = client.get("sobjects/Account/updated", params=window).json()
    proper = client.get("sobjects/Account/updated", params=window).json()

    assert (held["latestDateCovered"], proper["latestDateCovered"]) == (
        "2026-03-01T11:55:00.000+0000",
        "2026-03-01T12:00:00.000+0000",
    )
    assert held["ids"] == proper["ids"]


def test_the_date_of_answers_may_be_off(client):
    """date_skewed: ten minutes are seen; stamps are not skewed."""
    client.post("/demo/clock", json={"freeze": "2026-03-01T12:00:00Z"})
    fault(client, "date_skewed", seconds=-600, times=0)
    record = client.make("Account", Name="Now")
    answer = client.get(f"sobjects/Account/{record}")

    assert answer.headers["Date"] == "Sun, 01 Mar 2026 11:50:00 GMT"
    assert answer.json()["CreatedDate"] == "2026-03-01T12:00:00.000+0000"
