"""A complete reading is as old as its jobs: what the polls brought since is newer, and no poll waits for it."""

from typing import Any

import pytest

from sync.errors import OrgUnreachable
from sync.run import Manner, connected_org, run_pass
from sync.run.ahead import download_ahead
from sync.run.report import PassReport
from sync.salesforce.client import connect


def downloaded(followed: Any) -> None:
    """Let a complete reading wait for its merge, as the bulk lane does."""
    with connect(followed.settings) as client:
        org_id = connected_org(followed.store, client)
        assert "Opportunity" in download_ahead(followed.store, client, org_id, everything=True)


def polled(followed: Any) -> PassReport:
    """Do one pass as a worker does it, whose bulk lane downloads."""
    with connect(followed.settings) as client:
        org_id = connected_org(followed.store, client)
        return run_pass(followed.store, client, org_id, kind="deep", manner=Manner(leave_whole=True))


def test_a_change_that_a_poll_brought_during_the_download_wins(synced: Any) -> None:
    """The reading that is merged later saw the record as it was before."""
    downloaded(synced)
    synced.org.update("Opportunity", synced.deals[0], {"Name": "Renamed"})
    polled(synced)
    report = synced.sync(snapshot=True)

    assert report.kind == "snapshot"
    assert synced.ask("SELECT name FROM closure.opportunity WHERE id = :id", id=synced.deals[0]) == [("Renamed",)]
    assert synced.proof().drift_rows == 0


def test_a_record_that_vanished_during_the_download_stays_gone(synced: Any) -> None:
    """Its reading still holds it, even a newer copy than the polls ever saw."""
    task = synced.one("Task", "WhatId", synced.deals[0])
    synced.org.update("Task", task, {"Subject": "Seen by the job only"})
    downloaded(synced)
    synced.org.hard_delete("Task", task)
    polled(synced)
    synced.sync(snapshot=True)

    assert synced.ask("SELECT tombstone FROM salesforce.task WHERE id = :id", id=task) == [("deleted",)]
    assert synced.proof().drift_rows == 0


def test_a_deal_that_is_won_during_the_download_comes_whole(synced: Any) -> None:
    """And is not taken for vanished because the reading has not come across it."""
    downloaded(synced)
    synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
    polled(synced)
    report = synced.sync(snapshot=True)

    assert report.rows_deleted == 0
    query = "SELECT count(*) FROM closure.task WHERE whatid = :deal"
    assert synced.ask(query, deal=synced.deals[1]) == [(1,)]
    assert synced.proof().drift_rows == 0


def test_a_pass_by_hand_leaves_nothing_as_old_as_a_reading_that_waited(synced: Any) -> None:
    """A reading is as old as its jobs; whoever asks for a pass wants to have what is there now."""
    synced.org.catalog.add_field("Opportunity", "Why_Us__c", "string", label="Why us")
    with connect(synced.settings) as client:
        org_id = connected_org(synced.store, client)
        with pytest.raises(OrgUnreachable):
            run_pass(synced.store, client, org_id, kind="deep", progress=_broken_off_late)
    synced.org.update("Opportunity", synced.deals[0], {"StageName": "Prospecting"})
    synced.sync()

    assert synced.ask("SELECT iswon FROM salesforce.opportunity WHERE id = :id", id=synced.deals[0]) == [(False,)]
    assert synced.proof().drift_rows == 0


def test_a_first_load_that_breaks_off_goes_on_with_what_it_has(followed: Any) -> None:
    """What has been downloaded is merged by the next pass, and Salesforce is not asked for it again."""
    with connect(followed.settings) as client:
        org_id = connected_org(followed.store, client)
        with pytest.raises(OrgUnreachable):
            run_pass(followed.store, client, org_id, kind="deep", progress=_broken_off)
        jobs = followed.ask("SELECT job_id FROM ops.bulk_job WHERE job_id IS NOT NULL AND state = 'landed' ORDER BY 1")
        run_pass(followed.store, client, org_id, kind="deep")

    assert jobs
    merged = followed.ask("SELECT job_id FROM ops.bulk_job WHERE job_id IS NOT NULL AND state = 'merged' ORDER BY 1")
    assert set(jobs) <= set(merged)
    assert followed.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'staging'") == [(0,)]
    followed.sync()
    assert followed.proof().drift_rows == 0


def _broken_off_late(stage: str, name: str | None, rows: int) -> None:
    if stage == "briefs":
        raise OrgUnreachable(host="the org", detail="the network is gone")


def _broken_off(stage: str, name: str | None, rows: int) -> None:
    if stage == "references":
        raise OrgUnreachable(host="the org", detail="the network is gone")
