"""The people on a deal: one of them is primary, and the deal knows which."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]


def after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """A new primary role takes the mark from the former one; the deal's ContactId follows."""
    if new.get("IsPrimary"):
        for other in unit.rows("OpportunityContactRole", "OpportunityId = ? AND IsPrimary = 1 AND Id <> ?",
                               (new["OpportunityId"], new["Id"])):  # fmt: skip
            unit.patch("OpportunityContactRole", other["Id"], {"IsPrimary": 0})
        _point(unit, new["OpportunityId"], new["ContactId"])
    elif old is not None and old["IsPrimary"]:
        _point(unit, new["OpportunityId"], None)


def after_delete(unit: "Unit", row: Row) -> None:
    """A deal whose primary role is removed has no primary contact."""
    if row["IsPrimary"]:
        _point(unit, row["OpportunityId"], None)


def _point(unit: "Unit", opportunity_id: str, contact_id: str | None) -> None:
    deal = unit.row("Opportunity", opportunity_id)
    if deal is not None and deal["ContactId"] != contact_id:
        unit.patch("Opportunity", opportunity_id, {"ContactId": contact_id}, by_system=True)
