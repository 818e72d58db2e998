"""Partners: one that is made is seen from both sides.

Object Reference, "Partner": a partner of an account makes an AccountPartner for each direction; a partner of a deal
makes an OpportunityPartner, and an AccountPartner for each direction between the partner and the deal's account. The
two directions are two Partner rows that name each other in ReversePartnerId.
"""

from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
#: what the role is seen from the other side
_REVERSED = "None"


def before_insert(unit: "Unit", row: Row) -> None:
    """A partner belongs to a deal or to an account, never to both or none; that of a deal stands for its account."""
    deal, account = row.get("OpportunityId"), row.get("AccountFromId")
    if (deal is None) == (account is None):
        message = "Specify either OpportunityId or AccountFromId"
        raise SalesforceFault(400, "FIELD_INTEGRITY_EXCEPTION", message, ("OpportunityId", "AccountFromId"))
    if deal is not None:
        row["AccountFromId"] = (unit.row("Opportunity", deal) or {}).get("AccountId")
    if row["AccountFromId"] == row.get("AccountToId"):
        raise SalesforceFault(400, "FIELD_INTEGRITY_EXCEPTION", "An account cannot be its own partner",
                              ("AccountToId",))  # fmt: skip


def after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Write the other direction and what each side sees."""
    if old is not None:
        return
    if new["IsPrimary"] and new["OpportunityId"] is not None:
        _take_the_mark(unit, new)
    sides = [new]
    if new["AccountFromId"] is not None:
        back = {
            "AccountFromId": new["AccountToId"], "AccountToId": new["AccountFromId"], "Role": _REVERSED,
            "OpportunityId": new["OpportunityId"], "IsPrimary": 0, "ReversePartnerId": new["Id"],
        }  # fmt: skip
        back["Id"] = unit.add("Partner", back)
        unit.patch("Partner", new["Id"], {"ReversePartnerId": back["Id"]})
        new["ReversePartnerId"] = back["Id"]
        sides.append(back)
    for side in sides:
        if side["AccountFromId"] is not None:
            unit.add("AccountPartner", _seen(unit, "AccountPartner", side))
    if new["OpportunityId"] is not None:
        unit.add("OpportunityPartner", _seen(unit, "OpportunityPartner", new))


def after_delete(unit: "Unit", row: Row) -> None:
    """Remove the other direction and what each side saw."""
    for record_id in (row["Id"], row["ReversePartnerId"]):
        for name in ("AccountPartner", "OpportunityPartner", "Partner"):
            if record_id is not None and unit.row(name, record_id) is not None:
                unit.hard_delete(name, record_id)


def _seen(unit: "Unit", object_name: str, side: Row) -> Row:
    fields = unit.org.catalog.stored_object(object_name).fields
    kept = ("Id", "OpportunityId", "AccountFromId", "AccountToId", "Role", "IsPrimary", "ReversePartnerId")
    return {name: side[name] for name in kept if name in fields and name in side}


def _take_the_mark(unit: "Unit", new: Row) -> None:
    for name in ("Partner", "OpportunityPartner", "AccountPartner"):
        for other in unit.rows(name, "OpportunityId = ? AND IsPrimary = 1 AND Id <> ?",
                               (new["OpportunityId"], new["Id"])):  # fmt: skip
            unit.patch(name, other["Id"], {"IsPrimary": 0})
