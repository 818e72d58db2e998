"""The health of a customer: a weighted mean of what is known, and how much that is. What is missing is never 0."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

_PLACES = Decimal("0.01")


class HealthInput(StrEnum):
    """What a health score is made of, each from 0 to 100. There are four of them, and never more than six."""

    HANDOFF = "handoff"  # how far the newest deal is passed on
    SPONSOR = "sponsor"  # how long ago somebody spoke to the people who wanted it
    USAGE = "usage"  # how much of it is used; only another tool knows
    SENTIMENT = "sentiment"  # what the customer answered in surveys


class HealthBand(StrEnum):
    """A score in a word."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    UNKNOWN = "unknown"  # too little is known


WEIGHTS: Mapping[HealthInput, int] = {
    HealthInput.HANDOFF: 30, HealthInput.SPONSOR: 20, HealthInput.USAGE: 30, HealthInput.SENTIMENT: 20,
}  # fmt: skip
#: below this much of all weights a score says more about our ignorance than about the customer
LEAST_COVERAGE = Decimal(50)
_GOOD, _FAIR = Decimal(75), Decimal(50)


@dataclass(frozen=True, slots=True)
class Health:
    """A score, and how much of the weights it rests on, in percent; the score is None where that is too little."""

    score: Decimal | None
    coverage: Decimal

    @property
    def band(self) -> HealthBand:
        """The score in a word."""
        if self.score is None:
            return HealthBand.UNKNOWN
        return HealthBand.GOOD if self.score >= _GOOD else HealthBand.FAIR if self.score >= _FAIR else HealthBand.POOR


def health(scores: Mapping[HealthInput, Decimal | None], weights: Mapping[HealthInput, int] = WEIGHTS) -> Health:
    """Weigh the inputs that are known; one that is None is left out with its weight."""
    known = {each: score for each, score in scores.items() if score is not None}
    weight = sum(weights[each] for each in known)
    coverage = (Decimal(100) * weight / sum(weights.values())).quantize(_PLACES, ROUND_HALF_UP)
    if not weight or coverage < LEAST_COVERAGE:
        return Health(None, coverage)
    weighed = sum((weights[each] * score for each, score in known.items()), Decimal(0))
    return Health((weighed / weight).quantize(_PLACES, ROUND_HALF_UP), coverage)
