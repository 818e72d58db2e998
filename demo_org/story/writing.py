"""Writes the rows of a deal itself: the opportunity, its history, its people, its products and papers."""

from datetime import date, datetime, timedelta

from demo_org.story.arcs import Outcome, Sort
from demo_org.story.course import STAGES
from demo_org.story.notes import qualification
from demo_org.story.quoting import write_quote
from demo_org.story.rows import Ref, Row, Volume
from demo_org.story.sale import Sale
from demo_org.story.selling import audit, item_values

_ROLE = {
    "champion": "Champion",
    "buyer": "Economic Buyer",
    "tech": "Technical Buyer",
    "sponsor": "Executive Sponsor",
    "sceptic": "Detractor",
}


def write_sale(volume: Volume, sale: Sale) -> None:
    """Write everything of the deal but its conversations."""
    contract = _contract(volume, sale) if sale.won and "contract" not in sale.gaps else None
    items = _items(volume, sale)
    quote = _quotes(volume, sale, items) if sale.course.priced else None
    _history(volume, sale)
    primary = _roles(volume, sale)
    _opportunity(volume, sale, contract, quote, primary)


def _opportunity(volume: Volume, sale: Sale, contract: Ref | None, quote: Ref | None, primary: Ref) -> None:
    last = sale.course.changes[-1]
    chance, category, category_name = STAGES[last.stage]
    amount = last.amount
    closed = sale.plan.outcome is not Outcome.OPEN
    seller = sale.customer.seller.id
    quarter = (last.close_on.month - 1) // 3 + 1
    lines = sale.offer.lines if sale.course.priced else ()
    values: Row = {
        "Name": sale.name[:120], "AccountId": sale.customer.ref, "StageName": last.stage, "Amount": amount,
        "Probability": float(chance), "ExpectedRevenue": None if amount is None else round(amount * chance / 100, 2),
        "CloseDate": last.close_on, "IsClosed": closed, "IsWon": sale.won, "Type": sale.plan.sort.value,
        "ForecastCategory": category, "ForecastCategoryName": category_name, "OwnerId": seller, "ContactId": primary,
        "LeadSource": _lead_source(sale),
        "HasOpportunityLineItem": bool(lines), "Pricebook2Id": sale.company.pricebook_id if lines else None,
        "TotalOpportunityQuantity": float(sum(line.quantity for line in lines)) if lines else None,
        "PushCount": sale.course.pushes, "LastStageChangeDate": sale.course.entered_last(),
        "FiscalYear": last.close_on.year, "FiscalQuarter": quarter, "Fiscal": f"{last.close_on.year} {quarter}",
        "ContractId": contract, "SyncedQuoteId": quote if sale.won else None,
        "RecordTypeId": sale.company.record_types["Renewal" if sale.plan.sort is Sort.RENEWAL else "New_Business"],
    }  # fmt: skip
    # The contract is entered a while after the win, which is a save of the deal as well.
    changed = volume.row("Contract", contract)["CreatedDate"] if contract else last.at
    volume.put("Opportunity", sale.ref,
               values | qualification(sale) | audit(sale.opened_at, seller, changed=max(changed, last.at)))  # fmt: skip


def _lead_source(sale: Sale) -> str | None:
    match sale.plan.sort:
        case Sort.NEW:
            return sale.rng.choice(("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"))
        case Sort.EXPANSION:
            return "Customer Success"
        case Sort.RENEWAL:
            return None


def _history(volume: Volume, sale: Sale) -> None:
    before = None
    for change in sale.course.changes:
        chance, category, _ = STAGES[change.stage]
        expected = None if change.amount is None else round(change.amount * chance / 100, 2)
        volume.add("OpportunityHistory", {
            "OpportunityId": sale.ref, "CreatedById": sale.customer.seller.id, "CreatedDate": change.at,
            "SystemModstamp": change.at, "StageName": change.stage, "Amount": change.amount,
            "ExpectedRevenue": expected, "CloseDate": change.close_on, "Probability": float(chance),
            "ForecastCategory": category, "PrevAmount": before.amount if before else None,
            "PrevCloseDate": before.close_on if before else None,
        })  # fmt: skip
        before = change


