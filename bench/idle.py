"""What it costs to look when nothing has happened: API calls by the org's own counter, and seconds."""

import time
from dataclasses import dataclass
from statistics import median

from bench.figures import Figure
from bench.processes import BenchError, Process, baton
from bench.stage import Stage
from models.session import Store
from sync.run import connected_org, run_pass
from sync.run.report import Kind
from sync.salesforce.client import Client, connect

MOST_CALLS = 2
_LIVE_PASSES = 20
_DEEP_PASSES = 5
_NAME = "idle"
_DAY_SECONDS = 86_400
_POLL_SECONDS = 30
_LATER_SECONDS = 3600
_DEEP_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Some idle passes of one kind: the calls and the seconds of each."""

    calls: tuple[int, ...]
    seconds: tuple[float, ...]


def run(where: Stage) -> list[Figure]:
    """Load the org once, then look again and again while nobody changes anything."""
    address = where.database("idle")
    with Process(baton("sync", "run", "--snapshot", "--json"), environment=where.environment(address)) as first:
        code, _ = first.finish(within=600)
        if code:
            raise BenchError(f"sync run ended with {code}:\n{first.said()}")
    store = Store(address)
    try:
        with connect(where.org.settings()) as client:
            org_id = connected_org(store, client)
            # The org was filled a moment ago, which every pass would see again for the length of its overlap.
            where.org.move_clock(_LATER_SECONDS)
            _passes(where, store, client, org_id, kind="live", count=2)
            live = _passes(where, store, client, org_id, kind="live", count=_LIVE_PASSES)
            deep = _passes(where, store, client, org_id, kind="deep", count=_DEEP_PASSES)
    finally:
        store.close()
    looks = _DAY_SECONDS // _POLL_SECONDS
    deeps = _DAY_SECONDS // _DEEP_SECONDS
    a_day = (looks - deeps) * median(live.calls) + deeps * median(deep.calls)
    return [
        Figure(bench=_NAME, name="API calls of a live pass", value=max(live.calls), at_most=MOST_CALLS,
               note=f"by the org's count, most of {_LIVE_PASSES} passes; aim 1"),
        Figure(bench=_NAME, name="API calls of a deep pass", value=max(deep.calls),
               note=f"most of {_DEEP_PASSES} passes; one every {_DEEP_SECONDS // 60} minutes"),
        Figure(bench=_NAME, name="API calls of an idle day", value=a_day,
               note=f"computed: a pass every {_POLL_SECONDS} s; an org has 100,000 a day or more"),
        Figure(bench=_NAME, name="a live pass", value=1000 * median(live.seconds), unit="ms",
               note=f"median of {_LIVE_PASSES}, {1000 * min(live.seconds):.0f} to {1000 * max(live.seconds):.0f}"),
        Figure(bench=_NAME, name="a deep pass", value=1000 * median(deep.seconds), unit="ms",
               note=f"median of {_DEEP_PASSES}, {1000 * min(deep.seconds):.0f} to {1000 * max(deep.seconds):.0f}"),
    ]  # fmt: skip


def _passes(where: Stage, store: Store, client: Client, org_id: str, *, kind: Kind, count: int) -> Idle:
    calls: list[int] = []
    seconds: list[float] = []
    for _ in range(count):
        where.org.reset_calls()
        began = time.perf_counter()
        report = run_pass(store, client, org_id, kind=kind)
        seconds.append(time.perf_counter() - began)
        calls.append(where.org.calls())
        if report.rows_written or report.rows_deleted or report.kind != kind:
            raise BenchError(f"the pass was not idle: {report.as_dict()}")
    return Idle(calls=tuple(calls), seconds=tuple(seconds))
