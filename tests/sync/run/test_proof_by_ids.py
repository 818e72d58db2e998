"""What the nightly proof promises: what differs is found, mended and told, for a few calls."""

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text

from sync.prove import ProofReport, prove_ids_once

_HOURS = timedelta(hours=2)


def _prove(followed: Any) -> ProofReport:
    return prove_ids_once(followed.store, followed.settings)


def _found(report: ProofReport) -> dict[str, int]:
    return {name: each["drift_found"] for name, each in report.objects.items() if each["drift_found"]}


def _later(followed: Any) -> None:
    """Let so much time pass that nothing counts as just changed."""
    followed.org.clock.move(by=_HOURS)
    followed.sync()


def _tamper(followed: Any, *statements: str, **values: Any) -> None:
    with followed.store.writing() as session:
        for statement in statements:
            session.execute(text(statement), values)


def test_a_store_that_equals_the_org_is_proven_with_few_calls(synced: Any) -> None:
    """The people in the org keep their calls: the whole closure is compared id by id for less than twenty."""
    _later(synced)
    report = _prove(synced)

    assert report.is_equal
    assert report.drift_found == 0
    assert all(each["rows_compared"] == each["rows"] for each in report.objects.values())
    assert sum(each["rows"] for each in report.objects.values()) > 30
    assert report.api_calls < 15


def test_what_was_lost_changed_and_invented_is_found_mended_and_told(synced: Any) -> None:
    """Whatever went wrong in the store, the next night puts it right and says how much it was."""
    _later(synced)
    _tamper(
        synced,
        "DELETE FROM salesforce.task WHERE whatid = :deal",
        "UPDATE salesforce.note SET systemmodstamp = systemmodstamp - interval '1 hour' WHERE parentid = :deal",
        "UPDATE salesforce.account SET systemmodstamp = systemmodstamp + interval '1 year', name = 'Other'"
        " WHERE id = (SELECT accountid FROM salesforce.opportunity WHERE id = :deal)",
        "INSERT INTO salesforce.opportunitylineitem (org_id, id, opportunityid, generation)"
        " SELECT org_id, '00k000000000000AAA', id, 1 FROM salesforce.opportunity WHERE id = :deal",
        "UPDATE salesforce.contact SET tombstone = 'deleted' WHERE id = :contact",
        deal=synced.deals[0],
        contact=synced.contacts[0],
    )
    report = _prove(synced)

    assert _found(report) == {"Task": 1, "Note": 1, "Account": 1, "OpportunityLineItem": 1, "Contact": 1}
    assert report.drift_rows == 0
    assert synced.proof().drift_rows == 0
    assert synced.ask("SELECT sum(drift_found), sum(drift_repaired), sum(drift_rows) FROM ops.proof") == [(5, 5, 0)]
    assert _prove(synced).drift_found == 0


def test_a_deal_that_is_missing_comes_whole_and_one_that_should_have_left_leaves(synced: Any) -> None:
    """Membership is compared every night, however few stamps moved."""
    _later(synced)
    _tamper(synced, "UPDATE ops.scope_member SET state = 'out' WHERE opportunity_id = :deal", deal=synced.deals[0])
    _tamper(synced, "DELETE FROM salesforce.opportunity WHERE id = :deal", deal=synced.deals[2])
    with synced.org.writing() as connection:  # no stamp tells of this
        connection.execute("UPDATE Opportunity SET IsWon = 0, StageName = 'Lost' WHERE Id = ?", (synced.deals[4],))
    report = _prove(synced)

    assert report.drift_rows == 0
    assert _found(report)["Opportunity"] >= 2
    assert synced.ask("SELECT deal_id FROM cs_v1.deal ORDER BY 1") == [(synced.deals[0],), (synced.deals[2],)]
    assert synced.proof().drift_rows == 0


def test_what_changed_a_moment_ago_is_no_drift(synced: Any) -> None:
    """People at work in the org never look like a fault of the store."""
    synced.org.update("Opportunity", synced.deals[0], {"NextStep": "call"})
    synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
    synced.org.update("Opportunity", synced.deals[2], {"StageName": "Prospecting"})
    synced.org.delete("Opportunity", synced.deals[4])
    synced.org.hard_delete("Task", synced.one("Task", "WhatId", synced.deals[0]))
    report = _prove(synced)

    assert _found(report) == {}
    assert report.is_equal
    assert synced.proof().drift_rows == 0


def test_a_sudden_drop_of_a_count_is_an_alarm_and_no_deletion(synced: Any) -> None:
    """A permission that was taken away must not empty the store."""
    for number in range(60):
        synced.org.insert("Task", {"WhatId": synced.deals[0], "Subject": f"{number}", "Status": "Completed"})
    _later(synced)
    with synced.org.writing() as connection:
        connection.execute("DELETE FROM Task WHERE WhatId = ?", (synced.deals[0],))
        connection.execute("DELETE FROM _deleted_log WHERE object = 'Task'")
    report = _prove(synced)

    assert list(report.alarms) == ["Task"]
    assert "Nothing was deleted" in report.alarms["Task"]
    assert not report.is_equal
    assert synced.ask("SELECT count(*) FROM closure.task WHERE whatid = :deal", deal=synced.deals[0]) == [(61,)]
    assert synced.ask("SELECT drift_found, drift_rows FROM ops.proof WHERE object = 'Task'") == [(61, 61)]


def test_a_list_of_ids_that_is_refused_deletes_nothing_and_is_told(synced: Any) -> None:
    """What could not be compared is not proven; the rest is."""
    _later(synced)
    _fault(synced, {"kind": "query_timeout", "object": "Task", "part": True, "times": 0})
    report = _prove(synced)

    assert list(report.unproven) == ["Task"]
    assert not report.is_equal
    assert synced.ask("SELECT count(*) FROM closure.task") == [(3,)]
    assert synced.ask("SELECT proven_at FROM ops.proof WHERE object = 'Task'") == [(None,)]


def test_an_empty_answer_in_place_of_the_ids_deletes_nothing(synced: Any) -> None:
    """A dump that lost its rows on the way looks like an empty org; each record is asked for before it is believed."""
    _later(synced)
    nothing = {"totalSize": 0, "done": True, "records": []}
    ids_of_tasks = "SELECT Id, SystemModstamp FROM Task"
    _fault(synced, {"statement": ids_of_tasks, "part": True, "status": 200, "body": nothing, "times": 0})
    report = _prove(synced)

    assert synced.ask("SELECT count(*) FROM closure.task") == [(3,)]
    assert report.drift_rows == 0


def _fault(followed: Any, fault: dict[str, Any]) -> None:
    httpx.post(followed.settings.url + "/demo/faults", json=[fault]).raise_for_status()
