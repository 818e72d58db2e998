"""Who asked to be erased is gone from everywhere, stays gone whatever the org sends, and no proof calls it drift."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from models.erasure import erase
from sync.prove import prove_ids_once

#: what names the person, and what it becomes
NAME, ADDRESS, PHONE, NEW_NAME, NEW_ADDRESS = (
    "Zora Quillfeather", "zora@quill.example", "+49 30 555 0199", "Zora Featherstone", "z.featherstone@quill.example",
)  # fmt: skip
TRACES = ("zora", "quillfeather", "quill.example", "555 0199", "featherstone")


@pytest.fixture
def zora(followed: Any) -> str:
    """A contact who is named in everything that can name somebody, and has been synced."""
    org, deal = followed.org, followed.deals[0]
    with org.reading() as connection:
        role = connection.execute(
            "SELECT ContactId FROM OpportunityContactRole WHERE OpportunityId = ?", (deal,)
        ).fetchone()
    contact = str(role[0])
    first, last = NAME.split()
    org.update(
        "Contact",
        contact,
        {"FirstName": first, "LastName": last, "Email": ADDRESS, "Phone": PHONE, "Title": "VP Quill"},
    )
    org.insert("Task", {
        "WhatId": deal, "WhoId": contact, "Subject": f"Discovery with {NAME}", "Description": f"{NAME} is fed up.",
        "Status": "Completed",
    })  # fmt: skip
    org.insert("EmailMessage", {
        "RelatedToId": deal, "Subject": f"Hello {first}", "FromAddress": "sam@baton.example", "Status": "3",
        "ToAddress": f"ada@acme.example; {ADDRESS.upper()}", "CcAddress": f"Zora <{ADDRESS}>",
    })  # fmt: skip
    followed.sync()
    return contact


def everything(followed: Any) -> str:
    """All that the store holds, as text; but for what the org says of itself."""
    with followed.store.reading() as session:
        tables = session.execute(text("""
            SELECT table_schema || '."' || table_name || '"' FROM information_schema.tables
             WHERE table_schema IN ('salesforce', 'cs', 'ops', 'staging') AND table_type = 'BASE TABLE'
        """)).scalars().all()  # fmt: skip
        return "\n".join(
            str(session.execute(text(f"SELECT string_agg(each::text, ' ') FROM {table} AS each")).scalar_one())
            for table in tables
        )


def traces(followed: Any) -> list[str]:
    """Which words that name the person stand anywhere in the store."""
    found = everything(followed).lower()
    return [word for word in TRACES if word in found]


def erase_zora(followed: Any, contact: str) -> None:
    """Do what the command does."""
    with followed.store.writing() as session:
        org_id = session.execute(text("SELECT org_id FROM ops.org")).scalar_one()
        erase(session, org_id, contact, by="Privacy desk")


def test_nothing_in_the_store_names_who_was_erased(followed: Any, zora: str) -> None:
    """Not in a table, not in an earlier version of a brief; whoever else stands beside them stays."""
    found = traces(followed)
    assert set(found) >= {"zora", "quillfeather", "quill.example", "555 0199"}, "the test looks for the wrong thing"
    erase_zora(followed, zora)

    assert traces(followed) == []
    rows = followed.ask("SELECT toaddress, ccaddress, fromaddress FROM salesforce.emailmessage")
    assert rows == [("ada@acme.example", None, "sam@baton.example")]
    others = followed.ask("SELECT count(*) FROM salesforce.contact WHERE id <> :id AND name IS NULL", id=zora)
    assert others == [(0,)]
    first = followed.ask("SELECT erased_at, erased_by FROM cs.erased_contact")
    erase_zora(followed, zora)
    assert followed.ask("SELECT erased_at, erased_by FROM cs.erased_contact") == first, "twice asked is once erased"


def test_what_the_org_sends_later_does_not_bring_them_back(followed: Any, zora: str) -> None:
    """Neither a new name, nor a message to a new address, nor a snapshot, nor a first load."""
    erase_zora(followed, zora)
    first, last = NEW_NAME.split()
    # A message to an address that nobody could know yet: it goes as soon as the contact tells whose it is.
    followed.org.insert("EmailMessage", {
        "RelatedToId": followed.deals[0], "Subject": "Hello", "FromAddress": "sam@baton.example", "Status": "3",
        "ToAddress": NEW_ADDRESS,
    })  # fmt: skip
    followed.sync()
    assert traces(followed) == ["quill.example", "featherstone"]
    followed.org.update("Contact", zora, {"FirstName": first, "LastName": last, "Email": NEW_ADDRESS, "Phone": PHONE})
    followed.org.insert("Task", {
        "WhatId": followed.deals[0], "WhoId": zora, "Subject": f"Call {NEW_NAME}", "Status": "Completed",
    })  # fmt: skip
    followed.sync()
    assert traces(followed) == []
    stamp = followed.ask("SELECT systemmodstamp, accountid FROM salesforce.contact WHERE id = :id", id=zora)[0]
    assert None not in stamp, "the record itself goes on being followed"

    followed.org.insert("EmailMessage", {
        "RelatedToId": followed.deals[0], "Subject": f"Hello {first}", "FromAddress": NEW_ADDRESS, "Status": "3",
        "ToAddress": "sam@baton.example", "FromName": NEW_NAME,
    })  # fmt: skip
    followed.sync()
    followed.sync(snapshot=True)
    assert traces(followed) == []

    with followed.store.writing() as session:
        session.execute(text("TRUNCATE salesforce.contact, salesforce.task, salesforce.emailmessage"))
    followed.sync(snapshot=True)
    assert traces(followed) == []
    assert followed.ask("SELECT count(*) FROM salesforce.contact WHERE id = :id", id=zora) == [(1,)]


def test_no_proof_calls_it_drift(followed: Any, zora: str) -> None:
    """What was left out on purpose does not differ, value by value and id by id, and no repair brings it back."""
    erase_zora(followed, zora)
    followed.org.update("Contact", zora, {"Title": "Chief Quill", "Email": NEW_ADDRESS})
    followed.sync()

    assert followed.proof().is_equal
    assert prove_ids_once(followed.store, followed.settings).is_equal
    assert traces(followed) == []


def test_a_brief_says_that_somebody_was_erased(followed: Any, zora: str) -> None:
    """A line about them is no gap that sales could fill, before and after the next pass shapes it anew."""
    erase_zora(followed, zora)
    followed.org.update("Opportunity", followed.deals[0], {"Amount": 4711})
    followed.sync()
    documents = followed.ask(
        "SELECT document::text FROM cs.brief WHERE deal_id = :id ORDER BY version", id=followed.deals[0]
    )
    assert len(documents) > 1
    for (document,) in documents:
        bought = next(each for each in json.loads(document)["sections"] if each["key"] == "who_bought")
        lines = [item for item in bought["items"] if (item["value"] or {}).get("contact_id") == zora]

        assert {item["state"] for item in lines} == {"erased"}
        assert {item["value"]["name"] for item in lines} == {None}
        assert [item["label"] for item in lines if item["key"] == "person"] == ["Erased person"]
        assert next(item["value"]["touches"] for item in lines if item["key"] == "person") >= 2
