"""Traps of the watermark: how other replicas lost records at their cursor. None is lost here."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from misbehaving import WATERMARKS, one_pass, sql, stamp, striking, struck
from sqlalchemy import text

from app.read.status import sync_status
from sync.errors import BudgetSpent, SyncError

WON = "SELECT deal_id FROM cs_v1.deal ORDER BY 1"
#: five seconds after a full minute, so that the lists' whole minutes hide no mistake in the window itself
NOON = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)


def won(followed: Any) -> set[str]:
    return {row[0] for row in followed.ask(WON)}


@pytest.mark.parametrize(("kind", "late"), [("live", 45), ("deep", 800)])
def test_rows_that_become_visible_later_than_their_stamps_are_found(followed: Any, kind: str, late: int) -> None:
    """A transaction stamps when it saves and shows when it commits: up to a minute later, or a quarter of an hour."""
    followed.org.clock.freeze(NOON - timedelta(hours=2))
    followed.sync()
    followed.org.clock.freeze(NOON)
    one_pass(followed)
    followed.org.clock.move(by=timedelta(seconds=1))
    at = stamp(NOON - timedelta(seconds=late))
    sql(followed, "UPDATE Opportunity SET IsWon = 1, StageName = 'Closed Won', SystemModstamp = ? WHERE Id = ?",
        at, followed.deals[1])  # fmt: skip
    one_pass(followed, kind)

    assert followed.deals[1] in won(followed)


def test_rows_saved_in_the_second_of_the_last_reading_are_found(followed: Any) -> None:
    """Stamps count seconds: what is saved just after a reading carries the stamp that the reading ended at."""
    followed.org.clock.freeze(NOON)
    followed.sync()
    followed.org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
    one_pass(followed)
    followed.org.update("Opportunity", followed.deals[1], {"Amount": 77})
    followed.org.insert("Task", {"WhatId": followed.deals[1], "Subject": "Thanks", "Status": "Completed"})
    followed.org.update("Opportunity", followed.deals[3], {"StageName": "Closed Won"})
    one_pass(followed)
    for step in ("Call", None):  # it looks as before, and has two more lines of history
        followed.org.update("Opportunity", followed.deals[1], {"NextStep": step})
    one_pass(followed)

    assert {followed.deals[1], followed.deals[3]} <= won(followed)
    assert followed.ask("SELECT count(*) FROM closure.task WHERE whatid = :deal", deal=followed.deals[1]) == [(2,)]
    assert followed.proof().drift_rows == 0


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_clock_that_is_ten_minutes_off_loses_nothing(followed: Any, minutes: int) -> None:
    """Windows without rows move the watermark by Salesforce's clock, however wrong the clock of this machine is."""
    followed.org.clock.move(by=timedelta(minutes=minutes))
    followed.sync()
    for _ in range(3):
        one_pass(followed)
    ((latest,),) = followed.ask("SELECT max(watermark) FROM ops.object_state")

    assert latest <= followed.org.clock.now()

    followed.org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
    one_pass(followed)

    assert followed.deals[1] in won(followed)


def _many_tasks(followed: Any, count: int) -> None:
    """Tasks of a won deal, more than a page holds, all changed now."""
    now = stamp(followed.org.clock.now())
    columns = ["WhatId", "Subject", "Status", "CreatedDate", "SystemModstamp"]
    followed.org.load("Task", columns, [[followed.deals[0], f"Call {n}", "Completed", now, now] for n in range(count)])


def test_a_reading_that_breaks_off_between_two_pages_moves_no_watermark(synced: Any) -> None:
    """The pages that came are no reason to begin the next window behind them."""
    synced.org.clock.move(by=timedelta(hours=1))
    _many_tasks(synced, 4_500)
    before = dict(synced.ask(WATERMARKS))
    with striking(synced, "part_failed", object="Task", statement="Subject", nth=2), suppress(SyncError):
        one_pass(synced)

    assert struck(synced) == ["part_failed"]
    assert dict(synced.ask(WATERMARKS))["Task"] == before["Task"]

    synced.org.clock.move(by=timedelta(hours=1))
    one_pass(synced)

    assert synced.ask("SELECT count(*) FROM closure.task WHERE whatid = :deal", deal=synced.deals[0]) == [(4_501,)]


def test_a_pass_that_ends_between_two_pages_leaves_no_trace(synced: Any) -> None:
    """Whether it is killed or refused further calls: neither rows nor watermarks of a part of a reading are kept."""
    synced.org.clock.move(by=timedelta(hours=1))
    _many_tasks(synced, 4_500)
    before = synced.ask(WATERMARKS)
    with striking(synced, "request_limit", path="/composite", nth=[2, 3, 4]), pytest.raises(BudgetSpent):
        one_pass(synced)

    assert synced.ask(WATERMARKS) == before
    assert synced.ask("SELECT count(*) FROM closure.task WHERE whatid = :deal", deal=synced.deals[0]) == [(1,)]

    one_pass(synced)

    assert synced.ask("SELECT count(*) FROM closure.task WHERE whatid = :deal", deal=synced.deals[0]) == [(4_501,)]


