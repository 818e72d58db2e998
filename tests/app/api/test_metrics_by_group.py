"""Figures told apart: by CSM, segment, region, product; through time; and by cohort."""

import json
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import stored_deals as stored
import worked_example as example
from test_metrics import ALL, PATH, QUARTER, asked, keep

from app.read.term_groups import GroupBy
from models.renewals.term import Term
from models.session import Store

SEEN = "2026-11-23"


def sell(store: Store, term: Term, **values: Any) -> None:
    """Win the deal of a term, with a brief, a customer of its own and one product."""
    key = term.term_id
    with store.writing() as session:
        stored.put(session, "account", [{"id": term.logo, "name": term.logo, "industry": values.get("industry"),
                                         "billingcountry": values.get("region")}])  # fmt: skip
        stored.win(session, [{"id": key, "name": key, "accountid": term.logo, "ownerid": stored.SELLER}])
        stored.put(session, "product2", [{"id": f"p{key}", "name": values.get("product", "Rotas")}])
        stored.put(
            session,
            "opportunitylineitem",
            [{"id": f"l{key}", "opportunityid": key, "product2id": f"p{key}", "totalprice": Decimal(10)}],
        )
    document(store, key, csm=values.get("csm"), segment=values.get("segment"))


def document(store: Store, deal: str, *, csm: str | None, segment: str | None = None) -> None:
    """Keep a brief that names the CSM and the segment."""
    items = [{"key": "segment", "value": segment}]
    items += [{"key": "csm", "value": {"user_id": csm, "name": csm}}] if csm else []
    stored.brief(store, deal, json.dumps({"sections": [{"key": "x", "items": items}]}))


@pytest.fixture
def two(store: Store) -> Store:
    """Two customers that were up for renewal: one is kept with half of it, by another CSM; one is lost."""
    kept = example.term("A", "2025-08-01", "2026-07-31", 1000)
    after = example.renewal("A2", kept, 500, "2026-07-20")
    lost = example.term("B", "2025-09-01", "2026-08-31", 300)
    stored.fill(store)
    keep(store, [kept, after, lost])
    sell(store, kept, csm="Ann", segment="SMB", industry="Clinics", region="Kenya", product="Rotas")
    sell(store, lost, csm="Ben", industry="Labs", region="Peru", product="Recall")
    with store.writing() as session:
        stored.win(session, [{"id": "A2", "name": "A2", "accountid": "A", "ownerid": stored.SELLER}])
    document(store, "A2", csm="Cleo", segment="Enterprise")
    return store


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        (GroupBy.CSM, {"Cleo": 1.0, "Ben": 0.0}),
        (GroupBy.SEGMENT, {"Enterprise": 1.0, "none": 0.0}),
        (GroupBy.INDUSTRY, {"Clinics": 1.0, "Labs": 0.0}),
        (GroupBy.REGION, {"Kenya": 1.0, "Peru": 0.0}),
        (GroupBy.AE, {"Sam Seller": 0.5}),
        (GroupBy.PRODUCT, {"Rotas": 1.0, "Recall": 0.0}),
        (GroupBy.CURRENCY, {"USD": 0.5}),
    ],
)
def test_each_group_has_its_own_rates(two, client_of, by, groups):
    """A head of CS compares teams, regions and products; a customer is in the group that it is in now."""
    rows = asked(client_of(two, *ALL), "renewals", group_by=by.value)["data"]

    assert {row["group"]: row["term_renewal_rate"] for row in rows} == groups
    assert sum(row["terms_due"] for row in rows) == 2


def test_no_group_has_a_row_where_nothing_was_due(two, client_of):
    """A chart has no lines of nothing; without groups every period has its row."""
    client = client_of(two, *ALL)
    months = {"bucket": "month", "from": "2026-06-01", "to": "2026-08-31"}
    by_group = asked(client, "renewals", group_by="csm", **months)["data"]
    whole = asked(client, "renewals", **months)["data"]

    assert [(row["period"], row["group"]) for row in by_group] == [("2026-07", "Cleo"), ("2026-08", "Ben")]
    assert [(row["period"], row["terms_due"]) for row in whole] == [("2026-06", 0), ("2026-07", 1), ("2026-08", 1)]


def test_a_customer_that_gets_another_csm_has_not_left_the_first(two, client_of):
    """A handover within CS is neither churn nor new business."""
    days = {"from": "2026-01-01", "to": "2026-10-01"}
    rows = asked(client_of(two, *ALL), "retention", group_by="csm", **days)["data"]

    assert {row["group"]: (row["start_arr"], row["contraction_arr"], row["churned_arr"], row["new_arr"])
            for row in rows} == {"Cleo": (1000, 500, 0, 0), "Ben": (300, 0, 300, 0)}  # fmt: skip


