"""How soon a win can be read: seconds from the moment a seller saves "Closed Won" to the brief's answer in the API."""

import random
import time
from statistics import median

import httpx

from bench.asking import answers_at, make_key
from bench.figures import Figure
from bench.processes import BenchError, Process, baton
from bench.stage import Stage, until
from demo_org.salesperson import Salesperson

MOST_SECONDS = 5.0
_POLL_SECONDS = 2
_WINS = 10
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.01
_NAME = "latency"


def run(where: Stage) -> list[Figure]:
    """Run the worker and the API as `baton up` does, win deals, and ask for each brief until it is there."""
    address = where.database("latency")
    environment = where.environment(
        address, BATON_POLL_SECONDS=str(_POLL_SECONDS), BATON_API_SHARE="1", BATON_API_FLOOR="0"
    )
    key = make_key(environment)
    with (
        Process(baton("worker"), environment=environment),
        Process(baton("serve", "--port", "0"), environment=environment) as server,
        httpx.Client(
            base_url=answers_at(server), headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        ) as reader,
        where.org.seller() as seller,
    ):
        until(lambda: reader.get("/readyz").is_success, within=120, what="the first snapshot")
        time.sleep(2 * _POLL_SECONDS)  # the first live passes
        pauses = random.Random(7)
        seconds = []
        for deal_id in [str(each["Id"]) for each in seller.stalest_deals(_WINS)]:
            time.sleep(pauses.uniform(0, _POLL_SECONDS))  # a win does not wait for our rhythm
            seconds.append(_win(seller, reader, deal_id))
    ordered = sorted(seconds)
    return [
        Figure(bench=_NAME, name="win to brief, median", value=median(ordered), unit="s",
               note=f"{len(ordered)} wins at random moments, polling every {_POLL_SECONDS} s"),
        Figure(bench=_NAME, name="win to brief, 95th percentile", value=ordered[-1 - len(ordered) // 20], unit="s",
               at_most=MOST_SECONDS, note="of so few, the slowest"),
    ]  # fmt: skip


def _win(seller: Salesperson, reader: httpx.Client, deal_id: str) -> float:
    path = f"/api/v1/deals/{deal_id}/brief"
    if reader.get(path).status_code != 404:
        raise BenchError(f"{deal_id} can be read before it was won")
    # The org commits between the sending and the answer; counting from the sending never flatters.
    began = time.perf_counter()
    seller.update("Opportunity", deal_id, StageName="Closed Won")
    until(
        lambda: reader.get(path).is_success,
        within=_PATIENCE_SECONDS,
        every=_LOOK_SECONDS,
        what=f"the brief of {deal_id}",
    )
    return time.perf_counter() - began
