"""E-mails: a sent one leaves a completed task beside it, and relations to the people it names.

With Enhanced Email, each message has a task as its twin in the activity timeline (Object Reference, "EmailMessage").
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
_ADDRESSES = {"FromAddress": "FromAddress", "ToAddress": "ToAddress", "CcAddress": "CcAddress",
              "BccAddress": "BccAddress"}  # fmt: skip
_PEOPLE = ("Contact", "Lead", "User")


def before_insert(unit: "Unit", row: Row) -> None:
    """A message is called by its subject; without a date it is of now."""
    row["Name"] = row.get("Subject") or "Email"
    row["Status"] = row.get("Status") or "0"
    row["MessageDate"] = row.get("MessageDate") or unit.stamp_text


def before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """Keep the name in step with the subject."""
    del unit, old
    if "Subject" in changes:
        changes["Name"] = changes["Subject"] or "Email"


def after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Relate the message to the people it names, and put its task into the timeline."""
    if old is not None:
        return
    people = _relate(unit, new)
    if new.get("ActivityId") is None and new.get("RelatedToId") is not None:
        who = next((each for each in people if each[:3] in {"003", "00Q"}), None)
        task = unit.insert("Task", {
            "Subject": f"Email: {new['Name']}"[:255], "WhatId": new["RelatedToId"], "WhoId": who, "Status": "Completed",
            "TaskSubtype": "Email", "ActivityDate": new["MessageDate"][:10],
        })  # fmt: skip
        unit.patch("EmailMessage", new["Id"], {"ActivityId": task}, by_system=True)


def _relate(unit: "Unit", message: Row) -> list[str]:
    related: list[str] = []
    for field, kind in _ADDRESSES.items():
        for address in filter(None, ((each.strip()) for each in (message.get(field) or "").split(";"))):
            person = _person(unit, address)
            unit.add("EmailMessageRelation", {
                "EmailMessageId": message["Id"], "RelationType": kind, "RelationAddress": address,
                "RelationId": person[1] if person else None, "RelationObjectType": person[0] if person else None,
            })  # fmt: skip
            related += [person[1]] if person else []
    return related


def _person(unit: "Unit", address: str) -> tuple[str, str] | None:
    for name in _PEOPLE:
        live = " AND IsDeleted = 0" if name != "User" else ""
        found = unit.rows(name, f"Email = ? COLLATE NOCASE{live} LIMIT 1", (address,))
        if found:
            return name, found[0]["Id"]
    return None
