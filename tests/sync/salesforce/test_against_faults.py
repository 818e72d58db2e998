"""What the client makes of every fault of the demo org: one of our errors, or the right answer all the same."""

import csv
import io
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from job_reading import pages_of

from demo_org.faults import KINDS
from demo_org.faults.states import LOGIN_REFUSALS
from demo_org.store import Org
from demo_org.truth import rows
from demo_org.wire import WireSettings, running
from sync.errors import (
    ApiDisabled,
    BadReply,
    BudgetSpent,
    BulkUnsupported,
    FieldHidden,
    LoginRefused,
    ObjectMissing,
    OrgBusy,
    OrgUnreachable,
    QueryTimedOut,
    RequestRefused,
    ResultTruncated,
    SessionExpired,
    SyncError,
)
from sync.extract.parts import QueryPart, drain
from sync.salesforce.client import Client, connect
from sync.salesforce.composite import SubRequest
from sync.salesforce.replication import deleted_of, deleted_url
from sync.settings import SalesforceSettings

SOQL = "SELECT Id, Name FROM Account ORDER BY Id"
ACCOUNTS = 450


@pytest.fixture(scope="module")
def served():
    small = WireSettings(bulk_delay=0.0, bulk_page_rows=200, page_rows=200)
    with Org.open() as opened, running(opened, settings=small) as answering:
        opened.load("Account", ["Name", "Description"], [[f"Acme {n}", "so\nfar"] for n in range(ACCOUNTS)])
        yield answering


@pytest.fixture
def client(served):
    with connect(settings_of(served)) as connected:
        yield connected
    # One of the faults refuses connections for a moment.
    with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as control:
        control.delete(f"{served.url}/demo/faults").raise_for_status()


def settings_of(served):
    known = served.credentials
    return SalesforceSettings(
        url=served.url, auth="client_credentials", client_id=known.client_id, client_secret=known.client_secret
    )


def strike(served, kind, **described):
    fault = {"kind": kind, "times": 0} | described
    httpx.post(f"{served.url}/demo/faults", json=[fault]).raise_for_status()


def query(client: Client):
    return client.query(SOQL)


def by_composite(client: Client):
    """A query as the poll asks it: a part of a composite call."""
    return part_of(client, f"{client.base}/query?q=SELECT+Id+FROM+Account")


def part_of(client: Client, url: str):
    """The only part of a composite call."""
    reply = client.composite([SubRequest(reference="one", url=url)])["one"]
    error = reply.error()
    if error is not None:
        raise error
    return reply.body


def replication(client: Client):
    """What was deleted lately, as the poll asks it."""
    now = datetime.now(UTC)
    return part_of(client, deleted_url(client.base, "Account", now - timedelta(hours=1), now))


def by_id(client: Client):
    """All rows of a query, page by page, as the extraction reads them."""

    def statement(after):
        behind = f"WHERE Id > '{after}' " if after else ""
        return f"SELECT Id, Name FROM Account {behind}ORDER BY Id"

    part = QueryPart("Account", statement)
    drain(client, [part])
    if part.error is not None:
        raise part.error
    return part.records


def snapshot(client: Client):
    """Every row of a Bulk job, page by page."""
    found = []
    for page in pages_of(client, client.start_bulk(SOQL, object_name="Account")):
        text = b"".join(page.chunks).decode()
        landed = list(csv.DictReader(io.StringIO(text, newline="")))
        page.verify(len(landed))
        found += landed
    return found


ASKS = {each.__name__: each for each in (query, by_composite, by_id, replication, snapshot)}

#: fault, what is asked, the error while the fault lasts, and whether the client gets over a single strike by itself
ERRORS = [
    ("not_acceptable", "query", OrgBusy, True),
    ("edge_420", "query", OrgBusy, True),
    ("too_many_requests", "query", OrgBusy, True),
    ("maintenance_503", "query", OrgBusy, True),
    ("maintenance_page", "query", BadReply, True),
    ("maintenance_page", "by_composite", BadReply, True),
    ("maintenance_page", "snapshot", BadReply, True),
    ("login_page", "query", BadReply, True),
    ("unknown_exception", "query", OrgBusy, True),
    ("server_unavailable", "query", OrgBusy, True),
    ("session_rejected", "query", SessionExpired, True),
    ("session_killed", "query", SessionExpired, True),
    ("session_killed", "snapshot", SessionExpired, True),
    ("request_limit", "query", BudgetSpent, False),
    ("concurrent_limit", "query", OrgBusy, True),
    ("api_disabled", "query", ApiDisabled, False),
    ("query_timeout", "query", QueryTimedOut, False),
    ("query_timeout", "by_composite", QueryTimedOut, False),
    ("query_too_complicated", "query", QueryTimedOut, False),
    ("operation_too_large", "query", QueryTimedOut, False),
    ("field_hidden", "query", FieldHidden, False),
    ("field_hidden", "by_composite", FieldHidden, False),
    ("object_hidden", "query", ObjectMissing, False),
    ("part_failed", "by_composite", OrgBusy, False),
    ("bulk_refused", "snapshot", BulkUnsupported, False),
    ("too_many_ids", "replication", RequestRefused, False),
    ("bad_replication_date", "replication", RequestRefused, False),
    ("results_refused", "snapshot", SyncError, False),
    ("results_missing", "snapshot", SyncError, False),
    ("job_failed", "snapshot", SyncError, False),
    ("job_aborted", "snapshot", QueryTimedOut, False),
    ("csv_cut", "snapshot", ResultTruncated, False),
    ("count_wrong", "snapshot", ResultTruncated, False),
    ("rows_repeated", "snapshot", ResultTruncated, False),
    ("page_empty", "by_id", BadReply, False),
    ("hang", "query", OrgUnreachable, True),
    ("reset_before", "query", OrgUnreachable, True),
    ("refused", "query", OrgUnreachable, False),
    ("answer_lost", "query", OrgUnreachable, True),
    ("reset_body", "query", OrgUnreachable, True),
    ("broken_body", "query", OrgUnreachable, True),
    ("cut_body", "query", BadReply, True),
    ("cut_gzip", "query", BadReply, True),
    ("reset_body", "snapshot", OrgUnreachable, False),
    ("broken_body", "snapshot", OrgUnreachable, False),
    ("answer", "query", OrgBusy, True),
]
#: faults that a client must not even notice
BORNE = [
    ("chopped_body", "snapshot"),
    ("chopped_body", "query"),
    ("slow", "query"),
    ("page_short", "by_id"),
    ("locator_changed", "snapshot"),
    ("nul_bytes", "snapshot"),
    ("odd_text", "snapshot"),
    ("job_stalled", "snapshot"),
    ("covered_held_back", "replication"),
    ("date_skewed", "query"),
]
EXTRA = {
    "refused": {"seconds": 0.2},
    "chopped_body": {"bytes": 7},
    "hang": {"seconds": 0.02},
    "slow": {"seconds": 0.02},
    "answer": {"status": 502, "body": "<html>"},
}


