"""The handoff brief: everything CS must know about a deal, in the order in which it is read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from sync.shape import commercial, course, ours, past, people, risks, story, winning
from sync.shape.aggregate import Aggregate
from sync.shape.completeness import completeness
from sync.shape.erased import with_erased
from sync.shape.lookup import FieldMap, Lookup, map_fields
from sync.shape.value import Section, day, day_text, instant, money, verbatim

_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What CS must know about one deal, with provenance; what is missing or unreadable in it; what to watch out for."""

    deal_id: str
    header: dict[str, Any]
    completeness: dict[str, Any]
    sections: tuple[Section, ...]
    risks: list[dict[str, Any]]
    renewal: dict[str, Any] | None

    @property
    def score(self) -> int:
        """Completeness in percent."""
        return int(self.completeness["score"])

    def document(self) -> dict[str, Any]:
        """The brief as JSON-able data, money as Decimal; version and freshness are the reader's to add."""
        document: dict[str, Any] = msgspec.to_builtins(self._parts(), builtin_types=(Decimal,))
        return document

    def json(self) -> str:
        """The document as JSON text, money as exact numbers; equal briefs give equal text."""
        return _ENCODER.encode(self._parts()).decode()

    def _parts(self) -> dict[str, Any]:
        return {
            "deal_id": self.deal_id,
            **self.header,
            "completeness": self.completeness,
            "sections": self.sections,
            "risks": self.risks,
            "renewal": self.renewal,
        }


def shape_briefs(aggregates: Iterable[Aggregate]) -> Iterator[Brief]:
    """Shape many deals of one org; what its fields mean is worked out once per set of labels and mapping."""
    known: tuple[object, ...] = ()
    fields: FieldMap = {}
    for aggregate in aggregates:
        asked = (aggregate.labels, aggregate.unavailable, aggregate.mapping)
        if len(known) != len(asked) or any(one is not other for one, other in zip(known, asked, strict=True)):
            known, fields = asked, map_fields(*asked)
        yield shape_brief(aggregate, fields=fields)


def shape_brief(aggregate: Aggregate, *, fields: FieldMap | None = None) -> Brief:
    """Make the brief of one deal.

    Args:
        aggregate: the deal with its closure.
        fields: which custom fields fill which line, where the caller has it already (see `map_fields`).

    """
    if fields is None:
        fields = map_fields(aggregate.labels, aggregate.unavailable, aggregate.mapping)
    lookup = Lookup.over(aggregate, fields)
    won_at, won_on = _won(aggregate)
    terms = commercial.find_terms(lookup, won_on)
    bought, amounts, noted = people.who_bought(lookup), commercial.money_section(lookup), risks.risks_section(lookup)
    sections: tuple[Section, ...] = (
        story.who_they_are(lookup),
        story.why_they_bought(lookup),
        story.what_success_means(lookup),
        bought,
        commercial.what_was_sold(lookup),
        amounts,
        commercial.terms_section(lookup, terms),
        story.what_was_promised(lookup),
        winning.how_we_won(lookup),
        winning.implementation(lookup),
        noted,
        course.how_the_deal_went(lookup),
        past.prior_history(lookup),
        ours.internal_people(lookup),
        past.files_section(lookup),
    )
    sections = with_erased(sections, aggregate)
    header = _header(aggregate, amounts, won_at, won_on)
    return Brief(
        deal_id=aggregate.deal["id"],
        header=header,
        completeness=completeness(sections, salesforce_url=header["salesforce_url"]),
        sections=sections,
        risks=risks.find_risks(lookup, people=bought, noted=noted, terms=terms),
        renewal=commercial.renewal(lookup, terms, amounts, header["currency"]),
    )


def _won(aggregate: Aggregate) -> tuple[datetime | None, date | None]:
    """When the deal was won: its first move to a won stage, else only the day of its close date; a draft never was."""
    if aggregate.is_draft:
        return None, None
    change = course.won_change(aggregate)
    at = None if change is None else change.get("createddate")
    if isinstance(at, datetime):
        return at, day(at)
    return None, day(aggregate.deal.get("closedate"))


def _header(aggregate: Aggregate, amounts: Section, won_at: datetime | None, won_on: date | None) -> dict[str, Any]:
    deal, customer = aggregate.deal, aggregate.customer
    known = {item.key: item.value for item in amounts.items}
    owner_id = deal.get("ownerid")
    customer_id = deal.get("accountid")
    return {
        "org_id": aggregate.org_id,
        "name": verbatim(deal.get("name")),
        "type": verbatim(deal.get("type")),
        "stage": verbatim(deal.get("stagename")),
        "customer": customer_id and {
            "id": customer_id, "name": None if customer is None else verbatim(customer.get("name")),
        },
        "owner": owner_id and {
            "id": owner_id, "name": verbatim((aggregate.users.get(owner_id) or {}).get("name")),
        },
        "amount": money(deal.get("amount")),
        "tcv": known["tcv"],
        "acv": known["acv"],
        "arr": known["arr"],
        "currency": known["currency"],
        "close_on": day_text(deal.get("closedate")),
        "won_on": day_text(won_on),
        "won_at": instant(won_at),
        "salesforce_url": record_url(aggregate.instance_url, "Opportunity", deal["id"]),
    }  # fmt: skip


def record_url(instance_url: str, object_name: str, record_id: str) -> str:
    """Where a person opens the record in Salesforce."""
    return f"{instance_url.rstrip('/')}/lightning/r/{object_name}/{record_id}/view"
