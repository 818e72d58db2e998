"""Who bought, what part each person plays, and how much we spoke with them."""

from collections.abc import Iterable
from typing import Any

from sync.shape.aggregate import Row
from sync.shape.engagement import Engagement, engagements
from sync.shape.lookup import Lookup
from sync.shape.value import Item, Section, Source, State, best, oldest_first, source_of, verbatim

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


def who_bought(lookup: Lookup) -> Section:
    """The people of the customer: the parts they play first, then everybody with their engagement."""
    aggregate = lookup.aggregate
    roles = sorted(oldest_first(aggregate.roles), key=lambda row: not row.get("isprimary"))
    touches = engagements(aggregate)
    items = [_primary(lookup, roles)]
    items += [_part(lookup, part, label, roles) for part, label in _PARTS.items()]
    items += _persons(lookup, roles, touches)
    return Section("who_bought", "Who bought", tuple(items))


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
        found = lookup.aggregate.mapping.part_of(row.get("role"))
        if found and found[0] == part and row.get("contactid"):
            ranked.append((found[1], place, row))
    if ranked:
        row = min(ranked)[2]
        return Item(part, label, person(contacts, row["contactid"]), State.OK, _role_source(row))
    empty = lookup.related(part, label, "OpportunityContactRole", "Role", [], None)
    if part == "signer":
        return best([_signer(lookup, label), *_related(lookup, part, label), empty])
    custom = lookup.custom(part, label, form=lambda value: _linked(contacts, value))
    if custom.filled:
        return custom
    for item in _related(lookup, part, label):
        return item
    return custom if custom.state is State.NO_ACCESS else empty


def _related(lookup: Lookup, part: str, label: str) -> Iterable[Item]:
    """Who plays a part for the customer in general, as its relations to contacts say."""
    contacts = lookup.aggregate.contacts
    for row in oldest_first(lookup.aggregate.relations):
        if row.get("contactid") not in contacts or row.get("isactive") is False:
            continue
        found = [lookup.aggregate.mapping.part_of(word) for word in str(row.get("roles") or "").split(";")]
        if part in [each[0] for each in found if each]:
            source = source_of("AccountContactRelation", "Roles", row)
            yield Item(part, label, person(contacts, row["contactid"]), State.INFERRED, source)


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


def _persons(lookup: Lookup, roles: list[Row], touches: dict[str, Engagement]) -> Iterable[Item]:
    """Everybody with a role, then everybody we only spoke with."""
    contacts = lookup.aggregate.contacts
    seen = set()
    for row in roles:
        contact_id = row.get("contactid")
        if contact_id:
            seen.add(contact_id)
            yield _person(lookup, contact_id, touches.get(contact_id), row)
    for contact_id in sorted(touches):
        if contact_id not in seen and contact_id in contacts:
            yield _person(lookup, contact_id, touches[contact_id], None)


def _person(lookup: Lookup, contact_id: str, engagement: Engagement | None, role: Row | None) -> Item:
    aggregate = lookup.aggregate
    contact = aggregate.contacts.get(contact_id) or {}
    engagement = engagement or Engagement()
    above = aggregate.contacts.get(contact.get("reportstoid") or "") or {}
    value = {
        **(person(aggregate.contacts, contact_id) or {}),
        "department": verbatim(contact.get("department")),
        "reports_to": verbatim(above.get("name")),
        "role": None if role is None else verbatim(role.get("role")),
        "is_primary": bool(role and role.get("isprimary")),
        "influence": _opinion(lookup, "influence", role, contact),
        "sentiment": _opinion(lookup, "sentiment", role, contact),
        "touches": engagement.touches,
        "last_touch_on": None if engagement.last_on is None else engagement.last_on.isoformat(),
    }
    if role is not None:
        return Item("person", value["name"] or contact_id, value, State.OK, _role_source(role))
    source = source_of("Contact", "Name", aggregate.contacts.get(contact_id))
    return Item("person", value["name"] or contact_id, value, State.INFERRED, source)


def _opinion(lookup: Lookup, line: str, role: Row | None, contact: Row) -> Any:
    """What sales thinks of a person, for this deal before in general."""
    of_role = None if role is None else lookup.custom_of(line, "OpportunityContactRole", role)
    return of_role if of_role is not None else lookup.custom_of(line, "Contact", contact)


def _role_source(row: Row) -> Source:
    return source_of("OpportunityContactRole", "Role", row)
