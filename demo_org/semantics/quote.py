"""Quotes: their totals, and what choosing one does to the line items of the deal.

When a quote is synchronised with its deal, the deal's line items are physically removed and made anew from the
quote's lines: new ids, nothing in the recycle bin, only getDeleted tells.
"""

from typing import TYPE_CHECKING, Any

from demo_org.semantics.numbering import next_number

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
_COPIED = ("PricebookEntryId", "Quantity", "UnitPrice", "Discount", "ServiceDate", "Description")


def before_insert(unit: "Unit", row: Row) -> None:
    """Number the quote and take account and price book from its deal."""
    deal = unit.row("Opportunity", row.get("OpportunityId")) or {}
    row["QuoteNumber"] = next_number(unit, "Quote", "QuoteNumber")
    row |= {"AccountId": deal.get("AccountId"), "IsSyncing": 0, "LineItemCount": 0, "Subtotal": 0.0, "TotalPrice": 0.0}
    row["Pricebook2Id"] = row.get("Pricebook2Id") or deal.get("Pricebook2Id")
    row["GrandTotal"] = _grand_total(row)


def before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """Keep the grand total in step with tax and shipping."""
    del unit
    if {"Tax", "ShippingHandling"} & changes.keys():
        changes["GrandTotal"] = _grand_total(old | changes)


def line_before_insert(unit: "Unit", row: Row) -> None:
    """Number the line and price it from the price book."""
    entry = unit.live("PricebookEntry", row.get("PricebookEntryId") or "")
    row |= {"Product2Id": entry["Product2Id"], "ListPrice": entry["UnitPrice"]}
    row["LineNumber"] = next_number(unit, "QuoteLineItem", "LineNumber", where="QuoteId = ?", value=row.get("QuoteId"))
    row |= _line_totals(row)


def line_before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """Keep the line's totals in step."""
    del unit
    changes |= _line_totals(old | changes)


def line_after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Sum the quote up anew."""
    del old
    _sum_up(unit, new["QuoteId"])


def line_after_delete(unit: "Unit", row: Row) -> None:
    """Sum the quote up anew."""
    _sum_up(unit, row["QuoteId"])


def synchronise(unit: "Unit", opportunity_id: str, *, chosen: str | None, former: str | None) -> None:
    """Replace the deal's line items by those of the chosen quote."""
    if former is not None and unit.row("Quote", former) is not None:
        unit.patch("Quote", former, {"IsSyncing": 0})
    if chosen is None:
        return
    unit.patch("Quote", chosen, {"IsSyncing": 1})
    lines = unit.rows("QuoteLineItem", "QuoteId = ? AND IsDeleted = 0 ORDER BY Id", (chosen,))
    if not lines:
        return
    for item in unit.rows("OpportunityLineItem", "OpportunityId = ? AND IsDeleted = 0", (opportunity_id,)):
        unit.hard_delete("OpportunityLineItem", item["Id"], unseen=True)
    for line in lines:
        values = {name: line[name] for name in _COPIED if line[name] is not None}
        made = unit.insert("OpportunityLineItem", {"OpportunityId": opportunity_id, **values})
        unit.patch("QuoteLineItem", line["Id"], {"OpportunityLineItemId": made}, by_system=True)


def _sum_up(unit: "Unit", quote_id: str) -> None:
    old = unit.row("Quote", quote_id)
    if old is None or old["IsDeleted"]:
        return
    count, subtotal, total = unit.org.connection.execute(
        "SELECT count(*), total(Subtotal), total(TotalPrice) FROM QuoteLineItem WHERE QuoteId = ? AND IsDeleted = 0",
        (quote_id,),
    ).fetchone()
    changes: Row = {"LineItemCount": count, "Subtotal": round(subtotal, 2), "TotalPrice": round(total, 2)}
    changes["Discount"] = round(100 * (1 - total / subtotal), 2) if subtotal else None
    changes["GrandTotal"] = _grand_total(old | changes)
    unit.patch("Quote", quote_id, changes)


def _line_totals(row: Row) -> Row:
    price = row["ListPrice"] if row.get("UnitPrice") is None else row["UnitPrice"]
    subtotal = round((row.get("Quantity") or 0) * (price or 0), 2)
    total = round(subtotal * (1 - (row.get("Discount") or 0) / 100), 2)
    return {"UnitPrice": price, "Subtotal": subtotal, "TotalPrice": total}


def _grand_total(row: Row) -> float:
    return round((row.get("TotalPrice") or 0) + (row.get("Tax") or 0) + (row.get("ShippingHandling") or 0), 2)
