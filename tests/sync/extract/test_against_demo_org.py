"""The whole way through the wire: login, descriptions, windows, children and snapshots of a demo org."""

import csv
import io
import time
from datetime import timedelta
from functools import partial

import httpx
import pytest

from demo_org.clock import Clock
from demo_org.store import Org
from demo_org.wire import WireSettings, running
from sync.errors import LoginRefused, ObjectMissing
from sync.extract.aggregate import by_ids, children
from sync.extract.poll import poll
from sync.extract.snapshot import Wanted, begin, page_of_records
from sync.extract.turn import Standing, everything, next_turn
from sync.record import ObjectShape
from sync.salesforce.client import connect
from sync.scope.catalog import STANDARD, Reach
from sync.scope.closure import snapshot_queries
from sync.scope.mapping import select_fields
from sync.settings import SalesforceSettings


@pytest.fixture
def org():
    with running(Org.open(clock=Clock()), settings=WireSettings(bulk_delay=0.0)) as served:
        yield served


@pytest.fixture
def client(org):
    settings = SalesforceSettings(
        url=org.url,
        auth="client_credentials",
        client_id=org.credentials.client_id,
        client_secret=org.credentials.client_secret,
        currency="USD",
    )
    with connect(settings) as connected:
        yield connected


@pytest.fixture
def store(org):
    return org.app.context.org


@pytest.fixture
def selections(client):
    shapes = client.describe(list(STANDARD.names))
    return {name: select_fields(shape) for name, shape in shapes.items() if isinstance(shape, ObjectShape)}


def won_deal(store, *, stage="Closed Won"):
    """A deal with a customer, a contact in a role, and a task."""
    account = store.insert("Account", {"Name": "Acme"})
    contact = store.insert("Contact", {"LastName": "Ray", "AccountId": account})
    deal = store.insert(
        "Opportunity",
        {"Name": "Acme 500", "StageName": stage, "CloseDate": "2026-11-20", "AccountId": account, "Amount": 12500.5},
    )
    role = store.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact, "Role": "Evaluator"})
    task = store.insert("Task", {"Subject": 'Call, "soon"\nplease', "WhatId": deal, "WhoId": contact})
    return {"Opportunity": deal, "Account": account, "Contact": contact, "OpportunityContactRole": role, "Task": task}


def look(client, selections, *, choose=everything, minutes=10):
    low = client.server_date - timedelta(minutes=minutes)
    standings = {name: Standing(low=low, watermark=low) for name in STANDARD.names}
    turn = choose(STANDARD, selections, standings, client.server_date + timedelta(minutes=1))
    return poll(client, STANDARD, selections, turn)


def sets_of(client, selections, *, deals=(), accounts=()):
    parents = {each.name: deals for each in STANDARD.children_of("Opportunity")}
    parents |= {each.name: accounts for each in STANDARD.children_of("Account")}
    return {each.object_name: each for each in children(client, STANDARD, selections, parents)}


def begun(client, selections, name):
    """Every statement of a complete reading, begun."""
    wanted = Wanted(selection=selections[name], statements=partial(snapshot_queries, name))
    return [begin(client, wanted, number) for number in range(len(wanted.statements(wanted.selection)))]


def rows_of(client, readings):
    rows = []
    for reading in readings:
        while not client.bulk_state(reading.job).is_complete:
            time.sleep(0.01)
        with client.bulk_page(reading.job) as page:
            landed = list(csv.DictReader(io.StringIO(b"".join(page.chunks).decode(), newline="")))
            page.verify(len(landed))
        rows.extend(landed)
        client.delete_bulk(reading.job)
    return rows


def test_the_org_says_who_it_is(client, store):
    """Through simple_salesforce, over our transport."""
    identity = client.identity()

    assert identity.org_id == store.org_id
    assert identity.currency == "USD"
    assert client.usage is not None
    assert "DailyApiRequests" in client.limits()


def test_every_object_of_the_closure_is_described_in_two_calls(client, selections):
    """With the fields a bulk job can deliver; an org has no teams before it switches them on."""
    absent = {"OpportunityTeamMember", "AccountTeamMember", "AccountContactRelation", "CurrencyType"}

    assert client.calls["describe"] == 2
    assert set(selections) == set(STANDARD.names) - absent
    assert all(selection.names[0] == "Id" for selection in selections.values())
    assert selections["Opportunity"].has("IsWon")


def test_descriptions_that_did_not_change_are_not_sent_again(client):
    """If-Modified-Since inside the composite call."""
    first = client.describe(["Account"])["Account"]

    again = client.describe(["Account"], {"Account": first.last_modified})

    assert type(again["Account"]).__name__ == "Unchanged"


def test_an_idle_poll_is_one_call_and_brings_nothing(client, selections):
    """The promise of the budget."""
    before = client.api_calls

    found = look(client, selections, choose=next_turn)

    assert found.failed == {}
    assert client.api_calls - before == 1
    assert found.opportunities == []
    assert len(found.sets["OpportunityStage"]) > 5


def test_a_won_deal_is_seen_with_everything_around_it(client, selections, store):
    """In the window as records and ids, and whole by its id."""
    made = won_deal(store)

    found = look(client, selections)
    sets = sets_of(client, selections, deals=[made["Opportunity"]], accounts=[made["Account"]])

    assert [record["Id"] for record in found.opportunities] == [made["Opportunity"]]
    assert str(found.opportunities[0]["Amount"]) == "12500.5"
    assert found.updated_ids["OpportunityContactRole"] == (made["OpportunityContactRole"],)
    seen = look(client, selections, choose=next_turn)
    assert seen.changed["OpportunityContactRole"][0]["Id"] == made["OpportunityContactRole"]
    assert found.updated_ids["Account"] == (made["Account"],)
    assert [record["Id"] for record in sets["Task"].records] == [made["Task"]]
    assert [record["Id"] for record in sets["Contact"].records] == [made["Contact"]]
    assert len(sets["OpportunityHistory"].records) >= 1


