"""Everything of one customer that tells about its terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sync.shape.aggregate import Row
from sync.shape.mapping import BriefMapping, Kind
from sync.shape.renewals.fields import Fields
from sync.shape.value import day, money, oldest_first


@dataclass(frozen=True, slots=True, kw_only=True)
class Org:
    """What all customers of an org have in common."""

    fields: Fields
    mapping: BriefMapping
    currency: str | None
    time_zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One customer: its won deals with what hangs on them, its contracts, and what was ordered under these."""

    org: Org
    customer_id: str
    deals: Sequence[Row]
    #: renewals that are open, as far as the scope has drafts
    drafts: Sequence[Row] = ()
    contracts: Mapping[str, Row] = field(default_factory=dict)
    #: by deal
    history: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    items: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    #: product id -> family
    families: Mapping[str, str | None] = field(default_factory=dict)
    #: by contract
    orders: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    record_types: Mapping[str, str] = field(default_factory=dict)

    def words_of(self, deal: Row) -> str:
        """The type and the record type of a deal: what sort of deal people say it is."""
        return f"{deal.get('type') or ''} {self.record_types.get(deal.get('recordtypeid') or '', '')}".casefold()

    def is_renewal(self, deal: Row) -> bool:
        """Whether a deal continues what the customer has."""
        fields = self.org.fields
        return (
            "renewal" in self.words_of(deal)
            or fields.says_yes("is_renewal", "Opportunity", deal)
            or bool(fields.ids("renewed_contract", "Opportunity", deal))
            or bool(fields.ids("renewed_deal", "Opportunity", deal))
        )

    def won_on(self, deal: Row) -> date | None:
        """The day, in the org's time zone, when the deal first came to the stage it was won in; else its close date."""
        for change in oldest_first(self.history.get(deal["id"], ())):
            closed_at_all = change.get("forecastcategory") == "Closed" and change.get("probability") == 100
            if change.get("stagename") == deal.get("stagename") or closed_at_all:
                at = change.get("createddate")
                return None if at is None else at.astimezone(self.org.time_zone).date()
        return day(deal.get("closedate"))

    def is_one_off(self, deal: Row) -> bool:
        """Whether nothing that was sold is paid again."""
        kinds = [self._kind_of(item) for item in self.items.get(deal["id"], ())]
        return bool(kinds) and all(kind is Kind.ONE_OFF for kind in kinds)

    def amount_of(self, deal: Row) -> tuple[str, object] | None:
        """The field and value of what was sold without what is paid once, as far as the line items tell them apart."""
        items = self.items.get(deal["id"], ())
        if any(self._kind_of(item) is Kind.ONE_OFF for item in items):
            totals = [money(item.get("totalprice")) for item in items if self._kind_of(item) is not Kind.ONE_OFF]
            return None if None in totals else ("TotalPrice", sum(each for each in totals if each is not None))
        return None if deal.get("amount") is None else ("Amount", deal["amount"])

    def _kind_of(self, item: Row) -> Kind | None:
        return self.org.mapping.kind_of(self.families.get(item.get("product2id") or ""))
