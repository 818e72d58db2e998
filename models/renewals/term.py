"""A term: one commitment of a customer that runs out unless it is renewed."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """How a commitment ends, and so where it counts."""

    FIXED = "fixed"  # it has a last day, and is up for renewal then
    EVERGREEN = "evergreen"  # it runs until somebody ends it: counts in the base, never in a renewal rate
    PILOT = "pilot"  # a trial: counts nowhere
    ONE_OFF = "one_off"  # services and the like: count nowhere


class Provenance(StrEnum):
    """Which records told the last day of a term."""

    CPQ = "cpq"
    ASSET = "asset"
    CONTRACT = "contract"
    EXPLICIT_FIELDS = "explicit_fields"
    ORDER = "order"
    START_AND_TERM = "start_and_term"
    RENEWAL_CLOSE_DATE = "renewal_close_date"


class Confidence(StrEnum):
    """How sure that is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Step:
    """From this day on a year of the term is worth so much, whatever is invoiced: it is annualised, never prorated."""

    on: date
    arr: Decimal
    #: the price rises because the contract says so, not because anybody bought more
    is_escalator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One renewable commitment, as far as it is known."""

    term_id: str
    #: the customer that is counted: its account, or the account at the top of its family
    logo: str
    kind: Kind = Kind.FIXED
    start: date | None
    #: the last day of paid service; None for one that is evergreen, or where nothing tells it
    due: date | None
    #: what a year is worth, from its start on, in order
    steps: tuple[Step, ...]
    currency: str | None
    #: when the customer signed it; None while nobody has
    signed_on: date | None
    #: the terms that it continues
    renews: tuple[str, ...] = ()
    #: when sales closed its renewal as lost; the customer leaves on the day after the last one all the same
    lost_on: date | None = None
    #: the last day on which the customer can give notice
    notice_by: date | None = None
    #: when the customer gave notice
    notice_on: date | None = None
    #: the last day of an evergreen commitment that was ended
    ended_on: date | None = None
    auto_renews: bool = False
    #: whether the contract is activated
    is_active: bool = False
    provenance: Provenance | None = None
    confidence: Confidence = Confidence.HIGH

    @property
    def atr(self) -> Decimal:
        """What is up for renewal: a year's worth on the last day, the ending year's and not the average."""
        return self.arr_on(self.due) if self.due is not None else self.steps[-1].arr if self.steps else Decimal(0)

    @property
    def first_arr(self) -> Decimal:
        """A year's worth on its first day."""
        return Decimal(0) if self.start is None else self.arr_on(self.start)

    def arr_on(self, day: date, *, exclude_escalators: bool = False) -> Decimal:
        """A year's worth on a day within the term."""
        value = Decimal(0)
        rises = Decimal(0)
        for step in self.steps:
            if step.on > day:
                break
            rises += step.arr - value if step.is_escalator else 0
            value = step.arr
        return value - rises if exclude_escalators else value

    def at_rate(self, rate: Decimal, currency: str | None) -> "Term":
        """The same in another currency."""
        steps = tuple(replace(step, arr=step.arr * rate) for step in self.steps)
        return replace(self, steps=steps, currency=currency)