@pytest.mark.parametrize("bucket", ["month", "quarter", "year"])
def test_bridges_follow_each_other_without_a_gap(store, client_of, bucket):
    """What one period ends with, the next one begins with; together they lead from the first day to the last."""
    stored.fill(store)
    keep(store, example.terms())
    rows = asked(client_of(store, *ALL), "retention", bucket=bucket, **{"from": "2025-01-01", "to": "2026-09-30"})[
        "data"
    ]

    assert len(rows) == {"month": 21, "quarter": 7, "year": 2}[bucket]
    for row, following in pairwise(rows):
        assert (row["until"], row["end_arr"]) == (following["since"], following["start_arr"])
    for row in rows:
        lost = row["churned_arr"] + row["contraction_arr"]
        assert row["start_arr"] - lost + row["expansion_arr"] + row["new_arr"] == row["end_arr"]
    if bucket != "year":
        assert rows[-1]["end_arr"] == 396_000


def test_a_fiscal_year_begins_where_the_org_begins_it(two, client_of):
    """A company whose year begins in February reads its own quarters."""
    with two.writing() as session:
        session.exec_driver_sql("UPDATE ops.org SET fiscal_year_start_month = 2")
    rows = asked(client_of(two, *ALL), "renewals", bucket="quarter")["data"]
    [year] = asked(client_of(two, *ALL), "renewals", bucket="year")["data"]

    assert [(row["period"], row["time"], row["terms_due"]) for row in rows] == [
        ("2027-Q2", "2026-05-01", 1), ("2027-Q3", "2026-08-01", 1),
    ]  # fmt: skip
    assert (year["period"], year["time"], year["terms_due"]) == ("2027", "2026-02-01", 2)


def test_a_cohort_is_followed_as_long_as_all_of_it_have_come(store, client_of):
    """Two customers of a quarter: one doubles after a year, one leaves; the last point waits for the latest."""
    grown = example.term("A", "2025-01-15", "2026-01-14", 100)
    gone = example.term("B", "2025-03-01", "2026-02-28", 300)
    stored.fill(store)
    keep(store, [grown, example.renewal("A2", grown, 200, "2026-01-10"), gone])
    days = {"from": "2025-01-01", "to": "2025-12-31", "as_of": "2026-06-29"}
    rows = asked(client_of(store, *ALL), "cohorts", **days)["data"]
    [later] = asked(client_of(store, *ALL), "cohorts", **{**days, "as_of": "2026-06-30"})["data"][len(rows) :]

    assert [(row["months"], row["customers"], row["arr"]) for row in rows] == [
        (0, 2, 400), (3, 2, 400), (6, 2, 400), (9, 2, 400), (12, 1, 200),
    ]  # fmt: skip
    assert {(row["period"], row["customers_at_start"], row["start_arr"]) for row in rows} == {("2025-Q1", 2, 400)}
    assert (later["months"], later["customer_retention_rate"], later["arr_retention_rate"]) == (15, 0.5, 0.5)


def test_who_comes_back_after_half_a_year_stays_lost_to_its_cohort(store, client_of):
    """A customer that was won back is not one that stayed."""
    first = example.term("A", "2025-01-01", "2025-06-30", 100)
    back = example.renewal("A2", first, 100, "2025-12-20", start=date(2026, 1, 1))
    stored.fill(store)
    keep(store, [first, back])
    days = {"from": "2025-01-01", "to": "2025-03-31", "as_of": "2026-06-30"}
    rows = asked(client_of(store, *ALL), "cohorts", **days)["data"]

    assert [row["customers"] for row in rows] == [1, 1, 0, 0, 0, 0]


def test_a_key_without_amounts_sees_no_amounts_of_groups_either(two, client_of):
    """What is hidden in one table is hidden in all."""
    client = client_of(two, "metrics:read")
    told = client.get(f"{PATH}/cohorts", params={"as_of": SEEN, "from": "2025-01-01"}).json()

    assert told["data"]
    assert all(row[name] is None for row in told["data"] for name in ("start_arr", "arr"))
    assert {"start_arr", "arr"} <= set(told["no_permission"])


def test_a_group_that_nobody_knows_is_refused(two, client_of):
    """The refusal lists what there is."""
    answer = client_of(two, *ALL).get(f"{PATH}/renewals", params={**QUARTER, "group_by": "colour"})

    assert answer.status_code == 400
    assert "'csm', 'segment'" in answer.json()["detail"]