def test_reopened_and_deleted_deals_are_seen_to_leave(client, selections, store):
    """The one is no longer won, the other is marked as deleted."""
    reopened, deleted = won_deal(store)["Opportunity"], won_deal(store)["Opportunity"]
    store.update("Opportunity", reopened, {"StageName": "Prospecting"})
    store.delete("Opportunity", deleted)

    found = {record["Id"]: record for record in look(client, selections).opportunities}

    assert found[reopened]["IsWon"] is False
    assert found[deleted]["IsDeleted"] is True


def test_a_hard_deleted_role_is_in_the_deletion_log(client, selections, store):
    """Roles skip the recycle bin, so no query ever shows that they went."""
    made = won_deal(store)
    store.delete("OpportunityContactRole", made["OpportunityContactRole"])

    found = look(client, selections)

    assert made["OpportunityContactRole"] in found.deleted_ids["OpportunityContactRole"]
    assert look(client, selections, choose=next_turn).changed["OpportunityContactRole"] == []


def test_a_snapshot_holds_exactly_the_closure(client, selections, store):
    """Open deals and what belongs to them only stay out; rows agree with Salesforce's counts."""
    won, lost = won_deal(store), won_deal(store, stage="Prospecting")
    whole = {each.name for each in STANDARD if each.reach is Reach.WHOLE}
    readings = {name: begun(client, selections, name) for name in selections if name not in whole}

    rows = {name: rows_of(client, each) for name, each in readings.items()}
    query = snapshot_queries("OpportunityStage", selections["OpportunityStage"])[0]
    stages, _ = page_of_records(client, "OpportunityStage", query, after_id=None)

    for name in ("Opportunity", "Account", "OpportunityContactRole", "Task"):
        assert [row["Id"] for row in rows[name]] == [won[name]]
    assert {row["Id"] for row in rows["Contact"]} == {won["Contact"]}
    assert rows["Task"][0]["Subject"] == 'Call, "soon"\nplease'
    assert len(stages) > 5
    assert lost["Opportunity"] not in {row["OpportunityId"] for row in rows["OpportunityHistory"]}


def test_records_are_read_by_their_ids(client, selections, store):
    """Users and products are found by the ids that others name."""
    made = won_deal(store)
    deal = by_ids(client, [selections["Opportunity"]], {"Opportunity": [made["Opportunity"], "006000000000000AAA"]})[
        "Opportunity"
    ]

    users = by_ids(client, [selections["User"]], {"User": [deal[0]["OwnerId"]]})["User"]

    assert len(deal) == 1
    assert users[0]["Id"] == deal[0]["OwnerId"]


def test_an_org_without_quotes_still_has_deals(client, store):
    """The object is missing, nothing else is."""
    store.catalog.disable("Quote")

    shapes = client.describe(list(STANDARD.names))
    selections = {name: select_fields(shape) for name, shape in shapes.items() if isinstance(shape, ObjectShape)}

    assert isinstance(shapes["Quote"], ObjectMissing)
    assert look(client, selections).failed == {}
    assert "Quote" not in sets_of(client, selections, deals=["006000000000000AAA"])


def test_a_hidden_amount_is_an_error_of_its_own(client, selections, store):
    """The field is named, so that its old values can be kept."""
    store.catalog.hide_field("Opportunity", "Amount")

    failed = look(client, selections).failed["Opportunity"]
    (reading,) = begun(client, selections, "Opportunity")

    assert (failed.object_name, failed.field_name) == ("Opportunity", "Amount")
    assert not reading.selection.has("Amount")


def test_a_killed_session_does_not_end_a_run(org, client, selections, store):
    """Neither in a poll nor between the pages of a job."""
    won_deal(store)
    readings = begun(client, selections, "Opportunity")
    httpx.post(f"{org.url}/demo/sessions/kill").raise_for_status()

    assert len(rows_of(client, readings)) == 1
    httpx.post(f"{org.url}/demo/sessions/kill").raise_for_status()
    assert len(look(client, selections).opportunities) == 1


def test_a_late_commit_is_seen_by_a_window_that_overlaps(client, selections, store):
    """Its stamp is older than its appearance: a window that begins before the stamp finds it."""
    transaction = store.open_transaction()
    deal = transaction.insert("Opportunity", {"Name": "Late", "StageName": "Closed Won", "CloseDate": "2026-11-20"})
    before = look(client, selections)
    transaction.commit()

    assert before.opportunities == []
    assert [record["Id"] for record in look(client, selections).opportunities] == [deal]


def test_the_password_grant_needs_the_security_token(org):
    """As for a login from an address the org does not know."""
    given = {"url": org.url, "auth": "password", "client_id": org.credentials.client_id}
    secret = {"client_secret": org.credentials.client_secret, "username": org.credentials.username}
    password = {"password": org.credentials.password}

    with pytest.raises(LoginRefused, match="SECURITY_TOKEN"):
        connect(SalesforceSettings(**given, **secret, **password))
    token = {"security_token": org.credentials.security_token}
    connect(SalesforceSettings(**given, **secret, **password, **token)).close()
