"""Large objects are counted by months, looked into where a month differs, and compared whole within a week."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from sync.prove import ProofReport, prove_ids_once

_MONTHS, _PER_MONTH = 12, 400


@pytest.fixture
def many(followed: Any) -> Any:
    """A year of tasks on one deal, in a store that has them all."""
    first = datetime(2025, 11, 3, tzinfo=UTC)
    stamps = [first + timedelta(days=30 * month) for month in range(_MONTHS)]
    columns = ["WhatId", "Subject", "Status", "CreatedDate", "LastModifiedDate", "SystemModstamp"]
    rows = [
        (followed.deals[0], f"Call {number}", "Completed", *[stamp.strftime("%Y-%m-%dT%H:%M:%S.000Z")] * 3)
        for stamp in stamps
        for number in range(_PER_MONTH)
    ]
    followed.org.load("Task", columns, rows)
    followed.sync()
    followed.org.clock.move(by=timedelta(hours=2))
    followed.sync()
    return followed


def _prove(followed: Any) -> ProofReport:
    return prove_ids_once(followed.store, followed.settings)


def _in_store(followed: Any, statement: str, **values: Any) -> None:
    with followed.store.writing() as session:
        session.execute(text(statement), values)


def test_a_large_object_is_counted_and_only_a_share_of_it_read(many: Any) -> None:
    """A night costs a few calls, however many records there are."""
    report = _prove(many)

    assert report.is_equal
    assert report.drift_found == 0
    assert 0 < report.objects["Task"]["rows_compared"] < report.objects["Task"]["rows"] / 3
    assert report.api_calls < 15


def test_a_record_that_was_lost_is_found_the_same_night(many: Any) -> None:
    """Its month has another count than the org's."""
    _in_store(
        many, "DELETE FROM salesforce.task WHERE id = (SELECT max(id) FROM salesforce.task WHERE subject = 'Call 7')"
    )
    report = _prove(many)

    assert report.objects["Task"]["drift_found"] == 1
    assert report.is_equal
    assert many.proof().drift_rows == 0


def test_what_no_count_can_show_is_found_within_a_week(many: Any) -> None:
    """One record lost and another invented in the same month: the count is right, the ids are not."""
    _in_store(
        many, "UPDATE salesforce.task SET id = '00T000000000000AAA' WHERE id = (SELECT max(id) FROM salesforce.task)"
    )
    nights = 0
    found = _prove(many).drift_found
    while not found and nights < 7:
        nights += 1
        many.org.clock.move(by=timedelta(days=1))
        many.sync()
        found = _prove(many).drift_found

    assert found == 2
    assert many.proof().drift_rows == 0
    assert (
        many.ask("SELECT count(*) FROM ops.proof_month WHERE object = 'Task' AND ids_at IS NULL") == [(0,)]
        or nights < 6
    )
