"""Who bought, what part each person plays, how much we spoke with them; and who dealt with it on our side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.shape.aggregate import Aggregate, Row
from sync.shape.aliases import PART_OF_ROLE, plain
from sync.shape.lookup import Lookup
from sync.shape.value import Item, Section, Source, State, best, day, oldest_first, source_of, verbatim

_PARTS = {
    "champion": "Champion",
    "economic_buyer": "Economic buyer",
    "executive_sponsor": "Executive sponsor",
    "signer": "Signer",
    "technical_lead": "Technical lead",
    "billing_contact": "Billing contact",
    "detractor": "Detractor",
}
_CONTACT_PREFIX = "003"  # key prefix of Contact in every org


@dataclass(slots=True)
class Engagement:
    """How often we were in touch with one person about this deal, and when last; never what was said."""

    touches: int = 0
    last_on: date | None = None

    def add(self, on: date | None) -> None:
        """Count one task or event."""
        self.touches += 1
        if on is not None and (self.last_on is None or on > self.last_on):
            self.last_on = on


def who_bought(lookup: Lookup) -> Section:
    """The people of the customer: the parts they play first, then everybody with their engagement."""
    aggregate = lookup.aggregate
    roles = sorted(oldest_first(aggregate.roles), key=lambda row: not row.get("isprimary"))
    engagements = _engagements(aggregate)
    items = [_primary(lookup, roles)]
    items += [_part(lookup, part, label, roles) for part, label in _PARTS.items()]
    items += _persons(aggregate, roles, engagements)
    return Section("who_bought", "Who bought", tuple(items))


def internal_people(lookup: Lookup) -> Section:
    """Our own side: who sold, who owns the customer, who helped."""
    aggregate, users = lookup.aggregate, lookup.aggregate.users
    customer = aggregate.customer

    def user(value: Any) -> Any:
        return named_user(users, value)

    owner = lookup.standard(
        "account_executive", "Account executive", "Opportunity", "OwnerId", aggregate.deal, form=user
    )
    seller = users.get(str(aggregate.deal.get("ownerid"))) or {}
    items = [
        owner,
        lookup.standard("sales_manager", "Their manager", "User", "ManagerId", seller or None, form=user),
        lookup.standard("customer_owner", "Customer owner", "Account", "OwnerId", customer, form=user),
        lookup.custom("csm", "Customer success manager", form=user),
        lookup.custom("solutions_engineer", "Solutions engineer", form=user),
    ]
    touched = {str(row.get("createdbyid")) for row in aggregate.history}
    touched |= {str(row.get("ownerid")) for row in (*aggregate.tasks, *aggregate.events, *aggregate.notes)}
    others = sorted((touched & users.keys()) - {str(aggregate.deal.get("ownerid"))})
    if others:
        value = [named_user(users, each) for each in others]
        items.append(Item("also_touched", "Also worked on it", value, State.OK, None))
    return Section("internal_people", "Our people", tuple(items))


def named_user(users: Any, value: Any) -> Any:
    """A user by name where the id is known, or the text that stands where an id was expected."""
    if not value:
        return None
    row = users.get(value)
    if row is None:
        is_id = isinstance(value, str) and value.startswith("005") and len(value) in {15, 18}
        return {"name": None if is_id else value, "user_id": value if is_id else None}
    return {"name": row.get("name"), "title": verbatim(row.get("title")), "user_id": row["id"]}


def person(contacts: Any, contact_id: Any) -> dict[str, Any] | None:
    """A contact as the brief shows it; a contact we do not hold is shown by its id."""
    if not contact_id:
        return None
    row = contacts.get(contact_id) or {}
    return {
        "name": verbatim(row.get("name")),
        "title": verbatim(row.get("title")),
        "contact_id": contact_id,
        "email": verbatim(row.get("email")),
        "phone": verbatim(row.get("phone") or row.get("mobilephone")),
    }


def _primary(lookup: Lookup, roles: list[Row]) -> Item:
    aggregate = lookup.aggregate
    key, label = "primary_contact", "Primary contact"
    for row in roles:
        if row.get("isprimary") and row.get("contactid"):
            value = person(aggregate.contacts, row["contactid"])
            return Item(key, label, value, State.OK, source_of("OpportunityContactRole", "IsPrimary", row))
    direct = lookup.standard(
        key, label, "Opportunity", "ContactId", aggregate.deal, form=lambda value: person(aggregate.contacts, value)
    )
    if direct.filled or len(roles) != 1:
        return direct
    value = person(aggregate.contacts, roles[0].get("contactid"))
    return Item(key, label, value, State.INFERRED, source_of("OpportunityContactRole", "ContactId", roles[0]))


def _part(lookup: Lookup, part: str, label: str, roles: list[Row]) -> Item:
    """Find who plays a part: a contact role that says so, a custom field, for the signer the contract."""
    contacts = lookup.aggregate.contacts
    ranked = []
    for place, row in enumerate(roles):
        found = PART_OF_ROLE.get(plain(row.get("role") or ""))
        if found and found[0] == part and row.get("contactid"):
            ranked.append((found[1], place, row))
    if ranked:
        row = min(ranked)[2]
        return Item(part, label, person(contacts, row["contactid"]), State.OK, _role_source(row))
    empty = Item(part, label, None, lookup.state("OpportunityContactRole", "Role", None), None)
    if part == "signer":
        return best([_signer(lookup, label), empty])
    custom = lookup.custom(part, label, form=lambda value: _linked(contacts, value))
    return custom if custom.filled or custom.state is State.NO_ACCESS else empty


def _signer(lookup: Lookup, label: str) -> Item:
    contract, contacts = lookup.aggregate.contract, lookup.aggregate.contacts
    item = lookup.standard(
        "signer", label, "Contract", "CustomerSignedId", contract, form=lambda value: person(contacts, value)
    )
    if item.filled and contract is not None:
        item.value["title"] = item.value["title"] or verbatim(contract.get("customersignedtitle"))
        item.value["signed_on"] = verbatim(contract.get("customersigneddate"))
    return item


def _linked(contacts: Any, value: Any) -> Any:
    """A person in a custom field: a lookup to a contact, or only a name."""
    text = verbatim(value)
    if not isinstance(text, str):
        return None
    if text.startswith(_CONTACT_PREFIX) and len(text) in {15, 18}:
        return person(contacts, text)
    for contact_id in sorted(contacts):
        if (contacts[contact_id].get("name") or "").casefold() == text.strip().casefold():
            return person(contacts, contact_id)
    return {"name": text.strip(), "title": None, "contact_id": None, "note": "name not linked to a contact"}


def _persons(aggregate: Aggregate, roles: list[Row], engagements: dict[str, Engagement]) -> Iterable[Item]:
    """Everybody with a role, then everybody we only spoke with."""
    seen = set()
    for row in roles:
        contact_id = row.get("contactid")
        if contact_id:
            seen.add(contact_id)
            yield _person(aggregate, contact_id, engagements, row)
    for contact_id in sorted(engagements):
        if contact_id not in seen and contact_id in aggregate.contacts:
            yield _person(aggregate, contact_id, engagements, None)


def _person(aggregate: Aggregate, contact_id: str, engagements: dict[str, Engagement], role: Row | None) -> Item:
    engagement = engagements.get(contact_id) or Engagement()
    value = {
        **(person(aggregate.contacts, contact_id) or {}),
        "role": None if role is None else verbatim(role.get("role")),
        "is_primary": bool(role and role.get("isprimary")),
        "touches": engagement.touches,
        "last_touch_on": None if engagement.last_on is None else engagement.last_on.isoformat(),
    }
    if role is not None:
        return Item("person", value["name"] or contact_id, value, State.OK, _role_source(role))
    source = source_of("Contact", "Name", aggregate.contacts.get(contact_id))
    return Item("person", value["name"] or contact_id, value, State.INFERRED, source)


def _role_source(row: Row) -> Source:
    return source_of("OpportunityContactRole", "Role", row)


def _engagements(aggregate: Aggregate) -> dict[str, Engagement]:
    found: dict[str, Engagement] = {}
    for row in aggregate.tasks:
        if row.get("whoid"):
            on = row.get("activitydate") or row.get("completeddatetime") or row.get("createddate")
            found.setdefault(row["whoid"], Engagement()).add(day(on))
    for row in aggregate.events:
        if row.get("whoid"):
            on = row.get("startdatetime") or row.get("activitydatetime") or row.get("activitydate")
            found.setdefault(row["whoid"], Engagement()).add(day(on))
    return found
