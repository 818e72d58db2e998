"""Contacts and their accounts: where contacts may relate to several accounts, each has one direct relation.

Object Reference, "AccountContactRelation": the direct relation is made by Salesforce and follows the contact's
AccountId; an indirect one that becomes direct is not made twice.
"""

from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
_NAME = "AccountContactRelation"


def contact_after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Keep the direct relation of a contact in step with its account."""
    former = None if old is None else old["AccountId"]
    if _NAME not in unit.org.catalog or former == new.get("AccountId"):
        return
    for each in unit.rows(_NAME, "ContactId = ? AND IsDirect = 1", (new["Id"],)):
        unit.hard_delete(_NAME, each["Id"])
    if new.get("AccountId") is None:
        return
    there = unit.rows(_NAME, "ContactId = ? AND AccountId = ?", (new["Id"], new["AccountId"]))
    if there:
        unit.patch(_NAME, there[0]["Id"], {"IsDirect": 1})
    else:
        unit.add(_NAME, {"AccountId": new["AccountId"], "ContactId": new["Id"], "IsDirect": 1, "IsActive": 1})


def before_insert(unit: "Unit", row: Row) -> None:
    """A relation a user makes is an indirect one; a contact relates to an account once."""
    if unit.rows(_NAME, "ContactId = ? AND AccountId = ?", (row.get("ContactId"), row.get("AccountId"))):
        message = "The contact is already related to the account"
        raise SalesforceFault(400, "DUPLICATE_VALUE", message, ("AccountId", "ContactId"))
    row["IsDirect"] = 0
