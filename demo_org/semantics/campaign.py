"""Campaigns and their members: who answered, what a member shows of its person, and what a campaign counts."""

from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
#: the two states Salesforce gives each new campaign: label, order, the default, counts as an answer
_STATUSES = (("Sent", 3, 1, 0), ("Responded", 4, 0, 1))
_COPIED = ("Salutation", "Name", "FirstName", "LastName", "Title", "Email", "Phone", "Fax", "MobilePhone",
           "LeadSource", "Description", "DoNotCall", "HasOptedOutOfEmail", "HasOptedOutOfFax")  # fmt: skip
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")


def after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Give a new campaign its two states."""
    if old is None:
        for label, order, default, responded in _STATUSES:
            unit.add("CampaignMemberStatus", {"CampaignId": new["Id"], "Label": label, "SortOrder": order,
                                              "IsDefault": default, "HasResponded": responded})  # fmt: skip


def member_before_insert(unit: "Unit", row: Row) -> None:
    """A member is one lead or one contact, once; it begins in the campaign's default state."""
    kind = "ContactId" if row.get("ContactId") is not None else "LeadId"
    if row.get(kind) is None:
        raise SalesforceFault(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId, ContactId]",
                              ("LeadId", "ContactId"))  # fmt: skip
    if unit.rows("CampaignMember", f"CampaignId = ? AND {kind} = ?", (row.get("CampaignId"), row[kind])):
        what = "contact" if kind == "ContactId" else "lead"
        raise SalesforceFault(400, "DUPLICATE_VALUE", f"Already a campaign member: this {what}", (kind,))
    if row.get("Status") is None:
        chosen = unit.rows("CampaignMemberStatus", "CampaignId = ? AND IsDefault = 1", (row.get("CampaignId"),))
        row["Status"] = chosen[0]["Label"] if chosen else "Sent"
    row |= _person(unit, row) | _answer(unit, {}, row)


def member_before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """Say whether the new state counts as an answer."""
    if "Status" in changes:
        changes |= _answer(unit, old, old | changes)


def member_after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Count the campaign's members anew: the system does it, so only SystemModstamp moves."""
    del old
    _count(unit, new["CampaignId"])


def member_after_delete(unit: "Unit", row: Row) -> None:
    """Count the campaign's members anew."""
    _count(unit, row["CampaignId"])


def _answer(unit: "Unit", old: Row, new: Row) -> Row:
    states = unit.rows("CampaignMemberStatus", "CampaignId = ? AND Label = ?", (new["CampaignId"], new["Status"]))
    responded = int(bool(states and states[0]["HasResponded"]))
    found: Row = {"HasResponded": responded}
    if responded and not old.get("FirstRespondedDate"):
        found["FirstRespondedDate"] = unit.stamp_text[:10]
    return found


def _person(unit: "Unit", row: Row) -> Row:
    if row.get("ContactId") is not None:
        person = unit.row("Contact", row["ContactId"]) or {}
        account = unit.row("Account", person.get("AccountId")) or {}
        facts = {name: person.get(f"Mailing{name}") for name in _ADDRESS}
        facts |= {"Type": "Contact", "CompanyOrAccount": account.get("Name")}
    else:
        person = unit.row("Lead", row["LeadId"]) or {}
        facts = {name: person.get(name) for name in _ADDRESS}
        facts |= {"Type": "Lead", "CompanyOrAccount": person.get("Company")}
    copied = {name: person[name] for name in _COPIED if person.get(name) is not None}
    return copied | facts | {"LeadOrContactId": person.get("Id"), "LeadOrContactOwnerId": person.get("OwnerId")}


def _count(unit: "Unit", campaign_id: str) -> None:
    leads, contacts, responses = unit.org.connection.execute(
        "SELECT count(LeadId), count(ContactId), total(HasResponded) FROM CampaignMember "
        "WHERE CampaignId = ? AND IsDeleted = 0",
        (campaign_id,),
    ).fetchone()
    counted = {"NumberOfLeads": leads, "NumberOfContacts": contacts, "NumberOfResponses": int(responses)}
    unit.patch("Campaign", campaign_id, counted, by_system=True)
