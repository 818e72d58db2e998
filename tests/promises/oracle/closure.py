"""Which records belong to the won deals of an org: the closure, found by walking the org's records."""

from collections.abc import Mapping
from typing import Any

from demo_org.store import Org
from oracle.tables import Row, Rows, alive

#: object -> (its field that names the parent, the parent's object); "customers" are the accounts of deals
HANGS_ON: Mapping[str, tuple[str, str]] = {
    "OpportunityLineItem": ("OpportunityId", "Opportunity"),
    "OpportunityContactRole": ("OpportunityId", "Opportunity"),
    "OpportunityHistory": ("OpportunityId", "Opportunity"),
    "OpportunityFieldHistory": ("OpportunityId", "Opportunity"),
    "OpportunityTeamMember": ("OpportunityId", "Opportunity"),
    "OpportunityCompetitor": ("OpportunityId", "Opportunity"),
    "Partner": ("OpportunityId", "Opportunity"),
    "Quote": ("OpportunityId", "Opportunity"),
    "Task": ("WhatId", "Opportunity"),
    "Event": ("WhatId", "Opportunity"),
    "EmailMessage": ("RelatedToId", "Opportunity"),
    "Note": ("ParentId", "Opportunity"),
    "ContentDocumentLink": ("LinkedEntityId", "Opportunity"),
    "QuoteLineItem": ("QuoteId", "Quote"),
    "AccountContactRelation": ("AccountId", "customers"),
    "AccountTeamMember": ("AccountId", "customers"),
    "Contract": ("AccountId", "customers"),
    "Order": ("AccountId", "customers"),
    "Asset": ("AccountId", "customers"),
    "Case": ("AccountId", "customers"),
    "OrderItem": ("OrderId", "Order"),
    "AssetStatePeriod": ("AssetId", "Asset"),
    "CampaignMember": ("ContactId", "Contact"),
}
#: object -> the fields of the closure that name its records
NAMED_BY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Contact": (("OpportunityContactRole", "ContactId"), ("Task", "WhoId"), ("Event", "WhoId")),
    "ContentDocument": (("ContentDocumentLink", "ContentDocumentId"),),
    "ContentVersion": (("ContentDocument", "LatestPublishedVersionId"),),
    "Campaign": (("Opportunity", "CampaignId"), ("CampaignMember", "CampaignId")),
    "PricebookEntry": tuple(
        (name, "PricebookEntryId") for name in ("OpportunityLineItem", "QuoteLineItem", "OrderItem")
    ),
    "Product2": tuple((name, "Product2Id") for name in ("OpportunityLineItem", "QuoteLineItem", "OrderItem", "Asset")),
}
WHOLE = ("OpportunityStage", "RecordType", "CurrencyType")
#: everything but custom objects, parents before children
STANDARD = (
    *WHOLE, "Opportunity", *(name for name in HANGS_ON if name != "CampaignMember"), "Account", "Contact",
    "CampaignMember", "ContentDocument", "ContentVersion", "Campaign", "PricebookEntry", "Product2", "User",
)  # fmt: skip


class Closure:
    """The closure while it is found; `rows` has each object's records, as far as they are known by now."""

    def __init__(self, org: Org, *, instead: Mapping[str, Rows] | None = None) -> None:
        self._org = org
        #: objects that are out of sight, with their records as they were when they were last seen
        self._instead = instead or {}
        self.rows: dict[str, Rows] = {}
        self.customers: set[Any] = set()
        self._find()

    def _find(self) -> None:
        deals = self._all("Opportunity")
        self.rows["Opportunity"] = {key: row for key, row in deals.items() if row["IsWon"]}
        self.customers = {row["AccountId"] for row in self.rows["Opportunity"].values()} - {None}
        self.rows |= {name: self._all(name) for name in WHOLE}
        self.rows["Account"] = _upwards(self._all("Account"), self.customers)
        for name in HANGS_ON:
            if name != "CampaignMember":
                self.rows[name] = self._children(name)
        self.rows["Contact"] = {
            key: row
            for key, row in self._all("Contact").items()
            if row["AccountId"] in self.customers or key in self._naming("Contact")
        }
        self.rows["CampaignMember"] = self._children("CampaignMember")
        for name in ("ContentDocument", "ContentVersion", "Campaign", "PricebookEntry", "Product2"):
            named = self._naming(name)
            self.rows[name] = {key: row for key, row in self._all(name).items() if key in named}
        for name, (field, parent) in custom_children(self._org).items():
            self.rows[name] = {key: row for key, row in self._all(name).items() if self._belongs(row, field, parent)}
        self.rows["User"] = _users(self._all("User"), self.rows)

    def _all(self, name: str) -> Rows:
        return self._instead[name] if name in self._instead else alive(self._org, name)

    def _children(self, name: str) -> Rows:
        field, parent = HANGS_ON[name]
        return {key: row for key, row in self._all(name).items() if self._belongs(row, field, parent)}

    def _belongs(self, row: Row, field: str, parent: str) -> bool:
        return row.get(field) in (self.customers if parent == "customers" else self.rows[parent])

    def _naming(self, name: str) -> set[Any]:
        return {row.get(field) for holder, field in NAMED_BY[name] for row in self.rows[holder].values()}


def custom_children(org: Org) -> dict[str, tuple[str, str]]:
    """The org's own objects that look up to deals or accounts, each with the lookup that counts: one to deals first."""
    found: dict[str, tuple[str, str]] = {}
    for target, parent in (("Opportunity", "Opportunity"), ("Account", "customers")):
        for name, described in org.catalog.stored.items():
            fields = [field.name for field in described.fields.values() if target in field.reference_to]
            if name.endswith("__c") and fields and name not in found:
                found[name] = (min(fields), parent)
    return found


def _upwards(accounts: Rows, start: set[Any]) -> Rows:
    reached: Rows = {}
    waiting = [key for key in start if key in accounts]
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached[key] = accounts[key]
            parent = accounts[key]["ParentId"]
            waiting += [parent] if parent in accounts else []
    return reached


def _users(users: Rows, found: Mapping[str, Rows]) -> Rows:
    reached: Rows = {}
    # What a field held before and after a change is text, even where it was a person.
    waiting = [
        value
        for rows in found.values()
        for row in rows.values()
        for column, value in row.items()
        if column not in {"OldValue", "NewValue"}
    ]
    while waiting:
        key = waiting.pop()
        # Whatever column it stands in: a record of the closure that names a user brings the user.
        if isinstance(key, str) and key in users and key not in reached:
            reached[key] = users[key]
            waiting += users[key].values()
    return reached
