"""Deals that are only expected: they are there for whoever asks, and never look like won ones."""

import pytest
import stored_deals as stored

WON, DRAFT = stored.deal_id(1), stored.deal_id(9)


@pytest.fixture
def client(store, client_of):
    """A client of a store with a won deal and a draft."""
    stored.fill(store, [{"id": WON, "name": "Won", "amount": 100}])
    stored.draft(store, {"id": DRAFT, "name": "Expected", "amount": 900})
    stored.brief(
        store, DRAFT, '{"name":"Expected","completeness":{"score":10},"sections":[],"risks":[],"renewal":null}'
    )
    return client_of(store)


def names(client, **params):
    return [row["name"] for row in client.get("/api/v1/deals", params={**params, "sort": "name"}).json()["data"]]


def test_a_list_leaves_drafts_out_unless_asked(client):
    """Nobody counts on money that has not been won."""
    assert names(client) == ["Won"]
    assert names(client, drafts="with") == ["Expected", "Won"]
    assert names(client, drafts="only") == ["Expected"]


def test_totals_and_customers_do_not_count_drafts(client):
    """A sum of deals is a sum of won deals."""
    total = client.get("/api/v1/deals", params={"include_total": "true"}).json()["total"]
    (customer,) = client.get("/api/v1/customers").json()["data"]

    assert total == {"count": 1, "amount_by_currency": {"USD": 100}}
    assert (customer["deals"], customer["amount_by_currency"]) == (1, {"USD": 100})


def test_an_account_with_drafts_alone_is_no_customer(store, client_of):
    """A customer has bought something."""
    stored.fill(store)
    stored.draft(store, {"id": DRAFT})

    assert client_of(store).get("/api/v1/customers").json()["data"] == []


def test_a_draft_says_that_it_is_one_and_has_no_day_of_winning(client):
    """Whoever opens it sees at once that it is not won yet."""
    deal = client.get(f"/api/v1/deals/{DRAFT}").json()
    brief = client.get(f"/api/v1/deals/{DRAFT}/brief").json()
    won = client.get(f"/api/v1/deals/{WON}").json()

    assert (deal["is_draft"], deal["won_on"], deal["won_at"]) == (True, None, None)
    assert deal["close_on"] == "2026-07-01"
    assert brief["is_draft"]
    assert (won["is_draft"], won["won_on"]) == (False, "2026-07-01")


def test_a_word_for_drafts_that_does_not_exist_is_refused(client):
    """A misspelt filter never delivers the wrong list."""
    answer = client.get("/api/v1/deals", params={"drafts": "yes"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/query/drafts"
