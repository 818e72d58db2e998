r"""The first load: rows a second and peak memory of the real command, beside psql's \copy of the same bytes."""

import json
import shutil
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.copying import Fetched, Psql, fetch
from bench.figures import Figure
from bench.memory import PeakMemory
from bench.processes import BenchError, Process, baton
from bench.stage import Stage, stage

LEAST_RATIO = 0.5
#: In a smaller org the pauses of the demo org's bulk jobs (0.2 s each, whatever their size) outweigh all rows.
LIMIT_FROM_SCALE = 100
MOST_MEGABYTES = 200
_PATIENCE_SECONDS = 3600.0
_NAME = "snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One first load by `baton sync run --snapshot`, in a fresh process and an empty database."""

    seconds: float
    #: from the beginning of the pass until the last row of the bulk jobs was in the mirror
    reading_seconds: float
    megabytes: float
    calls: int
    report: dict[str, Any]


def run(*, scale: int, rounds: int) -> list[Figure]:
    """Load an org of a size a few times, each time beside the peer."""
    with stage(scale=scale) as where:
        fetched = fetch(where, where.home / "pages")
        handed = [fetched.seconds]
        loads: list[Round] = []
        texts: list[float] = []
        typed: list[float] = []
        for number in range(rounds):
            loads.append(_load(where, f"round_{number}"))
            _check(loads[-1], fetched)
            if number:
                handed.append(fetch(where, where.home / f"pages_{number}").seconds)
                shutil.rmtree(where.home / f"pages_{number}")
            texts.append(_copy(where, fetched, typed=False))
            typed.append(_copy(where, fetched, typed=True))
        least = LEAST_RATIO if scale >= LIMIT_FROM_SCALE else None
        return _figures(where, fetched, handed, loads, texts, typed, least=least)


def _load(where: Stage, name: str) -> Round:
    environment = where.environment(where.database(name))
    where.settle()
    where.org.reset_calls()
    began = time.perf_counter()
    with Process(baton("sync", "run", "--snapshot", "--json"), environment=environment) as worker:
        with PeakMemory(worker.pid) as peak:
            code, said = worker.finish(within=_PATIENCE_SECONDS)
            seconds = time.perf_counter() - began
        if code:
            raise BenchError(f"sync run --snapshot ended with {code}:\n{worker.said()}")
    with where.connected(name) as connection:
        row = connection.execute(
            "SELECT extract(epoch FROM (SELECT min(snapshot_at) FROM ops.object_state) - min(started_at)) AS seconds"
            " FROM ops.run WHERE kind = 'snapshot'"
        ).fetchone()
    assert row is not None
    return Round(
        seconds=seconds,
        reading_seconds=float(row["seconds"]),
        megabytes=peak.megabytes,
        calls=where.org.calls(),
        report=json.loads(said),
    )


def _copy(where: Stage, fetched: Fetched, *, typed: bool) -> float:
    name = "copy_typed" if typed else "copy_text"
    where.database(name)
    psql = Psql(where, name)
    psql.make_tables(fetched.pages, typed=typed)
    where.settle()
    seconds, rows = psql.copy(fetched.pages)
    if rows != fetched.rows:
        raise BenchError(f"psql copied {rows:,} rows of {fetched.rows:,}")
    return seconds


def _check(load: Round, fetched: Fetched) -> None:
    """A load that read less than the peer would be no match for it."""
    if load.report["windows"]["failed"]:
        raise BenchError(f"windows failed: {load.report['failed']}")
    for name in {page.object_name for page in fetched.pages}:
        counts, rows = load.report["objects"][name], fetched.rows_of(name)
        if counts["rows_read"] < rows or not counts["rows_written"]:
            raise BenchError(f"{name}: the worker read {counts['rows_read']:,} rows, the peer {rows:,}")


def _figures(
    where: Stage,
    fetched: Fetched,
    handed: list[float],
    loads: list[Round],
    texts: list[float],
    typed: list[float],
    *,
    least: float | None,
) -> list[Figure]:
    rows = fetched.rows
    handing = median(handed)
    whole = median(load.seconds for load in loads)
    reading = median(load.reading_seconds for load in loads)
    text, keyed = median(texts), median(typed)
    all_rows = loads[0].report["rows_read"]
    return [
        Figure(bench=_NAME, name="rows in bulk results", value=rows, note=where.org_rows),
        Figure(bench=_NAME, name="bytes in bulk results", value=fetched.size / 1e6, unit="MB"),
        Figure(bench=_NAME, name="rows read by the worker", value=all_rows,
               note="with those read by id, and a deep pass"),
        Figure(bench=_NAME, name="org hands out the bytes", value=rows / handing, unit="rows/s",
               note=f"{handing:.2f} s, its bulk jobs included{_spread(handed)}"),
        Figure(bench=_NAME, name="worker, whole command", value=rows / whole, unit="rows/s",
               note=f"{whole:.2f} s: from start to end, with briefs{_spread([load.seconds for load in loads])}"),
        Figure(bench=_NAME, name="worker, extract and land", value=rows / reading, unit="rows/s",
               note=f"{reading:.2f} s{_spread([load.reading_seconds for load in loads])}"),
        Figure(bench=_NAME, name=r"\copy into the mirror's columns", value=rows / keyed, unit="rows/s",
               note=f"{keyed:.2f} s, with its key and indexes{_spread(typed)}"),
        Figure(bench=_NAME, name=r"\copy, text columns", value=rows / text, unit="rows/s",
               note=f"{text:.2f} s, no index{_spread(texts)}"),
        Figure(bench=_NAME, name=r"ratio: extract and land to \copy", value=keyed / reading, at_least=least,
               note="" if least else f"limit {LEAST_RATIO} from --scale {LIMIT_FROM_SCALE} on, see docs/benchmarks.md"),
        Figure(bench=_NAME, name=r"ratio: extract and land to org and \copy", value=(handing + keyed) / reading,
               note="what fetches all files first and copies them then"),
        Figure(bench=_NAME, name=r"ratio: extract and land to \copy text", value=text / reading),
        Figure(bench=_NAME, name=r"ratio: whole command to \copy", value=keyed / whole),
        Figure(bench=_NAME, name="peak memory of the worker", value=max(load.megabytes for load in loads), unit="MB",
               at_most=MOST_MEGABYTES, note="highest of all rounds"),
        Figure(bench=_NAME, name="API calls", value=median(load.calls for load in loads), note="by the org's count"),
        Figure(bench=_NAME, name="briefs made", value=loads[0].report["briefs"]),
    ]  # fmt: skip


def _spread(values: list[float]) -> str:
    if len(values) == 1:
        return "; one round"
    return f"; {len(values)} rounds, {min(values):.2f} to {max(values):.2f}"
