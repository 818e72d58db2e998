"""Figures of handoffs over the API: the worked example, groups, what is not seen yet, and what is not timed."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stored_deals as stored
import worked_example as example
from sqlalchemy import text

from app.scopes import Scope
from models.handoff import open_handoffs
from models.session import Store
from models.term import KnownTerm, write_terms

PATH = "/api/v1/metrics"
WON = datetime(2026, 7, 1, 14, 3, 12, tzinfo=UTC)
QUARTER = {"from": "2026-07-01", "to": "2026-09-30", "as_of": "2026-11-23"}
CLEO, SUE = "005000000000002AAA", "005000000000003AAA"


def win(
    store: Store, number: int, *, days: int = 0, csm: str | None = None, segment: str | None = None,
    found: bool = False, completeness: int = 82, seller: str = stored.SELLER, **steps: Any,
) -> None:  # fmt: skip
    """A deal that was won so many days after the example's, readable five seconds later, with these steps of CS."""
    deal, won = stored.deal_id(number), WON + timedelta(days=days)
    who = None if csm is None else {"user_id": csm, "name": {CLEO: "Cleo", SUE: "Sue"}[csm]}
    items = [{"key": "csm", "value": who}, {"key": "segment", "value": segment}]
    document = {"deal_id": deal, "sections": [{"key": "internal_people", "items": items}]}
    with store.writing() as session:
        stored.win(session, [{"id": deal, "name": f"Deal {number}", "ownerid": seller}])
        change = {"id": f"008{number}", "opportunityid": deal, "stagename": "Closed Won", "createddate": won}
        stored.put(session, "opportunityhistory", [change])
        open_handoffs(session, stored.ORG_ID, [deal], found=[deal] if found else [])
        values = {"waiting_since": won + timedelta(seconds=5), **steps}
        assigned = ", ".join(f"{name} = :{name}" for name in values)
        session.execute(text(f"UPDATE cs.handoff SET {assigned} WHERE deal_id = :deal"), {**values, "deal": deal})
    stored.brief(store, deal, json.dumps(document), completeness=completeness)


@pytest.fixture
def org(store: Store) -> Store:
    """An org without deals."""
    stored.fill(store)
    with store.writing() as session:
        stored.put(session, "opportunitystage", [{"id": "01J1", "masterlabel": "Closed Won", "iswon": True}])
        stored.put(session, "user", [{"id": SUE, "name": "Sue Seller"}])
    return store


def asked(client: Any, path: str, **params: Any) -> Any:
    """The answer to a question that is all right."""
    answer = client.get(f"{PATH}/{path}", params={**QUARTER, **params})

    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_example_reads_as_it_was_worked_out(org, client_of):
    """5 s to the brief, 19 h 11 min 43 s to the acknowledgement, 7 days to the kickoff, 28 to the first value."""
    win(org, 1, acknowledged_at="2026-07-02T09:15:00Z", kickoff_on="2026-07-08", first_value_on="2026-07-29")
    client = client_of(org, Scope.METRICS_READ)
    [row] = asked(client, "handoff")["data"]
    [behind] = asked(client, "handoff/rows")["data"]

    for percent in ("p50", "p95"):
        assert row[f"seconds_to_brief_{percent}"] == behind["seconds_to_brief"] == 5
        assert row[f"seconds_to_acknowledge_{percent}"] == behind["seconds_to_acknowledge"] == 69103
        assert row[f"days_to_kickoff_{percent}"] == behind["days_to_kickoff"] == 7
        assert row[f"days_to_first_value_{percent}"] == behind["days_to_first_value"] == 28
    assert 69103 == 19 * 3600 + 11 * 60 + 43
    assert (row["period"], row["deals_won"], row["acknowledged_rate"], row["completeness_average"]) == (
        "2026-Q3", 1, 1, 82,
    )  # fmt: skip
    assert (behind["amount"], asked(client, "handoff/rows")["no_permission"]) == (None, ["amount"])


def test_the_middle_and_the_slow_end_are_told_apart(org, client_of):
    """Of kickoffs after 1, 2, 3, 4 and 10 days the median is 3, and 95 of 100 stay below 8.8."""
    for number, days in enumerate((10, 1, 4, 2, 3), start=1):
        win(org, number, kickoff_on=(WON + timedelta(days=days)).date())
    [row] = asked(client_of(org, Scope.METRICS_READ), "handoff")["data"]

    assert (row["days_to_kickoff_p50"], row["days_to_kickoff_p95"]) == (3, 8.8)


def test_a_period_without_deals_has_no_median(org, client_of):
    """Nothing is divided by nothing: all is null, and never 0."""
    [row] = asked(client_of(org, Scope.METRICS_READ), "handoff")["data"]
    counts = {"deals_won", "briefs_timed", "acknowledged", "kicked_off", "first_value"}
    names = {"time", "period", "group", "group_id"}

    assert {name: row[name] for name in counts} == dict.fromkeys(counts, 0)
    assert {value for name, value in row.items() if name not in counts | names} == {None}
    assert asked(client_of(org, Scope.METRICS_READ), "handoff", group_by="ae")["data"] == []


