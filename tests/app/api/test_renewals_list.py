"""The list of renewals: which terms run out when, how far each is, and why that day."""

import pytest
import stored_deals as stored
import worked_example as example

from models.session import Store
from models.term import KnownTerm, write_terms

PATH = "/api/v1/renewals"


@pytest.fixture
def kept(store: Store) -> Store:
    """A store with the terms of the worked example."""
    stored.fill(store)
    why = ({"of": "due_on", "object": "Contract", "field": "EndDate", "record_id": "800"},)
    known = [
        KnownTerm(term=each, deal_id=each.term_id, deal_ids=(each.term_id,), contract_id=None, why=why)
        for each in example.terms()
    ]
    with store.writing() as session:
        write_terms(session, stored.ORG_ID, {each.term.logo for each in known}, known, generation=1)
    return store


def test_renewals_are_listed_by_status_as_seen_on_a_day(kept, client_of):
    """On 5 September three terms of the quarter are secured, one is pending and one is lost."""
    client = client_of(kept)
    seen = {"as_of": "2026-09-05", "due_from": "2026-07-01", "due_to": "2026-09-30"}
    found = {
        status: {row["term_id"] for row in client.get(PATH, params={**seen, "status": status}).json()["data"]}
        for status in ("secured", "pending", "lost")
    }

    assert found == {"secured": {"S4", "S5", "S7B"}, "pending": {"S3"}, "lost": {"S8"}}


def test_the_earliest_due_comes_first_and_what_is_never_due_last(kept, client_of):
    """The list is worked from the top."""
    rows = client_of(kept).get(PATH, params={"limit": 1000}).json()["data"]
    days = [row["due_on"] for row in rows]

    assert len(rows) == len(example.terms())
    assert days == sorted(days, key=lambda day: day or "9999-12-31")
    assert {row["status"] for row in rows if row["term_id"] in {"E1", "P1", "X1"}} == {None}


def test_a_term_tells_why_it_is_due_then(kept, client_of):
    """Whoever doubts a date finds the field that told it; an unknown term is a 404."""
    client = client_of(kept)
    shown = client.get(f"{PATH}/S2", params={"org": stored.ORG_ID}).json()

    assert (shown["due_on"], shown["atr"], shown["problems"]) == ("2026-08-15", 30000, [])
    assert shown["why"] == [{"of": "due_on", "object": "Contract", "field": "EndDate", "record_id": "800"}]
    assert client.get(f"{PATH}/nothing").status_code == 404


@pytest.mark.parametrize("sort", [None, "-due_on", "atr", "-atr"])
def test_pages_hold_every_term_once_in_order(kept, client_of, sort):
    """Whoever follows the cursor has the whole list, however many terms tie."""
    client = client_of(kept)
    asked = {} if sort is None else {"sort": sort}
    whole = client.get(PATH, params={**asked, "limit": 1000}).json()
    rows, cursor = [], None
    while True:
        page = client.get(PATH, params={"limit": 7, **({"cursor": cursor} if cursor else asked)}).json()
        rows += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    column = (sort or "due_on").removeprefix("-")
    values = [row[column] for row in whole["data"] if row[column] is not None]
    assert rows == whole["data"]
    assert len({row["term_id"] for row in rows}) == len(example.terms())
    assert values == sorted(values, reverse=(sort or "").startswith("-"))
    assert all(row[column] is None for row in whole["data"][len(values) :])


def test_a_list_is_counted_and_its_columns_are_chosen(kept, client_of):
    """A table on a screen needs three columns and a sum."""
    asked = {
        "fields": "term_id,atr",
        "include_total": True,
        "due_from": "2026-07-01",
        "due_to": "2026-09-30",
        "limit": 2,
    }
    page = client_of(kept).get(PATH, params={**asked, "as_of": "2026-07-01"}).json()

    assert [list(row) for row in page["data"]] == [["term_id", "atr"]] * 2
    assert page["total"] == {"count": 23, "amount_by_currency": {"USD": 340000.0}}


def test_who_may_not_see_amounts_can_not_sort_by_them(kept, client_of):
    """The order would tell them."""
    client = client_of(kept, "briefs:read")

    assert client.get(PATH, params={"sort": "-atr"}).status_code == 403
    assert client.get(PATH, params={"include_total": True}).json()["total"]["amount_by_currency"] is None
    assert {row["atr"] for row in client.get(PATH).json()["data"]} == {None}
