"""A deal's derived values: what its stage implies, its fiscal period, its expected revenue, its history.

StageName decides IsClosed, IsWon, probability and forecast category through the OpportunityStage rows. Every save that
changes amount, probability, stage or close date leaves one OpportunityHistory row.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from demo_org.semantics import field_history, quote, team
from demo_org.semantics.roll_up import follow

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
_TRACKED = ("Amount", "Probability", "StageName", "CloseDate", "ExpectedRevenue", "ForecastCategory")
_FORECAST = {"Omitted": "Omitted", "Pipeline": "Pipeline", "Best Case": "BestCase", "Most Likely": "MostLikely",
             "Commit": "Forecast", "Closed": "Closed"}  # fmt: skip


def before_insert(unit: "Unit", row: Row) -> None:
    """Fill what stage, dates and amount imply for a new deal."""
    row |= {"HasOpportunityLineItem": 0, "PushCount": 0}
    row |= _stage_values(unit, row)
    row |= _fiscal(unit, row.get("CloseDate"))
    row["ExpectedRevenue"] = _expected(row)


def before_update(unit: "Unit", old: Row, changes: Row) -> None:
    """Fill what the changed values imply."""
    if old["HasOpportunityLineItem"]:
        # The amount of a deal with line items is their sum; an amount sent by a client is ignored, not refused.
        changes.pop("Amount", None)
    if changes.get("StageName", old["StageName"]) != old["StageName"]:
        changes |= _stage_values(unit, changes)
        changes["LastStageChangeDate"] = unit.stamp_text
    elif "ForecastCategoryName" in changes:
        changes["ForecastCategory"] = _FORECAST.get(changes["ForecastCategoryName"], old["ForecastCategory"])
    if changes.get("CloseDate", old["CloseDate"]) != old["CloseDate"]:
        changes |= _fiscal(unit, changes["CloseDate"])
        # A deal is "pushed" when its close date moves into a later month.
        if old["CloseDate"] and changes["CloseDate"][:7] > old["CloseDate"][:7]:
            changes["PushCount"] = (old["PushCount"] or 0) + 1
    if {"Amount", "Probability"} & changes.keys():
        changes["ExpectedRevenue"] = _expected(old | changes)


def after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Leave a history row; take over a quote that was chosen; make the primary contact role of a new deal."""
    if old is None:
        write_history(unit, None, new)
        if new.get("ContactId"):
            unit.insert("OpportunityContactRole",
                        {"OpportunityId": new["Id"], "ContactId": new["ContactId"], "IsPrimary": True})  # fmt: skip
        return
    write_history(unit, old, new)
    team.deal_after_save(unit, new)
    if new.get("SyncedQuoteId") != old.get("SyncedQuoteId"):
        quote.synchronise(unit, new["Id"], chosen=new.get("SyncedQuoteId"), former=old.get("SyncedQuoteId"))


def roll_up(unit: "Unit", opportunity_id: str) -> None:
    """Take the amount anew as the sum of the live line items; the deal is saved by it (stamp and history)."""
    old = unit.row("Opportunity", opportunity_id)
    if old is None or old["IsDeleted"]:
        return
    count, total, quantity = unit.org.connection.execute(
        "SELECT count(*), sum(TotalPrice), sum(Quantity) FROM OpportunityLineItem "
        "WHERE OpportunityId = ? AND IsDeleted = 0",
        (opportunity_id,),
    ).fetchone()
    changes: Row = {"HasOpportunityLineItem": int(count > 0)}
    if count:
        changes |= {"Amount": round(total or 0.0, 2), "TotalOpportunityQuantity": quantity}
        changes["ExpectedRevenue"] = _expected(old | changes)
    unit.patch("Opportunity", opportunity_id, changes)
    write_history(unit, old, old | changes)
    field_history.keep(unit, "Opportunity", old, old | changes)
    team.deal_after_save(unit, old | changes)
    follow(unit, "Opportunity", old, old | changes)


def write_history(unit: "Unit", old: Row | None, new: Row) -> None:
    """Leave the history row of this save: a new one, or the one an earlier statement of the same save left."""
    if old is not None and all(old.get(name) == new.get(name) for name in _TRACKED):
        return
    values = {name: new.get(name) for name in (*_TRACKED, "CurrencyIsoCode")}
    written = unit.histories.get(new["Id"])
    if written is not None:
        unit.patch("OpportunityHistory", written, values)
        return
    previous = {"PrevAmount": old["Amount"], "PrevCloseDate": old["CloseDate"]} if old is not None else {}
    history = unit.add("OpportunityHistory", {"OpportunityId": new["Id"], **values, **previous})
    unit.histories[new["Id"]] = history
    if old is not None:
        pointers = {"Amount": "LastAmountChangedHistoryId", "CloseDate": "LastCloseDateChangedHistoryId"}
        moved = {pointer: history for name, pointer in pointers.items() if old.get(name) != new.get(name)}
        if moved:
            unit.patch("Opportunity", new["Id"], moved)


def _stage_values(unit: "Unit", given: Row) -> Row:
    """What the stage implies; a probability or forecast category sent along wins."""
    stages = unit.rows("OpportunityStage", "ApiName = ? OR MasterLabel = ? ORDER BY IsActive DESC, Id DESC LIMIT 1",
                       (given.get("StageName"), given.get("StageName")))  # fmt: skip
    if not stages:
        return {"IsClosed": 0, "IsWon": 0, "Probability": given.get("Probability"), "ForecastCategory": "Pipeline",
                "ForecastCategoryName": given.get("ForecastCategoryName") or "Pipeline"}  # fmt: skip
    stage = stages[0]
    name = given.get("ForecastCategoryName") or stage["ForecastCategoryName"]
    sent = given.get("Probability")
    return {
        "IsClosed": stage["IsClosed"],
        "IsWon": stage["IsWon"],
        "Probability": stage["DefaultProbability"] if sent is None else sent,
        "ForecastCategoryName": name,
        "ForecastCategory": _FORECAST.get(name, stage["ForecastCategory"]),
    }


def _expected(row: Row) -> float | None:
    amount, chance = row.get("Amount"), row.get("Probability")
    return None if amount is None or chance is None else round(amount * chance / 100, 2)


def _fiscal(unit: "Unit", close_date: str | None) -> Row:
    if close_date is None:
        return {}
    day = date.fromisoformat(close_date)
    starts = unit.scalar("SELECT FiscalYearStartMonth FROM Organization LIMIT 1", ()) or 1
    quarter = (day.month - starts) % 12 // 3 + 1
    # A fiscal year is named after the year it ends in.
    year = day.year + (1 if starts > 1 and day.month >= starts else 0)
    return {"FiscalYear": year, "FiscalQuarter": quarter, "Fiscal": f"{year} {quarter}"}
