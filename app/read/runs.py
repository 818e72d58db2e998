"""What the worker did: the runs of the last days, and what each brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Numeric, Text, cast, func, select

from app.read.listing import Order, Page, Position, read_page
from models.org import ORG
from models.run import RUN
from models.session import ReadSession

_COUNTERS = (
    "rows_read", "rows_written", "rows_deleted", "late_rows", "deals_in", "deals_out", "drafts_in", "drafts_out",
    "briefs", "events", "api_calls",
)  # fmt: skip

SORTS = ("run_id", "started_at", "ended_at", "kind", "state", "seconds", "rows_written", "api_calls")
NEWEST_FIRST = (Order(column="run_id", descending=True),)
_TIE_BREAK = (Order(column="run_id"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs are asked for; what is None or empty restricts nothing."""

    org: Sequence[str] = ()
    kind: Sequence[str] = ()
    state: Sequence[str] = ()
    since: datetime | None = None

    def conditions(self, run: FromClause) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        column = run.c
        wanted = [
            column.org_id.in_(self.org) if self.org else None,
            column.kind.in_(self.kind) if self.kind else None,
            column.state.in_(self.state) if self.state else None,
            column.started_at >= self.since if self.since is not None else None,
        ]
        return [condition for condition in wanted if condition is not None]


def list_runs(
    session: ReadSession, wanted: RunFilter, *, order: Sequence[Order], after: Position | None, limit: int
) -> Page:
    """Read one page of runs."""
    run = runs()
    by = [*(order or NEWEST_FIRST), *_TIE_BREAK]
    return read_page(session, run, where=wanted.conditions(run), order=by, after=after, limit=limit)


def run_total(session: ReadSession, wanted: RunFilter) -> dict[str, Any]:
    """How many runs match."""
    run = runs()
    statement = select(func.count()).select_from(run).where(*wanted.conditions(run))
    return {"count": session.execute(statement).scalar_one()}


def runs() -> FromClause:
    """The runs, with what each counted as columns; a run that has not ended has counted nothing yet."""
    counters = RUN.c.counters
    return (
        select(
            RUN.c.run_id,
            RUN.c.org_id,
            ORG.c.name.label("org_name"),
            RUN.c.kind,
            RUN.c.state,
            RUN.c.started_at,
            RUN.c.ended_at,
            cast(counters["seconds"].astext, Numeric).label("seconds"),
            *(cast(counters[name].astext, BigInteger).label(name) for name in _COUNTERS),
            cast(counters["windows"]["committed"].astext, BigInteger).label("windows_committed"),
            cast(counters["windows"]["failed"].astext, BigInteger).label("windows_failed"),
            counters["failed"].label("failed"),
            cast(RUN.c.error, Text).label("error"),
        )
        .select_from(RUN.outerjoin(ORG, ORG.c.org_id == RUN.c.org_id))
        .subquery("run")
    )


FIELDS = tuple(column.name for column in runs().c)
