"""Late commits and the replication calls: nothing that is committed late is ever passed over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_org import control
from demo_org.clock import Clock
from demo_org.errors import SalesforceFault
from demo_org.store import Org
from demo_org.truth import rows

START = datetime(2026, 3, 2, 9, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def org():
    """A new org half a minute past nine."""
    with Org.open(clock=Clock(frozen_at=START)) as opened:
        yield opened


def changed(org, start=START - MINUTE, end=START + timedelta(hours=2)):
    """Accounts that changed in the window."""
    return org.updated_ids("Account", start, end)


def test_seconds_are_ignored(org):
    """A window that ends within the present minute does not contain it."""
    record = org.insert("Account", {"Name": "Acme"})

    assert ([record], START.replace(second=0)) == changed(org)
    assert changed(org, end=START + timedelta(seconds=20)) == ([], START.replace(second=0))


def test_the_present_is_the_latest_date_covered(org):
    """A window into the future covers no more than now, to the minute."""
    org.clock.move(by=timedelta(minutes=7))

    assert changed(org)[1] == START.replace(second=0) + timedelta(minutes=7)


def test_a_deleted_record_is_told_by_the_other_call(org):
    """An id is either updated or deleted; an undelete moves it back."""
    record = org.insert("Account", {"Name": "Acme"})
    org.delete("Account", record)
    window = (START, START + timedelta(hours=1))

    assert changed(org)[0] == []
    assert [(record, START)] == org.deleted_ids("Account", *window)[0]

    org.undelete("Account", record)
    assert [record] == changed(org)[0]
    assert org.deleted_ids("Account", *window)[0] == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START, START),
        (START, START + timedelta(seconds=20)),
        (START, START - MINUTE),
        (START + timedelta(hours=1), START + timedelta(hours=2)),
        (START - timedelta(days=31), START),
    ],
    ids=["empty", "within one minute", "backwards", "in the future", "older than 30 days"],
)
def test_a_window_salesforce_would_refuse_is_refused(org, start, end):
    """The code tells the client that its dates are wrong."""
    with pytest.raises(SalesforceFault) as caught:
        changed(org, start, end)

    assert caught.value.code == "INVALID_REPLICATION_DATE"


def test_a_trimmed_log_says_how_far_it_reaches(org):
    """A client that was away too long can tell that it missed deletions."""
    record = org.insert("Account", {"Name": "Acme"})
    org.delete("Account", record)
    org.clock.move(by=timedelta(hours=3))
    window = (START - timedelta(days=20), START + timedelta(hours=4))
    assert org.deleted_ids("Account", *window)[1] == org.clock.now().replace(second=0) - timedelta(days=15)

    control.trim_log(org, "2026-03-02T10:00:00Z")
    assert org.deleted_ids("Account", *window)[:2] == ([], datetime(2026, 3, 2, 10, tzinfo=UTC))


def test_an_object_that_is_not_replicated_is_refused(org):
    """Stages are read whole instead."""
    with pytest.raises(SalesforceFault) as caught:
        org.updated_ids("OpportunityStage", START, START + MINUTE)

    assert caught.value.code == "INVALID_TYPE_FOR_OPERATION"


def test_a_late_commit_appears_with_an_old_stamp(org):
    """The row carries the instant of its statement and is seen only after the commit."""
    late = org.open_transaction()
    record = late.insert("Account", {"Name": "Late"})
    org.clock.move(by=timedelta(minutes=10))
    assert org.get("Account", record) is None
    assert changed(org) == ([], START.replace(second=0))

    late.commit()
    assert org.get("Account", record)["SystemModstamp"] == "2026-03-02T09:00:30.000Z"
    assert ([record], START.replace(second=0) + timedelta(minutes=10)) == changed(org)


def test_a_late_transaction_sees_its_own_writes(org):
    """A line written in it may refer to a deal written in it."""
    late = org.open_transaction()
    account = late.insert("Account", {"Name": "Late"})
    contact = late.insert("Contact", {"LastName": "Doe", "AccountId": account})
    late.update("Account", account, {"Name": "Later"})
    late.commit()

    assert org.get("Account", account)["Name"] == "Later"
    assert account == org.get("Contact", contact)["AccountId"]


def test_a_record_in_an_open_transaction_is_locked(org):
    """Another user gets Salesforce's lock error until the transaction ends."""
    record = org.insert("Account", {"Name": "Acme"})
    late = org.open_transaction()
    late.update("Account", record, {"Name": "Late"})
    with pytest.raises(SalesforceFault) as caught:
        org.update("Account", record, {"Name": "Other"})
    assert caught.value.code == "UNABLE_TO_LOCK_ROW"

    late.rollback()
    org.update("Account", record, {"Name": "Other"})
    assert org.get("Account", record)["Name"] == "Other"


def test_a_refused_statement_leaves_the_transaction_open(org):
    """What was written before can still be committed."""
    late = org.open_transaction()
    record = late.insert("Account", {"Name": "Late"})
    with pytest.raises(SalesforceFault):
        late.insert("Account", {})
    late.commit()

    assert org.get("Account", record) is not None
    with pytest.raises(RuntimeError, match="open another"):
        late.commit()


def test_the_control_plane_opens_and_commits(org):
    """A test outside the process can hold a transaction open."""
    transactions = control.OpenTransactions(org)
    begun = transactions.begin([{"act": "insert", "object": "Account", "values": {"Name": "Late"}}])
    assert begun["transaction"] == transactions.listing()[0]["transaction"]
    assert rows(org, "Account") == []

    transactions.commit(begun["transaction"])
    assert begun["ids"] == [row["Id"] for row in rows(org, "Account")]
    with pytest.raises(SalesforceFault):
        transactions.commit(begun["transaction"])


STEPS = st.lists(st.sampled_from(["write", "open", "late", "commit", "wait", "poll"]), max_size=40)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_a_poller_that_starts_where_the_last_answer_ended_misses_nothing(steps):
    """LatestDateCovered is a promise, whatever commits late: every record is told once the transactions end."""
    with Org.open(clock=Clock(frozen_at=START)) as org:
        seen, written, since, opened = set(), set(), START - MINUTE, []
        for step in [*steps, *["commit"] * steps.count("open"), "wait", "poll"]:
            match step:
                case "write":
                    written.add(org.insert("Account", {"Name": "now"}))
                case "open":
                    opened.append(org.open_transaction())
                case "late" if opened:
                    written.add(opened[-1].insert("Account", {"Name": "late"}))
                case "commit" if opened:
                    opened.pop(0).commit()
                case "wait":
                    org.clock.move(by=timedelta(seconds=50))
                case "poll":
                    found, since = org.updated_ids("Account", since, org.clock.now() + 2 * MINUTE)
                    seen |= set(found)

        assert written == seen
