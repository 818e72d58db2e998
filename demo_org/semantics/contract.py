"""A contract's number, its state and the day it ends."""

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from demo_org.semantics.numbering import next_number

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
#: label of a state -> what kind of state it is; a state an admin added counts as a draft
STATUS_CODES = {"Draft": "Draft", "In Approval Process": "InApproval", "Activated": "Activated",
                "Terminated": "Terminated", "Expired": "Expired"}  # fmt: skip


def before_insert(unit: "Unit", row: Row) -> None:
    """Number the contract and derive its end and state."""
    row["ContractNumber"] = next_number(unit, "Contract", "ContractNumber")
    row["StatusCode"] = STATUS_CODES.get(row.get("Status") or "", "Draft")
    row["EndDate"] = end_date(row.get("StartDate"), row.get("ContractTerm"))
    if row["StatusCode"] == "Activated":
        row |= {"ActivatedDate": unit.stamp_text, "ActivatedById": unit.user_id}


def before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """Derive end and state from what changed."""
    if {"StartDate", "ContractTerm"} & changes.keys():
        whole = old | changes
        changes["EndDate"] = end_date(whole["StartDate"], whole["ContractTerm"])
    if "Status" in changes:
        changes["StatusCode"] = STATUS_CODES.get(changes["Status"] or "", "Draft")
        if changes["StatusCode"] == "Activated" and old["StatusCode"] != "Activated":
            changes |= {"ActivatedDate": unit.stamp_text, "ActivatedById": unit.user_id}


def end_date(start: str | None, months: int | None) -> str | None:
    """The last day of the term: start plus the months, less one day (31 January + 1 month is 28 February)."""
    if start is None or months is None:
        return None
    first = date.fromisoformat(start)
    year, month = divmod(first.month - 1 + int(months), 12)
    year, month = first.year + year, month + 1
    last = monthrange(year, month)[1]
    if first.day > last:
        return date(year, month, last).isoformat()
    return (date(year, month, first.day) - timedelta(days=1)).isoformat()
