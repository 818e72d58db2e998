"""Field history: a row for each change of a field the org keeps track of (OpportunityFieldHistory, AccountHistory, …).

A change of a lookup leaves two rows, one with the ids and one with the names; a change of a long text leaves one
without values (Object Reference, "OpportunityFieldHistory" and "History"). Rows only come into being: nobody changes
them, and Salesforce removes them after 18 months without a trace in the log of deletions.
"""

from typing import TYPE_CHECKING, Any

from demo_org.catalog import FieldType
from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]

#: fields an org tracks unless it is told otherwise; 20 of an object are the most Salesforce allows
_TRACKED: dict[str, tuple[str, ...]] = {
    "Opportunity": ("StageName", "Amount", "CloseDate", "OwnerId", "AccountId", "Name", "NextStep", "ContractId"),
    "Account": ("Name", "OwnerId", "ParentId", "Industry", "Type"),
    "Contact": ("AccountId", "LastName", "Title", "Email", "OwnerId"),
    "Lead": ("Status", "OwnerId"),
    "Case": ("Status", "Priority", "OwnerId", "ContactId"),
    "Contract": ("Status", "StartDate", "ContractTerm", "OwnerId"),
    "Order": ("Status",),
    "Asset": ("Status", "AccountId"),
    "Quote": ("Status", "GrandTotal"),
}
_MOST_TRACKED = 20
_LONG_TEXT = 255
_DATA_TYPES = {
    "picklist": "DynamicEnum",
    "currency": "Currency",
    "percent": "Percent",
    "double": "Double",
    "int": "Integer",
    "date": "DateOnly",
    "datetime": "DateTime",
    "boolean": "Boolean",
    "email": "Email",
    "phone": "Phone",
    "url": "Url",
    "multipicklist": "MultiEnum",
}


def history_object(object_name: str) -> str:
    """The object that keeps the history of another: that of deals has a name of its own."""
    if object_name.endswith("__c"):
        return f"{object_name.removesuffix('__c')}__History"
    return "OpportunityFieldHistory" if object_name == "Opportunity" else f"{object_name}History"


def tracked_fields(unit: "Unit", object_name: str) -> tuple[str, ...]:
    """The fields of an object whose changes are kept, and nothing if the object has no history."""
    if history_object(object_name) not in unit.org.catalog.stored:
        return ()
    kept = unit.org.remember(f"tracked {object_name}")
    return tuple(kept.split()) if kept is not None else _TRACKED.get(object_name, ())


def track(unit: "Unit", object_name: str, fields: list[str]) -> None:
    """Keep the history of these fields of an object from now on, at most 20 of them."""
    described = unit.org.catalog.stored_object(object_name)
    if len(fields) > _MOST_TRACKED or any(not described.has(name) for name in fields):
        message = f"Name at most {_MOST_TRACKED} fields that {described.name} has"
        raise SalesforceFault(400, "INVALID_FIELD", message)
    unit.org.keep(f"tracked {described.name}", " ".join(described.field(name).name for name in fields))  # type: ignore[union-attr]  # has() said so


def keep(unit: "Unit", object_name: str, old: Row | None, new: Row) -> None:
    """Leave the rows of one save: `created` for a new record, one or two for each tracked field that changed."""
    tracked = tracked_fields(unit, object_name)
    if not tracked:
        return
    if old is None:
        _add(unit, object_name, new["Id"], "created", "Text", None, None)
        return
    fields = unit.org.catalog.stored_object(object_name).fields
    for name in tracked:
        if name in fields and name in new and old.get(name) != new.get(name):
            _keep_change(unit, object_name, new["Id"], fields[name], old.get(name), new.get(name))


def _keep_change(unit: "Unit", object_name: str, record_id: str, field: FieldType, old: Any, new: Any) -> None:
    if field.type == "reference":
        name = "Owner" if field.name == "OwnerId" else (field.relationship_name or field.name)
        _add(unit, object_name, record_id, name, "Text", _name_of(unit, old), _name_of(unit, new))
        _add(unit, object_name, record_id, name, "EntityId", old, new)
    elif field.type == "textarea" and field.length > _LONG_TEXT:
        _add(unit, object_name, record_id, field.name, "TextArea", None, None)
    else:
        kind = _DATA_TYPES.get(field.type, "Text")
        _add(unit, object_name, record_id, field.name, kind, _value(field, old), _value(field, new))


def _add(unit: "Unit", object_name: str, record_id: str, field: str, kind: str, old: Any, new: Any) -> None:
    history = unit.org.catalog.stored_object(history_object(object_name))
    parent = next(each.name for each in history.fields.values() if object_name in each.reference_to)
    row = {parent: record_id, "Field": field, "DataType": kind, "OldValue": old, "NewValue": new}
    unit.add(history.name, row, unseen=True)  # history objects have no change events


def _name_of(unit: "Unit", record_id: str | None) -> str | None:
    if record_id is None:
        return None
    described = unit.org.catalog.of_id(record_id)
    row = unit.row(described.name, record_id) if described is not None else None
    if described is None or row is None or described.name_field is None:
        return None
    return row[described.name_field]  # type: ignore[no-any-return]  # stored rows are untyped


def _value(field: FieldType, value: Any) -> Any:
    return ("true" if value else "false") if field.type == "boolean" else value
