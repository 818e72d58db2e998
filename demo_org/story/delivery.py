"""What follows a win: the order, what the customer has and pays for, and the project that brings it live."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from demo_org.story.arcs import Sort
from demo_org.story.plots import beside
from demo_org.story.rows import Ref, Row, Volume
from demo_org.story.sale import Sale
from demo_org.story.selling import Line, audit, contract_dates


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What one customer has got so far."""

    #: product -> the asset
    assets: dict[str, Ref] = field(default_factory=dict)
    live_since: date | None = None
    won_at: datetime | None = None


def write_delivery(volume: Volume, sale: Sale, delivered: Delivered, rng: Random) -> None:
    """Write what a won deal leads to."""
    contract = volume.row("Opportunity", sale.ref)["ContractId"]
    delivered.won_at = delivered.won_at or sale.decided_at
    if contract is not None:
        _order(volume, sale, contract)
    for line in sale.offer.lines:
        if line.product.recurring:
            _asset(volume, sale, line, delivered)
    _subscription(volume, sale, contract, rng)
    if sale.plan.sort is not Sort.RENEWAL:
        _implementation(volume, sale, rng)
        if sale.go_live < sale.calendar.today:
            delivered.live_since = delivered.live_since or sale.go_live


def _order(volume: Volume, sale: Sale, contract: Ref) -> None:
    start, end = sale.term
    seller, buyer = sale.customer.seller.id, sale.customer.people["buyer"].ref
    at = volume.row("Contract", contract)["CreatedDate"] + timedelta(minutes=9)
    order = volume.add("Order", {
        "AccountId": sale.customer.ref, "ContractId": contract, "Pricebook2Id": sale.company.pricebook_id,
        "Name": sale.name[:80], "OrderNumber": volume.count("Order") + 1, "EffectiveDate": start, "EndDate": end,
        "Status": "Activated", "StatusCode": "Activated", "TotalAmount": sale.offer.amount, "OwnerId": seller,
        "BillToContactId": buyer, "CustomerAuthorizedById": buyer, "CustomerAuthorizedDate": sale.decided_at.date(),
        "CompanyAuthorizedById": seller, "CompanyAuthorizedDate": sale.decided_at.date(), "ActivatedDate": at,
        "ActivatedById": seller, "BillingCity": sale.customer.city, "BillingCountry": "United States",
        **audit(at, seller),
    })  # fmt: skip
    for line in sale.offer.lines:
        volume.add("OrderItem", {
            "OrderId": order, "OrderItemNumber": volume.count("OrderItem") + 1, "Product2Id": line.product.id,
            "PricebookEntryId": line.product.entry_id, "Quantity": float(line.quantity),
            "AvailableQuantity": float(line.quantity), "ListPrice": line.product.price,
            "UnitPrice": round(line.total / line.quantity, 2), "TotalPrice": line.total, "ServiceDate": start,
            "EndDate": end if line.product.recurring else None, "Description": line.about, **audit(at, seller),
        })  # fmt: skip


