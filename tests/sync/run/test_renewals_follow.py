"""Renewals through the whole way: records of an org, a sync, and the numbers that were worked out by hand."""

from datetime import date
from typing import Any

import pytest
import worked_example as example
from followed_org import Followed
from renewing_org import RenewingOrg

from models.renewals.ledger import Ledger, Outcome
from models.renewals.rates import renewals
from models.renewals.retention import retention

SEEN_LATE, SEEN_EARLY = date(2026, 11, 23), date(2026, 9, 5)


@pytest.fixture
def renewing(followed: Followed) -> RenewingOrg:
    """An org with the terms of the worked example, and a store that has read it."""
    made = RenewingOrg(followed)
    made.write(example.terms())
    followed.sync(snapshot=True)
    return made


def told(followed: Followed) -> list[Any]:
    """The restatements that were announced."""
    return followed.ask("SELECT deal_id, data FROM cs.event WHERE type = 'renewal.restated' ORDER BY seq")


def differing(found: Ledger, wanted: Ledger) -> dict[str, Any]:
    """The facts of terms by which two ledgers differ."""
    facts = ("logo", "kind", "start", "due", "steps", "signed_on", "renews")
    return {
        f"{key}.{fact}": (getattr(found.terms.get(key), fact, None), getattr(wanted.terms.get(key), fact, None))
        for key in found.terms.keys() | wanted.terms.keys()
        for fact in facts
        if getattr(found.terms.get(key), fact, None) != getattr(wanted.terms.get(key), fact, None)
        and (key not in {"X1", "P1"} or fact in {"logo", "kind"})  # they count nowhere
    }


def test_the_worked_example_comes_out_of_an_org_as_it_was_worked_out(renewing: RenewingOrg):
    """Contracts, won deals, an upsell, a contracted rise: all rates at both dates, and the trailing year."""
    found = renewing.ledger()

    assert differing(found, example.ledger()) == {}
    assert found.problems == ()
    for as_of in (SEEN_LATE, SEEN_EARLY):
        got, wanted = (renewals(each, example.QUARTER, as_of) for each in (found, example.ledger()))
        for name in ("logo_renewal", "term_renewal", "gross_renewal", "net_renewal", "on_time_terms", "floor"):
            assert getattr(got, name) == getattr(wanted, name), name
    year = retention(found, date(2025, 10, 1), date(2026, 10, 1), SEEN_LATE)
    assert (year.start_arr, year.kept_arr, year.end_arr) == (390_000, 378_000, 396_000)
    assert told(renewing.followed) == []


def test_a_signature_that_goes_and_comes_back_is_told_and_can_be_looked_up(renewing: RenewingOrg):
    """The 90 % that a dashboard showed in between can be shown again, and each change is an event."""
    followed, deal = renewing.followed, renewing.deals["S3-2"]
    as_of = date(2026, 10, 5)
    followed.org.update("Opportunity", deal, {"StageName": "Prospecting"})
    followed.sync()
    [(between,)] = followed.ask("SELECT now()")
    without = renewing.ledger()
    followed.org.update("Opportunity", deal, {"StageName": "Closed Won"})
    followed.sync()
    again, looked_up = renewing.ledger(), renewing.ledger(known_at=between)
    rates = [renewals(each, example.QUARTER, as_of).logo_renewal.rate for each in (without, again, looked_up)]

    assert [str(rate) for rate in rates] == ["0.9000", "0.9500", "0.9000"]
    assert without.ending(without.terms["S3"], as_of).outcome is Outcome.LOST
    changes = [(data["term_id"], data["before"], data["after"]) for _, data in told(followed)]
    assert changes == [
        (renewing.contracts["S3"], "late", "lost"),
        (renewing.contracts["S3"], "lost", "late"),
    ]


def test_a_pass_that_changes_nothing_about_a_term_writes_no_row_of_it(renewing: RenewingOrg):
    """Saving a deal again is no news for the ledger; a new end of its contract is one row."""
    followed = renewing.followed
    [before] = followed.ask("SELECT count(*) FROM cs.term")
    followed.org.update("Opportunity", renewing.deals["F01"], {"NextStep": "Call"})
    followed.sync()
    [after] = followed.ask("SELECT count(*) FROM cs.term")
    followed.org.update("Contract", renewing.contracts["M1"], {"ContractTerm": 36})
    followed.sync()
    rows = followed.ask(
        "SELECT due_on, known_to IS NULL FROM cs.term WHERE term_id = :id ORDER BY known_from",
        id=renewing.contracts["M1"],
    )

    assert before == after
    assert rows == [(date(2027, 6, 30), False), (date(2028, 6, 30), True)]


def test_terms_of_a_customer_that_has_no_deal_any_more_are_known_no_more(renewing: RenewingOrg):
    """A won deal that is deleted takes its term with it; the row is closed and not lost."""
    followed = renewing.followed
    followed.org.delete("Opportunity", renewing.deals["N1"])
    followed.sync()

    assert "N1" not in renewing.ledger().terms
    assert followed.ask(
        "SELECT count(*), count(known_to) FROM cs.term WHERE term_id = :id", id=renewing.contracts["N1"]
    ) == [(1, 1)]
