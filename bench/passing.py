"""An incremental pass: its time grows with what has changed and not with the store, and stays near that of bare SQL."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from sqlalchemy import text

from bench.figures import Figure
from bench.processes import BenchError, Process, baton
from bench.stage import Stage, stage
from models.mirror import Mirror
from models.session import Store, WriteSession, driver
from sync.extract.aggregate import by_ids, children
from sync.land.landing import Landing
from sync.land.objects import known_objects
from sync.record import Records, Selection
from sync.run import connected_org, run_pass
from sync.run.completing import CHANGING_WITH_DEAL
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
_ROUNDS_OF_FEW, _ROUNDS_OF_MANY = 7, 3
_LATER_SECONDS = 3600
_PATIENCE_SECONDS = 3600
_NAME = "pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A store that follows an org of some size."""

    where: Stage
    store: Store
    client: Client
    org_id: str
    selections: Mapping[str, Selection]


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A pass with many changed deals, and its peer."""

    whole: float
    #: COPY and merge of the records that it read
    records: float
    #: COPY of the briefs that it wrote
    briefs: float
    rows: int
    report: PassReport


def run(*, scale: int) -> list[Figure]:
    """Measure the same changes in a store of a size, and in one ten times as large, in turn."""
    with ExitStack() as stack:
        small, large = (stack.enter_context(_followed(each)) for each in (scale, scale * TIMES_LARGER))
        few: dict[int, list[float]] = {scale: [], scale * TIMES_LARGER: []}
        for number in range(_ROUNDS_OF_FEW):
            for size, each in zip(few, (small, large), strict=True):
                few[size].append(_pass(each, deals=_FEW, word=f"step {number}")[0])
        many = [_many(large, word=f"many {number}") for number in range(_ROUNDS_OF_MANY)]
    return [*_growth(few), *_times(many)]


def _growth(few: Mapping[int, list[float]]) -> list[Figure]:
    (scale, small), (scale_of_large, large) = few.items()
    return [
        Figure(bench=_NAME, name=f"{_FEW} changed deals", value=1000 * median(small), unit="ms",
               note=f"scale {scale}; {_spread(small)}"),
        Figure(bench=_NAME, name=f"{_FEW} changed deals, large store", value=1000 * median(large), unit="ms",
               note=f"scale {scale_of_large}; {_spread(large)}"),
        Figure(bench=_NAME, name="growth with the store", value=median(large) / median(small), at_most=MOST_GROWTH,
               note=f"a store {TIMES_LARGER} times as large"),
    ]  # fmt: skip


def _times(many: list[Many]) -> list[Figure]:
    whole = [each.whole for each in many]
    records, briefs = [each.records for each in many], [each.briefs for each in many]
    report, rows = many[-1].report, many[-1].rows
    return [
        Figure(bench=_NAME, name=f"{_MANY} changed deals", value=1000 * median(whole), unit="ms",
               note=f"{report.rows_read:,} rows read, {report.rows_written:,} written, {report.briefs:,} briefs made; "
               + _spread(whole)),
        Figure(bench=_NAME, name="bare COPY and merge of the records", value=1000 * median(records), unit="ms",
               note=f"{rows:,} rows; {_spread(records)}"),
        Figure(bench=_NAME, name="bare COPY of the briefs", value=1000 * median(briefs), unit="ms",
               note=_spread(briefs)),
        Figure(bench=_NAME, name="ratio: the pass to both", at_most=MOST_TIMES,
               value=median(each.whole / (each.records + each.briefs) for each in many)),
        Figure(bench=_NAME, name="ratio: the pass to the records alone",
               value=median(each.whole / each.records for each in many)),
    ]  # fmt: skip


@contextmanager
def _followed(scale: int) -> Iterator[Followed]:
    """An org of a size, and a store that has just been filled from it."""
    with ExitStack() as stack:
        where = stack.enter_context(stage(scale=scale))
        address = where.database("passing")
        with Process(baton("sync", "run", "--snapshot", "--json"), environment=where.environment(address)) as first:
            code, _ = first.finish(within=_PATIENCE_SECONDS)
            if code:
                raise BenchError(f"sync run ended with {code}:\n{first.said()}")
        store = Store(address)
        stack.callback(store.close)
        client = stack.enter_context(connect(where.org.settings()))
        org_id = connected_org(store, client)
        with store.reading() as session:
            selections = selections_of(STANDARD, known_objects(session, org_id))
        yield Followed(where=where, store=store, client=client, org_id=org_id, selections=selections)


def _pass(followed: Followed, *, deals: int, word: str) -> tuple[float, PassReport]:
    """Change some deals and let a live pass bring them; what an earlier round changed is out of its overlap."""
    where = followed.where
    where.org.move_clock(_LATER_SECONDS)
    run_pass(followed.store, followed.client, followed.org_id, kind="live")
    with where.org.seller() as seller:
        for deal in _deals(followed)[:deals]:
            seller.update(ROOT, deal, NextStep=word)
    where.settle()
    began = time.perf_counter()
    report = run_pass(followed.store, followed.client, followed.org_id, kind="live")
    seconds = time.perf_counter() - began
    if report.objects[ROOT]["rows_written"] < deals:
        raise BenchError(f"the pass did not bring {deals} deals: {report.as_dict()}")
    return seconds, report


def _many(followed: Followed, *, word: str) -> Many:
    whole, report = _pass(followed, deals=_MANY, word=word)
    read = _what_it_read(followed)
    rows = sum(map(len, read.values()))
    if rows < 0.99 * report.rows_read:
        raise BenchError(f"the peer has {rows:,} rows, the pass read {report.rows_read:,}")
    records, briefs = _bare(followed, read, report)
    return Many(whole=whole, records=records, briefs=briefs, rows=rows, report=report)


def _what_it_read(followed: Followed) -> dict[str, Records]:
    """The rows that such a pass reads: the deals, and of each deal the records that change with it."""
    deals, selections = _deals(followed)[:_MANY], followed.selections
    read = by_ids(followed.client, [selections[ROOT]], {ROOT: deals})
    for each in children(followed.client, STANDARD, selections, dict.fromkeys(CHANGING_WITH_DEAL, deals)):
        read.setdefault(each.object_name, []).extend(each.records)
    return read


def _bare(followed: Followed, read: Mapping[str, Records], report: PassReport) -> tuple[float, float]:
    """COPY these rows and merge them, object by object, and COPY the briefs: what the pass wrote, then rolled back."""
    with followed.store.trying() as session:
        landing = Landing(session, followed.org_id, generation=2**60, everything=False)
        generation = _last_generation(session, followed.org_id)
        for name in read:
            _unwrite(session, landing.mirrors[name], followed.org_id, generation)
        began = time.perf_counter()
        for name, records in read.items():
            landing.land(followed.selections[name], records)
        seconds = time.perf_counter() - began
        briefs = _copied_briefs(session, followed.org_id, generation)
        for name in read:
            written, expected = landing.counts[name].rows_written, report.objects[name]["rows_written"]
            if written != expected:
                raise BenchError(f"{name}: the peer wrote {written:,} rows, the pass {expected:,}")
    return seconds, briefs


def _copied_briefs(session: WriteSession, org_id: str, generation: int) -> float:
    """Seconds that it takes to store the briefs of a pass once more, each as another version."""
    columns = "org_id, deal_id, version, generation, completeness, digest, stamped, document"
    made = text("""
        SELECT org_id, deal_id, version + 1, generation, completeness, digest, stamped, document::text
          FROM cs.brief WHERE org_id = :org_id AND generation = :generation
    """)
    rows = session.execute(made, {"org_id": org_id, "generation": generation}).all()
    began = time.perf_counter()
    with driver(session).cursor() as cursor, cursor.copy(f"COPY cs.brief ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row))
    return time.perf_counter() - began


def _unwrite(session: WriteSession, mirror: Mirror, org_id: str, generation: int) -> None:
    """Make the rows that a pass wrote older than what is to be merged, or remove them where they have no age."""
    those = "org_id = :org_id AND generation = :generation"
    statement = (
        f"UPDATE salesforce.{mirror.name} SET systemmodstamp = NULL, generation = 0 WHERE {those}"
        if "systemmodstamp" in mirror.fields
        else f"DELETE FROM salesforce.{mirror.name} WHERE {those}"
    )
    session.execute(text(statement), {"org_id": org_id, "generation": generation})


def _last_generation(session: WriteSession, org_id: str) -> int:
    newest = text("SELECT max(generation) FROM salesforce.opportunity WHERE org_id = :org_id")
    return int(session.execute(newest, {"org_id": org_id}).scalar_one())


def _deals(followed: Followed) -> list[str]:
    with followed.store.reading() as session:
        found = text("SELECT id FROM closure.opportunity WHERE org_id = :org_id ORDER BY id")
        return list(session.execute(found, {"org_id": followed.org_id}).scalars())


def _spread(seconds: list[float]) -> str:
    return f"{len(seconds)} passes, {1000 * min(seconds):.0f} to {1000 * max(seconds):.0f}"
