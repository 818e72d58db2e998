"""People: a full name is made of its parts, in the order Salesforce writes them."""

from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
_PARTS = ("FirstName", "MiddleName", "LastName", "Suffix")


def before_insert(unit: "Unit", row: Row) -> None:
    """Write the full name of a contact, lead or user."""
    del unit
    row["Name"] = full_name(row)


def before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """Write the full name anew when a part of it changed."""
    del unit
    if changes.keys() & set(_PARTS):
        changes["Name"] = full_name(old | changes)


def lead_before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """The same of a lead; one that was converted stays as it was."""
    if old["IsConverted"]:
        raise SalesforceFault(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    before_update(unit, old, changes)


def full_name(row: Row) -> str | None:
    """First, middle, last name and suffix, as far as they are known."""
    return " ".join(row[part] for part in _PARTS if row.get(part)) or None
