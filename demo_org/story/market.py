"""The market around the deals: rivals, consulting firms that introduce or help, and campaigns that brought people."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from demo_org.story.arcs import Sort
from demo_org.story.company import Company
from demo_org.story.plots import beside
from demo_org.story.rows import Ref, Row, Volume
from demo_org.story.sale import Sale
from demo_org.story.selling import audit


@dataclass(slots=True, kw_only=True)
class Market:
    """The firms and campaigns that several deals have to do with."""

    #: consulting firms, each an account
    firms: tuple[Ref, ...]
    company: Company
    #: (lead source, year) -> the campaign
    campaigns: dict[tuple[str, int], Ref] = field(default_factory=dict)
    members: set[tuple[Ref, Ref]] = field(default_factory=set)


def open_market(volume: Volume, company: Company, rng: Random, *, today: date) -> Market:
    """Write the consulting firms; campaigns come with the deals they bring."""
    since = datetime.combine(today - timedelta(days=1700), time(15), UTC)
    owner = company.sellers[0].id
    firms = [
        volume.add("Account", {
            "Name": firm["name"], "Type": "Technology Partner", "Industry": "Consulting", "BillingCity": firm["city"],
            "BillingCountry": "United States", "NumberOfEmployees": rng.randrange(12, 160), "OwnerId": owner,
            "Website": f"https://{firm['name'].split()[0].lower()}.example", "Description": firm["about"],
            **audit(since, owner),
        })
        for firm in beside()["partner"]
    ]  # fmt: skip
    return Market(firms=tuple(firms), company=company)


def write_market(volume: Volume, sale: Sale, market: Market, rng: Random) -> None:
    """Write whom the deal was won or lost against, who helped, and what brought it."""
    deal = volume.row("Opportunity", sale.ref)
    if deal.get("Competitors__c"):
        _rivals(volume, sale, deal["Competitors__c"].split("; "), rng)
    if deal["LeadSource"] == "Partner Referral":
        _partner(volume, sale, rng.choice((market.firms[0], market.firms[2])), "Consultant")
    elif sale.won and sale.customer.kind.key in {"hospital", "insurer"} and rng.random() < 0.3:
        _partner(volume, sale, market.firms[1], "System Integrator")
    if sale.plan.sort is Sort.NEW and deal["LeadSource"] in beside()["campaign"] and rng.random() < 0.8:
        deal["CampaignId"] = _campaign(volume, sale, market, deal["LeadSource"], rng)


def _rivals(volume: Volume, sale: Sale, names: list[str], rng: Random) -> None:
    at = sale.calendar.at(sale.between(0.4), rng)
    for name, told in zip(names, rng.sample(beside()["competitor"], len(names)), strict=True):
        volume.add("OpportunityCompetitor", {
            "OpportunityId": sale.ref, "CompetitorName": name, "Strengths": sale.say(told["strengths"]),
            "Weaknesses": sale.say(told["weaknesses"]), **audit(max(at, sale.opened_at), sale.customer.seller.id),
        })  # fmt: skip


def _partner(volume: Volume, sale: Sale, firm: Ref, role: str) -> None:
    """A partner is seen from both sides, as a save leaves it (demo_org/semantics/partner.py)."""
    there, back = volume.reserve("Partner"), volume.reserve("Partner")
    common: Row = {"OpportunityId": sale.ref, **audit(sale.opened_at + timedelta(minutes=6), sale.customer.seller.id)}
    sides: tuple[tuple[Ref, Row], ...] = (
        (there, {"AccountFromId": sale.customer.ref, "AccountToId": firm, "Role": role, "IsPrimary": True,
                 "ReversePartnerId": back}),
        (back, {"AccountFromId": firm, "AccountToId": sale.customer.ref, "Role": "None", "IsPrimary": False,
                "ReversePartnerId": there}),
    )  # fmt: skip
    for ref, values in sides:
        volume.put("Partner", ref, common | values)
        volume.share("AccountPartner", ref, common | values)
    seen = {name: value for name, value in sides[0][1].items() if name != "AccountFromId"}
    volume.share("OpportunityPartner", there, common | seen)


def _campaign(volume: Volume, sale: Sale, market: Market, source: str, rng: Random) -> Ref:
    """The campaign of that kind in the year the deal was opened, with the champion as its member."""
    opened = sale.opened_at
    told: dict[str, Any] = beside()["campaign"][source]
    campaign = market.campaigns.get((source, opened.year))
    if campaign is None:
        campaign = market.campaigns[source, opened.year] = _announce(volume, sale, told, opened.year)
    people = sale.customer.people
    _join(volume, sale, market, campaign, people["champion"].ref, opened, answered=True)
    if rng.random() < 0.35:
        part = rng.choice(("buyer", "tech"))
        _join(volume, sale, market, campaign, people[part].ref, opened, answered=False)
    row = volume.row("Campaign", campaign)
    row["NumberOfOpportunities"] += 1
    row["AmountAllOpportunities"] += sale.course.changes[-1].amount or 0.0
    if sale.won:
        row["NumberOfWonOpportunities"] += 1
        row["AmountWonOpportunities"] += sale.offer.amount
    row["SystemModstamp"] = max(row["SystemModstamp"], sale.decided_at)
    return campaign


def _announce(volume: Volume, sale: Sale, told: dict[str, Any], year: int) -> Ref:
    owner = sale.customer.seller.id
    running = year == sale.calendar.today.year
    at = datetime(year, 1, 1, 14, tzinfo=UTC)
    campaign = volume.add("Campaign", {
        "Name": told["name"].format(year=year), "Type": told["type"], "Description": told["about"],
        "Status": "In Progress" if running else "Completed", "IsActive": running, "StartDate": date(year, 1, 1),
        "EndDate": date(year, 12, 31), "BudgetedCost": float(told["cost"]), "OwnerId": owner, "NumberOfLeads": 0,
        "NumberOfConvertedLeads": 0, "NumberOfContacts": 0, "NumberOfResponses": 0, "NumberOfOpportunities": 0,
        "NumberOfWonOpportunities": 0, "AmountAllOpportunities": 0.0, "AmountWonOpportunities": 0.0,
        **audit(min(at, sale.opened_at - timedelta(hours=1)), owner),
    })  # fmt: skip
    row = volume.row("Campaign", campaign)
    for label, order, default, responded in (("Sent", 3, True, False), ("Responded", 4, False, True)):
        volume.add("CampaignMemberStatus", {
            "CampaignId": campaign, "Label": label, "SortOrder": order, "IsDefault": default,
            "HasResponded": responded, **audit(row["CreatedDate"], owner),
        })  # fmt: skip
    return campaign


def _join(
    volume: Volume, sale: Sale, market: Market, campaign: Ref, person: Ref, at: datetime, *, answered: bool
) -> None:
    if (campaign, person) in market.members:
        return
    market.members.add((campaign, person))
    contact, customer = volume.row("Contact", person), sale.customer
    volume.add("CampaignMember", {
        "CampaignId": campaign, "ContactId": person, "Status": "Responded" if answered else "Sent",
        "HasResponded": answered, "FirstRespondedDate": at.date() if answered else None, "Type": "Contact",
        "CompanyOrAccount": customer.name, "LeadOrContactId": person, "LeadOrContactOwnerId": contact["OwnerId"],
        **{name: contact[name] for name in ("Name", "FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone")},
        "City": contact["MailingCity"], "Country": contact["MailingCountry"], **audit(at, customer.seller.id),
    })  # fmt: skip
    row = volume.row("Campaign", campaign)
    row["NumberOfContacts"] += 1
    row["NumberOfResponses"] += answered
