"""Faults of the way an answer takes, each over a real socket."""

import gzip
import time
from threading import Thread

import httpx
import pytest
from wire_client import client_of


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        client.org.load("Account", ["Name"], [[f"Acme {n}"] for n in range(300)])
        yield client


@pytest.fixture(autouse=True)
def no_faults(client):
    yield
    client.delete("/demo/faults")


def fault(client, kind, **described):
    client.post("/demo/faults", json=[{"kind": kind, "path": "/sobjects"} | described]).raise_for_status()


def test_a_slow_answer_is_the_right_one(client):
    """slow: late, and nothing else."""
    fault(client, "slow", seconds=0.2)
    began = time.monotonic()
    answer = client.get("sobjects")

    assert time.monotonic() - began >= 0.2
    assert answer.json()["maxBatchSize"] == 200


def test_others_are_served_while_one_waits(client):
    """Slow and hang hold up nobody else."""
    fault(client, "slow", seconds=0.6)
    waiting = Thread(target=client.get, args=("sobjects",))
    waiting.start()
    time.sleep(0.1)
    with httpx.Client(base_url=client.base_url) as other:
        began = time.monotonic()
        other.get("/services/data")
        took = time.monotonic() - began
    waiting.join()

    assert took < 0.4


def test_a_hanging_call_gets_no_answer_and_is_not_carried_out(client):
    """hang: only the client's own patience ends it."""
    before = client.org.count("Account")
    fault(client, "hang")
    with pytest.raises(httpx.ReadTimeout):
        client.post("sobjects/Account", json={"Name": "Never"}, timeout=0.2)

    assert client.org.count("Account") == before
    assert client.get("sobjects").is_success


def test_a_connection_is_reset_before_the_answer(client):
    """reset_before: nothing was carried out."""
    before = client.org.count("Account")
    fault(client, "reset_before")
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        client.post("sobjects/Account", json={"Name": "Never"})

    assert client.org.count("Account") == before


def test_new_connections_are_refused_for_a_while(client):
    """Refused: as while a server restarts; afterwards it is there again, at the same address."""
    fault(client, "refused", seconds=0.3)
    with httpx.Client(base_url=client.base_url) as other:
        with pytest.raises(httpx.ReadError):
            client.get("sobjects")
        time.sleep(0.05)
        with pytest.raises(httpx.ConnectError, match="refused"):
            other.get("/services/data")
        time.sleep(0.5)

        assert other.get("/services/data").status_code == 200


def test_a_body_comes_in_small_pieces(client):
    """chopped_body: a letter of several bytes is split, nothing is lost."""
    client.org.load("Account", ["Name"], [["Zoë " * 60]])
    job = client.bulk("SELECT Name FROM Account WHERE Name LIKE 'Zo%'")
    client.post("/demo/faults", json=[{"kind": "chopped_body", "path": "/results", "bytes": 7}])
    with client.stream("GET", f"jobs/query/{job['id']}/results", headers={"Accept-Encoding": "identity"}) as answer:
        pieces = list(answer.iter_raw())

    assert {len(each) for each in pieces[:-1]} == {7}
    assert any(each.endswith(b"\xc3") for each in pieces)
    assert b"".join(pieces).decode().count("Zoë") == 60


def test_an_answer_is_lost_after_the_write(client):
    """answer_lost: the client can't tell it from the fault above, the record is there."""
    before = client.org.count("Account")
    fault(client, "answer_lost")
    with pytest.raises(httpx.ReadError):
        client.post("sobjects/Account", json={"Name": "There"})

    assert client.org.count("Account") == before + 1


@pytest.mark.parametrize("packing", ["identity", "gzip"])
def test_a_connection_is_reset_in_the_middle_of_the_body(client, packing):
    """reset_body: the client has a part of the answer and an error."""
    fault(client, "reset_body")
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        client.get("sobjects", headers={"Accept-Encoding": packing})


def test_a_connection_closes_in_the_middle_of_the_body(client):
    """broken_body: the sign that ends a body is missing."""
    fault(client, "broken_body")
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        client.get("sobjects")


def test_a_body_ends_early_as_if_it_were_complete(client):
    """cut_body: only what the body says of itself can tell."""
    fault(client, "cut_body", keep=500)
    answer = client.get("sobjects")

    assert (answer.status_code, len(answer.content)) == (200, 500)


def test_a_packed_body_ends_early_as_if_it_were_complete(client):
    """cut_gzip: a packed body has a sum at its end, which is not there."""
    fault(client, "cut_gzip", keep=500)
    with client.stream("GET", "sobjects", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())

    assert (answer.headers["Content-Encoding"], len(packed)) == ("gzip", 500)
    with pytest.raises(EOFError):
        gzip.decompress(packed)


def test_streams_can_be_cut_like_any_answer(client):
    """Pages of Bulk results are streamed; a fault ends them as well."""
    job = client.bulk("SELECT Id, Name FROM Account")
    page = f"jobs/query/{job['id']}/results"
    whole = client.get(page).content
    client.post("/demo/faults", json=[{"kind": "cut_body", "path": "/results", "keep": 300}])

    assert client.get(page).content == whole[:300]
    client.post("/demo/faults", json=[{"kind": "reset_body", "path": "/results"}])
    with pytest.raises(httpx.ReadError):
        client.get(page)


def test_any_answer_can_be_written_down(client):
    """answer: status, headers, body, pause and end as you like."""
    fault(client, "answer", status=418, body={"short": "and stout"}, headers={"X-Kettle": "on"}, delay=0.05)
    answer = client.get("sobjects")

    assert (answer.status_code, answer.json(), answer.headers["X-Kettle"]) == (418, {"short": "and stout"}, "on")
