"""Writes a describe in Salesforce's full shape: every key, in Salesforce's order, for the wire to send as it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from demo_org.catalog.addresses import layoutable, pages, urls
from demo_org.catalog.types import ChildRelationship, FieldType, ObjectType
from demo_org.ids import MASTER_RECORD_TYPE

SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "long": "xsd:long",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "address": "urn:address",
    "location": "urn:location",
    "base64": "xsd:base64Binary",
    "anyType": "xsd:anyType",
    "complexvalue": "xsd:anyType",
}
_ONE_BYTE = frozenset({"id", "reference", "multipicklist"})  # all other texts may need three bytes a character
#: parts of a name, what stages imply, what Salesforce itself keeps up to date: always seen where they may be written
_UNPERMITTED = frozenset(
    {"Salutation", "FirstName", "EmailBouncedReason", "EmailBouncedDate", "IndividualId", "RecordTypeId"}
    | {"ForecastCategoryName", "Pricebook2Id", "IsConverted", "IsUnreadByOwner", "IsPartner", "IsCustomerPortal"}
    | {"Status", "Comments", "Role", "IsPrimary", "ActivityDate", "ActivityDateTime", "StartDateTime", "EndDateTime"}
    | {
        "DurationInMinutes",
        "ShowAs",
        "IsRecurrence",
        "EventSubtype",
        "TaskSubtype",
        "ReminderDateTime",
        "IsReminderSet",
    }
)
#: the same of one object only
_UNPERMITTED_OF = {("Opportunity", "ContactId"), ("Event", "IsPrivate")}
#: computed, and hidden on demand all the same
_PERMITTED = frozenset({"ExpectedRevenue", "ClosedDate"})
_SETUP = frozenset({"UserRole", "RecordType", "Group", "CurrencyType", "PermissionSet"})
_FED = frozenset({"Opportunity", "Account", "Contact", "Lead", "Case", "Task", "User", "Product2", "Contract"})

_SCOPE_LABELS = {
    "delegated": "My delegated {}",
    "queue_owned": "Queue owned {}",
    "scopingRule": "Filter by scope",
    "team": "My team's {}",
    "team_by_role": "My role-based team's {}",
    "user_owned": "User owned {}",
}
_FURTHER_SCOPES = {
    "Account": ("scopingRule", "team"),
    "Case": ("queue_owned", "team_by_role", "user_owned"),
    "Contact": ("scopingRule", "team"),
    "Event": ("delegated", "scopingRule", "team"),
    "Lead": ("queue_owned", "scopingRule", "team", "user_owned"),
    "Opportunity": ("scopingRule", "team"),
    "Task": ("delegated", "scopingRule", "team"),
}


def describe_global(objects: Iterable[ObjectType], *, version: str) -> dict[str, Any]:
    """The list of all objects (GET /sobjects)."""
    entries = [_global_entry(each, version) for each in sorted(objects, key=lambda each: each.name)]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": entries}


def describe_object(
    described: ObjectType, *, version: str, host: str, record_types: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The full describe of one object (GET /sobjects/{name}/describe); record types are given as they are stored."""
    whole = _traits(described) | {
        "actionOverrides": [],
        "childRelationships": [_child(each) for each in described.child_relationships],
        "compactLayoutable": layoutable(described),
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(each, owner=described.name) for each in described.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(described, version, record_types) if _typed(described) else [],
        "searchLayoutable": described.searchable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": supported_scopes(described),
        "urls": urls(described, version) | pages(described, host),
    }
    return dict(sorted(whole.items()))  # Salesforce lists the keys of an object in alphabetical order


