"""What was sold, for how much, on which terms, and when it is up for renewal."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sync.shape.aggregate import Aggregate, Row
from sync.shape.lookup import Lookup
from sync.shape.notice import notice_deadline
from sync.shape.value import (
    Item,
    Section,
    Source,
    State,
    best,
    day,
    day_text,
    money,
    number,
    oldest_first,
    source_of,
    verbatim,
)

_NEAR = timedelta(days=90)  # a contract that starts this close to the win is taken for the deal's own
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """When the commitment runs, how we know, and how sure that is."""

    start: Item
    end: Item
    months: Item
    provenance: str | None
    confidence: str | None
    notice: Item
    notice_by: date | None

    @property
    def due_on(self) -> date | None:
        """The last day of paid service."""
        return day(self.end.value)


def what_was_sold(lookup: Lookup) -> Section:
    """The line items, in the order in which sales sorted them."""
    aggregate = lookup.aggregate
    rows = sorted(oldest_first(aggregate.items), key=lambda row: row.get("sortorder") or 0)
    items = tuple(_line_item(aggregate, row) for row in rows)
    if not items:
        state = lookup.state("OpportunityLineItem", "Id", None)
        items = (Item("line_item", "Products", None, state, None),)
    return Section("what_was_sold", "What was sold", items)


def money_section(lookup: Lookup) -> Section:
    """Amounts, as far as the org says what they mean."""
    amount = lookup.standard("amount", "Amount", "Opportunity", "Amount", lookup.aggregate.deal, form=money)
    items = [
        amount,
        _value_of_deal(lookup, "tcv", "Total contract value (TCV)", amount),
        _value_of_deal(lookup, "acv", "Annual contract value (ACV)", amount),
        _value_of_deal(lookup, "arr", "Annual recurring revenue (ARR)", amount),
        lookup.custom("mrr", "Monthly recurring revenue (MRR)", form=money),
        _currency(lookup),
        best([lookup.custom("discount", "Discount", form=number), _discount(lookup)]),
    ]
    return Section("money", "Money", tuple(items))


def _value_of_deal(lookup: Lookup, key: str, label: str, amount: Item) -> Item:
    """One measure of what a deal is worth: its own field, else the amount where the org says that it means this."""
    custom = lookup.custom(key, label, form=money)
    if custom.filled or lookup.aggregate.mapping.amount_means != key or not amount.filled:
        return custom
    return Item(key, label, amount.value, State.INFERRED, amount.source)


def terms_section(lookup: Lookup, terms: Terms) -> Section:
    """Start, end, notice, payment and special terms."""
    contract = lookup.aggregate.contract
    notice_state = terms.end.state if terms.notice_by is None else State.INFERRED
    items = [
        terms.start,
        terms.end,
        terms.months,
        lookup.custom("auto_renew", "Renews by itself"),
        terms.notice,
        Item("notice_by", "Notice deadline", day_text(terms.notice_by), notice_state, terms.notice.source),
        lookup.custom("payment_terms", "Payment terms"),
        lookup.standard("special_terms", "Special terms", "Contract", "SpecialTerms", contract),
        lookup.standard("contract_number", "Contract number", "Contract", "ContractNumber", contract),
        lookup.standard("contract_status", "Contract status", "Contract", "Status", contract),
        lookup.standard("signed_on", "Signed by the customer on", "Contract", "CustomerSignedDate", contract),
        lookup.custom("contract_link", "Signed document"),
    ]
    return Section("terms", "Terms and renewal", tuple(items))


def renewal(lookup: Lookup, terms: Terms, amounts: Section, currency: str | None) -> dict[str, Any] | None:
    """The renewal this deal leads to, or None where nothing says when it is."""
    if terms.due_on is None:
        return None
    recurring = next((item for key in ("arr", "acv") if (item := amounts.find(key)) and item.filled), None)
    renews = lookup.custom("auto_renew", "")
    return {
        "due_on": terms.due_on.isoformat(),
        "notice_by": day_text(terms.notice_by),
        "start_on": terms.start.value,
        "term_months": terms.months.value,
        "auto_renew": renews.value,
        "atr": None if recurring is None else recurring.value,
        "currency": currency,
        "provenance": terms.provenance,
        "confidence": terms.confidence,
        "source": terms.end.source,
    }


def find_terms(lookup: Lookup, won_on: date | None) -> Terms:
    """Work out start, end and notice: from the contract, else from renewal fields, else from start and term."""
    contract, provenance, confidence = _contract(lookup.aggregate, won_on)
    start = lookup.standard("start_on", "Start", "Contract", "StartDate", contract, form=day_text)
    months = lookup.standard("term_months", "Term in months", "Contract", "ContractTerm", contract)
    end = lookup.standard("due_on", "Last day (renewal date)", "Contract", "EndDate", contract, form=day_text)
    start = best([start, lookup.custom("start_on", "Start", form=day_text)])
    months = best([months, lookup.custom("term_months", "Term in months", form=_months)])
    if not end.filled and contract is not None and contract.get("startdate") and contract.get("contractterm"):
        end = _end_by_term(
            contract["startdate"], contract["contractterm"], source_of("Contract", "ContractTerm", contract)
        )
    if not end.filled:
        renewal_on = lookup.custom("renewal_on", end.label, form=day_text)
        if renewal_on.filled:
            end = Item(end.key, end.label, renewal_on.value, renewal_on.state, renewal_on.source)
            provenance, confidence = "renewal_field", "medium"
        elif (first := day(start.value or won_on)) and months.filled and int(months.value) > 0:
            end = _end_by_term(first, int(months.value), months.source)
            provenance, confidence = "start_and_term", "medium" if start.filled else "low"
    elif confidence == "medium" and end.state is State.OK:
        end = Item(end.key, end.label, end.value, State.INFERRED, end.source)
    if not end.filled:
        provenance, confidence = None, None
    notice = _notice(lookup, contract)
    return Terms(start, end, months, provenance, confidence, notice, _notice_by(lookup, notice, day(end.value)))


def add_months(start: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _contract(aggregate: Aggregate, won_on: date | None) -> tuple[Row | None, str | None, str | None]:
    """The contract of the deal: the one it names, else the customer's one that starts when the deal was won."""
    if aggregate.contract is not None:
        return aggregate.contract, "contract", "high"
    near = []
    for row in aggregate.contracts:
        start = day(row.get("startdate"))
        if start and won_on and abs(start - won_on) <= _NEAR:
            near.append((abs(start - won_on), row["id"], row))
    if near:
        return min(near)[2], "contract_of_customer", "medium"
    return None, None, None


