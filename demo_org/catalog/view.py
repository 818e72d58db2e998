"""An object as the integration user sees it: without what is hidden and what the org's features lack."""

from collections.abc import Collection
from dataclasses import replace

from demo_org.catalog.features import AUDIT_FIELDS, absent_fields
from demo_org.catalog.types import FieldType, ObjectType

_CURRENCY = frozenset({"CurrencyIsoCode", "DefaultCurrencyIsoCode"})
#: what an import may say for itself where Set Audit Fields upon Record Creation is allowed
_AUDIT = frozenset({"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"})


def seen(base: ObjectType, *, hidden: Collection[str], features: set[str], currencies: tuple[str, ...]) -> ObjectType:
    """The object without its hidden and absent fields, with the currencies and abilities of the org."""
    unseen = {*hidden, *absent_fields(base, features)}
    audited = AUDIT_FIELDS in features and base.createable
    if not unseen and not audited and not _CURRENCY & base.fields.keys():
        return base

    def shown(field: FieldType) -> FieldType:
        if field.name in _CURRENCY:
            return replace(field, picklist_values=currencies)
        return replace(field, createable=True) if audited and field.name in _AUDIT else field

    return replace(base, fields={name: shown(field) for name, field in base.fields.items() if name not in unseen})
