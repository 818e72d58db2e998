"""The figures of renewals over the API: the worked example, what was known before, and what is wrong."""

import csv
import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import stored_deals as stored
import worked_example as example
from sqlalchemy import text

from app.scopes import Scope
from models.renewals.term import Term
from models.session import Store
from models.term import KnownTerm, write_terms

PATH = "/api/v1/metrics"
QUARTER = {"from": "2026-07-01", "to": "2026-09-30"}
ALL = (Scope.METRICS_READ, Scope.COMMERCIAL_READ)


def keep(store: Store, terms: list[Term]) -> None:
    """Let these be the terms of the org."""
    known = [
        KnownTerm(term=each, deal_id=each.term_id, deal_ids=(each.term_id,), contract_id=None, why=()) for each in terms
    ]
    with store.writing() as session:
        write_terms(session, stored.ORG_ID, {each.logo for each in terms}, known, generation=1)


@pytest.fixture
def kept(store: Store) -> Store:
    """A store with the terms of the worked example."""
    stored.fill(store)
    keep(store, example.terms())
    return store


def asked(client: Any, path: str, **params: Any) -> Any:
    """The answer to a question that is all right."""
    answer = client.get(f"{PATH}/{path}", params={**QUARTER, "as_of": "2026-11-23", **params})

    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_quarter_reads_as_it_was_worked_out(kept, client_of):
    """A dashboard shows the headline, its parts, and the band of what is pending."""
    client = client_of(kept, *ALL)
    late, early = (asked(client, "renewals", as_of=as_of)["data"] for as_of in ("2026-11-23", "2026-09-05"))

    [row] = late
    assert (row["period"], row["logos_due"], row["logos_renewed"]) == ("2026-Q3", 20, 19)
    assert [row[name] for name in ("logo_renewal_rate", "gross_renewal_rate", "net_renewal_rate", "on_time_rate")] == [
        0.95, 0.9061, 0.9424, 0.9048,
    ]  # fmt: skip
    assert (row["atr"], row["renewed_arr"], row["capped_arr"]) == (330000, 311000, 299000)
    assert [early[0][name] for name in ("pending", "pending_atr", "floor", "ceiling")] == [1, 10000, 0.8462, 0.9231]


def test_the_rows_behind_a_rate_add_up_to_it(kept, client_of):
    """Whoever doubts a number finds each term of it."""
    client = client_of(kept, *ALL)
    rows = asked(client, "renewals/rows")["data"]

    assert len(rows) == 21
    assert sum(row["status"] in {"on_time", "late"} for row in rows) == 20
    assert sum(row["atr"] for row in rows) == 330000
    assert {row["term_id"]: row["status"] for row in rows}["S8"] == "lost"


def test_the_trailing_year_reads_as_it_was_worked_out(kept, client_of):
    """GRR, NRR and the bridge; contracted rises can be left out."""
    client = client_of(kept, *ALL)
    year = {"from": "2025-10-01", "to": "2026-10-01"}
    [row] = asked(client, "retention", **year)["data"]
    [without] = asked(client, "retention", **year, exclude_escalators=True)["data"]

    assert (row["grr"], row["nrr"], without["nrr"]) == (0.9179, 0.9692, 0.9615)
    assert row["start_arr"] - row["churned_arr"] - row["contraction_arr"] + row["expansion_arr"] == row["kept_arr"]
    assert row["kept_arr"] + row["new_arr"] == row["end_arr"] == 396000


def test_a_number_can_be_asked_as_it_was_known_before(kept, client_of):
    """Whoever saw 95 % can see it again after a signature was deleted."""
    client = client_of(kept, *ALL)
    with kept.reading() as session:
        before = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    changed = [replace(each, signed_on=None) if each.term_id == "S3-2" else each for each in example.terms()]
    keep(kept, changed)
    now = asked(client, "renewals", as_of="2026-10-05")["data"][0]["logo_renewal_rate"]
    then = asked(client, "renewals", as_of="2026-10-05", known_at=before.isoformat())["data"][0]["logo_renewal_rate"]

    assert (now, then) == (0.9, 0.95)


def test_what_is_wrong_is_listed_beside_the_numbers(store, client_of):
    """Bad data never becomes a number, nor an error."""
    stored.fill(store)
    good = example.term("A", "2025-08-01", "2026-07-31", 100)
    keep(
        store,
        [
            good,
            replace(good, term_id="B", due=None),
            replace(good, term_id="C", due=date(2025, 1, 1)),
            replace(good, term_id="D", currency="JPY"),
            replace(good, term_id="E", renews=("E",)),
        ],
    )
    answer = asked(client_of(store, *ALL), "renewals", currency="USD")

    assert answer["data"][0]["terms_due"] == 2
    assert {(each["term_id"], each["code"]) for each in answer["problems"]} == {
        ("B", "no_due_day"), ("C", "due_before_start"), ("D", "unknown_currency"), ("E", "renews_itself"),
    }  # fmt: skip


def test_the_rate_of_nothing_is_null(store, client_of):
    """An empty quarter is neither 0 % nor 100 %."""
    stored.fill(store)
    [row] = asked(client_of(store, *ALL), "renewals")["data"]

    assert (row["logos_due"], row["logo_renewal_rate"], row["gross_renewal_rate"], row["floor"]) == (
        0,
        None,
        None,
        None,
    )


def test_a_key_without_amounts_reads_rates_and_no_amounts(kept, client_of):
    """What is hidden is null and named."""
    answer = asked(client_of(kept, Scope.METRICS_READ), "renewals")

    assert (answer["data"][0]["atr"], answer["data"][0]["net_renewal_rate"]) == (None, 0.9424)
    assert "atr" in answer["no_permission"]


def test_a_book_limits_figures_to_its_customers(kept, client_of):
    """Somebody without a customer has no terms."""
    answer = asked(client_of(kept, *ALL, book="nobody@acme.example"), "renewals")

    assert answer["data"][0]["terms_due"] == 0


def test_a_table_can_be_had_as_csv_that_computes_nothing(kept, client_of):
    """The same columns, in the same order; a name that begins like a formula is text."""
    with kept.writing() as session:
        stored.win(session, [{"id": "F01", "name": "=1+1"}])
    client = client_of(kept, *ALL)
    answer = client.get(f"{PATH}/renewals/rows", params={**QUARTER, "as_of": "2026-11-23", "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(rows[0]) == list(asked(client, "renewals/rows")["data"][0])
    assert {row["term_id"]: row["deal_name"] for row in rows}["F01"] == "'=1+1"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"from": "2026-09-01", "to": "2026-08-01"}, "invalid_parameter"),
        ({"from": "1990-01-01", "bucket": "month"}, "invalid_parameter"),
        ({"as_of": "9999-12-31"}, "invalid_parameter"),
        ({"curency": "USD"}, "unknown_parameter"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(kept, client_of, params, code):
    """A misspelt filter would show other numbers."""
    answer = client_of(kept, *ALL).get(f"{PATH}/renewals", params={"to": "2026-09-30", **params})

    assert (answer.status_code, answer.json()["type"].rpartition("/")[2].rpartition(":")[2]) == (400, code)