def test_what_comes_later_is_not_seen(org, client_of):
    """As of the week after the winning there was a brief and an acknowledgement; a kickoff was only planned."""
    win(org, 1, acknowledged_at="2026-07-02T09:15:00Z", kickoff_on="2026-07-08", first_value_on="2026-07-29")
    win(org, 2, days=30)
    client = client_of(org, Scope.METRICS_READ)
    [row] = asked(client, "handoff", as_of="2026-07-07", to="2026-07-07")["data"]

    assert (row["deals_won"], row["acknowledged"], row["kicked_off"], row["first_value"]) == (1, 1, 0, 0)
    assert (row["days_to_kickoff_p50"], row["days_to_first_value_p50"]) == (None, None)
    assert (row["kicked_off_rate"], row["seconds_to_acknowledge_p50"]) == (0, 69103)
    [day_before] = asked(client, "handoff", as_of="2026-07-01", to="2026-07-01")["data"]
    assert (day_before["acknowledged"], day_before["seconds_to_acknowledge_p50"]) == (0, None)


def test_who_had_won_before_we_looked_is_not_timed(org, client_of):
    """A first load of two years does not make the median of briefs two years."""
    win(org, 1)
    win(org, 2, found=True, waiting_since="2026-11-01T00:00:00Z")
    client = client_of(org, Scope.METRICS_READ)
    [row] = asked(client, "handoff")["data"]

    assert (row["deals_won"], row["briefs_timed"], row["seconds_to_brief_p95"]) == (2, 1, 5)
    assert [each["seconds_to_brief"] for each in asked(client, "handoff/rows")["data"]] == [5, None]


def test_completeness_is_told_by_seller_and_times_by_csm_and_segment(org, client_of):
    """A lead of sales sees whose deals come with gaps."""
    win(org, 1, csm=CLEO, segment="Enterprise", completeness=90, first_value_on="2026-07-11")
    win(org, 2, csm=CLEO, segment="Startup", completeness=71, first_value_on="2026-07-21")
    win(org, 3, seller=SUE, completeness=20)
    client = client_of(org, Scope.METRICS_READ)

    def rows(group: str, *names: str) -> list[Any]:
        return [
            tuple(row[name] for name in ("group", *names)) for row in asked(client, "handoff", group_by=group)["data"]
        ]

    assert rows("ae", "group_id", "completeness_average", "completeness_lowest") == [
        ("Sam Seller", stored.SELLER, 80.5, 71), ("Sue Seller", SUE, 20, 20),
    ]  # fmt: skip
    assert rows("csm", "deals_won", "days_to_first_value_p50") == [("Cleo", 2, 15), ("none", 1, None)]
    assert rows("segment", "days_to_first_value_p50") == [("Enterprise", 10), ("Startup", 20), ("none", None)]


def test_months_and_fiscal_quarters_hold_what_was_won_in_them(org, client_of):
    """July and August are two rows; in a year that begins in February they lie in the second and third quarter."""
    win(org, 1)
    win(org, 2, days=31)
    client = client_of(org, Scope.METRICS_READ)
    months = asked(client, "handoff", bucket="month")["data"]
    with org.writing() as session:
        session.execute(text("UPDATE ops.org SET fiscal_year_start_month = 2"))
    quarters = asked(client, "handoff")["data"]

    assert [(row["period"], row["deals_won"]) for row in months] == [("2026-07", 1), ("2026-08", 1), ("2026-09", 0)]
    assert [(row["period"], row["deals_won"]) for row in quarters] == [("2027-Q2", 1), ("2027-Q3", 1)]


def test_a_book_of_somebody_else_is_not_seen(org, client_of):
    """A CSM's key reads the times of the CSM's own deals."""
    win(org, 1, csm=CLEO)
    with org.writing() as session:
        stored.put(session, "user", [{"id": CLEO, "name": "Cleo", "email": "cleo@acme.example"}])
    own, other = (client_of(org, Scope.METRICS_READ, book=f"{who}@acme.example") for who in ("cleo", "nobody"))

    assert [asked(client, "handoff")["data"][0]["deals_won"] for client in (own, other)] == [1, 0]
    assert [len(asked(client, "handoff/rows")["data"]) for client in (own, other)] == [1, 0]
    assert [len(client.get(f"{PATH}/book").json()["data"]) for client in (own, other)] == [1, 0]


@pytest.mark.parametrize(
    ("params", "pointer"),
    [({"group_by": "team"}, "/query/group_by"), ({"as_of": "soon"}, "/query/as_of"), ({"from": "2027-01-01"}, None)],
)
def test_a_question_that_makes_no_sense_is_refused(org, client_of, params, pointer):
    """The problem says what to ask instead."""
    refused = client_of(org, Scope.METRICS_READ).get(f"{PATH}/handoff", params={**QUARTER, **params})

    assert (refused.status_code, refused.json()["type"]) == (400, "urn:baton:problem:invalid_parameter")
    assert [each["pointer"] for each in refused.json()["errors"]] == ([pointer] if pointer else [])
    assert pointer or "Exchange them." in refused.json()["detail"]


