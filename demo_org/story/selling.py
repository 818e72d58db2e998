"""What is sold: line items with prices, the quote that was accepted, the contract that was signed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from demo_org.semantics.contract import end_date
from demo_org.story.arcs import Plan, Sort
from demo_org.story.cast import Customer
from demo_org.story.company import Company, Product
from demo_org.story.rows import Row

_RARELY_HEAVY = 0.08
_HEAVY = 35


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One product on the order form."""

    product: Product
    quantity: int
    discount: int
    about: str | None

    @property
    def total(self) -> float:
        """What the customer pays for it in the first year."""
        return round(self.quantity * self.product.price * (100 - self.discount) / 100, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Everything on the order form with its sums; the amount is that of the first year."""

    lines: tuple[Line, ...]
    discount: int
    #: a discount so heavy that the brief has to explain it
    heavy: bool

    @property
    def amount(self) -> float:
        """The sum of the lines."""
        return round(sum(line.total for line in self.lines), 2)

    @property
    def recurring(self) -> float:
        """The part that is paid every year."""
        return round(sum(line.total for line in self.lines if line.product.recurring), 2)

    def over(self, months: int) -> float:
        """What the whole term is worth."""
        return round(self.amount + self.recurring * (months / 12 - 1), 2)


def make_offer(plan: Plan, customer: Customer, company: Company, rng: Random) -> Offer:
    """Choose products, quantities and discount."""
    plot = plan.plot
    heavy = plot.discount is None and plan.sort is Sort.NEW and rng.random() < _RARELY_HEAVY
    discount = _HEAVY if heavy else rng.choice((0, 0, 5, 10)) if plot.discount is None else plot.discount
    unit = f"per {customer.kind.facts['unit']} and year"
    # A hospital begins with a few wards, a plan with a part of its members; the rest follows in expansions.
    share = 1.0 if customer.kind.key in {"clinic", "lab"} else rng.choice((0.4, 0.6, 1.0))
    units = max(2, round(customer.units * share))
    lines = [_line(company, plot.product, units, discount, unit)]
    for name in plot.addons:
        if rng.random() < 0.45:
            per_unit = company.products[name].per_unit
            lines.append(_line(company, name, units if per_unit else 1, discount, unit if per_unit else None))
    if plan.sort is not Sort.RENEWAL:
        for name in plot.one_off:
            # Services are not discounted: the project is what makes the customer stay.
            about = f"Interface to {customer.system}" if name == "System Interface" else None
            lines.append(_line(company, name, rng.randint(1, 3) if name == "Training Day" else 1, 0, about))
    return Offer(lines=tuple(lines), discount=discount, heavy=heavy)


def item_values(line: Line, place: int, deal_name: str) -> Row:
    """The fields a line has on the deal as on the quote."""
    return {
        "PricebookEntryId": line.product.entry_id, "Product2Id": line.product.id, "Quantity": float(line.quantity),
        "UnitPrice": line.product.price, "ListPrice": line.product.price, "TotalPrice": line.total,
        "Discount": float(line.discount) if line.discount else None, "Description": line.about,
        "SortOrder": place, "ProductCode": line.product.code, "Name": f"{deal_name} {line.product.name}"[:376],
    }  # fmt: skip


def contract_dates(start: date, months: int) -> tuple[date, date]:
    """First and last day of the term."""
    end = end_date(start.isoformat(), months)
    assert end is not None
    return start, date.fromisoformat(end)


def start_after(won: date, rng: Random) -> date:
    """Terms begin on the first of a month or on the next Monday."""
    if rng.random() < 0.6:
        return (won.replace(day=1) + timedelta(days=32)).replace(day=1)
    return won + timedelta(days=7 - won.weekday())


def audit(at: datetime, by: str, *, changed: datetime | None = None) -> Row:
    """Who wrote a row when, and when it was last touched."""
    last = changed or at
    return {"CreatedDate": at, "CreatedById": by, "LastModifiedDate": last, "LastModifiedById": by,
            "SystemModstamp": last}  # fmt: skip


def _line(company: Company, name: str, quantity: int, discount: int, about: str | None) -> Line:
    return Line(product=company.products[name], quantity=quantity, discount=discount, about=about)
