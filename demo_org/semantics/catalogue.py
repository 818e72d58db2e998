"""Price book entries and orders: what Salesforce copies or numbers when one is made."""

from typing import TYPE_CHECKING, Any

from demo_org.semantics.numbering import next_number

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]


def entry_before_insert(unit: "Unit", row: Row) -> None:
    """Copy name and code of the product."""
    product = unit.row("Product2", row.get("Product2Id")) or {}
    row |= {"Name": product.get("Name"), "ProductCode": product.get("ProductCode")}


def order_before_insert(unit: "Unit", row: Row) -> None:
    """Number the order; it begins as a draft without a total."""
    row |= {"OrderNumber": next_number(unit, "Order", "OrderNumber"), "StatusCode": "Draft", "TotalAmount": 0.0}
