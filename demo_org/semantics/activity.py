"""Tasks and events: whose account they belong to, whether they are done, and when a deal was last touched."""

from typing import TYPE_CHECKING, Any

from demo_org.semantics import team

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
_PREFIX_OF_ACCOUNT_HOLDER = {"006": "Opportunity", "800": "Contract", "500": "Case", "0Q0": "Quote", "02i": "Asset"}


def task_before_insert(unit: "Unit", row: Row) -> None:
    """Derive account, urgency and whether the task is done."""
    row["AccountId"] = _account_of(unit, row)
    row.setdefault("TaskSubtype", "Task")
    row |= _task_state(unit, {}, row)


def task_before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """Derive the same from what changed."""
    if {"WhatId", "WhoId"} & changes.keys():
        changes["AccountId"] = _account_of(unit, old | changes)
    # An archived activity that is moved to another record comes back from the archive.
    if old["IsArchived"] and changes.get("WhatId", old["WhatId"]) != old["WhatId"]:
        changes["IsArchived"] = 0
    changes |= _task_state(unit, old, old | changes)


def event_before_insert(unit: "Unit", row: Row) -> None:
    """Derive account, end and day of an event."""
    row["AccountId"] = _account_of(unit, row)
    row |= _event_times(row)


def event_before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """Derive the same from what changed."""
    if {"WhatId", "WhoId"} & changes.keys():
        changes["AccountId"] = _account_of(unit, old | changes)
    if {"ActivityDateTime", "StartDateTime"} & changes.keys():
        changes |= _event_times(changes)


def after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Tell deal and account the day they were last touched: the system does it, so only SystemModstamp moves."""
    if "IsClosed" in new:
        team.relate(unit, old, new)
    if new.get("ActivityDate") is None or ("IsClosed" in new and not new["IsClosed"]):
        return
    what = new.get("WhatId")
    for object_name, record_id in (("Opportunity", what), ("Account", what), ("Account", new.get("AccountId"))):
        row = unit.row(object_name, record_id)
        if row is not None and (row["LastActivityDate"] or "") < new["ActivityDate"]:
            unit.patch(object_name, row["Id"], {"LastActivityDate": new["ActivityDate"]}, by_system=True)


def _account_of(unit: "Unit", row: Row) -> str | None:
    what, who = row.get("WhatId"), row.get("WhoId")
    if what is not None:
        if what[:3] == "001":
            return str(what)
        holder = unit.row(_PREFIX_OF_ACCOUNT_HOLDER.get(what[:3], "Opportunity"), what)
        if holder is not None:
            return holder["AccountId"]  # type: ignore[no-any-return] # stored rows are untyped
    contact = unit.row("Contact", who) if who is not None else None
    return None if contact is None else contact["AccountId"]


def _task_state(unit: "Unit", old: Row, new: Row) -> Row:
    done = _means(unit, "TaskStatus", "IsClosed", new.get("Status"))
    state: Row = {
        "IsClosed": done,
        "IsHighPriority": _means(unit, "TaskPriority", "IsHighPriority", new.get("Priority")),
    }
    if done and not old.get("IsClosed"):
        state["CompletedDateTime"] = unit.stamp_text
    elif not done:
        state["CompletedDateTime"] = None
    return state


def _means(unit: "Unit", object_name: str, meaning: str, value: str | None) -> int:
    """Whether a value of the picklist, which an admin may have named anything, is of that kind."""
    sql = f'SELECT "{meaning}" FROM "{object_name}" WHERE ApiName = ?'  # noqa: S608 - names of our own
    return int(bool(unit.scalar(sql, (value,))))


def _event_times(row: Row) -> Row:
    start = row.get("StartDateTime") or row.get("ActivityDateTime")
    if start is None:
        return {}
    return {"StartDateTime": start, "ActivityDateTime": start, "ActivityDate": start[:10]}
