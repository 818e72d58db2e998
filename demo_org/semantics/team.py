"""Who works on a deal or an account besides its owner, and how they share the credit."""

from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
_SPLIT = "OpportunitySplit"


def deal_member_before_insert(unit: "Unit", row: Row) -> None:
    """A team member's name, title and picture are the user's."""
    user = _user(unit, "OpportunityTeamMember", "OpportunityId", row)
    row |= {"Name": user.get("Name"), "Title": user.get("Title"), "PhotoUrl": user.get("SmallPhotoUrl")}


def account_member_before_insert(unit: "Unit", row: Row) -> None:
    """The same of an account's team."""
    user = _user(unit, "AccountTeamMember", "AccountId", row)
    row |= {"Title": user.get("Title"), "PhotoUrl": user.get("SmallPhotoUrl")}


def split_before_insert(unit: "Unit", row: Row) -> None:
    """A split is named after its owner and is worth its part of the deal's amount."""
    owner = unit.row("User", row.get("SplitOwnerId")) or {}
    deal = unit.row("Opportunity", row.get("OpportunityId")) or {}
    row["Split"] = owner.get("Name")
    row["SplitAmount"] = _part(deal.get("Amount"), row.get("SplitPercentage"))


def split_before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """The amount follows the percentage, the name the owner."""
    whole = old | changes
    deal = unit.row("Opportunity", whole["OpportunityId"]) or {}
    changes["SplitAmount"] = _part(deal.get("Amount"), whole["SplitPercentage"])
    if "SplitOwnerId" in changes:
        changes["Split"] = (unit.row("User", changes["SplitOwnerId"]) or {}).get("Name")


def deal_after_save(unit: "Unit", deal: Row) -> None:
    """A deal of another amount gives its splits other amounts; the system does that."""
    if _SPLIT not in unit.org.catalog:
        return
    for split in unit.rows(_SPLIT, "OpportunityId = ? AND IsDeleted = 0", (deal["Id"],)):
        amount = _part(deal.get("Amount"), split["SplitPercentage"])
        if amount != split["SplitAmount"]:
            unit.patch(_SPLIT, split["Id"], {"SplitAmount": amount}, by_system=True)


def relate(unit: "Unit", old: Row | None, new: Row) -> None:
    """Where activities are shared, a task has a row for each of the people and records it is about."""
    if "TaskRelation" not in unit.org.catalog:
        return
    for field, is_what in (("WhoId", 0), ("WhatId", 1)):
        former = None if old is None else old.get(field)
        if former == new.get(field):
            continue
        for each in unit.rows("TaskRelation", "TaskId = ? AND RelationId = ?", (new["Id"], former)):
            unit.hard_delete("TaskRelation", each["Id"])
        if new.get(field) is not None:
            related = {"TaskId": new["Id"], "RelationId": new[field], "IsWhat": is_what}
            unit.add("TaskRelation", related | {"AccountId": new.get("AccountId")})


def _user(unit: "Unit", object_name: str, holder: str, row: Row) -> Row:
    """The user who joins a team, who is in it once."""
    there = unit.rows(object_name, f'"{holder}" = ? AND UserId = ?', (row.get(holder), row.get("UserId")))
    if there:
        message = f"duplicate value found: UserId duplicates value on record with id: {there[0]['Id']}"
        raise SalesforceFault(400, "DUPLICATE_VALUE", message, ("UserId",))
    return unit.row("User", row.get("UserId")) or {}


def _part(amount: float | None, percentage: float | None) -> float | None:
    return None if amount is None or percentage is None else round(amount * percentage / 100, 2)
