"""Files as clients write and find them: versions, their document, where it is shared; attachments and their size."""

import hashlib
import json

import pytest
from wire_client import BASE, error_of

DATA = b"%PDF-1.7 \x00\xff\r\n--not the end--\r\n"


HEAD = '--edge\r\nContent-Disposition: form-data; name="{}"; filename="f"\r\nContent-Type: {}\r\n\r\n'


def multipart(*parts):
    """A body in parts: (name, type, bytes) each."""
    pieces = [HEAD.format(name, kind).encode() + data + b"\r\n" for name, kind, data in parts]
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    return {"content": b"".join(pieces) + b"--edge--", "headers": headers}


def one(client, soql):
    (found,) = client.query(soql)["records"]
    return found


@pytest.fixture
def deal(client):
    return client.make("Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-04-01")


def test_a_first_version_makes_the_document_and_shares_it(client, deal):
    """What every tool does that attaches a file to a deal: write a version, ask for its document."""
    record = json.dumps({"PathOnClient": "offers/Signed offer.pdf", "FirstPublishLocationId": deal}).encode()
    made = client.post(
        "sobjects/ContentVersion",
        **multipart(("entity_content", "application/json", record), ("VersionData", "application/pdf", DATA)),
    )
    version = client.get(f"sobjects/ContentVersion/{made.json()['id']}").json()
    document = one(
        client,
        "SELECT Title, LatestPublishedVersionId, ContentSize FROM ContentDocument "
        f"WHERE Id = '{version['ContentDocumentId']}'",
    )
    links = client.query(
        f"SELECT ContentDocumentId, ShareType FROM ContentDocumentLink WHERE LinkedEntityId = '{deal}'"
    )

    assert made.status_code == 201, made.text
    assert (version["Title"], version["FileType"], version["ContentSize"]) == ("Signed offer", "PDF", len(DATA))
    assert (version["VersionNumber"], version["IsLatest"]) == ("1", True)
    assert version["Checksum"] == hashlib.md5(DATA).hexdigest()
    assert version["VersionData"] == f"{BASE}/sobjects/ContentVersion/{version['Id']}/VersionData"
    assert client.get(version["VersionData"]).content == DATA
    assert (document["Title"], document["LatestPublishedVersionId"]) == ("Signed offer", version["Id"])
    assert [(each["ContentDocumentId"], each["ShareType"]) for each in links["records"]] == [
        (version["ContentDocumentId"], "V")
    ]


def test_a_further_version_replaces_the_latest(client):
    """The document shows the new one; the old one stays."""
    first = client.make("ContentVersion", PathOnClient="plan.txt", VersionData="b25l")
    document = client.get(f"sobjects/ContentVersion/{first}").json()["ContentDocumentId"]
    second = client.make("ContentVersion", PathOnClient="plan2.txt", VersionData="dHdv", ContentDocumentId=document)
    versions = client.query(
        "SELECT Id, IsLatest, VersionNumber FROM ContentVersion "
        f"WHERE ContentDocumentId = '{document}' ORDER BY VersionNumber"
    )["records"]

    assert [(each["Id"], each["IsLatest"], each["VersionNumber"]) for each in versions] == [
        (first, False, "1"),
        (second, True, "2"),
    ]
    assert client.get(f"sobjects/ContentDocument/{document}").json()["LatestPublishedVersionId"] == second
    assert client.get(f"sobjects/ContentDocument/{document}/LatestPublishedVersion/VersionData").content == b"two"


def test_a_version_needs_its_bytes(client):
    """In base64, or an address for a link."""
    nothing = client.post("sobjects/ContentVersion", json={"PathOnClient": "x"})
    garbled = client.post("sobjects/ContentVersion", json={"PathOnClient": "x", "VersionData": "!"})

    assert error_of(nothing)[:2] == (400, "REQUIRED_FIELD_MISSING")
    assert error_of(garbled)[:2] == (400, "INVALID_BASE64")


def test_a_list_of_records_brings_its_files(client, deal):
    """Each record names the part of its file; a part that is missing is told."""
    records = [
        {
            "attributes": {"type": "Attachment", "binaryPartName": f"part{number}", "binaryPartNameAlias": "Body"},
            "Name": f"{number}.bin",
            "ParentId": deal,
        }
        for number in range(2)
    ]
    text = json.dumps({"records": records}).encode()
    files = [(f"part{number}", "application/octet-stream", DATA * (number + 1)) for number in range(2)]
    made = client.post("composite/sobjects", **multipart(("collection", "application/json", text), *files))
    lost = client.post("composite/sobjects", **multipart(("collection", "application/json", text), files[0]))
    second = made.json()[1]["id"]

    assert [each["success"] for each in made.json()] == [True, True]
    assert client.get(f"sobjects/Attachment/{second}/Body").content == DATA * 2
    assert client.get(f"sobjects/Attachment/{second}").json()["BodyLength"] == len(DATA) * 2
    assert error_of(lost)[:2] == (400, "INVALID_MULTIPART_REQUEST")
