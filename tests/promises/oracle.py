"""What the closure of an org's won deals is, computed from the org's own tables and sharing no code with the sync."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from demo_org.store import Org
from models.session import Store

Rows = dict[str, dict[str, Any]]

_BY_DEAL = {
    "OpportunityLineItem": "OpportunityId",
    "OpportunityContactRole": "OpportunityId",
    "OpportunityHistory": "OpportunityId",
    "Quote": "OpportunityId",
    "Task": "WhatId",
    "Event": "WhatId",
    "Note": "ParentId",
}
_REFERRED = ("Account", "Contact", "Contract", "Product2", "PricebookEntry", "User")
_OBJECTS = ("Opportunity", *_BY_DEAL, "OpportunityStage", *_REFERRED)


def closure_of(org: Org) -> dict[str, Rows]:
    """Return the records of each object that belong to a won deal now."""
    alive = {name: _alive(org, name) for name in _OBJECTS}
    found: dict[str, Rows] = defaultdict(dict)
    found["OpportunityStage"] = alive["OpportunityStage"]
    found["Opportunity"] = {key: row for key, row in alive["Opportunity"].items() if row["IsWon"]}
    deals = found["Opportunity"]
    for name, parent in _BY_DEAL.items():
        found[name] = {key: row for key, row in alive[name].items() if row[parent] in deals}
    customers = {row["AccountId"] for row in deals.values()}
    found["Account"] = _upwards(alive["Account"], customers)
    found["Contract"] = {key: row for key, row in alive["Contract"].items() if row["AccountId"] in customers}
    named = {row["ContactId"] for row in found["OpportunityContactRole"].values()}
    named |= {row["WhoId"] for name in ("Task", "Event") for row in found[name].values()}
    found["Contact"] = {
        key: row for key, row in alive["Contact"].items() if key in named or row["AccountId"] in customers
    }
    lines = found["OpportunityLineItem"].values()
    for name, column in (("Product2", "Product2Id"), ("PricebookEntry", "PricebookEntryId")):
        found[name] = {key: row for key, row in alive[name].items() if key in {line[column] for line in lines}}
    found["User"] = _users(alive["User"], found)
    return found


def differences(org: Org, store: Store) -> list[str]:
    """Return in words where the store's closure is not the org's, value by value; empty when they are equal."""
    expected, said = closure_of(org), []
    with store.reading() as session:
        for name in _OBJECTS:
            rows = session.execute(text(f"SELECT * FROM closure.{name.lower()}")).mappings()
            held = {row["id"]: row for row in rows}
            said += [f"{name} {key} is missing" for key in sorted(expected[name].keys() - held.keys())]
            said += [f"{name} {key} should not be there" for key in sorted(held.keys() - expected[name].keys())]
            for key in sorted(expected[name].keys() & held.keys()):
                said += [f"{name} {key} {each}" for each in _differing(expected[name][key], held[key])]
    return said


def _alive(org: Org, name: str) -> Rows:
    with org.reading() as connection:
        cursor = connection.execute(f'SELECT * FROM "{name}"')
        names = [each[0] for each in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["Id"]: row for row in rows if not row.get("IsDeleted")}


def _upwards(accounts: Rows, start: set[Any]) -> Rows:
    reached: Rows = {}
    waiting = [key for key in start if key in accounts]
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached[key] = accounts[key]
            parent = accounts[key]["ParentId"]
            waiting += [parent] if parent in accounts else []
    return reached


def _users(users: Rows, found: dict[str, Rows]) -> Rows:
    reached: Rows = {}
    waiting = [value for rows in found.values() for row in rows.values() for value in row.values()]
    while waiting:
        key = waiting.pop()
        # Whatever column it stands in: a record of the closure that names a user brings the user.
        if isinstance(key, str) and key in users and key not in reached:
            reached[key] = users[key]
            waiting += users[key].values()
    return reached


def _differing(expected: dict[str, Any], held: Any) -> list[str]:
    said = []
    for name, value in expected.items():
        column = name.lower()
        if column in held and not _equal(value, held[column]):
            said.append(f"{name} is {held[column]!r} instead of {value!r}")
        if name.endswith("__c") and value not in (None, held["custom"].get(name)):
            said.append(f"{name} is {held['custom'].get(name)!r} instead of {value!r}")
    return said


def _equal(expected: Any, held: Any) -> bool:
    match held:
        case bool():
            return held == bool(expected)
        case Decimal():
            return expected is not None and float(held) == float(expected)
        case datetime():
            return held.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") == expected
        case date():
            return held.isoformat() == expected
        case _:
            return held == expected
