"""Fields and objects an admin adds to the org, the ones whose names end in __c.

The org ships with none: a company's own fields (its qualification questions, say) are added by whoever fills the org.
"""

from demo_org.catalog.standard import abilities, numbers_of
from demo_org.catalog.types import FieldType, ObjectType, RollUp

_LENGTHS = {
    "string": 255,
    "textarea": 255,
    "picklist": 255,
    "multipicklist": 4099,
    "email": 80,
    "phone": 40,
    "url": 255,
    "reference": 18,
}
_AUDIT = ("CreatedById", "LastModifiedById")


def custom_field(  # noqa: PLR0913 - the facts an admin fills in when making a field
    name: str,
    type_name: str = "string",
    *,
    label: str | None = None,
    length: int | None = None,
    precision: int | None = None,
    scale: int | None = None,
    picklist_values: tuple[str, ...] = (),
    reference_to: tuple[str, ...] = (),
    relationship_name: str | None = None,
    required: bool = False,
    formula: str | None = None,
    blank_is_zero: bool = True,
    roll_up: RollUp | None = None,
    default: object = None,
    external_id: bool = False,
    unique: bool = False,
) -> FieldType:
    """A custom field as Salesforce would describe it.

    A formula or a roll-up makes it calculated and read-only.
    """
    if not name.endswith("__c"):
        raise ValueError(f"{name} is no name for a custom field; end it with __c")
    size = length if length is not None else _LENGTHS.get(type_name, 0)
    facts = {key: value for key, value in (("precision", precision), ("scale", scale)) if value is not None}
    digits, decimals = numbers_of(type_name, facts)
    boolean = type_name == "boolean"
    calculated = formula is not None or roll_up is not None
    writable = not calculated and type_name != "location"
    return FieldType(
        name=name,
        type=type_name,
        label=label or name.removesuffix("__c").replace("_", " "),
        length=size,
        precision=digits,
        scale=decimals,
        digits=8 if type_name == "int" else 0,
        nillable=not (required or boolean),
        createable=writable,
        updateable=writable,
        custom=True,
        reference_to=tuple(reference_to),
        relationship_name=relationship_name or (name.removesuffix("__c") + "__r" if reference_to else None),
        picklist_values=tuple(picklist_values),
        calculated=calculated,
        formula=formula,
        blank_is_zero=blank_is_zero,
        roll_up=roll_up,
        default=default,
        defaulted_on_create=boolean or default is not None,
        external_id=external_id,
        unique=unique,
        id_lookup=external_id,
        extra_type_info="plaintextarea" if type_name == "textarea" else None,
        **abilities(type_name, size),
    )


def parts_of_place(place: FieldType) -> tuple[FieldType, ...]:
    """The two numbers a geolocation field is made of; none for a field of another type."""
    if place.type != "location":
        return ()
    stem = place.name.removesuffix("__c")
    return tuple(
        FieldType(
            name=f"{stem}__{part}__s", type="double", label=f"{place.label} ({part})", precision=18, scale=15,
            createable=True, updateable=True, custom=True, compound_field_name=place.name, **abilities("double", 0),
        )
        for part in ("Latitude", "Longitude")
    )  # fmt: skip


def custom_object(name: str, *, label: str | None, key_prefix: str) -> ObjectType:
    """A custom object with the fields every one has: id, owner, name, audit fields, deletion flag."""
    if not name.endswith("__c"):
        raise ValueError(f"{name} is no name for a custom object; end it with __c")
    title = label or name.removesuffix("__c").replace("_", " ")
    fields = [
        _system("Id", "id", "Record ID"),
        _system("OwnerId", "reference", "Owner ID", lookup="Owner"),
        _system("IsDeleted", "boolean", "Deleted"),
        FieldType(
            name="Name", type="string", label=f"{title} Name", length=80, createable=True, updateable=True,
            name_field=True, id_lookup=True, **abilities("string", 80),
        ),
        _system("CreatedDate", "datetime", "Created Date"),
        _system("CreatedById", "reference", "Created By ID", lookup="CreatedBy"),
        _system("LastModifiedDate", "datetime", "Last Modified Date"),
        _system("LastModifiedById", "reference", "Last Modified By ID", lookup="LastModifiedBy"),
        _system("SystemModstamp", "datetime", "System Modstamp"),
    ]  # fmt: skip
    return ObjectType(
        name=name, label=title, label_plural=f"{title}s", key_prefix=key_prefix, custom=True, createable=True,
        updateable=True, deletable=True, undeletable=True, replicateable=True, searchable=True,
        fields={each.name: each for each in fields},
    )  # fmt: skip


def custom_history(described: ObjectType) -> ObjectType:
    """The history of a custom object, such as Renewal__History; like all histories its ids begin with 017."""
    label = f"History: {described.label}"
    fields = [
        _system("Id", "id", "History ID"),
        _system("IsDeleted", "boolean", "Deleted"),
        FieldType(
            name="ParentId", type="reference", label=f"{described.label} ID", length=18, nillable=False,
            reference_to=(described.name,), relationship_name="Parent", **abilities("reference", 18),
        ),
        _system("CreatedById", "reference", "Created By ID", lookup="CreatedBy"),
        _system("CreatedDate", "datetime", "Created Date"),
        FieldType(name="Field", type="picklist", label="Changed Field", length=255, nillable=False,
                  **abilities("picklist", 255)),
        FieldType(name="DataType", type="picklist", label="Datatype", length=255, **abilities("picklist", 255)),
        FieldType(name="OldValue", type="anyType", label="Old Value", length=255, **abilities("anyType", 255)),
        FieldType(name="NewValue", type="anyType", label="New Value", length=255, **abilities("anyType", 255)),
    ]  # fmt: skip
    return ObjectType(
        name=f"{described.name.removesuffix('__c')}__History", label=label, label_plural=label, key_prefix=None,
        ids="017", replicateable=True, associate_type="History", associate_parent=described.name,
        fields={each.name: each for each in fields},
    )  # fmt: skip


def _system(name: str, type_name: str, label: str, *, lookup: str | None = None) -> FieldType:
    owner = name == "OwnerId"
    return FieldType(
        name=name, type=type_name, label=label, length=18 if type_name in {"id", "reference"} else 0, nillable=False,
        createable=owner, updateable=owner, reference_to=("User",) if lookup else (), relationship_name=lookup,
        defaulted_on_create=True, id_lookup=type_name == "id", **abilities(type_name, 0),
    )  # fmt: skip
