"""A deal's line items: their names and list prices come from the price book, their sum is the deal's amount."""

from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault, required_missing
from demo_org.semantics import opportunity

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]


def before_insert(unit: "Unit", row: Row) -> None:
    """Copy what the price book entry knows and compute the total."""
    missing = [name for name in ("OpportunityId", "Quantity") if row.get(name) is None]
    if missing:
        raise required_missing(missing)
    deal = unit.live("Opportunity", row["OpportunityId"])
    entry = _entry(unit, row, deal)
    product = unit.row("Product2", entry["Product2Id"]) or {}
    if deal["Pricebook2Id"] is None:
        unit.patch("Opportunity", deal["Id"], {"Pricebook2Id": entry["Pricebook2Id"]})
    elif deal["Pricebook2Id"] != entry["Pricebook2Id"]:
        message = "The pricebook entry you provided is not in the opportunity's price book"
        raise SalesforceFault(400, "FIELD_INTEGRITY_EXCEPTION", message, ("PricebookEntryId",))
    row |= {
        "PricebookEntryId": entry["Id"],
        "Product2Id": entry["Product2Id"],
        "ProductCode": product.get("ProductCode"),
        "Name": f"{deal['Name']} {product.get('Name') or entry['Name'] or ''}".rstrip()[:376],
        "ListPrice": entry["UnitPrice"],
    }
    row |= prices(row, list_price=entry["UnitPrice"])


def before_update(unit: "Unit", old: Row, changes: Row) -> None:  # noqa: ARG001 - all rules of a moment share one signature
    """Keep quantity, unit price and total in step."""
    if {"Quantity", "UnitPrice", "TotalPrice", "Discount"} & changes.keys():
        whole = {name: changes.get(name, old[name]) for name in ("Quantity", "UnitPrice", "Discount")}
        changes |= prices(whole | {"TotalPrice": changes.get("TotalPrice")}, list_price=old["ListPrice"])


def after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Save the deal with its new sum; a line whose text alone changed leaves the deal's history alone but stamps it."""
    del old
    opportunity.roll_up(unit, new["OpportunityId"])


def after_delete(unit: "Unit", row: Row) -> None:
    """Save the deal with the sum of the lines that are left (or back)."""
    opportunity.roll_up(unit, row["OpportunityId"])


def prices(row: Row, *, list_price: float | None) -> Row:
    """Unit price and total: the total is quantity x unit price less the discount, unless the total alone was given."""
    quantity, unit_price, total = row["Quantity"], row.get("UnitPrice"), row.get("TotalPrice")
    factor = 1 - (row.get("Discount") or 0) / 100
    if total is not None and quantity and factor:
        return {"UnitPrice": round(total / quantity / factor, 2), "TotalPrice": total}
    price = list_price if unit_price is None else unit_price
    return {"UnitPrice": price, "TotalPrice": None if price is None else round(quantity * price * factor, 2)}


def _entry(unit: "Unit", row: Row, deal: Row) -> Row:
    if row.get("PricebookEntryId"):
        return unit.live("PricebookEntry", row["PricebookEntryId"])
    where = "Product2Id = ?1 AND (Pricebook2Id = ?2 OR ?2 IS NULL) AND IsDeleted = 0 ORDER BY Id LIMIT 1"
    found = unit.rows("PricebookEntry", where, (row.get("Product2Id"), deal["Pricebook2Id"]))
    if not found:
        raise required_missing(["PricebookEntryId"])
    return found[0]
