"""How the deal went: its stages and the days in each, its slips, and how its amount moved."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from sync.shape.aggregate import Aggregate, Row
from sync.shape.lookup import Lookup
from sync.shape.value import (
    Item,
    Section,
    Source,
    State,
    day,
    day_text,
    instant,
    money,
    oldest_first,
    source_of,
    verbatim,
)

_OBJECT = "OpportunityHistory"


def won_change(aggregate: Aggregate) -> Row | None:
    """The first entry of the stage history that is in a won stage; a draft has none, whatever it went through."""
    if aggregate.is_draft:
        return None
    return next((row for row in ordered_history(aggregate) if _is_won(aggregate, row)), None)


def ordered_history(aggregate: Aggregate) -> list[Row]:
    """The stage history, oldest first."""
    return oldest_first(aggregate.history)


def how_the_deal_went(lookup: Lookup) -> Section:
    """The stage timeline, slips and changes of the amount."""
    aggregate = lookup.aggregate
    history = ordered_history(aggregate)
    items = [
        lookup.standard("created_at", "Opened", "Opportunity", "CreatedDate", aggregate.deal),
        _cycle(aggregate),
        *_stages(aggregate, history),
        _slips(aggregate, history),
        _amount_changes(lookup, history),
    ]
    return Section("how_the_deal_went", "How the deal went", tuple(items))


def slips(history: list[Row]) -> list[dict[str, Any]]:
    """Every time the close date moved to a later day."""
    found = []
    for before, after in pairwise(history):
        was, is_now = day(before.get("closedate")), day(after.get("closedate"))
        if was and is_now and is_now > was:
            found.append({
                "at": instant(after.get("createddate")),
                "from": was.isoformat(),
                "to": is_now.isoformat(),
                "days": (is_now - was).days,
            })  # fmt: skip
    return found


def _is_won(aggregate: Aggregate, row: Row) -> bool:
    # OpportunityHistory has no IsWon: a won stage is the one the deal is in, or any that closes at 100 percent.
    if row.get("stagename") == aggregate.deal.get("stagename"):
        return True
    return row.get("forecastcategory") == "Closed" and row.get("probability") == 100


def _cycle(aggregate: Aggregate) -> Item:
    won = won_change(aggregate)
    opened = day(aggregate.deal.get("createddate"))
    ended = day(won.get("createddate")) if won is not None else day(aggregate.deal.get("closedate"))
    ended = None if aggregate.is_draft else ended
    days = (ended - opened).days if opened and ended and ended >= opened else None
    source = Source("Opportunity", "CreatedDate", aggregate.deal["id"], None)
    state = State.EMPTY if days is None else State.INFERRED
    return Item("cycle_days", "Days from opening to the win", days, state, source)


def _stages(aggregate: Aggregate, history: list[Row]) -> list[Item]:
    if not history:
        return [Item("stage", "Stages", None, State.EMPTY, Source(_OBJECT, "StageName", None, None))]
    entered = [history[0]]
    for row in history[1:]:
        if row.get("stagename") != entered[-1].get("stagename"):
            entered.append(row)
    items = []
    for row, following in zip(entered, [*entered[1:], None], strict=True):
        left_at = None if following is None else following.get("createddate")
        author = aggregate.users.get(row.get("createdbyid") or "") or {}
        value = {
            "stage": verbatim(row.get("stagename")),
            "entered_at": instant(row.get("createddate")),
            "days": _days_between(row.get("createddate"), left_at),
            "amount": money(row.get("amount")),
            "close_on": day_text(row.get("closedate")),
            "by": verbatim(author.get("name")),
        }
        items.append(Item("stage", value["stage"] or "Stage", value, State.OK, source_of(_OBJECT, "StageName", row)))
    return items


def _slips(aggregate: Aggregate, history: list[Row]) -> Item:
    label, source = "Close date moved later", Source(_OBJECT, "CloseDate", None, None)
    moved = slips(history)
    pushed = aggregate.deal.get("pushcount")
    if not moved and not pushed:
        return Item("slips", label, None, State.EMPTY, source)
    # PushCount counts moves to a later month only, and knows of those that the history lost.
    return Item("slips", label, {"count": max(len(moved), pushed or 0), "moves": moved}, State.OK, source)


def _amount_changes(lookup: Lookup, history: list[Row]) -> Item:
    changes = []
    for before, after in pairwise(history):
        was, is_now = money(before.get("amount")), money(after.get("amount"))
        if was != is_now:
            changes.append({"at": instant(after.get("createddate")), "from": was, "to": is_now})
    state = State.OK if changes else lookup.state(_OBJECT, "Amount", None)
    return Item("amount_changes", "Amount changed", changes or None, state, Source(_OBJECT, "Amount", None, None))


def _days_between(start: Any, end: Any) -> int | None:
    if isinstance(start, datetime) and isinstance(end, datetime):
        return (end - start).days
    return None
