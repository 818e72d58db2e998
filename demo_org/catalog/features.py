"""Features an org can switch on: objects and fields that exist in some orgs and not in others.

Without the feature a query of its objects answers INVALID_TYPE and one of its fields INVALID_FIELD, as in an org that
never bought or enabled it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from demo_org.catalog.types import ObjectType
from demo_org.errors import SalesforceFault

MULTI_CURRENCY = "multi_currency"
AUDIT_FIELDS = "audit_fields"
DATED_RATES = "dated_rates"
#: fields every object with amounts has in an org with several currencies
_CURRENCY_FIELDS = frozenset({"CurrencyIsoCode", "DefaultCurrencyIsoCode"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What comes and goes with one switch."""

    objects: tuple[str, ...] = ()
    #: (object, field)
    fields: frozenset[tuple[str, str]] = frozenset()
    #: whether a new demo org has it
    on: bool = False


FEATURES: Mapping[str, Feature] = {
    "quotes": Feature(
        objects=("Quote", "QuoteLineItem", "QuoteHistory"),
        fields=frozenset({("Opportunity", "SyncedQuoteId")}),
        on=True,
    ),
    "orders": Feature(objects=("Order", "OrderItem", "OrderHistory", "OrderItemHistory"), on=True),
    "notes": Feature(objects=("ContentNote",), on=True),
    "partners": Feature(objects=("Partner", "OpportunityPartner", "AccountPartner"), on=True),
    "team_selling": Feature(objects=("OpportunityTeamMember", "AccountTeamMember")),
    "splits": Feature(objects=("OpportunitySplit", "OpportunitySplitType")),
    "schedules": Feature(objects=("OpportunityLineItemSchedule",)),
    "shared_activities": Feature(objects=("TaskRelation",)),
    "contacts_to_multiple_accounts": Feature(objects=("AccountContactRelation",)),
    "opportunity_ages": Feature(
        fields=frozenset(("Opportunity", name) for name in ("AgeInDays", "LastActivityInDays", "LastStageChangeInDays"))
    ),
    MULTI_CURRENCY: Feature(objects=("CurrencyType",)),
    # Set Audit Fields upon Record Creation: imports say when and by whom a record was made.
    AUDIT_FIELDS: Feature(),
    DATED_RATES: Feature(objects=("DatedConversionRate",)),
}


def feature(name: str) -> Feature:
    """The feature of that name; a fault that lists them all if there is none."""
    found = FEATURES.get(name)
    if found is None:
        message = f"unknown feature {name!r}; there are {', '.join(FEATURES)}"
        raise SalesforceFault(400, "INVALID_OPERATION", message)
    return found


def default_features() -> set[str]:
    """The features a new demo org has."""
    return {name for name, each in FEATURES.items() if each.on}


def objects_without(features: Iterable[str]) -> set[str]:
    """The objects an org with these features does not have."""
    return {name for key, each in FEATURES.items() if key not in features for name in each.objects}


def absent_fields(described: ObjectType, features: set[str]) -> set[str]:
    """The fields the object lacks in an org with these features."""
    absent = set() if MULTI_CURRENCY in features else set(_CURRENCY_FIELDS & described.fields.keys())
    for key, each in FEATURES.items():
        if key not in features:
            absent |= {name for owner, name in each.fields if owner == described.name}
    return absent
