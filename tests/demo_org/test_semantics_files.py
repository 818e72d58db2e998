"""Files, notes and e-mails: what comes into being beside the record that a user makes."""

import base64

import pytest

from demo_org.errors import SalesforceFault
from demo_org.store import Org


@pytest.fixture
def org():
    with Org.open() as org:
        yield org


def rows(org, name, where="1 = 1"):
    with org.transaction() as unit:
        return unit.rows(name, f"{where} ORDER BY Id", ())


def upload(org, text="Hello", **values):
    data = base64.b64encode(text.encode()).decode()
    return org.insert("ContentVersion", {"Title": "Plan", "PathOnClient": "plan.txt", "VersionData": data, **values})


def test_an_uploaded_file_becomes_a_document_that_its_record_shows(org):
    """A rep who uploads to a deal finds the file on the deal."""
    deal = org.insert("Opportunity", {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01"})
    version = org.get("ContentVersion", upload(org, FirstPublishLocationId=deal))
    (document,) = rows(org, "ContentDocument")

    assert (document["Id"], document["LatestPublishedVersionId"]) == (version["ContentDocumentId"], version["Id"])
    assert (document["Title"], document["FileType"], document["ContentSize"]) == ("Plan", "TEXT", 5)
    assert version["Checksum"] == "8b1a9953c4611296a827abf8c47804d7"
    assert (version["VersionNumber"], version["IsLatest"], version["TextPreview"]) == ("1", True, "Hello")
    assert {deal: "V", org.users.admin: "I"} == {
        each["LinkedEntityId"]: each["ShareType"] for each in rows(org, "ContentDocumentLink")
    }


def test_a_second_version_takes_the_place_of_the_first(org):
    """IsLatest is true for one version of a document."""
    first = org.get("ContentVersion", upload(org))
    second = upload(org, "Hello again", ContentDocumentId=first["ContentDocumentId"])

    assert [(bool(each["IsLatest"]), each["VersionNumber"]) for each in rows(org, "ContentVersion")] == [
        (False, "1"),
        (True, "2"),
    ]
    assert second == org.get("ContentDocument", first["ContentDocumentId"])["LatestPublishedVersionId"]
    assert len(rows(org, "ContentDocumentLink")) == 1


def test_a_document_is_shared_with_a_record_once(org):
    """The second link is refused, as in Salesforce."""
    document = org.get("ContentVersion", upload(org))["ContentDocumentId"]
    account = org.insert("Account", {"Name": "A"})
    org.insert("ContentDocumentLink", {"ContentDocumentId": document, "LinkedEntityId": account})

    with pytest.raises(SalesforceFault, match="already shared"):
        org.insert("ContentDocumentLink", {"ContentDocumentId": document, "LinkedEntityId": account})


def test_deleting_a_document_takes_its_versions_and_links_along(org):
    """Nothing points at a file that is gone."""
    document = org.get("ContentVersion", upload(org))["ContentDocumentId"]
    org.delete("ContentDocument", document)

    assert rows(org, "ContentVersion", "IsDeleted = 0") == []
    assert rows(org, "ContentDocumentLink", "IsDeleted = 0") == []

    org.undelete("ContentDocument", document)

    assert len(rows(org, "ContentVersion", "IsDeleted = 0")) == 1


def test_a_note_is_a_document_of_its_own_kind(org):
    """The id of a note is that of its document; each save is a version."""
    content = base64.b64encode(b"<p>Call back</p>").decode()
    note = org.insert("ContentNote", {"Title": "Call", "Content": content})
    org.update("ContentNote", note, {"Content": base64.b64encode(b"<p>Done</p>").decode()})

    assert org.get("ContentDocument", note)["FileType"] == "SNOTE"
    assert [each["VersionNumber"] for each in rows(org, "ContentVersion")] == ["1", "2"]
    assert org.get("ContentNote", note)["LatestPublishedVersionId"] == rows(org, "ContentVersion")[-1]["Id"]

    org.delete("ContentNote", note)

    assert org.get("ContentDocument", note)["IsDeleted"]


def test_an_email_leaves_a_task_and_knows_whom_it_names(org):
    """The activity timeline shows the message, and the contact's page does, too."""
    contact = org.insert("Contact", {"LastName": "Reyes", "Email": "reyes@example.com"})
    deal = org.insert("Opportunity", {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01"})
    values = {
        "Subject": "Terms",
        "RelatedToId": deal,
        "ToAddress": "Reyes@example.com; other@example.com",
        "FromAddress": "admin@demo.example",
        "MessageDate": "2026-01-02T10:00:00Z",
    }
    message = org.get("EmailMessage", org.insert("EmailMessage", values))
    task = org.get("Task", message["ActivityId"])

    assert (task["Subject"], task["WhatId"], task["WhoId"]) == ("Email: Terms", deal, contact)
    assert (task["TaskSubtype"], task["IsClosed"], task["ActivityDate"]) == ("Email", True, "2026-01-02")
    assert [
        ("FromAddress", org.users.admin, "User"),
        ("ToAddress", contact, "Contact"),
        ("ToAddress", None, None),
    ] == [
        (each["RelationType"], each["RelationId"], each["RelationObjectType"])
        for each in rows(org, "EmailMessageRelation")
    ]
