"""Satisfaction: what the answers of surveys add up to. Who did not answer is neither satisfied nor unsatisfied."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from models.renewals.rates import Ratio
from models.survey import SurveyKind

_PLACES = Decimal("0.01")


class Verdict(StrEnum):
    """What a score says."""

    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"
    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"


def verdict_of(kind: SurveyKind, score: int | None, scale: int) -> Verdict | None:
    """What a score says: 9 and 10 promote, 0 to 6 detract; the best two of a scale (one, below 5) are satisfied."""
    if score is None:
        return None
    if kind is SurveyKind.NPS:
        return Verdict.PROMOTER if score >= 9 else Verdict.PASSIVE if score >= 7 else Verdict.DETRACTOR
    return Verdict.SATISFIED if score > scale - (2 if scale >= 5 else 1) else Verdict.UNSATISFIED


def percent_of(kind: SurveyKind, score: int, scale: int) -> Decimal:
    """A score on a scale from 0 (the worst) to 100 (the best), so that both kinds can be compared."""
    lowest = 0 if kind is SurveyKind.NPS else 1
    return Decimal(100) * (score - lowest) / (scale - lowest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """What some surveys add up to."""

    #: surveys whose day of sending is known, and those of them that were answered
    asked: int
    answered: int
    promoters: int
    passives: int
    detractors: int
    satisfied: int
    unsatisfied: int

    @property
    def response(self) -> Ratio:
        """How many of those who were asked answered."""
        return Ratio(Decimal(self.answered), Decimal(self.asked))

    @property
    def csat(self) -> Ratio:
        """How many of those who answered are satisfied."""
        return Ratio(Decimal(self.satisfied), Decimal(self.satisfied + self.unsatisfied))

    @property
    def nps(self) -> Decimal | None:
        """Promoters less detractors, of 100 who answered: from -100 to 100; None where nobody did."""
        answers = self.promoters + self.passives + self.detractors
        if not answers:
            return None
        return (Decimal(100) * (self.promoters - self.detractors) / answers).quantize(_PLACES, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many surveys that are alike."""

    kind: SurveyKind
    #: None while nobody has answered
    score: int | None
    scale: int
    #: whether it is known when they were sent
    is_asked: bool
    count: int


def satisfaction(surveys: Iterable[Counted]) -> Satisfaction:
    """Add up some surveys."""
    asked = answered = 0
    said: Counter[Verdict | None] = Counter()
    for each in surveys:
        asked += each.count if each.is_asked else 0
        answered += each.count if each.is_asked and each.score is not None else 0
        said[verdict_of(each.kind, each.score, each.scale)] += each.count
    return Satisfaction(
        asked=asked, answered=answered, promoters=said[Verdict.PROMOTER], passives=said[Verdict.PASSIVE],
        detractors=said[Verdict.DETRACTOR], satisfied=said[Verdict.SATISFIED], unsatisfied=said[Verdict.UNSATISFIED],
    )  # fmt: skip
