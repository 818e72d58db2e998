"""The control plane over the wire: what a test or a demonstration may do to the org."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from wire_client import BASE, WireClient, client_of, error_of

from demo_org import control
from demo_org.clock import Clock
from demo_org.store import Org
from demo_org.wire import WireSettings, running
from demo_org.wire.control.acts import ACTS

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_control_plane_lists_what_it_can_do(client):
    """Whoever drives the org from a script finds every act, its address and its arguments in one place."""
    listed = client.get("/demo").json()["acts"]

    assert [(each["method"], each["path"]) for each in listed] == [(each.method, each.path) for each in ACTS]
    assert all(re.match(r"[A-Z].*[.}]$", each["doc"]) for each in listed), "each act says what it does"
    assert {"name": "purge", "method": "POST", "path": "/demo/purge", "arguments": {}} | {
        "doc": "Empty the recycle bin."
    } in listed


@pytest.fixture
def org():
    """A client of an org of the test's own, at nine o'clock."""
    with client_of(Clock(frozen_at=NINE), bulk_delay=0.0) as client:
        yield client


def test_the_root_page_says_what_this_is(client):
    """Somebody who opens the address in a browser learns what answers there, and no secret."""
    answer = client.get("/", headers={"Authorization": ""})
    known = client.credentials

    assert answer.status_code == 200
    assert answer.json()["client_id"] == "demo-client"
    assert answer.json()["control_plane"].endswith("/demo")
    secrets = (known.client_secret, known.password, known.security_token, known.refresh_token)
    assert [secret for secret in secrets if secret in answer.text] == []


def test_calls_are_counted_by_object_and_caller(org):
    """Who asks for what, how often: the parts of composite calls apart from the calls."""
    parts = [
        {"method": "GET", "url": f"{BASE}/query?q=SELECT+Id+FROM+{name}", "referenceId": name}
        for name in ("Contact", "Account", "contact")
    ]
    org.query("SELECT Id, (SELECT Id FROM Contacts) FROM account WHERE Id IN (SELECT AccountId FROM Opportunity)")
    org.get("sobjects/Account/describe", headers={"User-Agent": "baton"})
    org.post("composite", json={"compositeRequest": parts})
    counts = org.get("/demo/calls").json()

    assert counts["total"] == 3
    assert counts["objects"] == {"Account": 2, "": 1}
    assert counts["parts"] == {"Contact": 2, "Account": 1}
    assert counts["agents"]["baton"] == 1
    assert counts["apps"] == {"demo-client": 3}


def test_the_truth_can_be_narrowed_and_digested(org):
    """Copies are compared by digests first, by rows where those differ."""
    first, second = org.make("Account", Name="One"), org.make("Account", Name="Two")
    org.post("/demo/clock", json={"move": 60})
    org.patch(f"sobjects/Account/{second}", json={"Name": "Second"})
    org.delete(f"sobjects/Account/{first}")
    path = "/demo/truth/account"

    assert [row["Name"] for row in org.get(path).json()] == ["One", "Second"]
    assert org.get(path, params={"fields": "id,name", "deleted": "false"}).json() == [{"Id": second, "Name": "Second"}]
    assert [row["Id"] for row in org.get(path, params={"ids": first[:15]}).json()] == [first]
    assert len(org.get(path, params={"since": "2026-03-02T09:01:00Z"}).json()) == 2
    assert org.get(path, params={"since": "2026-03-02T09:02:00Z"}).json() == []
    lines = "".join(f'["{each}","2026-03-02T09:01:00.000Z"]\n' for each in sorted((first, second)))
    assert org.get(f"{path}/digest").json() == {
        "object": "Account",
        "count": 2,
        "newest": "2026-03-02T09:01:00.000Z",
        "fields": ["Id", "SystemModstamp"],
        "checksum": hashlib.sha256(lines.encode()).hexdigest(),
    }
    assert error_of(org.get(path, params={"fields": "Nme"}))[0] == 400


def test_every_object_with_rows_has_a_digest(org):
    """One call tells whether anything at all differs."""
    before = org.get("/demo/digests").json()
    org.make("Account", Name="One")
    after = org.get("/demo/digests").json()

    assert "Account" in {each["object"] for each in after} - {each["object"] for each in before}
    assert [each for each in after if each["object"] == "User"] == [each for each in before if each["object"] == "User"]


def test_large_truths_are_streamed(org):
    """More rows than one portion, each once and in the order of ids."""
    org.org.load("Account", ["Name"], [[f"A{n}"] for n in range(5001)])
    ids = [row["Id"] for row in org.get("/demo/truth/Account").json()]

    assert len(ids) == 5001
    assert ids == sorted(ids)


def test_sessions_are_listed_and_ended_by_user(org):
    """A test ends those of one user and leaves the others; tokens are not told."""
    admin = org.served.app.context.sessions.start(org.org.users.admin)
    listed = org.get("/demo/sessions").json()
    killed = org.post("/demo/sessions/kill", json={"user": "admin@demo.example"}).json()

    assert {each["user"] for each in listed} == {org.org.users.admin, org.org.users.integration}
    assert admin.token not in org.get("/demo/sessions").text
    assert (killed, org.get("limits").status_code) == ({"killed": 1}, 200)
    assert error_of(org.post("/demo/sessions/kill", json={"user": "nobody"}))[2] == "there is no user nobody"


def test_bulk_jobs_are_listed_and_ended_by_order(org):
    """A job that has finished can still be made to fail."""
    job = org.bulk("SELECT Id FROM Account")
    org.post(f"/demo/bulk/{job['id']}", json={"state": "Failed", "message": "because"}).raise_for_status()
    (listed,) = org.get("/demo/bulk").json()

    assert (listed["state"], listed["errorMessage"], listed["query"]) == ("Failed", "because", "SELECT Id FROM Account")
    assert error_of(org.post(f"/demo/bulk/{job['id']}", json={"state": "Tired"}))[0] == 400


def test_the_recycle_bin_can_be_looked_into(org):
    """What was deleted with what."""
    account = org.make("Account", Name="Acme")
    contact = org.make("Contact", LastName="Ray", AccountId=account)
    org.delete(f"sobjects/Account/{account}")

    thrown = org.get("/demo/bin").json()

    assert {"object": "Account", "id": account, "deleted_with": account} in thrown
    assert {"object": "Contact", "id": contact, "deleted_with": account} in thrown
    assert [each["id"] for each in org.get("/demo/bin", params={"object": "contact"}).json()] == [contact]


def test_a_transaction_commits_by_itself_after_a_while(org):
    """By the org's clock, before the first request that comes later; its stamps are those of its beginning."""
    order = {"writes": [{"object": "Account", "values": {"Name": "Late"}}], "commit_after": 90}
    begun = org.post("/demo/transactions", json=order).json()
    (listed,) = org.get("/demo/transactions").json()
    org.post("/demo/clock", json={"move": 89})
    early = org.query("SELECT Id FROM Account")["totalSize"]
    org.post("/demo/clock", json={"move": 1})
    (late,) = org.query("SELECT Id, SystemModstamp FROM Account")["records"]

    assert (listed["commits_at"], early) == ("2026-03-02T09:01:30.000Z", 0)
    assert (late["Id"], late["SystemModstamp"]) == (begun["ids"][0], "2026-03-02T09:00:00.000+0000")
    assert org.get("/demo/transactions").json() == []