@pytest.mark.parametrize(
    ("table", "event", "when"),
    [
        ("ops.object_state", "UPDATE", "WHEN (OLD.watermark IS DISTINCT FROM NEW.watermark)"),
        ("salesforce.opportunity", "UPDATE", ""),
        ("cs.event", "INSERT", ""),
    ],
)
def test_rows_watermarks_and_events_are_kept_together_or_not_at_all(
    synced: Any, table: str, event: str, when: str
) -> None:
    """No watermark is stored before its rows, and no row before its event: whichever write fails, all are undone."""
    synced.org.clock.move(by=timedelta(minutes=10))
    synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
    synced.org.update("Opportunity", synced.deals[0], {"Amount": 5})
    before, rows = synced.ask(WATERMARKS), synced.ask("SELECT id, amount FROM salesforce.opportunity ORDER BY id")
    with synced.store.writing() as session:
        session.execute(text("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                             "$$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$"))  # fmt: skip
        session.execute(text(f"CREATE CONSTRAINT TRIGGER full_disk AFTER {event} ON {table} INITIALLY DEFERRED "
                             f"FOR EACH ROW {when} EXECUTE FUNCTION full_disk()"))  # fmt: skip
    with pytest.raises(Exception, match="disk"):
        one_pass(synced)

    assert synced.ask(WATERMARKS) == before
    assert synced.ask("SELECT id, amount FROM salesforce.opportunity ORDER BY id") == rows
    assert synced.ask("SELECT count(*) FROM cs.event") == [(0,)]

    with synced.store.writing() as session:
        session.execute(text(f"DROP TRIGGER full_disk ON {table}"))
    one_pass(synced)

    assert synced.deals[1] in won(synced)
    assert ("deal.won", synced.deals[1]) in synced.ask("SELECT type, deal_id FROM cs.event")


def test_a_change_that_moves_only_the_system_modstamp_is_found(synced: Any) -> None:
    """Salesforce's own changes leave LastModifiedDate alone."""
    synced.org.clock.move(by=timedelta(hours=1))
    one_pass(synced, "deep")
    synced.org.clock.move(by=timedelta(hours=1))
    now = stamp(synced.org.clock.now())
    task = synced.one("Task", "WhatId", synced.deals[0])
    sql(synced, "UPDATE Task SET Subject = 'Moved', SystemModstamp = ? WHERE Id = ?", now, task)
    sql(synced, "UPDATE Account SET Name = 'Moved', SystemModstamp = ? WHERE Id = ?", now, synced.accounts[0])
    sql(synced, "UPDATE Opportunity SET Name = 'Moved', SystemModstamp = ? WHERE Id = ?", now, synced.deals[2])
    one_pass(synced, "deep")

    assert synced.ask("SELECT subject FROM closure.task WHERE id = :id", id=task) == [("Moved",)]
    assert synced.ask("SELECT name FROM closure.account WHERE id = :id", id=synced.accounts[0]) == [("Moved",)]
    assert synced.ask("SELECT name FROM closure.opportunity WHERE id = :id", id=synced.deals[2]) == [("Moved",)]


def test_a_deal_of_long_ago_comes_with_the_first_pass(followed: Any) -> None:
    """There is no date before which history is not read."""
    for table in ("Opportunity", "Task", "Note", "OpportunityLineItem", "OpportunityContactRole", "Account"):
        for column in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
            sql(followed, f"UPDATE {table} SET {column} = '1999-05-04T10:00:00.000Z'")
    sql(followed, "UPDATE Opportunity SET CloseDate = '1999-06-01'")
    followed.sync()

    assert won(followed) == set(followed.deals[0::2])
    for name in ("task", "note", "opportunitylineitem", "opportunitycontactrole"):
        assert followed.ask(f"SELECT count(*) FROM closure.{name}") == [(3,)]


def test_an_object_whose_watermark_stands_still_is_named_with_its_reason(followed: Any) -> None:
    """Nobody finds out weeks later that one object was not followed any more."""
    followed.org.clock.move(by=timedelta(hours=-2))
    followed.sync()
    followed.org.clock.reset()
    with striking(followed, "part_failed", object="Account"):
        for _ in range(2):
            one_pass(followed)
    with followed.store.reading() as session:
        status = sync_status(session)
    accounts = next(each for each in status["orgs"][0]["objects"] if each["object"] == "Account")
    named = [words for words in status["problems"] if " Account stands still since " in words]

    assert not status["ok"]
    assert accounts["age_seconds"] > 3_600
    assert len(named) == 1
    assert accounts["detail"] in named[0]
