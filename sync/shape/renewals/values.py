"""What a year of a term is worth, from its start on and with each change: annualised, never prorated."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.renewals.period import add_months
from models.renewals.term import Step
from sync.shape.aggregate import Row
from sync.shape.mapping import AmountMeans
from sync.shape.renewals.book import Book
from sync.shape.renewals.commitment import Commitment
from sync.shape.renewals.dates import Dates, months_of
from sync.shape.value import money

_CENT = Decimal("0.01")
_MONTHS = 12
#: Salesforce's amounts in one commitment that are in several currencies belong to none (ISO 4217)
NO_CURRENCY = "XXX"


@dataclass(frozen=True, slots=True)
class Worth:
    """A year's worth, and where it stands."""

    arr: Decimal
    object: str
    field: str
    record_id: str


def worth_of(book: Book, deal: Row, *, months: int | None) -> Worth | None:
    """What a year of a deal is worth: as a field says it, else what its amount means; None where nothing says."""
    fields = book.org.fields
    for line, factor in (("arr", 1), ("acv", 1), ("mrr", _MONTHS)):
        value = fields.amount(line, "Opportunity", deal)
        if value is not None:
            return Worth(value * factor, "Opportunity", str(fields.name_of(line, "Opportunity", deal)), deal["id"])
    whole = fields.amount("tcv", "Opportunity", deal)
    if whole is not None and months:
        field = str(fields.name_of("tcv", "Opportunity", deal))
        return Worth((whole * _MONTHS / months).quantize(_CENT), "Opportunity", field, deal["id"])
    told = book.amount_of(deal)
    amount = None if told is None else money(told[1])
    means = book.org.mapping.amount_means
    if told is None or amount is None or means is None or (means is AmountMeans.TCV and not months):
        return None
    if means is AmountMeans.TCV:
        amount = (amount * _MONTHS / Decimal(months or _MONTHS)).quantize(_CENT)
    return Worth(amount, "Opportunity", told[0], deal["id"])


def steps_of(book: Book, commitment: Commitment, dates: Dates) -> tuple[tuple[Step, ...], Worth | None]:
    """From when on a year is worth how much; nothing where the first deal does not tell, or a change does not."""
    start, months = dates.start, months_of(book, commitment) or _months_between(dates)
    first = worth_of(book, commitment.deal, months=months) or _of_contract(book, commitment)
    if start is None or first is None:
        return (), first
    moves: list[tuple[date, int, Decimal]] = []
    if first.object != "Contract":  # what a contract says is the whole of it
        for deal in commitment.changes:
            if book.is_one_off(deal):
                continue
            more = worth_of(book, deal, months=months)
            on = book.org.fields.day("start_on", "Opportunity", deal) or book.won_on(deal)
            if more is None or on is None:
                return (), None
            moves.append((max(on, start), 1, more.arr))
    percent = _escalator(book, commitment)
    moves += [(on, 0, percent) for on in _anniversaries(dates) if percent]
    value, steps = first.arr, [Step(start, first.arr)]
    for on, is_change, size in sorted(moves):
        value = value + size if is_change else (value * (1 + size / 100)).quantize(_CENT)
        steps.append(Step(on, value, is_escalator=not is_change))
    explicit = _up_for_renewal(book, commitment)
    if explicit is not None and dates.due is not None and dates.due >= start and explicit.arr != value:
        steps.append(Step(dates.due, explicit.arr))
    return tuple(sorted(steps, key=lambda step: step.on)), explicit or first


def currency_of(book: Book, commitment: Commitment) -> str | None:
    """The currency of all its deals."""
    found = {deal.get("currencyisocode") or book.org.currency for deal in commitment.deals}
    return found.pop() if len(found) == 1 else NO_CURRENCY


def _of_contract(book: Book, commitment: Commitment) -> Worth | None:
    contract, fields = commitment.contract, book.org.fields
    for line in ("arr", "acv"):
        value = fields.amount(line, "Contract", contract)
        if contract is not None and value is not None:
            return Worth(value, "Contract", str(fields.name_of(line, "Contract", contract)), contract["id"])
    return None


def _up_for_renewal(book: Book, commitment: Commitment) -> Worth | None:
    fields = book.org.fields
    for object_name, row in (("Contract", commitment.contract), ("Opportunity", commitment.deal)):
        value = fields.amount("up_for_renewal", object_name, row)
        if row is not None and value is not None:
            return Worth(value, object_name, str(fields.name_of("up_for_renewal", object_name, row)), row["id"])
    return None


def _escalator(book: Book, commitment: Commitment) -> Decimal:
    fields = book.org.fields
    told = fields.number("escalator", "Contract", commitment.contract)
    return told or fields.number("escalator", "Opportunity", commitment.deal) or Decimal(0)


def _anniversaries(dates: Dates) -> list[date]:
    if dates.start is None or dates.due is None:
        return []
    found: list[date] = []
    years = min(max((dates.due.year - dates.start.year), 0), 50)
    for year in range(1, years + 1):
        on = add_months(dates.start, _MONTHS * year)
        if on <= dates.due:
            found.append(on)
    return found


def _months_between(dates: Dates) -> int | None:
    """How many whole months a term has, from its days."""
    if dates.start is None or dates.due is None or dates.due < dates.start:
        return None
    if dates.due == date.max:
        return None
    behind = dates.due + timedelta(days=1)
    months = (behind.year - dates.start.year) * _MONTHS + behind.month - dates.start.month
    return max(months if behind.day >= dates.start.day else months - 1, 1)
