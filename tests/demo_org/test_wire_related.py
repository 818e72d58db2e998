"""Rows by external id, rows below rows, and rows that are read or written only if they have not changed."""

from datetime import UTC, datetime, timedelta

import pytest
from wire_client import BASE, WireClient, client_of, error_of

from demo_org.clock import Clock
from demo_org.store import Org
from demo_org.wire import running
from demo_org.wire.records.conditions import http_date


@pytest.fixture(scope="module")
def client():
    with client_of(Clock(frozen_at=datetime(2026, 3, 2, 9, tzinfo=UTC))) as client:
        key = {"object": "Account", "field": "Key__c", "type": "string", "external_id": True}
        client.post("/demo/fields", json=key)
        yield client


@pytest.fixture
def deal(client):
    account = client.make("Account", Name="Buyer")
    return account, client.make(
        "Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-04-01", AccountId=account
    )


def test_a_record_has_the_life_of_its_external_id(client):
    """Created by PATCH, read, changed, deleted; a slash in the key is encoded in the address."""
    path = "sobjects/Account/Key__c/a%2Fb"
    made = client.patch(path, json={"Name": "By key"})
    read = client.get(path, params={"fields": "Key__c"}).json()
    changed = client.patch(path, json={"Name": "Renamed"})
    gone = client.delete(path)

    assert (made.status_code, made.headers["Location"]) == (201, f"{BASE}/sobjects/Account/{made.json()['id']}")
    assert (list(read), read["Key__c"]) == (["attributes", "Key__c", "Id"], "a/b")
    assert (changed.status_code, changed.json()["created"], gone.status_code) == (200, False, 204)
    assert error_of(client.get(path))[:2] == (404, "NOT_FOUND")
    assert error_of(client.delete(path))[:2] == (404, "NOT_FOUND")


def test_the_key_is_named_by_the_address_alone(client):
    """A body that repeats it is refused; updateOnly never creates; POST …/Id always does."""
    doubled = client.patch("sobjects/Account/Key__c/d1", json={"Name": "x", "Key__c": "d1"})
    only = client.patch("sobjects/Account/Key__c/d1", params={"updateOnly": "true"}, json={"Name": "x"})
    made = client.post("sobjects/Account/Id", json={"Name": "Posted", "Key__c": "d2"})
    own = client.patch(f"sobjects/Account/{made.json()['id']}", json={"Id": made.json()["id"], "Name": "x"})

    text = "The {} field should not be specified in the sobject data."
    assert error_of(doubled) == (400, "INVALID_FIELD", text.format("Key__c"))
    assert error_of(own) == (400, "INVALID_FIELD", text.format("Id"))
    assert error_of(only)[:2] == (404, "NOT_FOUND")
    assert (made.status_code, made.json()["created"]) == (201, True)


def test_a_parent_may_be_named_by_its_external_id(client):
    """{"Account": {"Key__c": ...}} stands for the lookup; one that finds nothing says so."""
    parent = client.make("Account", Name="Parent", Key__c="p1")
    child = client.make("Contact", LastName="Child", Account={"Key__c": "P1"})
    lost = client.post("sobjects/Contact", json={"LastName": "Lost", "Account": {"Key__c": "nobody"}})

    assert client.get(f"sobjects/Contact/{child}").json()["AccountId"] == parent
    assert error_of(lost) == (
        400,
        "INVALID_FIELD",
        "Foreign key external ID: nobody not found for field Key__c in entity Account",
    )


def test_relationships_are_followed_in_the_address(client, deal):
    """A lookup gives the record it points at, a child relationship a list like a query's."""
    account, opportunity = deal
    contact = client.make("Contact", LastName="Doe")
    client.make("OpportunityContactRole", OpportunityId=opportunity, ContactId=contact, Role="Decision Maker")
    parent = client.get(f"sobjects/Opportunity/{opportunity}/Account", params={"fields": "Name"}).json()
    owner = client.get(f"sobjects/Opportunity/{opportunity}/Account/Owner").json()
    children = client.get(
        f"sobjects/Opportunity/{opportunity}/OpportunityContactRoles", params={"fields": "Role"}
    ).json()
    client.patch(f"sobjects/Opportunity/{opportunity}/Account", json={"Name": "Through the deal"})

    assert parent == {
        "attributes": {"type": "Account", "url": f"{BASE}/sobjects/Account/{account}"},
        "Name": "Buyer",
        "Id": account,
    }
    assert owner["attributes"]["type"] == "User"
    assert (children["totalSize"], children["done"], children["records"][0]["Role"]) == (1, True, "Decision Maker")
    assert client.get(f"sobjects/Account/{account}").json()["Name"] == "Through the deal"
    assert error_of(client.get(f"sobjects/Opportunity/{opportunity}/Campaign"))[:2] == (404, "NOT_FOUND")
    assert error_of(client.get(f"sobjects/Opportunity/{opportunity}/Nonsense"))[:2] == (404, "NOT_FOUND")
    assert (
        client.delete(
            f"sobjects/OpportunityContactRole/{children['records'][0]['attributes']['url'][-18:]}/Contact"
        ).status_code
        == 204
    )


