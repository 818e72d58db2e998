"""Traps of transport and types: what happens to values and pages on their way. They arrive, or nothing is kept."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from misbehaving import PAGED, WATERMARKS, one_pass, sql, stamp, striking, struck

from sync.errors import SyncError

#: texts that tools have mistaken for something else, cut, or put into another shape
TEXTS = {
    "looks like nothing": "NA",
    "null": "null",
    "None": "None",
    "leading zeros": "0012",
    "looks like a number": "1e5",
    "looks like true": "true",
    "lines": "one\r\ntwo\nthree\rfour",
    "separators": "one\u2028two\u2029three\u0085four\u000bfive",
    "quotes and commas": '"a","b""c",\\N\t;',
    "end of copy": "\\.\n\\.",
    "letters of four bytes": "\U0001f3e5\U00020bb7 Zs\u00f3fia \u65e5\u672c",
    "spaces": "  in the middle of nowhere  x",
    "as long as it gets": "\u00e9\U0001f3e5x" * 43_690 + "!?",
}
LANDED = "SELECT name, custom->>'Words__c' FROM closure.opportunity WHERE name LIKE 'Text %' ORDER BY name"


def _tell(followed: Any) -> dict[str, str]:
    """Put every text into a won deal of its own, and return what the org has stored."""
    followed.org.catalog.add_field("Opportunity", "Words__c", "textarea", length=131_072)
    for name, words in TEXTS.items():
        followed.deal(won=True, Name=f"Text {name}", Words__c=words)
    with followed.org.reading() as connection:
        return dict(connection.execute("SELECT Name, Words__c FROM Opportunity WHERE Words__c IS NOT NULL").fetchall())


@pytest.mark.parametrize("pieces", [3, 1_001])
def test_texts_come_letter_by_letter_out_of_a_snapshot(followed: Any, pieces: int) -> None:
    """Whatever they look like, however long they are, and wherever the pieces end in which their bytes travel."""
    told = _tell(followed)
    if pieces == 3:  # the longest alone would take minutes in such small pieces
        followed.org.update("Opportunity", followed.deals[-1], {"Words__c": "\U0001f3e5" * 200})
        told |= {"Text as long as it gets": "\U0001f3e5" * 200}
    with striking(followed, "chopped_body", path="/results", bytes=pieces):
        followed.sync()

    assert struck(followed).count("chopped_body") > 1
    assert dict(followed.ask(LANDED)) == told


def test_texts_come_letter_by_letter_out_of_a_poll(synced: Any) -> None:
    """The pages of a query bring the same as a bulk job, so that neither rewrites what the other wrote."""
    told = _tell(synced)
    one_pass(synced, "deep")

    assert dict(synced.ask(LANDED)) == told

    report = synced.sync(snapshot=True)

    assert report.rows_written == 0


@pytest.mark.parametrize("snapshot", [True, False])
def test_nul_bytes_are_left_out_and_nothing_else_is(followed: Any, snapshot: bool) -> None:
    """No text of PostgreSQL can hold one; the record with it must not stop the others."""
    if not snapshot:
        followed.sync()
        for deal in followed.deals[0::2]:
            followed.org.update("Opportunity", deal, {"NextStep": "Call"})
    with striking(followed, "nul_bytes", object="Opportunity"):
        followed.sync()

    assert "nul_bytes" in struck(followed)
    assert {row[0] for row in followed.ask("SELECT name FROM closure.opportunity")} == {"Deal 0", "Deal 2", "Deal 4"}


@pytest.mark.parametrize("followed", [PAGED], indirect=True)
def test_the_header_that_each_page_repeats_is_no_record(followed: Any) -> None:
    """Five contacts in pages of two are five contacts."""
    report = followed.sync()

    assert report.failed == {}
    assert {row[0] for row in followed.ask("SELECT lastname FROM salesforce.contact")} <= {
        f"Person {number}" for number in range(6)
    }
    assert followed.ask("SELECT count(*) FROM closure.opportunity") == [(3,)]
    assert followed.proof().drift_rows == 0


def test_a_statement_longer_than_a_request_line_is_read_all_the_same(followed: Any) -> None:
    """Five hundred fields make a statement of 20,000 characters; no request line may have 16,384."""
    with followed.org.catalog.together():
        for number in range(500):
            followed.org.catalog.add_field("Opportunity", f"Answer_to_the_question_of_number_{number:03}__c")
    followed.org.update("Opportunity", followed.deals[0], {"Answer_to_the_question_of_number_499__c": "yes"})
    followed.sync()
    followed.org.update("Opportunity", followed.deals[2], {"Answer_to_the_question_of_number_498__c": "no"})
    report = one_pass(followed)

    assert report.failed == {}
    assert followed.ask("SELECT custom FROM closure.opportunity WHERE custom <> '{}' ORDER BY id") == [
        ({"Answer_to_the_question_of_number_499__c": "yes"},),
        ({"Answer_to_the_question_of_number_498__c": "no"},),
    ]


def _parts(followed: Any, kind: str) -> Counter[str]:
    """How often each object was asked for within composite calls during one pass, which may fail."""
    control = f"{followed.settings.url}/demo/calls"
    httpx.post(f"{control}/reset", json={}).raise_for_status()
    with suppress(SyncError):
        one_pass(followed, kind)
    return Counter(httpx.get(control).json()["parts"])


def test_only_the_object_that_bulk_refuses_is_read_page_by_page(followed: Any) -> None:
    """That refusal is about one object of one org; all others stay with bulk jobs."""
    usual = _parts(followed, "snapshot")
    with striking(followed, "bulk_refused", object="Note"):
        refused = _parts(followed, "snapshot")

    assert set(struck(followed)) == {"bulk_refused"}
    assert refused - usual == Counter({"Note": 1})
    assert followed.proof().drift_rows == 0


@pytest.mark.parametrize("refusal", ["request_limit", "job_failed", "api_disabled", "server_unavailable"])
def test_no_other_refusal_changes_the_way_an_object_is_read(followed: Any, refusal: str) -> None:
    """A limit pauses, a failed job fails: nobody turns to thousands of pages because of them."""
    usual = _parts(followed, "snapshot")
    with striking(followed, refusal, path="/jobs/query"):
        refused = _parts(followed, "snapshot")

    assert refusal in struck(followed)
    assert refused - usual == Counter()


@pytest.mark.parametrize(
    "fault",
    ["job_failed", "job_aborted", "csv_cut", "count_wrong", "rows_repeated", "results_missing", "results_refused"],
)
def test_a_snapshot_that_goes_wrong_keeps_and_deletes_nothing(synced: Any, fault: str) -> None:
    """Failed and aborted jobs, results that are cut, doubled or gone: the store stays as it was, and is repaired."""
    before = synced.ask("SELECT id, name, tombstone FROM salesforce.opportunity ORDER BY id")
    watermarks = synced.ask(WATERMARKS)
    synced.org.update("Opportunity", synced.deals[0], {"Name": "Renamed"})
    path = "/results" if fault.startswith(("csv", "count", "rows", "results")) else "/jobs/query"
    with striking(synced, fault, path=path, object="Opportunity"), pytest.raises(SyncError):
        synced.sync(snapshot=True)

    assert fault in struck(synced)
    assert synced.ask("SELECT id, name, tombstone FROM salesforce.opportunity ORDER BY id") == before
    assert synced.ask(WATERMARKS) == watermarks

    synced.sync(snapshot=True)

    assert synced.proof().drift_rows == 0


#: queries of deals and of their lines that have not been cut yet
_UNCUT = r"^SELECT (?!Id FROM)[^(]* FROM Opportunity(LineItem)? WHERE(?!.* Id <=)"


def test_a_query_that_times_out_is_read_in_smaller_spans(synced: Any) -> None:
    """QUERY_TIMEOUT is an error and no empty result; what the query asked for comes all the same."""
    for deal in synced.deals[0::2]:
        synced.org.update("Opportunity", deal, {"NextStep": "Call"})
        item = synced.one("OpportunityLineItem", "OpportunityId", deal)
        synced.org.update("OpportunityLineItem", item, {"Quantity": 7})
    with striking(synced, "query_timeout", statement=_UNCUT):
        report = one_pass(synced, "deep")

    assert "query_timeout" in struck(synced)
    assert report.failed == {}
    assert synced.ask("SELECT DISTINCT nextstep FROM closure.opportunity") == [("Call",)]
    assert synced.proof().drift_rows == 0


def test_a_query_that_never_ends_fails_the_window_of_its_object_only(synced: Any) -> None:
    """The others go on; the window that failed is read again, as soon as it can be."""
    synced.org.clock.move(by=timedelta(hours=1))
    item = synced.one("OpportunityLineItem", "OpportunityId", synced.deals[0])
    sql(synced, "UPDATE OpportunityLineItem SET Description = 'New', SystemModstamp = ? WHERE Id = ?",
        stamp(synced.org.clock.now()), item)  # fmt: skip
    synced.org.update("Opportunity", synced.deals[2], {"NextStep": "Call"})
    before = dict(synced.ask(WATERMARKS))
    with striking(synced, "query_timeout", object="OpportunityLineItem", statement="SystemModstamp >="):
        report = one_pass(synced)
    after = dict(synced.ask(WATERMARKS))

    assert set(report.failed) == {"OpportunityLineItem"}
    assert after["OpportunityLineItem"] == before["OpportunityLineItem"]
    assert after["Opportunity"] > before["Opportunity"]
    assert synced.ask("SELECT nextstep FROM closure.opportunity WHERE id = :id", id=synced.deals[2]) == [("Call",)]

    one_pass(synced)

    assert synced.ask("SELECT description FROM closure.opportunitylineitem WHERE id = :id", id=item) == [("New",)]


@pytest.mark.parametrize("followed", [PAGED], indirect=True)
def test_no_page_hangs_on_a_locator(followed: Any) -> None:
    """Locators die with their session and beyond ten of a user; pages are asked for by the last id instead."""
    followed.sync()
    for number in range(20):
        followed.org.insert("Task", {"WhatId": followed.deals[0], "Subject": f"Call {number}", "Status": "Completed"})
        followed.org.update("Opportunity", followed.deals[number % 6], {"NextStep": f"Step {number}"})
    with striking(followed, "locators_evicted", path="."):
        report = followed.sync()

    assert report.failed == {}
    assert "locators_evicted" not in struck(followed)
    assert followed.ask("SELECT count(*) FROM closure.task WHERE whatid = :id", id=followed.deals[0]) == [(21,)]
    assert followed.proof().drift_rows == 0
