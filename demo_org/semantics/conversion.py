"""Lead conversion: a lead becomes an account, a contact and, unless told otherwise, a deal.

What was done with the lead moves to the contact and the deal; the lead stays, marked as converted (Object Reference,
"Lead"; the API's convertLead call).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
CONVERTED = "Closed - Converted"
_PERSON = ("Salutation", "FirstName", "LastName", "Title", "Phone", "MobilePhone", "Fax", "Email", "LeadSource",
           "Description")  # fmt: skip
_COMPANY = {"Company": "Name", "Phone": "Phone", "Website": "Website", "Industry": "Industry", "Rating": "Rating",
            "AnnualRevenue": "AnnualRevenue", "NumberOfEmployees": "NumberOfEmployees"}  # fmt: skip
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What became of a lead."""

    account_id: str
    contact_id: str
    opportunity_id: str | None


def convert(
    unit: "Unit",
    lead_id: str,
    *,
    account_id: str | None = None,
    contact_id: str | None = None,
    opportunity_name: str | None = None,
    with_opportunity: bool = True,
    status: str = CONVERTED,
) -> Conversion:
    """Convert a live lead into new records, or into the account and contact that are named."""
    lead = unit.live("Lead", lead_id)
    if lead["IsConverted"]:
        raise SalesforceFault(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    account = account_id or unit.insert("Account", _account_of(lead))
    contact = contact_id or unit.insert("Contact", _contact_of(lead) | {"AccountId": account})
    opportunity = None
    if with_opportunity:
        opportunity = unit.insert("Opportunity", _deal_of(unit, lead, account, contact, opportunity_name))
        unit.org.connection.execute(
            "UPDATE OpportunityFieldHistory SET Field = 'opportunityCreatedFromLead' "
            "WHERE OpportunityId = ? AND Field = 'created'",
            (opportunity,),
        )
    _move_activities(unit, lead["Id"], contact, opportunity or account)
    for member in unit.rows("CampaignMember", "LeadId = ?", (lead["Id"],)):
        unit.patch(
            "CampaignMember", member["Id"], {"ContactId": contact, "LeadOrContactId": contact, "Type": "Contact"}
        )
    unit.patch("Lead", lead["Id"], {
        "IsConverted": 1, "ConvertedDate": unit.stamp_text[:10], "ConvertedAccountId": account, "Status": status,
        "ConvertedContactId": contact, "ConvertedOpportunityId": opportunity, "IsUnreadByOwner": 0,
    })  # fmt: skip
    return Conversion(account_id=account, contact_id=contact, opportunity_id=opportunity)


def _account_of(lead: Row) -> Row:
    address = {f"Billing{part}": lead.get(part) for part in _ADDRESS}
    return _given({new: lead.get(old) for old, new in _COMPANY.items()} | address | {"OwnerId": lead["OwnerId"]})


def _contact_of(lead: Row) -> Row:
    address = {f"Mailing{part}": lead.get(part) for part in _ADDRESS}
    return _given({name: lead.get(name) for name in _PERSON} | address | {"OwnerId": lead["OwnerId"]})


def _deal_of(unit: "Unit", lead: Row, account: str, contact: str, name: str | None) -> Row:
    stages = unit.rows("OpportunityStage", "IsActive = 1 AND IsClosed = 0 ORDER BY SortOrder LIMIT 1", ())
    today = date.fromisoformat(unit.stamp_text[:10])
    return _given({
        "Name": name or f"{lead['Company']}-", "AccountId": account, "ContactId": contact,
        "StageName": stages[0]["ApiName"] if stages else "Prospecting", "CloseDate": _end_of_quarter(today).isoformat(),
        "LeadSource": lead.get("LeadSource"), "OwnerId": lead["OwnerId"],
    })  # fmt: skip


def _end_of_quarter(day: date) -> date:
    # A converted lead's deal is due at the end of the quarter (Salesforce Help, "Considerations for Converting Leads").
    quarter = (day.month - 1) // 3
    following = date(day.year + quarter // 3, (quarter + 1) % 4 * 3 + 1, 1)
    return following - timedelta(days=1)


def _move_activities(unit: "Unit", lead_id: str, contact: str, what: str) -> None:
    for name in ("Task", "Event"):
        for each in unit.rows(name, "WhoId = ?", (lead_id,)):
            values = {"WhoId": contact} | ({"WhatId": what} if each["WhatId"] is None else {})
            unit.patch(name, each["Id"], values)


def _given(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}