def _roles(volume: Volume, sale: Sale) -> Ref:
    """Name the people on the deal; returns the primary contact."""
    people, gaps = sale.customer.people, sale.gaps
    parts = ["champion"]
    if "single_thread" not in gaps:
        early = not sale.course.priced
        parts += [part for part, gap in (("buyer", "economic_buyer"), ("sponsor", "sponsor_role"),
                                         ("sceptic", "sceptic_role")) if gap not in gaps and not early]  # fmt: skip
        parts.append("tech")
    if not sale.won:
        # Sellers name everybody only when it gets serious.
        parts = parts[: 2 if sale.course.priced else 1]
    for place, part in enumerate(parts):
        role = _ROLE[part]
        if part == "champion" and "champion" in gaps:
            role = "Business User"
        elif part == "sceptic" and sale.rng.random() < 0.35:
            role = "Influencer"
        at = sale.calendar.at(sale.between(min(0.9, 0.06 + 0.17 * place)), sale.rng)
        volume.add("OpportunityContactRole", {
            "OpportunityId": sale.ref, "ContactId": people[part].ref, "Role": role, "IsPrimary": part == "champion",
            **audit(max(at, sale.opened_at), sale.customer.seller.id),
        })  # fmt: skip
    return people["champion"].ref


def _items(volume: Volume, sale: Sale) -> list[Ref]:
    if not sale.course.priced:
        return []
    at = _offered_at(sale)
    service = sale.term[0] if sale.won else None
    return [
        volume.add("OpportunityLineItem", {
            "OpportunityId": sale.ref, "ServiceDate": service, **item_values(line, place, sale.name),
            **audit(at, sale.customer.seller.id),
        })
        for place, line in enumerate(sale.offer.lines, start=1)
    ]  # fmt: skip


def _quotes(volume: Volume, sale: Sale, items: list[Ref]) -> Ref:
    """The quote that was sent; a won deal's one was accepted, and sometimes an earlier one was not."""
    at = _offered_at(sale)
    if sale.won and sale.rng.random() < 0.3:
        write_quote(volume, sale, at - timedelta(days=sale.rng.randint(3, 9)), "Rejected", version=1)
        return write_quote(volume, sale, at, "Accepted", version=2, items=items)
    status = {Outcome.WON: "Accepted", Outcome.LOST: "Denied", Outcome.OPEN: "Presented"}[sale.plan.outcome]
    return write_quote(volume, sale, at, status, version=1, items=items)


def _contract(volume: Volume, sale: Sale) -> Ref:
    start, end = sale.term
    at, signed = sale.decided_at, sale.decided_at.date()
    # The buyer signs, unless the sum is large: then it is the sponsor.
    signer = sale.customer.people["sponsor" if sale.offer.amount > 150_000 else "buyer"]
    entered = at + timedelta(minutes=sale.rng.randint(4, 50))
    ended = end < sale.calendar.today
    return volume.add("Contract", {
        "AccountId": sale.customer.ref, "StartDate": start, "ContractTerm": sale.plan.term, "EndDate": end,
        "Status": "Expired" if ended else "Activated", "StatusCode": "Expired" if ended else "Activated",
        "ContractNumber": volume.count("Contract") + 1, "CustomerSignedId": signer.ref,
        "CustomerSignedTitle": signer.title, "CustomerSignedDate": _signing_day(sale, signed),
        "CompanySignedId": sale.customer.seller.id, "CompanySignedDate": signed, "OwnerId": sale.customer.seller.id,
        "OwnerExpirationNotice": "60", "ActivatedDate": entered, "ActivatedById": sale.customer.seller.id,
        "SpecialTerms": sale.say(_special(sale)) if sale.offer.heavy else None,
        "Pricebook2Id": sale.company.pricebook_id,
        "BillingCity": sale.customer.city, "BillingCountry": "United States",
        **audit(entered, sale.customer.seller.id),
    })  # fmt: skip


def _special(sale: Sale) -> str:
    return f"{sale.offer.discount} % below list for the first term; written reference and two reference calls a year."


def _signing_day(sale: Sale, decided: date) -> date:
    early = sale.plan.sort is Sort.RENEWAL and sale.rng.random() < 0.5
    return decided - timedelta(days=sale.rng.randint(0, 4)) if early else decided


def _offered_at(sale: Sale) -> datetime:
    return next(change.at for change in sale.course.changes if change.stage == "Proposal/Price Quote")
