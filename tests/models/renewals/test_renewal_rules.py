"""Each rule about renewals that people get wrong, one by one."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from worked_example import QUARTER, renewal, term

from models.renewals.ledger import Ledger, Outcome, Policy
from models.renewals.period import Bucket, period_of, periods_between
from models.renewals.problem import Fault, Problem, in_currency
from models.renewals.rates import renewals
from models.renewals.retention import retention
from models.renewals.term import Kind, Step, Term

OLD = term("A", "2025-08-01", "2026-07-31", 100)
AFTERWARDS = date(2026, 12, 31)


def outcome(as_of: str, *terms: Term, policy: Policy | None = None) -> Outcome:
    """How the first term ended as seen on a day."""
    return Ledger(terms, policy=policy).ending(terms[0], date.fromisoformat(as_of)).outcome


def test_an_early_signature_stays_in_the_period_of_the_old_term():
    """Who signs in spring what is due in summer is a renewal of summer, and secured until then."""
    ledger = Ledger([OLD, renewal("B", OLD, 110, "2026-04-01")])
    spring = period_of(date(2026, 4, 1), Bucket.QUARTER)

    assert renewals(ledger, spring, AFTERWARDS).terms_due == 0
    assert renewals(ledger, QUARTER, AFTERWARDS).on_time_terms.rate == 1
    assert ledger.ending(OLD, date(2026, 7, 30)).outcome is Outcome.SECURED


def test_the_last_day_itself_is_on_time_and_the_next_is_late():
    """Due means the last day of paid service, the whole of it."""
    assert outcome("2026-12-31", OLD, renewal("B", OLD, 100, "2026-07-31")) is Outcome.ON_TIME
    assert outcome("2026-12-31", OLD, renewal("B", OLD, 100, "2026-08-01")) is Outcome.LATE


def test_a_term_is_pending_through_its_days_of_grace_and_lost_after_them():
    """Nobody is called lost too soon, and nobody is pending for ever."""
    seen = {day: outcome(day, OLD) for day in ("2026-07-30", "2026-07-31", "2026-08-30", "2026-08-31")}

    assert list(seen.values()) == [Outcome.OPEN, Outcome.PENDING, Outcome.PENDING, Outcome.LOST]
    assert outcome("2026-08-01", OLD, policy=Policy(grace=timedelta(0))) is Outcome.LOST


def test_lost_that_is_logged_early_stays_open_until_the_last_day_has_passed():
    """Sales gives up in June; the customer pays until the end of July."""
    given_up = replace(OLD, lost_on=date(2026, 6, 10))

    assert outcome("2026-07-30", given_up) is Outcome.OPEN
    assert outcome("2026-07-31", given_up) is Outcome.PENDING
    assert outcome("2026-08-01", given_up) is Outcome.LOST


def test_a_customer_leaves_on_the_day_after_the_last():
    """Neither the notice nor the closed-lost date is when a customer left."""
    ledger = Ledger([replace(OLD, lost_on=date(2026, 6, 10), notice_on=date(2026, 5, 1))])
    after = [retention(ledger, date(2026, 1, 1), day, AFTERWARDS) for day in (date(2026, 7, 31), date(2026, 8, 1))]

    assert [each.lost_logos for each in after] == [0, 1]


def test_a_renewal_after_the_days_of_grace_changes_the_quarter_it_was_due_in():
    """Lost becomes late in the original cohort, not in the one of the signature."""
    late = renewal("B", OLD, 100, "2026-10-20")

    assert outcome("2026-10-19", OLD, late) is Outcome.LOST
    assert outcome("2026-10-20", OLD, late) is Outcome.LATE
    assert renewals(Ledger([OLD, late]), QUARTER, AFTERWARDS).terms_due == 1


def test_who_comes_back_after_more_than_ninety_days_is_a_new_customer():
    """A win-back is no renewal: the old customer stays lost, and the new one is flagged."""
    edge, beyond = renewal("B", OLD, 100, "2026-10-29"), renewal("C", OLD, 100, "2026-10-30", start=date(2026, 11, 1))
    ledger = Ledger([OLD, beyond])
    kept = retention(ledger, date(2026, 1, 1), date(2026, 12, 1), AFTERWARDS)

    assert outcome("2026-12-31", OLD, edge) is Outcome.LATE
    assert outcome("2026-12-31", OLD, beyond) is Outcome.LOST
    assert ledger.is_win_back(beyond)
    assert (kept.lost_logos, kept.new_logos, kept.won_back_logos) == (1, 1, 1)
    assert renewals(ledger, QUARTER, AFTERWARDS).logos_renewed == 0


def test_cancel_and_replace_keeps_the_old_due_day_and_moves_the_value_at_once():
    """The rates see the old day, the base sees the new price from its start on."""
    replaced = renewal("B", OLD, 150, "2026-03-20", start=date(2026, 4, 1))
    ledger = Ledger([OLD, replaced])

    assert ledger.ending(OLD, AFTERWARDS).is_early_replace
    assert ledger.last_day(OLD, AFTERWARDS) == date(2026, 3, 31)
    assert renewals(ledger, QUARTER, AFTERWARDS).net_renewal.rate == Decimal("1.5")
    assert retention(ledger, date(2026, 3, 31), date(2026, 4, 1), AFTERWARDS).expansion == 50


def test_a_term_of_several_years_is_in_no_rate_until_it_is_due():
    """Its anniversaries are no renewals."""
    years = term("A", "2025-08-01", "2028-07-31", 100)

    assert renewals(Ledger([years]), QUARTER, AFTERWARDS).terms_due == 0


def test_what_is_up_for_renewal_is_the_ending_years_value():
    """The last step of a ramp, with what was bought in between at its full annual value."""
    steps = tuple(Step(date(year, 8, 1), Decimal(arr)) for year, arr in ((2023, 60), (2024, 80), (2025, 100)))
    ramp = term("A", "2023-08-01", "2026-07-31", 0, steps=(*steps, Step(date(2026, 2, 1), Decimal(106))))

    assert ramp.atr == 106
    assert ramp.first_arr == 60


def test_more_at_the_renewal_is_in_the_net_rate_only():
    """Growth of one customer never hides the loss of another in the gross rate."""
    lost = term("L", "2025-08-01", "2026-07-31", 100)
    found = renewals(Ledger([OLD, renewal("B", OLD, 300, "2026-07-01"), lost]), QUARTER, AFTERWARDS)

    assert (found.gross_renewal.rate, found.net_renewal.rate) == (Decimal("0.5"), Decimal("1.5"))


def test_several_terms_that_become_one_share_its_value_by_what_each_was_worth():
    """And the shares add up to the cent."""
    second = term("A2", "2025-09-01", "2026-08-31", 200, logo="A")
    one = renewal("B", OLD, 1_000, "2026-07-01", renews=("A", "A2"))
    ledger = Ledger([OLD, second, one])
    shares = [ledger.ending(each, AFTERWARDS).renewed_arr for each in (OLD, second)]

    assert shares == [Decimal("333.33"), Decimal("666.67")]
    assert retention(ledger, date(2026, 7, 1), date(2026, 8, 1), AFTERWARDS).expansion == 700


def test_a_term_that_lapsed_long_ago_takes_no_share_of_what_comes_after():
    """Only what is really continued counts."""
    lapsed = term("Z", "2024-01-01", "2024-12-31", 900, logo="A")
    ledger = Ledger([OLD, lapsed, renewal("B", OLD, 100, "2026-07-01", renews=("A", "Z"))])

    assert ledger.ending(OLD, AFTERWARDS).renewed_arr == 100
    assert ledger.ending(lapsed, AFTERWARDS).outcome is Outcome.LOST


def test_a_term_that_becomes_several_is_worth_their_sum_and_is_listed():
    """A split is no loss; that there are two is shown to whoever looks."""
    ledger = Ledger([OLD, renewal("B", OLD, 60, "2026-07-01"), renewal("C", OLD, 50, "2026-08-05")])

    assert ledger.ending(OLD, AFTERWARDS).renewed_arr == 110
    assert ledger.ending(OLD, AFTERWARDS).outcome is Outcome.ON_TIME
    assert ledger.problems == (Problem("A", Fault.SEVERAL_SUCCESSORS),)


@pytest.mark.parametrize("kind", [Kind.PILOT, Kind.ONE_OFF])
def test_pilots_and_services_count_nowhere(kind: Kind):
    """They are neither up for renewal nor part of the base."""
    ledger = Ledger([replace(OLD, kind=kind)])

    assert renewals(ledger, QUARTER, AFTERWARDS).terms_due == 0
    assert retention(ledger, date(2026, 1, 1), date(2026, 7, 1), AFTERWARDS).start_arr == 0


def test_what_runs_without_end_is_in_the_base_and_in_no_renewal_rate():
    """A month-to-month customer is never due, and leaves on the day after the last."""
    endless = replace(OLD, kind=Kind.EVERGREEN, due=None)
    ended = replace(endless, ended_on=date(2026, 7, 31))

    assert renewals(Ledger([endless]), QUARTER, AFTERWARDS).terms_due == 0
    assert retention(Ledger([endless]), date(2026, 1, 1), date(2027, 1, 1), AFTERWARDS).grr.rate == 1
    assert retention(Ledger([ended]), date(2026, 1, 1), date(2026, 8, 1), AFTERWARDS).grr.rate == 0


def test_a_contract_that_renews_itself_does_so_only_while_it_is_activated():
    """Without a new deal the day after the last must find it active; else it is pending like any other."""
    goes_on = replace(OLD, auto_renews=True, is_active=True)
    ledger = Ledger([goes_on])

    assert outcome("2026-07-31", goes_on) is Outcome.PENDING
    assert outcome("2026-08-01", goes_on) is Outcome.ON_TIME
    assert ledger.ending(goes_on, AFTERWARDS).is_auto
    assert ledger.ending(goes_on, AFTERWARDS).renewed_arr == 100
    assert retention(ledger, date(2026, 1, 1), date(2026, 12, 1), AFTERWARDS).grr.rate == 1
    assert outcome("2026-08-01", replace(goes_on, is_active=False)) is Outcome.PENDING


def test_a_customer_with_another_running_term_is_no_lost_customer():
    """One of two products goes: a term is lost, the customer is not."""
    other = term("A2", "2026-01-01", "2026-12-31", 50, logo="A")
    found = renewals(Ledger([OLD, other]), QUARTER, AFTERWARDS)

    assert (found.term_renewal.rate, found.logo_renewal.rate) == (0, 1)


def test_losses_and_gains_of_one_customer_are_netted():
    """A downsell and a cross-sell on one day are one change."""
    other = term("A2", "2026-08-01", "2027-07-31", 30, logo="A")
    found = retention(
        Ledger([OLD, renewal("B", OLD, 60, "2026-07-01"), other]), date(2026, 7, 1), date(2026, 8, 1), AFTERWARDS
    )

    assert (found.contraction, found.expansion) == (10, 0)


def test_the_rate_of_nothing_is_no_rate():
    """Neither 0 % nor 100 %."""
    found = renewals(Ledger([]), QUARTER, AFTERWARDS)
    kept = retention(Ledger([]), date(2026, 1, 1), date(2026, 7, 1), AFTERWARDS)

    assert [found.logo_renewal.rate, found.gross_renewal.rate, found.floor.rate, kept.grr.rate] == [None] * 4


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (replace(OLD, start=None), Fault.NO_START),
        (replace(OLD, due=None), Fault.NO_DUE_DAY),
        (replace(OLD, due=date(2025, 7, 1)), Fault.DUE_BEFORE_START),
        (replace(OLD, steps=(Step(date(2025, 8, 1), Decimal(-1)),)), Fault.NEGATIVE_VALUE),
        (replace(OLD, steps=(Step(date(2025, 8, 1), Decimal("NaN")),)), Fault.NEGATIVE_VALUE),
        (replace(OLD, steps=()), Fault.NO_VALUE),
    ],
)
def test_a_term_that_can_not_be_right_is_listed_and_in_no_number(wrong: Term, fault: Fault):
    """A number is never computed from what is known to be wrong."""
    ledger = Ledger([wrong])

    assert ledger.problems == (Problem("A", fault),)
    assert ledger.terms == {}


def test_links_that_can_not_be_right_are_listed_and_left_out():
    """A term that renews itself, a circle, and a renewal that starts first are no renewals."""
    itself = replace(OLD, renews=("A",))
    back = renewal("B", OLD, 100, "2026-07-01")
    circle = replace(OLD, renews=("B",))
    first = term("C", "2024-01-01", "2024-12-31", 100, renews=("A",))

    assert Ledger([itself]).problems == (Problem("A", Fault.RENEWS_ITSELF),)
    assert Ledger([circle, back]).problems == (Problem("A", Fault.RENEWS_IN_A_CIRCLE, "B"),)
    assert Ledger([circle, back]).ending(circle, AFTERWARDS).outcome is Outcome.ON_TIME
    assert Ledger([OLD, first]).problems == (Problem("C", Fault.RENEWAL_STARTS_FIRST, "A"),)
    assert Ledger([OLD, replace(OLD, due=date(2026, 9, 1))]).problems == (Problem("A", Fault.SAME_ID),)


def test_a_currency_without_a_rate_is_listed_and_others_are_converted():
    """Amounts of different currencies are never added up as they are."""
    euro, yen = replace(OLD, currency="EUR"), replace(OLD, term_id="Y", currency="JPY")
    terms, problems = in_currency([OLD, euro, yen], "USD", {"EUR": Decimal("1.25")})

    assert [each.atr for each in terms] == [100, 125]
    assert problems == [Problem("Y", Fault.UNKNOWN_CURRENCY)]


def test_a_contract_that_ends_on_the_last_day_of_the_calendar_is_no_error():
    """Orgs write "without end" as 9999-12-31."""
    endless = replace(OLD, due=date(9999, 12, 31))

    assert outcome("2026-12-31", endless) is Outcome.OPEN
    assert retention(Ledger([endless]), date(2026, 1, 1), date(2026, 12, 1), AFTERWARDS).grr.rate == 1


def test_quarters_follow_the_fiscal_year():
    """A year that starts in February is named after the one in which it ends."""
    found = period_of(date(2026, 12, 24), Bucket.QUARTER, fiscal_start_month=2)

    assert (found.name, found.first, found.last) == ("2027-Q4", date(2026, 11, 1), date(2027, 1, 31))
    assert [each.name for each in periods_between(date(2026, 1, 15), date(2026, 3, 1), Bucket.MONTH)] == [
        "2026-01", "2026-02", "2026-03",
    ]  # fmt: skip