def test_times_can_be_had_as_csv(org, client_of):
    """The same columns in the same order; what is null is empty."""
    win(org, 1)
    client = client_of(org, Scope.METRICS_READ)
    answer = client.get(f"{PATH}/handoff", params={**QUARTER, "format": "csv"})
    [row] = csv.DictReader(io.StringIO(answer.text))

    assert list(row) == list(asked(client, "handoff")["data"][0])
    assert (row["period"], row["seconds_to_brief_p50"], row["days_to_kickoff_p50"]) == ("2026-Q3", "5.00", "")


@pytest.fixture
def with_terms(org: Store) -> Store:
    """The terms of the worked example: Cleo looks after F01 to F12, nobody after the others."""
    terms = example.terms()
    with org.writing() as session:
        stored.win(session, [{"id": each.term_id, "accountid": each.logo} for each in terms])
        known = [KnownTerm(term=each, deal_id=each.term_id, deal_ids=(), contract_id=None, why=()) for each in terms]
        write_terms(session, stored.ORG_ID, {each.logo for each in terms}, known, generation=1)
    csm = {"sections": [{"items": [{"key": "csm", "value": {"user_id": CLEO, "name": "Cleo"}}]}]}
    for term in terms:
        if term.logo.startswith("F"):
            stored.brief(org, term.term_id, json.dumps(csm), completeness=60)
    return org


def test_a_book_adds_up_to_the_base(with_terms, client_of):
    """As of 1 October 396,000 a year are in force: 120,000 with Cleo, the rest with nobody."""
    client = client_of(with_terms, Scope.METRICS_READ, Scope.COMMERCIAL_READ)
    cleo, nobody = client.get(f"{PATH}/book", params={"as_of": "2026-10-01"}).json()["data"]

    assert (cleo["csm_name"], cleo["csm_id"], nobody["csm_name"]) == ("Cleo", CLEO, None)
    assert (cleo["arr"], cleo["arr"] + nobody["arr"]) == (120_000, 396_000)
    assert (cleo["customers"], cleo["deals"], cleo["completeness_average"]) == (12, 24, 60)
    assert (cleo["handoffs_waiting"], nobody["completeness_average"]) == (24, None)
    rows = client.get(f"{PATH}/book/rows", params={"as_of": "2026-10-01"}).json()["data"]
    assert sum(row["atr"] for row in rows if row["csm_name"] == "Cleo") == 120_000


def test_a_book_tells_what_is_due_soon(with_terms, client_of):
    """On 5 September four of Cleo's terms run out within 90 days; on 2 July, with the 90th day, all twelve do."""
    client = client_of(with_terms, Scope.METRICS_READ, Scope.COMMERCIAL_READ)

    def due(as_of: str) -> tuple[int, float]:
        row = client.get(f"{PATH}/book", params={"as_of": as_of}).json()["data"][0]
        return row["due_in_90_days"], row["due_atr"]

    assert due("2026-09-05") == (4, 40_000)
    assert (due("2026-07-01"), due("2026-07-02")) == ((8, 80_000), (12, 120_000))
    hidden = client_of(with_terms, Scope.METRICS_READ).get(f"{PATH}/book").json()
    assert (hidden["data"][0]["arr"], hidden["no_permission"]) == (None, ["arr", "due_atr"])


def test_the_freshness_of_each_org_is_a_row(org, client_of):
    """A dashboard draws lag and API calls without knowing the status page."""
    with org.writing() as session:
        session.execute(text("UPDATE ops.org SET api_used = 2200, api_limit = 100000, watermark = now()"))
    client = client_of(org, Scope.METRICS_READ)
    [row] = client.get(f"{PATH}/sync").json()["data"]

    assert (row["org_name"], row["state"], row["api_used_rate"], row["is_followed"]) == (
        "Acme Health", "fresh", 0.022, False,
    )  # fmt: skip
    assert 0 <= row["lag_seconds"] < 60
    assert client.get(f"{PATH}/sync", params={"org": "00D000000000009AAA"}).json()["data"] == []
    assert client.get(f"{PATH}/sync", params={"format": "csv"}).text.splitlines()[0] == ",".join(row)


def test_every_figure_of_a_handoff_is_defined(org, client_of):
    """Whoever reads a column finds what it means."""
    defined = {each["key"] for each in client_of(org, Scope.METRICS_READ).get(f"{PATH}/definitions").json()["data"]}

    assert {"seconds_to_brief", "seconds_to_acknowledge", "days_to_kickoff", "days_to_first_value"} <= defined
    assert {"completeness_average", "arr", "lag_seconds", "logo_renewal_rate"} <= defined
