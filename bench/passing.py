"""An incremental pass: its time grows with what has changed and not with the store, and stays near that of bare SQL."""

import time
from statistics import median

from sqlalchemy import text

from bench.figures import Figure
from bench.processes import BenchError, Process, baton
from bench.stage import Stage, stage
from models.session import Store
from sync.extract.aggregate import by_ids
from sync.land.landing import Landing
from sync.land.objects import known_objects
from sync.run import connected_org, run_pass
from sync.run.one_pass import selections_of
from sync.run.report import PassReport
from sync.salesforce.client import Client, connect
from sync.scope.catalog import ROOT, STANDARD

#: a store ten times as large may not make the same pass slower than this
MOST_GROWTH = 1.2
#: of the time in which the rows that a pass read are copied and merged by themselves
MOST_TIMES = 3
TIMES_LARGER = 10
_FEW, _MANY = 100, 1000
_ROUNDS = 5
_LATER_SECONDS = 3600
_PATIENCE_SECONDS = 3600
_NAME = "pass"


def run(*, scale: int) -> list[Figure]:
    """Measure the same changes in a store of a size, and in one ten times as large."""
    small, _ = _measured(scale, rounds=_ROUNDS, with_many=False)
    large, many = _measured(scale * TIMES_LARGER, rounds=_ROUNDS, with_many=True)
    assert many is not None
    whole, bare, report = many
    growth = median(large) / median(small)
    return [
        Figure(bench=_NAME, name=f"{_FEW} changed deals", value=1000 * median(small), unit="ms",
               note=f"scale {scale}; {_ROUNDS} passes, {1000 * min(small):.0f} to {1000 * max(small):.0f}"),
        Figure(bench=_NAME, name=f"{_FEW} changed deals, large store", value=1000 * median(large), unit="ms",
               note=f"scale {scale * TIMES_LARGER}; {1000 * min(large):.0f} to {1000 * max(large):.0f}"),
        Figure(bench=_NAME, name="growth with the store", value=growth, at_most=MOST_GROWTH,
               note=f"a store {TIMES_LARGER} times as large"),
        Figure(bench=_NAME, name=f"{_MANY} changed deals", value=1000 * whole, unit="ms",
               note=f"{report.rows_read:,} rows read, {report.briefs:,} briefs made"),
        Figure(bench=_NAME, name="bare COPY and merge of these deals", value=1000 * bare, unit="ms"),
        Figure(bench=_NAME, name="ratio: the pass to COPY and merge", value=whole / bare, at_most=MOST_TIMES),
    ]  # fmt: skip


def _measured(
    scale: int, *, rounds: int, with_many: bool
) -> tuple[list[float], tuple[float, float, PassReport] | None]:
    with stage(scale=scale) as where:
        address = where.database("passing")
        with Process(baton("sync", "run", "--snapshot", "--json"), environment=where.environment(address)) as first:
            code, _ = first.finish(within=_PATIENCE_SECONDS)
            if code:
                raise BenchError(f"sync run ended with {code}:\n{first.said()}")
        store = Store(address)
        try:
            with connect(where.org.settings()) as client:
                org_id = connected_org(store, client)
                few = [_pass(where, store, client, org_id, deals=_FEW, word=f"step {n}")[0] for n in range(rounds)]
                return few, _many(where, store, client, org_id) if with_many else None
        finally:
            store.close()


def _pass(
    where: Stage, store: Store, client: Client, org_id: str, *, deals: int, word: str
) -> tuple[float, PassReport]:
    """Change some deals and let a live pass bring them; what an earlier round changed is out of its overlap."""
    where.org.move_clock(_LATER_SECONDS)
    run_pass(store, client, org_id, kind="live")
    with where.org.seller() as seller:
        for deal in _deals(store, org_id)[:deals]:
            seller.update(ROOT, deal, NextStep=word)
    where.settle()
    began = time.perf_counter()
    report = run_pass(store, client, org_id, kind="live")
    seconds = time.perf_counter() - began
    if report.objects[ROOT]["rows_written"] < deals:
        raise BenchError(f"the pass did not bring {deals} deals: {report.as_dict()}")
    return seconds, report


def _many(where: Stage, store: Store, client: Client, org_id: str) -> tuple[float, float, PassReport]:
    whole, report = _pass(where, store, client, org_id, deals=_MANY, word="many")
    with store.reading() as session:
        selection = selections_of(STANDARD, known_objects(session, org_id))[ROOT]
    records = by_ids(client, [selection], {ROOT: _deals(store, org_id)[:_MANY]})[ROOT]
    bare = []
    for number in range(_ROUNDS):
        changed = [{**record, "NextStep": f"bare {number}"} for record in records]
        with store.trying() as session:
            landing = Landing(session, org_id, generation=2**60, everything=False)
            began = time.perf_counter()
            landing.land(selection, changed)
            bare.append(time.perf_counter() - began)
    return whole, median(bare), report


def _deals(store: Store, org_id: str) -> list[str]:
    with store.reading() as session:
        found = text("SELECT id FROM closure.opportunity WHERE org_id = :org_id ORDER BY id")
        return list(session.execute(found, {"org_id": org_id}).scalars())
