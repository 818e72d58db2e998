"""Writes a quote with its lines: what was offered at which price, and what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from demo_org.story.rows import Ref, Volume
from demo_org.story.sale import Sale
from demo_org.story.selling import Line, audit


def write_quote(
    volume: Volume, sale: Sale, at: datetime, status: str, *, version: int, items: Sequence[Ref] = ()
) -> Ref:
    """Write the quote; an accepted one is synchronised with the deal, so its lines are those of the deal (items)."""
    accepted = status == "Accepted"
    # What was turned down first had no discount, which is why it was turned down.
    off = sale.offer.discount if status != "Rejected" else 0
    listed = sum(line.quantity * line.product.price for line in sale.offer.lines)
    total = sale.offer.amount if status != "Rejected" else listed
    buyer = sale.customer.people["buyer"]
    description = f"{sale.plan.term} months from {sale.term[0]}. First year; services are billed on delivery."
    if accepted and "payment_terms" not in sale.gaps:
        description += " Prices fixed for the term."
    changed = sale.decided_at if accepted else at + timedelta(days=1) if status == "Rejected" else at
    made = min(at, changed)
    quote = volume.add("Quote", {
        "Name": f"{sale.plan.plot.topic} {sale.customer.short} v{version}", "OpportunityId": sale.ref,
        "AccountId": sale.customer.ref, "ContactId": buyer.ref, "QuoteToName": buyer.name, "Status": status,
        "QuoteNumber": volume.count("Quote") + 1, "IsSyncing": accepted, "Pricebook2Id": sale.company.pricebook_id,
        "ExpirationDate": at.date() + timedelta(days=45), "Description": description, "Subtotal": listed,
        "TotalPrice": total, "GrandTotal": total, "Discount": round(100 * (1 - total / listed), 2) if off else None,
        "LineItemCount": len(sale.offer.lines), "OwnerId": sale.customer.seller.id, "CanCreateQuoteLineItems": True,
        **audit(made, sale.customer.seller.id, changed=changed),
    })  # fmt: skip
    for place, line in enumerate(sale.offer.lines, start=1):
        item = items[place - 1] if accepted else None
        _line(volume, sale, quote, line, at=made, place=place, discounted=bool(off), item=item)
    return quote


def _line(
    volume: Volume, sale: Sale, quote: Ref, line: Line, *, at: datetime, place: int, discounted: bool, item: Ref | None
) -> None:
    listed = round(line.quantity * line.product.price, 2)
    volume.add("QuoteLineItem", {
        "QuoteId": quote, "OpportunityLineItemId": item, "LineNumber": f"{place:08d}", "SortOrder": place,
        "PricebookEntryId": line.product.entry_id, "Product2Id": line.product.id, "Quantity": float(line.quantity),
        "UnitPrice": line.product.price, "ListPrice": line.product.price, "Description": line.about,
        "Discount": float(line.discount) if line.discount and discounted else None, "Subtotal": listed,
        "TotalPrice": line.total if discounted else listed,
        "ServiceDate": sale.term[0] if item is not None else None, **audit(at, sale.customer.seller.id),
    })  # fmt: skip
