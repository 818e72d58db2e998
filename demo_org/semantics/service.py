"""Cases: their number, and what their status says about them."""

from typing import TYPE_CHECKING, Any

from demo_org.semantics.numbering import next_number

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]


def before_insert(unit: "Unit", row: Row) -> None:
    """Number the case."""
    row["CaseNumber"] = next_number(unit, "Case", "CaseNumber")
    row |= _state(unit, {}, row)


def before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """A case is closed while its status is one of the closed ones."""
    if "Status" in changes:
        changes |= _state(unit, old, changes)


def _state(unit: "Unit", old: Row, new: Row) -> Row:
    closed = int(bool(unit.scalar("SELECT IsClosed FROM CaseStatus WHERE ApiName = ?", (new.get("Status"),))))
    if not closed:
        return {"IsClosed": 0, "ClosedDate": None}
    return {"IsClosed": 1, "ClosedDate": old.get("ClosedDate") or unit.stamp_text}
