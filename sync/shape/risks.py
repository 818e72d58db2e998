"""What CS should watch out for: what sales wrote down, and what the records show by themselves."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from sync.shape.aggregate import Aggregate
from sync.shape.commercial import Terms, discount_percent
from sync.shape.course import ordered_history, slips
from sync.shape.lookup import Lookup
from sync.shape.past import open_case_items, open_cases
from sync.shape.value import Item, Section, money

_MANY_SLIPS = 3
_SHRUNK = Decimal("0.8")
_UNEQUAL = Decimal("0.01")


class Severity(StrEnum):
    """How soon somebody should look at it."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def risks_section(lookup: Lookup) -> Section:
    """Risks in the words of sales."""
    items = [lookup.custom("red_flags", "Red flags"), lookup.custom("handoff_notes", "Handoff notes")]
    return Section("risks", "Risks and what to avoid", (*items, *open_case_items(lookup)))


def find_risks(lookup: Lookup, *, people: Section, noted: Section, terms: Terms) -> list[dict[str, Any]]:
    """Apply every rule; the gravest come first."""
    aggregate = lookup.aggregate
    found = [
        *_thread(aggregate),
        *_people(people, aggregate),
        *_price(aggregate),
        *_course(aggregate),
        *_cases(aggregate),
    ]
    deal = [aggregate.deal["id"]]
    if terms.due_on is None:
        found.append(_risk("renewal_unknown", Severity.MEDIUM, "Nothing says when this deal is up for renewal.", deal))
    elif terms.confidence == "low":
        found.append(_risk("renewal_uncertain", Severity.LOW, "The renewal date rests on the close date.", deal))
    flags = noted.find("red_flags")
    if flags is not None and flags.filled and flags.source is not None:
        found.append(_risk("red_flags", Severity.HIGH, "Sales wrote down red flags.", [flags.source.record_id]))
    order = list(Severity)
    return sorted(found, key=lambda risk: order.index(risk["severity"]))


def _thread(aggregate: Aggregate) -> list[dict[str, Any]]:
    people = {row["contactid"] for row in aggregate.roles if row.get("contactid")}
    if not people:
        return [_risk("no_contacts", Severity.HIGH, "The deal names nobody at the customer.", [aggregate.deal["id"]])]
    if len(people) == 1:
        roles = [row["id"] for row in aggregate.roles]
        return [_risk("single_threaded", Severity.HIGH, "Only one person at the customer is named.", roles)]
    return []


def _people(people: Section, aggregate: Aggregate) -> list[dict[str, Any]]:
    found = []
    champion, signer = people.find("champion"), people.find("signer")
    sponsor, detractor = people.find("executive_sponsor"), people.find("detractor")
    if sponsor is not None and not sponsor.filled:
        seen = [row["id"] for row in aggregate.roles] or [aggregate.deal["id"]]
        found.append(_risk("no_executive_sponsor", Severity.MEDIUM, "No executive sponsor is named.", seen))
    if champion and signer and champion.filled and signer.filled and _contact(champion) != _contact(signer):
        evidence = [item.source.record_id for item in (champion, signer) if item.source]
        words = "Somebody other than the champion signed."
        found.append(_risk("champion_did_not_sign", Severity.LOW, words, evidence))
    if champion and champion.filled and champion.source and _contact(champion) is None:
        words = "The champion is only a name, not linked to a contact."
        found.append(_risk("champion_not_linked", Severity.LOW, words, [champion.source.record_id]))
    if detractor is not None and detractor.filled and detractor.source:
        found.append(_risk("detractor", Severity.HIGH, "Somebody there was against us.", [detractor.source.record_id]))
    return found


def _contact(item: Item) -> str | None:
    contact_id = item.value.get("contact_id")
    return None if contact_id is None else str(contact_id)


def _price(aggregate: Aggregate) -> list[dict[str, Any]]:
    found, items = [], [row["id"] for row in aggregate.items]
    percent = discount_percent(aggregate)
    if percent is not None and percent >= aggregate.mapping.heavy_discount_percent:
        found.append(_risk("heavy_discount", Severity.MEDIUM, f"Sold {percent} % below list price.", items))
    amount = money(aggregate.deal.get("amount"))
    total = sum((money(row.get("totalprice")) or Decimal(0) for row in aggregate.items), Decimal(0))
    if items and amount and abs(total - amount) > abs(amount) * _UNEQUAL:
        words = f"The products add up to {total:,}, the deal says {amount:,}."
        found.append(_risk("amount_differs_from_products", Severity.LOW, words, [aggregate.deal["id"], *items]))
    return found


def _course(aggregate: Aggregate) -> list[dict[str, Any]]:
    found, history = [], ordered_history(aggregate)
    count = max(len(slips(history)), aggregate.deal.get("pushcount") or 0)
    if count >= _MANY_SLIPS:
        words = f"The close date moved later {count} times."
        found.append(_risk("close_date_slipped", Severity.MEDIUM, words, [aggregate.deal["id"]]))
    amounts = [value for row in history if (value := money(row.get("amount")))]
    last = money(aggregate.deal.get("amount"))
    if amounts and last is not None and last < max(amounts) * _SHRUNK:
        words = f"The deal shrank from {max(amounts):,} to {last:,}."
        found.append(_risk("amount_shrank", Severity.MEDIUM, words, [aggregate.deal["id"]]))
    return found


def _cases(aggregate: Aggregate) -> list[dict[str, Any]]:
    rows = open_cases(aggregate)
    if not rows:
        return []
    urgent = any(row.get("isescalated") is True or row.get("priority") == "High" for row in rows)
    count = "A case is" if len(rows) == 1 else f"{len(rows)} cases are"
    words = f"{count} open" + (", at least one of them urgent." if urgent else ".")
    severity = Severity.HIGH if urgent else Severity.LOW
    return [_risk("open_cases", severity, words, [row["id"] for row in rows])]


def _risk(rule: str, severity: Severity, words: str, evidence: list[Any]) -> dict[str, Any]:
    return {
        "rule": rule,
        "severity": severity.value,
        "detail": words,
        "evidence": [each for each in evidence if each],
    }