def test_the_clock_that_is_told_may_be_off_from_the_one_that_stamps(org):
    """Who frames windows by the Date of answers must bear with minutes of difference."""
    told = org.post("/demo/clock", json={"skew": 600}).json()
    record = org.make("Account", Name="Now")
    answer = org.get(f"sobjects/Account/{record}")

    assert (told["now"], told["told"]) == ("2026-03-02T09:00:00.000Z", "2026-03-02T09:10:00.000Z")
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 09:10:00 GMT"
    assert answer.json()["SystemModstamp"] == "2026-03-02T09:00:00.000+0000"


def test_many_saves_share_one_stamp_while_the_clock_stands(org):
    """More ties than any page holds."""
    records = [{"attributes": {"type": "Account"}, "Name": f"A{n}"} for n in range(200)]
    for _ in range(3):
        org.post("composite/sobjects", json={"records": records}).raise_for_status()

    assert org.query("SELECT Id FROM Account WHERE SystemModstamp = 2026-03-02T09:00:00Z")["totalSize"] == 600


def test_an_org_is_saved_and_put_back(org, tmp_path):
    """A soak test begins again without filling the org anew; metadata and ids are those of the saved one."""
    file = tmp_path / "saved.db"
    kept = org.make("Account", Name="Kept")
    org.post("/demo/fields", json={"object": "Account", "field": "Tier__c", "type": "string"})
    saved = org.post("/demo/save", json={"file": str(file)}).json()
    lost = org.make("Account", Name="Lost")
    org.post("/demo/fields", json={"act": "remove", "object": "Account", "field": "Tier__c"})
    org.post("/demo/fields", json={"object": "Account", "field": "Late__c", "type": "string"})
    org.post("/demo/restore", json={"file": str(file)}).raise_for_status()
    columns = {field["name"] for field in org.get("sobjects/Account/describe").json()["fields"]}

    assert saved["bytes"] > 0
    assert [row["Id"] for row in org.get("/demo/truth/Account").json()] == [kept]
    assert org.make("Account", Name="Next", Tier__c="Gold") == lost, "ids go on from the saved ones"
    assert {"Tier__c", "Late__c"} & columns == {"Tier__c"}


