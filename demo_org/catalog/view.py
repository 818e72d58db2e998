"""An object as the integration user sees it: without what is hidden and what the org's features lack."""

from dataclasses import replace
from typing import Any

from demo_org.catalog.admin_settings import AdminSettings
from demo_org.catalog.features import AUDIT_FIELDS, absent_fields
from demo_org.catalog.types import FieldType, ObjectType

_CURRENCY = frozenset({"CurrencyIsoCode", "DefaultCurrencyIsoCode"})
#: what an import may say for itself where Set Audit Fields upon Record Creation is allowed
_AUDIT = frozenset({"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"})


def seen(base: ObjectType, settings: AdminSettings) -> ObjectType:
    """The object with the fields, values and abilities the settings leave it."""
    unseen = {name for owner, name in settings.hidden if owner == base.name} | absent_fields(base, settings.features)
    changes = {name: _changes(base, name, settings) for name in base.fields if name not in unseen}
    barred = settings.barred.get(base.name, ())
    if not unseen and not barred and not any(changes.values()):
        return base
    fields = {name: _changed(base.fields[name], facts) for name, facts in changes.items()}
    return replace(
        base,
        fields=fields,
        createable=base.createable and "createable" not in barred,
        updateable=base.updateable and "updateable" not in barred,
        deletable=base.deletable and "deletable" not in barred,
    )


def _changed(field: FieldType, facts: dict[str, Any]) -> FieldType:
    return replace(field, **facts) if facts else field


def _changes(base: ObjectType, name: str, settings: AdminSettings) -> dict[str, Any]:
    """What the settings say of a field that the catalogue says otherwise."""
    facts: dict[str, Any] = {}
    if name in _CURRENCY:
        facts["picklist_values"] = settings.currencies
    elif (values := settings.picklists.get((base.name, name))) is not None:
        facts["picklist_values"] = values
    if AUDIT_FIELDS in settings.features and base.createable and name in _AUDIT:
        facts["createable"] = True
    if (base.name, name) in settings.read_only:
        facts |= {"createable": False, "updateable": False}
    return facts
