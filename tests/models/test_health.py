"""The health score: the worked example, what is missing, and that no input counts for more than its weight."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.health import WEIGHTS, Health, HealthBand, HealthInput, health

SCORES = st.dictionaries(st.sampled_from(list(HealthInput)), st.decimals(0, 100, places=2) | st.none())


def test_the_example_is_as_it_was_worked_out():
    """100, 70, nothing and 40 are (3000 + 1400 + 800) / 70 = 74.29, of which 70 % is known."""
    found = health(dict(zip(HealthInput, (Decimal(100), Decimal(70), None, Decimal(40)), strict=True)))

    assert found == Health(Decimal("74.29"), Decimal("70.00"))
    assert list(WEIGHTS.values()) == [30, 20, 30, 20]


@pytest.mark.parametrize(
    ("known", "coverage", "is_scored"),
    [
        ((), 0, False),
        ((HealthInput.USAGE,), 30, False),
        ((HealthInput.SPONSOR, HealthInput.SENTIMENT), 40, False),
        ((HealthInput.USAGE, HealthInput.SENTIMENT), 50, True),
        (tuple(HealthInput), 100, True),
    ],
)
def test_a_score_that_rests_on_too_little_is_not_shown(known, coverage, is_scored):
    """Half of the weights has to be known."""
    found = health(dict.fromkeys(known, Decimal(80)))

    assert (found.coverage, found.score) == (coverage, 80 if is_scored else None)
    assert found.band is (HealthBand.GOOD if is_scored else HealthBand.UNKNOWN)


@pytest.mark.parametrize(
    ("score", "band"), [("75", "good"), ("74.99", "fair"), ("50", "fair"), ("49.99", "poor"), ("0", "poor")]
)
def test_a_score_is_told_in_a_word(score, band):
    """A list is filtered by it."""
    assert health(dict.fromkeys(HealthInput, Decimal(score))).band.value == band


@given(SCORES)
def test_what_is_missing_is_never_a_zero(scores):
    """Leaving an input out and knowing nothing of it are the same, and the score lies between the inputs."""
    known = {each: score for each, score in scores.items() if score is not None}
    found = health(scores)

    assert found == health(known)
    assert found.score is None or min(known.values()) <= found.score <= max(known.values())


def test_a_score_has_few_inputs():
    """Beyond six nobody can say any more why a score is what it is."""
    assert len(WEIGHTS) == len(HealthInput) <= 6