def _end_by_term(start: Any, months: Any, source: Source | None) -> Item:
    # Salesforce's own rule for Contract.EndDate: the day before the term's anniversary.
    first = day(start)
    try:
        end = None if first is None else add_months(first, int(months)) - _DAY
    except (ValueError, OverflowError):
        end = None
    return Item("due_on", "Last day (renewal date)", day_text(end), State.INFERRED if end else State.EMPTY, source)


def _notice(lookup: Lookup, contract: Row | None) -> Item:
    label = "Notice period"
    custom = lookup.custom("notice_period", label)
    if custom.filled:
        return custom
    # The owner's reminder is not the customer's notice period, but the best guess that a standard field allows.
    standard = lookup.standard("notice_period", label, "Contract", "OwnerExpirationNotice", contract)
    if standard.filled:
        return Item(standard.key, label, f"{standard.value} days", State.INFERRED, standard.source)
    return best([custom, standard])


def _notice_by(lookup: Lookup, notice: Item, due_on: date | None) -> date | None:
    explicit = lookup.custom("opt_out_on", "Notice deadline", form=day_text)
    if explicit.filled:
        return day(explicit.value)
    return notice_deadline(notice.value if notice.filled else None, due_on)


def _months(value: Any) -> int | None:
    found = re.match(r"\s*(\d{1,3})(?:\.0+)?\s*([a-z]*)", str(value).lower()) if value is not None else None
    if found is None:
        return None
    return int(found[1]) * (12 if found[2].startswith("year") else 1)


def _line_item(aggregate: Aggregate, row: Row) -> Item:
    entry = aggregate.pricebook_entries.get(row.get("pricebookentryid") or "") or {}
    product = aggregate.products.get(row.get("product2id") or entry.get("product2id") or "") or {}
    name = verbatim(product.get("name") or row.get("name")) or "Product without a name"
    value = {
        "product": name,
        "product_code": verbatim(product.get("productcode") or row.get("productcode")),
        "family": verbatim(product.get("family")),
        "kind": aggregate.mapping.kind_of(product.get("family")),
        "quantity": number(row.get("quantity")),
        "list_price": money(row.get("listprice") if row.get("listprice") is not None else entry.get("unitprice")),
        "unit_price": money(row.get("unitprice")),
        "discount_percent": number(row.get("discount")),
        "total": money(row.get("totalprice")),
        "service_on": day_text(row.get("servicedate")),
        "description": verbatim(row.get("description")),
    }
    return Item("line_item", name, value, State.OK, source_of("OpportunityLineItem", "Product2Id", row))


def discount_percent(aggregate: Aggregate) -> Decimal | None:
    """How far the line items together are below their list prices, in percent; None where that cannot be told."""
    listed = net = Decimal(0)
    for row in aggregate.items:
        price, quantity, total = (money(row.get(name)) for name in ("listprice", "quantity", "totalprice"))
        if price and quantity and total is not None and price > 0:
            listed += price * quantity
            net += total
    if not listed or net >= listed:
        return None
    return (100 * (listed - net) / listed).quantize(Decimal("0.1"))


def _discount(lookup: Lookup) -> Item:
    percent = discount_percent(lookup.aggregate)
    state = State.EMPTY if percent is None else State.INFERRED
    value = None if percent is None else {"percent": percent, "of": "list prices"}
    return Item("discount", "Discount", value, state, Source("OpportunityLineItem", "ListPrice", None, None))


def _currency(lookup: Lookup) -> Item:
    aggregate = lookup.aggregate
    item = lookup.standard("currency", "Currency", "Opportunity", "CurrencyIsoCode", aggregate.deal)
    if item.filled:
        return item
    # A single-currency org has no CurrencyIsoCode; its one currency belongs to the org.
    state = State.OK if aggregate.currency else State.EMPTY
    return Item("currency", "Currency", aggregate.currency, state, Source("Organization", "Currency", None, None))