def test_an_account_is_read_again_only_if_it_changed(client):
    """ETag and Last-Modified come with an account; other rows know the condition by time only."""
    path = f"sobjects/Account/{client.make('Account', Name='Cached')}"
    first = client.get(path)
    same = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    since = client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    client.org.clock.move(by=timedelta(minutes=1))
    client.patch(path, json={"Name": "New"})
    changed = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    contact = client.get(f"sobjects/Contact/{client.make('Contact', LastName='Doe')}")

    assert [each.status_code for each in (first, same, since, changed)] == [200, 304, 304, 200]
    assert same.content == b""
    assert "ETag" not in contact.headers


def test_a_write_that_comes_too_late_is_refused(client):
    """If-Match and If-Unmodified-Since protect what somebody else has changed."""
    path = f"sobjects/Account/{client.make('Account', Name='Mine')}"
    first = client.get(path)
    client.org.clock.move(by=timedelta(minutes=1))
    client.patch(path, json={"Name": "Theirs"})
    late = {"If-Match": first.headers["ETag"]}, {"If-Unmodified-Since": first.headers["Last-Modified"]}
    refused = [client.patch(path, json={"Name": "Mine again"}, headers=each).status_code for each in late]
    good = client.patch(path, json={"Name": "Agreed"}, headers={"If-Match": client.get(path).headers["ETag"]})
    spared = client.delete(path, headers={"If-Unmodified-Since": http_date(datetime(2026, 1, 1, tzinfo=UTC))})

    assert (refused, good.status_code, spared.status_code) == ([412, 412], 204, 412)
    assert client.get(path).json()["Name"] == "Agreed"


def test_what_a_user_worked_on_is_remembered(client):
    """The short form of an object lists the user's latest records; those that are gone are left out."""
    kept, gone = client.make("Campaign", Name="Kept"), client.make("Campaign", Name="Gone")
    client.delete(f"sobjects/Campaign/{gone}")
    body = client.get("sobjects/Campaign").json()

    assert [each["Id"] for each in body["recentItems"]] == [kept]
    assert body["recentItems"][0]["Name"] == "Kept"
    assert body["objectDescribe"]["name"] == "Campaign"


def test_a_file_comes_back_byte_for_byte(client, deal):
    """Sent in base64 or in parts, read by its own address; JSON shows the address only."""
    data = bytes(range(256)) * 3
    boundary = "limit"
    record = f'{{"Name": "all.bin", "ParentId": "{deal[0]}"}}'
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="entity_document"\r\nContent-Type: application/json\r\n'
        f'\r\n{record}\r\n--{boundary}\r\nContent-Disposition: form-data; name="Body"; filename="all.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode() + data + f"\r\n--{boundary}--\r\n".encode()  # fmt: skip
    made = client.post(
        "sobjects/Attachment/", content=body, headers={"Content-Type": f'multipart/form-data; boundary="{boundary}"'}
    )
    path = f"sobjects/Attachment/{made.json()['id']}"
    plain = client.make("Attachment", Name="hello.txt", ParentId=deal[0], ContentType="text/plain", Body="aGVsbG8=")

    assert made.status_code == 201, made.text
    assert client.get(path).json()["Body"] == f"{BASE}/{path}/Body"
    assert client.get(f"{path}/Body").content == data
    assert client.get(f"sobjects/Attachment/{plain}/Body").content == b"hello"
    assert client.get(f"sobjects/Attachment/{plain}/Body").headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"--b--",
        b"--b\r\nno blank line\r\n--b--",
        b'--b\r\nContent-Type: application/json\r\n\r\n{"Name": "x"}\r\n--b--\r\n',
    ],
)
def test_parts_that_cannot_be_read_are_refused(client, content):
    """A broken upload is told, never stored."""
    answer = client.post(
        "sobjects/Attachment", content=content, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )

    assert error_of(answer)[:2] == (400, "INVALID_MULTIPART_REQUEST")


def test_what_was_written_outlives_a_restart(tmp_path):
    """Keys stay unique, files stay readable, and what the user worked on is still offered."""
    key = {"object": "Account", "field": "Key__c", "type": "string", "external_id": True, "unique": True}
    path = tmp_path / "org.sqlite"
    with Org.open(path) as org, running(org) as served, WireClient(org, served) as client:
        client.log_in()
        client.post("/demo/fields", json=key)
        account = client.make("Account", Name="Kept", Key__c="k")
        note = client.make("Attachment", Name="n", ParentId=account, Body="aGVsbG8=")
    with Org.open(path) as org, running(org) as served, WireClient(org, served) as client:
        client.log_in()
        twin = client.post("sobjects/Account", json={"Name": "Twin", "Key__c": "K"})

        assert error_of(twin)[1] == "DUPLICATE_VALUE"
        assert client.get("sobjects/Account/Key__c/k").json()["Id"] == account
        assert client.get(f"sobjects/Attachment/{note}/Body").content == b"hello"
        assert [each["Id"] for each in client.get("recent").json()] == [note, account]
