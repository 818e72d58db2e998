"""The lists of the API: filters, order, pages, totals."""

import stored_deals as stored

IDS = [stored.deal_id(number) for number in (1, 2, 3)]


def test_a_list_has_rows_a_cursor_and_its_freshness(client):
    """Every list has one shape, and says how fresh it is."""
    body = client.get("/api/v1/deals").json()

    assert list(body) == ["data", "next_cursor", "no_permission", "as_of", "lag_seconds"]
    assert body["next_cursor"] is None
    assert body["as_of"] == "2026-07-01T14:04:00Z"
    assert isinstance(body["lag_seconds"], int)


def test_money_is_an_exact_number(client):
    """No float ever touches an amount."""
    text = client.get("/api/v1/deals", params={"fields": "amount", "sort": "amount"}).text

    assert '{"amount":100.00},{"amount":200.50},{"amount":null}' in text


def test_totals_count_and_add_up_by_currency(client):
    """A dashboard needs no second request, and no second definition."""
    body = client.get("/api/v1/deals", params={"include_total": "true", "limit": 1}).json()

    assert body["total"] == {"count": 3, "amount_by_currency": {"USD": 300.5}}


def test_amounts_of_an_org_that_does_not_tell_its_currency_are_unknown(store, client_of):
    """No currency is invented."""
    stored.fill(store, [{"id": stored.deal_id(1), "amount": 7}], currency=None)
    client = client_of(store)

    assert client.get("/api/v1/deals?include_total=true").json()["total"]["amount_by_currency"] == {"unknown": 7}
    assert client.get("/api/v1/customers?include_total=true").json()["total"] == {
        "count": 1,
        "amount_by_currency": {"unknown": 7},
    }


def test_filters_narrow_and_repeated_ones_mean_or(client):
    """`type=A&type=B` is A or B."""

    def found(**params):
        return [row["deal_id"] for row in client.get("/api/v1/deals", params={**params, "sort": "name"}).json()["data"]]

    assert found(type="Renewal") == IDS[1:]
    assert found(type=["Renewal", "New Business"]) == IDS
    assert found(q="eCoN") == [IDS[1]]
    assert found(q=IDS[2][:15]) == [IDS[2]]
    assert found(customer="acme", owner=stored.SELLER[:15]) == IDS
    assert found(owner="nobody") == []
    assert found(min_amount="100.01") == [IDS[1]]
    assert found(won_from="2026-07-01", won_to="2026-07-01") == IDS
    assert found(won_from="2026-07-02") == []
    assert found(updated_since="2026-07-01T00:00:01Z") == []
    assert found(completeness_lt="50") == []


def test_paging_by_cursor_alone_keeps_filters_sort_and_fields(client):
    """A client that only follows next_cursor sees the rest of the same list."""
    asked = {"type": "Renewal", "sort": "-name", "fields": "deal_id", "limit": 1}
    first = client.get("/api/v1/deals", params=asked).json()
    second = client.get("/api/v1/deals", params={"cursor": first["next_cursor"], "limit": 1}).json()

    assert first["data"] + second["data"] == [{"deal_id": IDS[2]}, {"deal_id": IDS[1]}]
    assert second["next_cursor"] is None


def test_a_cursor_may_come_with_its_own_parameters_but_not_with_others(client):
    """Tools that repeat every parameter work; a cursor is never silently used for another question."""
    asked = {"type": "Renewal", "limit": 1}
    cursor = client.get("/api/v1/deals", params=asked).json()["next_cursor"]

    assert client.get("/api/v1/deals", params={**asked, "cursor": cursor}).status_code == 200
    other = client.get("/api/v1/deals", params={"type": "New Business", "cursor": cursor})
    assert other.status_code == 400
    assert "type" in other.json()["detail"]


def test_a_tampered_cursor_is_a_problem(client):
    """Cursors are signed."""
    cursor = client.get("/api/v1/deals", params={"limit": 1}).json()["next_cursor"]
    answer = client.get("/api/v1/deals", params={"cursor": cursor[:-1] + ("A" if cursor[-1] != "A" else "B")})

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:baton:problem:bad_cursor"


def test_unknown_parameters_fields_and_sorts_are_refused_with_those_that_exist(client):
    """A misspelt filter never delivers everything."""
    for params, named in (
        ({"won_form": "2026-01-01"}, "won_from"),
        ({"fields": "deal_id,nmae"}, "customer_name"),
        ({"sort": "-nmae"}, "customer_name"),
    ):
        answer = client.get("/api/v1/deals", params=params)

        assert answer.status_code == 400
        assert named in answer.json()["detail"]
    assert client.get(f"/api/v1/deals/{IDS[0]}", params={"foo": "1"}).status_code == 400


def test_customers_add_up_their_deals(client):
    """A customer shows how many deals it has and what they are worth."""
    row = client.get("/api/v1/customers", params={"q": "acm"}).json()["data"][0]
    one = client.get(f"/api/v1/customers/{stored.ACME[:15]}").json()

    assert (row["deals"], row["amount_by_currency"]) == (3, {"USD": 300.5})
    assert sorted(deal["deal_id"] for deal in one["won_deals"]) == IDS
    assert one["as_of"] == "2026-07-01T14:04:00Z"
