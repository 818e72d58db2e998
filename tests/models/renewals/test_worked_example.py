"""The worked example: every number that was worked out by hand is what the code says."""

from datetime import date
from decimal import Decimal

import pytest
import worked_example as example

from models.renewals.ledger import Outcome
from models.renewals.rates import Ratio, Renewals, renewals
from models.renewals.restatement import Restatement, restatements
from models.renewals.retention import retention

SEEN_LATE = date(2026, 11, 23)
SEEN_EARLY = date(2026, 9, 5)
SINCE, UNTIL = date(2025, 10, 1), date(2026, 10, 1)


def percent(ratio: Ratio) -> str:
    """A rate as people write it."""
    assert ratio.rate is not None
    return f"{ratio.rate * 100:.2f}"


def as_written(found: Renewals) -> dict[str, object]:
    """The numbers under the names of the data."""
    return {
        "as_of": found.as_of.isoformat(),
        "terms_due": found.terms_due,
        "terms_settled": found.terms_settled,
        "terms_pending": found.terms_pending,
        "pending_atr": str(found.pending_atr),
        "atr_settled": str(found.atr),
        "renewed_arr": str(found.renewed_arr.quantize(Decimal(1))),
        "capped": str(found.capped_arr.quantize(Decimal(1))),
        "logos_due": found.logos_due,
        "logos_settled": found.logos_settled,
        "logos_renewed": found.logos_renewed,
        "logo_rate": percent(found.logo_renewal),
        "term_rate": percent(found.term_renewal),
        "gross": percent(found.gross_renewal),
        "net": percent(found.net_renewal),
        "on_time_terms": percent(found.on_time_terms),
        "on_time_logos": percent(found.on_time_logos),
        "term_floor": percent(found.floor),
        "term_ceiling": percent(found.ceiling),
    }


@pytest.mark.parametrize("as_of", sorted(example.DATA["expected"]))
def test_every_rate_of_the_quarter_is_the_one_worked_out_by_hand(as_of: str):
    """What a dashboard shows for the third quarter can be checked with a pencil."""
    found = renewals(example.ledger(), example.QUARTER, date.fromisoformat(as_of))

    assert as_written(found) == example.DATA["expected"][as_of]


def test_each_term_ends_as_its_story_says():
    """A downsell that is signed on the last day is on time; one that is signed in the days of grace is late."""
    found = renewals(example.ledger(), example.QUARTER, SEEN_LATE)

    assert {row.term.term_id: (row.ending.outcome.value, row.ending.renewed_arr) for row in found.rows} == {
        row["id"]: (row["o"], Decimal(row["ren"])) for row in example.DATA["terms"]
    }


def test_what_is_signed_before_it_is_due_is_secured_and_in_no_rate():
    """On 5 September three terms are safe though not due, and others are open."""
    ledger = example.ledger()
    ahead = {
        row["id"]: ledger.ending(ledger.terms[row["id"]], SEEN_EARLY).outcome
        for row in example.DATA["terms"]
        if date.fromisoformat(row["due"]) > SEEN_EARLY
    }
    secured = {name for name, outcome in ahead.items() if outcome is Outcome.SECURED}

    assert secured == {"S4", "S5", "S7B"}
    assert sum(ledger.terms[name].atr for name in secured) == 102_000
    assert set(ahead) - secured == {"F09", "F10", "F11", "F12", "S6"}


def test_the_base_of_both_days_is_the_one_worked_out_by_hand():
    """Each customer's annual value on 1 October of either year."""
    ledger = example.ledger()
    for day, key in ((SINCE, "arr_2025_10_01"), (UNTIL, "arr_2026_10_01")):
        worth = dict.fromkeys(example.DATA[key], Decimal(0))
        for term in ledger.terms.values():
            if term.kind in {"fixed", "evergreen"} and ledger.in_force(term, day, SEEN_LATE):
                worth[term.logo] += term.arr_on(day)

        assert worth == example.DATA[key]


def test_the_trailing_year_is_the_one_worked_out_by_hand():
    """Retention of the whole base, with each step of the bridge."""
    found = retention(example.ledger(), SINCE, UNTIL, SEEN_LATE)

    assert (found.start_arr, found.start_logos) == (390_000, 22)
    assert (found.churned_arr, found.contraction, found.expansion) == (25_000, 7_000, 20_000)
    assert (found.kept_arr, found.new_arr, found.end_arr) == (378_000, 18_000, 396_000)
    assert [percent(each) for each in (found.grr, found.nrr)] == ["91.79", "96.92"]
    assert [percent(each) for each in (found.logo_retention, found.logo_churn)] == ["95.45", "4.55"]
    assert [percent(each) for each in (found.arr_churn, found.contraction_rate)] == ["6.41", "1.79"]


def test_the_trailing_year_can_be_told_without_contracted_rises():
    """A price that rises because the contract says so can be left out."""
    found = retention(example.ledger(), SINCE, UNTIL, SEEN_LATE, exclude_escalators=True)

    assert percent(found.nrr) == "96.15"
    assert percent(found.grr) == "91.79"


def test_a_signature_that_is_deleted_and_restored_is_one_restatement_each():
    """Who saw 90 % and sees 95 % now finds the row that tells why."""
    as_of = date(2026, 10, 5)
    known, missing = example.ledger(), example.without_signature("S3-2")
    rates = [percent(renewals(each, example.QUARTER, as_of).logo_renewal) for each in (known, missing, known)]

    assert rates == ["95.00", "90.00", "95.00"]
    assert restatements(missing, known, as_of) == [Restatement("S3", Outcome.LOST, Outcome.LATE)]
    assert restatements(known, missing, as_of) == [Restatement("S3", Outcome.LATE, Outcome.LOST)]
    assert restatements(known, example.ledger(), as_of) == []