def test_an_org_of_a_file_is_put_back_while_others_read(tmp_path):
    """Connections that have read before see the restored rows."""
    with (
        Org.open(tmp_path / "org.db") as opened,
        running(opened, settings=WireSettings()) as served,
        WireClient(opened, served) as client,
    ):
        client.log_in()
        client.post("/demo/save", json={"file": str(tmp_path / "saved.db")}).raise_for_status()
        client.make("Account", Name="Lost")
        for _ in range(20):
            client.query("SELECT Id FROM Account")
        client.post("/demo/restore", json={"file": str(tmp_path / "saved.db")}).raise_for_status()

        assert {client.query("SELECT Id FROM Account")["totalSize"] for _ in range(20)} == {0}


@pytest.mark.parametrize("act", ["save", "restore"])
def test_a_file_that_cannot_be_used_is_told(org, act, tmp_path):
    """And the org is as it was."""
    (tmp_path / "text").write_text("no database, but long enough to look at" * 100, encoding="utf-8")
    answers = [org.post(f"/demo/{act}", json={"file": str(tmp_path / name)}) for name in ("text", "no/such/place")]

    assert [each.status_code for each in answers] == [400, 400]
    assert org.post("/demo/save", json={}).status_code == 400
    assert org.query("SELECT Id FROM Account")["totalSize"] == 0


def test_an_open_transaction_forbids_saving(org):
    """What is half done would be lost or half kept."""
    begun = org.post("/demo/transactions", json=[{"object": "Account", "values": {"Name": "Late"}}]).json()

    assert error_of(org.post("/demo/save", json={"file": "x.db"}))[2].startswith("a transaction is open")
    org.post(f"/demo/transactions/{begun['transaction']}/rollback")


def test_health_tells_what_is_going_on(org):
    """A script waits for it, a person looks at it first."""
    found = org.get("/demo/health").json()

    assert (found["ready"], found["sessions"], found["file"], found["faults"]) == (True, 1, None, 0)


def test_the_clock_of_a_file_goes_on_where_it_stood(tmp_path):
    """Frozen, moved and skewed clocks survive a restart; one that is given does not change."""
    file = tmp_path / "org.db"
    with Org.open(file) as org:
        control.set_clock(org, {"freeze": "2026-03-02T09:00:00Z", "skew": 60})
    with Org.open(file) as org:
        frozen = (org.clock.now(), org.clock.told() - org.clock.now())
        control.set_clock(org, {"reset": True, "move": 86_400})
    with Org.open(file) as org:
        ahead = org.clock.now() - datetime.now(UTC)

    assert frozen == (NINE, timedelta(seconds=60))
    assert timedelta(hours=23) < ahead <= timedelta(days=1)
