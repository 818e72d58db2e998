"""The story of the deal in the words of those who were there: who they are, why they bought, what was promised."""

from typing import Any

from sync.shape.aggregate import Aggregate, Row
from sync.shape.aliases import DISCOVERY
from sync.shape.lookup import Lookup
from sync.shape.ours import named_user
from sync.shape.value import (
    Item,
    Section,
    State,
    best,
    choices,
    day_text,
    instant,
    money,
    oldest_first,
    source_of,
    verbatim,
)


def who_they_are(lookup: Lookup) -> Section:
    """The customer: trade, size, place, and whom it belongs to."""
    customer, parents = lookup.aggregate.customer, lookup.aggregate.parents

    def field(key: str, label: str, name: str, *, form: Any = verbatim) -> Item:
        return lookup.standard(key, label, "Account", name, customer, form=form)

    place = ", ".join(str(customer[name]) for name in ("billingcity", "billingstate", "billingcountry")
                      if customer.get(name)) if customer else ""  # fmt: skip
    items = [
        field("name", "Name", "Name"),
        field("industry", "Industry", "Industry"),
        field("employees", "Employees", "NumberOfEmployees"),
        field("annual_revenue", "Annual revenue", "AnnualRevenue", form=money),
        lookup.custom("segment", "Segment"),
        field("headquarters", "Headquarters", "BillingCountry", form=lambda _: place or None),
        field("website", "Website", "Website"),
        field("parent", "Parent", "ParentId", form=lambda _: _account(parents[0]) if parents else None),
        field("about", "About", "Description"),
    ]
    if len(parents) > 1:
        items.append(Item("ultimate_parent", "Ultimate parent", _account(parents[-1]), State.OK,
                          source_of("Account", "Name", parents[-1])))  # fmt: skip
    return Section("who_they_are", "Who they are", tuple(items))


def why_they_bought(lookup: Lookup) -> Section:
    """The pain in their words, why now, why us, and what for."""
    items = [
        _pain(lookup),
        lookup.custom("why_now", "Why now"),
        lookup.custom("why_us", "Why us"),
        lookup.custom("use_cases", "Use cases", form=choices),
        lookup.custom("expected_roi", "Expected return"),
    ]
    return Section("why_they_bought", "Why they bought", tuple(items))


def what_success_means(lookup: Lookup) -> Section:
    """What the customer will judge us by."""
    items = (
        lookup.custom("success_criteria", "Success criteria"),
        lookup.custom("go_live_criteria", "Go-live criteria"),
    )
    return Section("what_success_means", "What success means", items)


def what_was_promised(lookup: Lookup) -> Section:
    """Commitments and notes, word for word, with author and date."""
    aggregate = lookup.aggregate
    items = [
        lookup.custom("commitments", "Commitments"),
        lookup.custom("special_conditions", "Special conditions"),
    ]
    for row in oldest_first(aggregate.notes):
        if row.get("isprivate"):
            continue  # only its author sees it in Salesforce
        body = verbatim(row.get("body")) or verbatim(row.get("title"))
        if body is not None:
            items.append(_said(aggregate, "note", verbatim(row.get("title")) or "Note", body, row, "Note", "Body"))
    items += [_quote(aggregate, row) for row in oldest_first(aggregate.quotes)]
    return Section("what_was_promised", "What was promised", tuple(items))


def _pain(lookup: Lookup) -> Item:
    """Their pain: the field made for it, else the description, else what was noted in discovery."""
    deal, label = lookup.aggregate.deal, "Their pain"
    custom = lookup.custom("pain", label)
    description = lookup.standard("pain", label, "Opportunity", "Description", deal)
    if custom.filled or description.filled:
        return best([custom, description])
    for name, field, rows in (
        ("Note", "body", [row for row in lookup.aggregate.notes if not row.get("isprivate")]),
        ("Event", "description", lookup.aggregate.events),
        # An e-mail that was logged as a task has its body there, which is not for copying.
        ("Task", "description", [row for row in lookup.aggregate.tasks if row.get("tasksubtype") != "Email"]),
    ):
        told = [row for row in rows if verbatim(row.get(field)) and DISCOVERY.search(_heading(row))]
        if told:
            last = oldest_first(told)[-1]
            return Item("pain", label, verbatim(last[field]), State.INFERRED, source_of(name, field.title(), last))
    return best([custom, description])


def _heading(row: Row) -> str:
    return str(row.get("title") or row.get("subject") or "")


def _said(aggregate: Aggregate, key: str, label: str, text: Any, row: Row, object_name: str, field: str) -> Item:
    author = named_user(aggregate.users, row.get("createdbyid") or row.get("ownerid"))
    value = {"text": text, "author": author and author["name"], "at": instant(row.get("createddate"))}
    return Item(key, label, value, State.OK, source_of(object_name, field, row))


def _quote(aggregate: Aggregate, row: Row) -> Item:
    total = money(row.get("grandtotal") if row.get("grandtotal") is not None else row.get("totalprice"))
    value = {
        "text": verbatim(row.get("description")),
        "number": verbatim(row.get("quotenumber")),
        "status": verbatim(row.get("status")),
        "total": total,
        "expires_on": day_text(row.get("expirationdate")),
        "in_force": row.get("id") == aggregate.deal.get("syncedquoteid") or bool(row.get("issyncing")),
        "at": instant(row.get("createddate")),
    }
    return Item("quote", verbatim(row.get("name")) or "Quote", value, State.OK, source_of("Quote", "Name", row))


def _account(row: Row) -> dict[str, Any]:
    return {"name": verbatim(row.get("name")), "customer_id": row["id"]}
