"""Record types: a new record is of its user's default one, and of none that belongs to another object."""

from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]


def before_insert(unit: "Unit", object_name: str, row: Row) -> None:
    """Choose the first active record type unless the client did."""
    if "RecordTypeId" not in unit.org.catalog.stored_object(object_name).fields:
        return
    if row.get("RecordTypeId") is None:
        types = unit.org.record_types(object_name)
        row["RecordTypeId"] = next((each["Id"] for each in types if each["IsActive"]), None)
    else:
        check(unit, object_name, row)


def check(unit: "Unit", object_name: str, changes: Row) -> None:
    """Refuse a record type of another object."""
    chosen = changes.get("RecordTypeId")
    if chosen is not None and chosen not in {each["Id"] for each in unit.org.record_types(object_name)}:
        message = f"Record Type ID: this ID value isn't valid for the user: {chosen}"
        raise SalesforceFault(400, "INVALID_CROSS_REFERENCE_KEY", message, ("RecordTypeId",))


def after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """The describe of the object names its record types."""
    del old
    unit.org.catalog.touch(new["SobjectType"])
