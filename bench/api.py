"""How fast the API answers, beside a bare application that sends the same bytes: same server, same client, one run."""

import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import httpx

from bench.asking import Rate, answers_at, ask, make_key
from bench.figures import Figure
from bench.processes import BenchError, Process, baton
from bench.stage import Stage

_ROUNDS = 3
_SECONDS = 2.0
_CONNECTIONS = 4
_NAME = "api"


def run(where: Stage) -> list[Figure]:
    """Load the org, serve it, and ask both servers in turn for a page of deals and for a brief."""
    address = where.database("api")
    environment = where.environment(address)
    with Process(baton("sync", "run", "--json"), environment=environment) as first:
        code, _ = first.finish(within=600)
        if code:
            raise BenchError(f"sync run ended with {code}:\n{first.said()}")
    headers = {"Authorization": f"Bearer {make_key(environment)}"}
    with Process(baton("serve", "--port", "0"), environment=environment) as served:
        url = answers_at(served)
        resources = _resources(url, headers)
        files = [str(_keep(where.home / f"answer_{number}", body)) for number, body in enumerate(resources.values())]
        with Process([sys.executable, "-m", "bench.bare", *files]) as bare:
            plain = answers_at(bare)
            return [
                figure
                for number, (path, body) in enumerate(resources.items())
                for figure in _beside(url, path, plain, f"/{number}", headers=headers, size=len(body))
            ]


def _beside(url: str, path: str, plain: str, plain_path: str, *, headers: Mapping[str, str], size: int) -> list[Figure]:
    ours: list[Rate] = []
    theirs: list[Rate] = []
    for _ in range(_ROUNDS):
        ours.append(ask(url, path, headers=headers, connections=_CONNECTIONS, seconds=_SECONDS))
        theirs.append(ask(plain, plain_path, headers=headers, connections=_CONNECTIONS, seconds=_SECONDS))
    name = "a brief" if path.endswith("/brief") else "50 deals"
    rate, bare = median(each.per_second for each in ours), median(each.per_second for each in theirs)
    return [
        Figure(bench=_NAME, name=name, value=rate, unit="requests/s",
               note=f"{size:,} bytes, {_CONNECTIONS} connections, median of {_ROUNDS}{_spread(ours)}"),
        Figure(bench=_NAME, name=f"{name}, 95th percentile", unit="ms",
               value=1000 * median(each.p95_seconds for each in ours)),
        Figure(bench=_NAME, name=f"{name}, bare application", value=bare, unit="requests/s",
               note=f"the same bytes{_spread(theirs)}"),
        Figure(bench=_NAME, name=f"{name}, ratio to bare", value=rate / bare),
    ]  # fmt: skip


def _resources(url: str, headers: Mapping[str, str]) -> dict[str, bytes]:
    """The paths that are asked for, and what is answered."""
    with httpx.Client(base_url=url, headers=dict(headers), timeout=30, trust_env=False) as client:
        deals = "/api/v1/deals?limit=50"
        page = client.get(deals).raise_for_status()
        listed = page.json()["data"]
        if len(listed) < 50:
            raise BenchError(f"the page has {len(listed)} deals, not 50")
        brief = f"/api/v1/deals/{listed[0]['deal_id']}/brief"
        return {deals: page.content, brief: client.get(brief).raise_for_status().content}


def _keep(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path


def _spread(rates: list[Rate]) -> str:
    values = [each.per_second for each in rates]
    return f", {min(values):,.0f} to {max(values):,.0f}"