def describe_field(field: FieldType, *, owner: str = "") -> dict[str, Any]:
    """One field of an object with all its 57 keys."""
    return {
        "aggregatable": field.aggregatable,
        "aiPredictionField": False,
        "autoNumber": field.auto_number,
        "byteLength": _bytes(field),
        "calculated": field.calculated,
        "calculatedFormula": field.formula,
        "cascadeDelete": False,
        "caseSensitive": False,
        "compoundFieldName": field.compound_field_name,
        "controllerName": None,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": _default(field),
        "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted_on_create,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": field.digits,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external_id,
        "extraTypeInfo": field.extra_type_info,
        "filterable": field.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": field.formula is not None and field.blank_is_zero,
        "groupable": field.groupable,
        "highScaleNumber": False,
        "htmlFormatted": field.extra_type_info == "richtextarea",
        "idLookup": field.id_lookup,
        "inlineHelpText": None,
        "label": field.label,
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": field.polymorphic,
        "nillable": field.nillable,
        "permissionable": _permissionable(field) and (owner, field.name) not in _UNPERMITTED_OF,
        "picklistValues": [_picklist_entry(value, field) for value in field.picklist_values],
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision,
        "queryByDistance": field.compound,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted_picklist,
        "scale": field.scale,
        "searchPrefilterable": _prefilterable(field),
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


def _traits(described: ObjectType) -> dict[str, Any]:
    """What a global and a full describe say alike about an object."""
    return {
        "activateable": False,
        "associateEntityType": described.associate_type,
        "associateParentEntity": described.associate_parent,
        "createable": described.createable,
        "custom": described.custom,
        "customSetting": False,
        "deepCloneable": described.name in {"Opportunity", "Campaign", "Quote"},
        "deletable": described.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": described.name in _FED,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": described.key_prefix,
        "label": described.label,
        "labelPlural": described.label_plural,
        "layoutable": layoutable(described),
        "mergeable": described.mergeable,
        "mruEnabled": layoutable(described) and described.searchable,
        "name": described.name,
        "queryable": described.queryable,
        "replicateable": described.replicateable,
        "retrieveable": True,
        "searchable": described.searchable,
        "triggerable": _triggerable(described),
        "undeletable": described.undeletable,
        "updateable": described.updateable,
    }


def _global_entry(described: ObjectType, version: str) -> dict[str, Any]:
    return _traits(described) | {"urls": urls(described, version)}


def _triggerable(described: ObjectType) -> bool:
    """Whether Apex can wait for its changes: not for those of what admins set up."""
    return described.associate_type == "ChangeEvent" or (described.createable and described.name not in _SETUP)


def _typed(described: ObjectType) -> bool:
    """Whether the object can have record types; if so it always has the master one."""
    return layoutable(described) and described.searchable


def supported_scopes(described: ObjectType) -> list[dict[str, str]]:
    """What USING SCOPE may say of the object, as real describes list it, in the order of the names."""
    plural = described.label_plural.lower()
    labels = {"everything": f"All {plural}"}
    if "OwnerId" in described.fields:
        labels["mine"] = f"My {plural}"
    for name in _FURTHER_SCOPES.get(described.name, ()):
        labels[name] = _SCOPE_LABELS[name].format(plural)
    return [{"label": labels[name], "name": name} for name in sorted(labels)]


def _child(child: ChildRelationship) -> dict[str, Any]:
    return {
        "cascadeDelete": child.cascade_delete,
        "childSObject": child.child_object,
        "deprecatedAndHidden": False,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.relationship_name,
        "restrictedDelete": child.restricted_delete,
    }


def _record_types(described: ObjectType, version: str, stored: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The record types of the object, the master one last; the first that is active is the user's default."""
    master = {"Id": MASTER_RECORD_TYPE, "DeveloperName": "Master", "Name": "Master", "IsActive": True}
    default = next((each["Id"] for each in stored if each["IsActive"]), MASTER_RECORD_TYPE)
    layouts = f"/services/data/v{version}/sobjects/{described.name}/describe/layouts"
    return [
        {
            "active": bool(each["IsActive"]),
            "available": bool(each["IsActive"]),
            "defaultRecordTypeMapping": each["Id"] == default,
            "developerName": each["DeveloperName"],
            "master": each is master,
            "name": each["Name"],
            "recordTypeId": each["Id"],
            "urls": {"layout": f"{layouts}/{each['Id']}"},
        }
        for each in (*stored, master)
    ]


def _bytes(field: FieldType) -> int:
    return field.byte_length or field.length * (1 if field.type in _ONE_BYTE else 3)


def _default(field: FieldType) -> object:
    if field.type == "boolean":
        return bool(field.default)
    return field.default


def _permissionable(field: FieldType) -> bool:
    """Whether field-level security applies: to what users may fill in or leave out, computed over real describes."""
    if field.name in _UNPERMITTED or field.name.startswith("Recurrence") or field.name_field:
        return False
    written = field.createable or field.updateable or field.calculated or field.compound
    return (written and (field.nillable or field.type == "boolean")) or field.name in _PERMITTED


def _prefilterable(field: FieldType) -> bool:
    """Whether searches can be narrowed by the lookup: by optional ones that are no system fields."""
    optional = field.nillable and field.relationship_name is not None
    return field.type == "reference" and optional and field.name not in {"MasterRecordId", "RecordTypeId"}


def _picklist_entry(value: str, field: FieldType) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": value == field.default,
        "label": dict(field.picklist_labels).get(value, value),
        "validFor": None,
        "value": value,
    }