@pytest.mark.parametrize(("kind", "ask", "error"), [each[:3] for each in ERRORS])
def test_a_fault_that_lasts_is_one_of_our_errors(served, client, kind, ask, error):
    """The caller has four answers to know: try again, wait, skip, stop."""
    strike(served, kind, path="/query|/deleted|/composite|/results|/jobs", **EXTRA.get(kind, {}))
    with pytest.raises(error):
        ASKS[ask](client)


@pytest.mark.parametrize(("kind", "ask"), [*((kind, ask) for kind, ask, _, passes in ERRORS if passes), *BORNE])
def test_a_fault_that_passes_costs_no_more_than_a_retry(served, client, kind, ask):
    """The run goes on as if nothing had been."""
    proper = ASKS[ask](client)
    strike(served, kind, times=1, **EXTRA.get(kind, {}))
    found = ASKS[ask](client)

    assert len(found.records if ask == "query" else found) == len(proper.records if ask == "query" else proper)
    assert struck(served) == [kind]


def struck(served):
    return [each["kind"] for each in httpx.get(f"{served.url}/demo/faults/log").json()]


def test_a_deletion_log_that_was_trimmed_is_seen(served, client):
    """What was deleted before its beginning must be found another way."""
    strike(served, "log_trimmed", minutes=1)
    now = datetime.now(UTC)
    earliest = deleted_of(replication(client), name="Account").earliest_available

    assert earliest is not None
    assert earliest > now - timedelta(minutes=3)


def test_nul_bytes_of_a_snapshot_never_get_past_the_client(served, client):
    """No database takes them as text; those of JSON are taken out where rows are staged."""
    strike(served, "nul_bytes")

    assert snapshot(client)[0]["Name"] == "Acme 0"


def test_every_kind_of_fault_has_its_line_here():
    """A new fault is tried against the client, too."""
    elsewhere = {
        *(kind.name for kind in KINDS.values() if kind.of_events),
        "row_locked", "commit_lag",  # the client reads only
        "rows_shuffled",  # and always in order
        "locator_invalid", "locators_evicted",  # nor does it follow locators: it pages by id
        "login_refused", "refresh_token_spent",  # below
        "log_trimmed",  # the next test
    }  # fmt: skip
    assert set(KINDS) - elsewhere == {kind for kind, *_ in ERRORS} | {kind for kind, _ in BORNE}


@pytest.mark.parametrize("reason", LOGIN_REFUSALS)
def test_every_refusal_of_a_login_asks_a_person(served, reason):
    """All but too many logins, which pass."""
    strike(served, "login_refused", reason=reason)
    try:
        with pytest.raises((LoginRefused, BudgetSpent)) as raised, connect(settings_of(served)):
            pass
    finally:
        httpx.delete(f"{served.url}/demo/faults")

    assert isinstance(raised.value, BudgetSpent) == (reason == "rate_exceeded")


#: these make a test wait, or change on purpose what a text says
_UNFIT = {"hang", "slow", "refused", "odd_text", "answer", "commit_lag", "job_failed", "job_aborted"}
MIXED = sorted(name for name, kind in KINDS.items() if not kind.of_events and name not in _UNFIT)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    rate=st.sampled_from([0.1, 0.3, 0.6]),
    ask=st.sampled_from([by_id, snapshot]),
    kinds=st.lists(st.sampled_from(MIXED), min_size=1, max_size=6, unique=True),
)
def test_no_mixture_of_faults_yields_wrong_rows(served, seed, rate, ask, kinds):
    """A reading is complete or an error of ours: never a row too few, one too many, or a foreign exception."""
    order = {"random": {"seed": seed, "rate": rate, "kinds": kinds}}
    httpx.post(f"{served.url}/demo/faults", json=order).raise_for_status()
    try:
        with connect(settings_of(served)) as client:
            found = [row["Id"] for row in ask(client)]
    except SyncError:
        found = None
    finally:
        httpx.delete(f"{served.url}/demo/faults").raise_for_status()

    assert found is None or sorted(found) == [row["Id"] for row in rows(served.app.context.org, "Account")]
