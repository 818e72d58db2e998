"""Renewals: which commitments run out when, how far each is, and how we know."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.answer import CACHING, answer, entity_tag, is_known, unchanged
from app.api.figure_rows import TermProblem, TermRow
from app.api.of_org import OfOrg, only_one
from app.api.parameters import (
    ListQuery,
    known_parameters,
    next_cursor,
    parse_fields,
    parse_order,
    refuse_hidden,
    resumed,
)
from app.api.schemas import Covered, Fresh, Total, example, nothing_counted
from app.auth import MayReadBriefs, Seeing
from app.problems import ASKED, Problem, declared
from app.read.calendar_file import to_calendar
from app.read.doubts import doubtful_terms
from app.read.explain import explain
from app.read.listing import only_fields
from app.read.renewal_list import SORTS, RenewalFilter, list_renewals, matching, renewal_totals
from app.read.renewals import Standpoint, Terms, problem_rows, read_ledger
from app.read.status import freshness
from app.read.term_rows import term_rows
from models.renewals.term import Confidence

router = APIRouter(prefix="/api/v1", tags=["renewals"], dependencies=[Depends(known_parameters)])


class RenewalStatus(StrEnum):
    """How far a term is."""

    OPEN = "open"
    SECURED = "secured"
    PENDING = "pending"
    ON_TIME = "on_time"
    LATE = "late"
    LOST = "lost"


class RenewalQuery(ListQuery):
    """Which terms are wanted; a repeated parameter means any of its values."""

    status: list[RenewalStatus] = Field([], description="how far they are")
    due_from: date | None = Field(None, description="due on this day or later")
    due_to: date | None = Field(None, description="due on this day or earlier")
    csm: list[str] = Field([], description="id or name of the customer success manager")
    confidence: list[Confidence] = Field([], description="how sure the day is")
    as_of: date | None = Field(
        None, ge=date(1990, 1, 1), le=date(2199, 12, 31), description="as seen on this day; today unless given"
    )
    known_at: AwareDatetime | None = Field(None, description="as it was known at this instant; now unless given")
    org: list[str] = Field([], description="id of the org, 18 characters")


class TermSource(BaseModel):
    """Where something about a term stands."""

    model_config = example({
        "of": "due_on", "object": "Contract", "field": "EndDate", "record_id": "800000000000001AAA",
    })  # fmt: skip

    of: str = Field(description="due_on, atr or renews")
    object: str
    field: str
    record_id: str


class OfOrgs(BaseModel):
    """Of which orgs."""

    org: list[str] = Field([], description="id of the org, 18 characters")


class CalendarQuery(OfOrgs):
    """Which terms stand in the calendar."""

    status: list[RenewalStatus] = Field(
        [RenewalStatus.OPEN, RenewalStatus.SECURED, RenewalStatus.PENDING], description="how far they are"
    )
    csm: list[str] = Field([], description="id or name of the customer success manager")
    days: int = Field(400, ge=1, le=4000, description="how far ahead it looks")

    def chosen(self, terms: Terms) -> RenewalFilter:
        """The same as a list takes it."""
        return RenewalFilter(status=self.status, csm=self.csm, due_to=terms.as_of + timedelta(days=self.days))


class Doubt(BaseModel):
    """Why a term should not be trusted."""

    model_config = example({"code": "low_confidence", "detail": "Its last day follows from the day of winning. …"})

    code: str
    detail: str = Field(description="what is wrong, and what to do")


class DoubtfulTerm(TermRow):
    """One term that nobody should trust."""

    doubts: list[Doubt]


class DoubtList(Fresh, Covered):
    """Terms that nobody should trust, the earliest due first, all on one page."""

    as_of_date: date = Field(description="as seen on this day")
    data: list[DoubtfulTerm]


class RenewalList(Fresh, Covered):
    """Terms, the earliest due first."""

    as_of_date: date = Field(description="as seen on this day")
    data: list[TermRow]
    next_cursor: str | None
    total: Total = Field(default_factory=nothing_counted, description="with `include_total=true` only")


class Renewal(TermRow, Fresh, Covered):
    """One term, and why it is due on that day."""

    as_of_date: date = Field(description="as seen on this day")
    why: list[TermSource]
    explanation: list[str] = Field(description="the same in sentences, and how it ended")
    problems: list[TermProblem]


@router.get(
    "/renewals", operation_id="list_renewals", summary="Renewals", response_model=RenewalList,
    responses=ASKED,
)  # fmt: skip
def renewals_listed(
    request: Request, session: MayReadBriefs, sight: Seeing, query: Annotated[RenewalQuery, Query()]
) -> Response:
    """Every term, the earliest due first, with how far it is."""
    query, after = resumed(session, query, kind="renewals")
    order = parse_order(query.sort, allowed=SORTS)[:1]
    refuse_hidden(sight.hidden("term"), order)
    fields = parse_fields(query.fields, allowed=list(TermRow.model_fields))
    wanted = query.chosen(RenewalFilter)
    terms = read_ledger(session, Standpoint(as_of=query.as_of, known_at=query.known_at, org=query.org), sight=sight)
    page = list_renewals(session, terms, wanted, order=order, after=after, limit=query.limit, sight=sight)
    body: dict[str, Any] = {
        "as_of_date": terms.as_of,
        "data": only_fields(page.rows, fields),
        "next_cursor": next_cursor(session, page, query, kind="renewals"),
    }
    if query.include_total:
        body["total"] = renewal_totals(terms, matching(session, terms, wanted), sight=sight)
    return answer(request, session, body, hidden=sight.hidden("term"))


@router.get(
    "/renewals.ics", operation_id="get_renewal_calendar", summary="Renewals as a calendar",
    response_class=Response, responses=ASKED | {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}},
)  # fmt: skip
def renewals_as_calendar(
    request: Request, session: MayReadBriefs, sight: Seeing, query: Annotated[CalendarQuery, Query()]
) -> Response:
    """The last day of each term and the last day for notice, as all-day entries that calendars show."""
    terms = read_ledger(session, Standpoint(org=query.org), sight=sight)
    wanted = query.chosen(terms)
    keys = sorted(matching(session, terms, wanted), key=lambda key: (terms.known[key].term.due or date.max, key))
    rows = sight.cover("term", term_rows(session, terms, keys))
    stamp = freshness(session).as_of or datetime.combine(terms.as_of, time(), UTC)
    content = to_calendar(rows, stamp=stamp)
    tag = entity_tag(to_calendar(rows, stamp=datetime(2000, 1, 1, tzinfo=UTC)))
    if is_known(request, tag):
        return unchanged(tag)
    return Response(content, media_type="text/calendar; charset=utf-8", headers={"ETag": tag, **CACHING})


@router.get(
    "/renewals/doubts", operation_id="list_doubtful_renewals", summary="Terms that nobody should trust",
    response_model=DoubtList, responses=ASKED,
)  # fmt: skip
def doubts_listed(
    request: Request, session: MayReadBriefs, sight: Seeing, query: Annotated[OfOrgs, Query()]
) -> Response:
    """Every term whose day, value or link is missing, contradictory or only inferred, with what to do about it."""
    terms = read_ledger(session, Standpoint(org=query.org), sight=sight)
    body = {"as_of_date": terms.as_of, "data": sight.cover("term", doubtful_terms(session, terms))}
    return answer(request, session, body, hidden=sight.hidden("term"))


@router.get(
    "/renewals/{term_id}", operation_id="get_renewal", summary="One renewal", response_model=Renewal,
    responses=declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def renewal_shown(
    request: Request, session: MayReadBriefs, sight: Seeing,
    term_id: Annotated[str, Path(description="of the contract, or of the deal where there is none")],
    org: OfOrg = None,
) -> Response:  # fmt: skip
    """One term with the fields that tell its last day and its value, and what is wrong with it."""
    terms = read_ledger(session, Standpoint(org=() if org is None else (org,)), sight=sight)
    keys = [key for key, each in terms.known.items() if each.term.term_id[:15] == term_id[:15]]
    keys = [key for key in keys if len(term_id) == 15 or terms.known[key].term.term_id == term_id]
    if not keys:
        raise Problem(
            404, "term_not_found", f"There is no term {term_id[:18]}. /api/v1/renewals lists those there are."
        )
    rows = zip(keys, term_rows(session, terms, keys), strict=True)
    row = only_one([{**row, "key": key} for key, row in rows])
    key = row.pop("key")
    body = {
        **sight.cover("term", [row])[0],
        "as_of_date": terms.as_of,
        "why": list(terms.known[key].why),
        "explanation": explain(terms, key, with_amounts=sight.commercial),
        "problems": problem_rows([each for each in terms.problems if each.term_id == key]),
    }
    return answer(request, session, body, hidden=sight.hidden("term"))