def _asset(volume: Volume, sale: Sale, line: Line, delivered: Delivered) -> None:
    """The product as the customer has it; a renewal prolongs the one that is there."""
    at, success = sale.decided_at + timedelta(minutes=48), sale.customer.success.id
    start, end = sale.term
    asset = delivered.assets.get(line.product.name) if sale.plan.sort is Sort.RENEWAL else None
    live = sale.plan.sort is Sort.RENEWAL or sale.go_live < sale.calendar.today
    values: Row = {
        "Quantity": float(line.quantity), "Price": line.total, "UsageEndDate": end, "LifecycleEndDate": _end(end),
        "CurrentQuantity": float(line.quantity), "CurrentMrr": round(line.total / 12, 2), "CurrentAmount": line.total,
        "CurrentLifecycleEndDate": _end(end), "Status": "Installed" if live else "Purchased",
        "LastModifiedDate": at, "LastModifiedById": success, "SystemModstamp": at,
    }  # fmt: skip
    if asset is None:
        asset = delivered.assets[line.product.name] = volume.add("Asset", {
            "AccountId": sale.customer.ref, "ContactId": sale.customer.people["champion"].ref,
            "Name": f"{line.product.name} - {sale.customer.short}", "Product2Id": line.product.id,
            "ProductCode": line.product.code, "PurchaseDate": sale.decided_at.date(),
            "InstallDate": sale.go_live if live else None, "OwnerId": success, "HasLifecycleManagement": True,
            "LifecycleStartDate": _start(start), "TotalLifecycleAmount": 0.0, "CreatedDate": at,
            "CreatedById": success,
        })  # fmt: skip
    row = volume.row("Asset", asset)
    row |= values
    years = max(1, sale.plan.term // 12)
    row["TotalLifecycleAmount"] = round(row["TotalLifecycleAmount"] + line.total * years, 2)
    _periods(volume, sale, asset, line, at, years)


def _periods(volume: Volume, sale: Sale, asset: Ref, line: Line, at: datetime, years: int) -> None:
    """One period for each year of the term."""
    start = sale.term[0]
    for _ in range(years):
        begin, end = contract_dates(start, 12)
        volume.add("AssetStatePeriod", {
            "AssetId": asset, "AssetStatePeriodNumber": f"ASP-{volume.count('AssetStatePeriod') + 1:06d}",
            "StartDate": _start(begin), "EndDate": _end(end), "Quantity": float(line.quantity),
            "Mrr": round(line.total / 12, 2), "Amount": line.total, **audit(at, sale.customer.success.id),
        })  # fmt: skip
        start = end + timedelta(days=1)


def _subscription(volume: Volume, sale: Sale, contract: Ref | None, rng: Random) -> None:
    (main, *_), (start, end), today = sale.offer.lines, sale.term, sale.calendar.today
    at, success = sale.decided_at + timedelta(minutes=52), sale.customer.success.id
    volume.add("Subscription__c", {
        "Name": f"{main.product.name} {start.year}", "Account__c": sale.customer.ref, "Contract__c": contract,
        "Product__c": main.product.id, "Start_Date__c": start, "End_Date__c": end, "Units__c": float(main.quantity),
        "Status__c": "Starting" if start > today else "Ended" if end < today else "Active",
        "ARR__c": sale.offer.recurring, "Auto_Renew__c": rng.random() < 0.6, "OwnerId": success, **audit(at, success),
    })  # fmt: skip


def _implementation(volume: Volume, sale: Sale, rng: Random) -> None:
    """The project between signature and go-live, as far as it has got."""
    today, deal = sale.calendar.today, volume.row("Opportunity", sale.ref)
    kickoff = deal.get("Kickoff_Date__c")
    live = sale.go_live < today
    running = not live and kickoff is not None and kickoff < today
    status = "Live" if live else "Running" if running else "Planned"
    made = sale.decided_at + timedelta(hours=1)
    touched = [*([sale.go_live] if live else []), *([today - timedelta(days=rng.randint(1, 5))] if running else [])]
    changed = max([made, *(datetime.combine(day, time(16, 30), UTC) for day in touched)])
    points = rng.sample(beside()["implementation"]["open_points"], 0 if live else rng.randint(1, 3))
    volume.add("Implementation__c", {
        "Name": f"Implementation {sale.customer.short}"[:80], "Opportunity__c": sale.ref,
        "Project_Lead__c": sale.customer.engineer.id, "Status__c": status,
        "Health__c": "Green" if live else rng.choice(("Green", "Green", "Yellow", "Red")),
        "Kickoff_Date__c": kickoff, "Go_Live_Date__c": sale.go_live if live else deal.get("Go_Live_Date__c"),
        "Percent_Complete__c": 100.0 if live else float(rng.randrange(10, 90, 5)) if running else 0.0,
        "Hours_Planned__c": float(rng.randrange(40, 400, 10)), "Plan__c": deal.get("Implementation_Notes__c"),
        "Open_Points__c": "\n".join(f"- {sale.say(point)}" for point in points) or None,
        "OwnerId": sale.customer.success.id, **audit(made, sale.customer.success.id, changed=changed),
    })  # fmt: skip


def _start(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)


def _end(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), UTC)
