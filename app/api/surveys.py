"""Surveys: what customers were asked, what they answered, and how other tools tell us."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.answer import answer
from app.api.of_org import OfOrg
from app.api.parameters import (
    ListQuery,
    known_parameters,
    next_cursor,
    parse_fields,
    parse_order,
    refuse_hidden,
    resumed,
)
from app.api.schemas import Covered, Fresh, example
from app.auth import Asking, MayReadBriefs, MayWriteNotes, Seeing
from app.caller import Caller
from app.problems import ASKED, declared
from app.read.listing import Slice, only_fields
from app.read.sight import Sight
from app.read.surveys import FIELDS, SORTS, SurveyFilter, list_surveys
from app.write.once import OnlyOnce
from app.write.survey_file import NewAnswer, read_survey_file
from app.write.surveys import keep_surveys
from models.session import WriteSession
from models.survey import SurveyAnswer, SurveyKind

router = APIRouter(prefix="/api/v1", tags=["surveys"], dependencies=[Depends(known_parameters)])
_WRITING = declared(400, 401, 403, 409, 422, 429, 503) | {"4XX": declared(400)[400]}


class SurveyQuery(ListQuery):
    """Filters of the list of surveys; a repeated parameter means any of its values."""

    kind: list[SurveyKind] = Field([], description="nps, csat")
    customer: list[str] = Field([], description="id or name of the customer")
    source: list[str] = Field([], description="the tool that it is from")
    answered: bool | None = Field(None, description="whether somebody has answered")
    asked_from: date | None = Field(None, description="sent on this day or later")
    asked_to: date | None = Field(None, description="sent on this day or earlier")
    org: list[str] = Field([], description="id of the org, 18 characters")


class SurveyRow(BaseModel):
    """A survey that was sent to somebody, as its latest answer says."""

    model_config = example({
        "org_id": "00D000000000001AAA", "source": "Delighted", "external_id": "8134", "kind": "nps",
        "customer_id": "001000000000001AAA", "customer_name": "Acme", "deal_id": None,
        "contact_id": "003000000000001AAA", "asked_on": "2026-08-01", "answered_on": "2026-08-03", "score": 4,
        "scale": 10, "verdict": "detractor", "comment": "The rota changes too late.",
        "changed_at": "2026-08-03T00:00:00Z", "received_at": "2026-08-03T09:00:00Z", "kept_by": "survey tool",
    })  # fmt: skip

    org_id: str
    source: str
    external_id: str
    kind: SurveyKind
    customer_id: str
    customer_name: str | None
    deal_id: str | None
    contact_id: str | None
    asked_on: date | None
    answered_on: date | None
    score: int | None
    scale: int = Field(description="the best score there is")
    verdict: str | None = Field(description="promoter, passive, detractor; satisfied, unsatisfied; null: no answer")
    comment: str | None
    changed_at: datetime
    received_at: datetime
    kept_by: str = Field(description="name of the key, or of the command, that brought it")


class SurveyList(Fresh, Covered):
    """A page of surveys."""

    data: list[SurveyRow]
    next_cursor: str | None


class NewAnswers(BaseModel):
    """Answers to be kept: all of them, or none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"answers": [{
        "source": "Delighted", "external_id": "8134", "kind": "nps", "customer_id": "001000000000001AAA",
        "asked_on": "2026-08-01", "answered_on": "2026-08-03", "score": 4, "comment": "The rota changes too late.",
    }]}]})  # fmt: skip

    answers: list[NewAnswer] = Field(min_length=1, max_length=1000)


class SurveyFile(BaseModel):
    """A file as the memory of writes knows it."""

    source: str | None
    sha256: str


class AnswersKept(BaseModel):
    """How many answers came, and how many of them were new."""

    model_config = example({"received": 3, "kept": 2, "known": 1})

    received: int
    kept: int
    known: int = Field(description="those that had been sent before; nothing is doubled")


@router.get(
    "/surveys", operation_id="list_surveys", summary="Surveys", response_model=SurveyList, responses=ASKED
)  # fmt: skip
def surveys_listed(
    request: Request, session: MayReadBriefs, sight: Seeing, query: Annotated[SurveyQuery, Query()]
) -> Response:
    """Surveys with their answers, the latest first unless `sort` says otherwise."""
    query, after = resumed(session, query, kind="surveys")
    order, fields = parse_order(query.sort, allowed=SORTS), parse_fields(query.fields, allowed=FIELDS)
    hidden = sight.hidden("survey")
    refuse_hidden(hidden, order)
    part = Slice(order=order, after=after, limit=query.limit)
    page = list_surveys(session, query.chosen(SurveyFilter), part, sight=sight)
    cursor = next_cursor(session, page, query, kind="surveys")
    return answer(request, session, {"data": only_fields(page.rows, fields), "next_cursor": cursor}, hidden=hidden)


@router.post(
    "/surveys", operation_id="send_survey_answers", summary="Send answers of surveys", response_model=AnswersKept,
    responses=_WRITING,
)  # fmt: skip
def answers_sent(
    _: MayWriteNotes, caller: Asking, sight: Seeing, said: NewAnswers, once: OnlyOnce, org: OfOrg = None
) -> Response:
    """Keep answers, each once by its source and id; of several answers to one survey the latest counts."""
    answers = [each.answer() for each in said.answers]
    return once.do(said, _Keeping(answers, org=org, caller=caller, sight=sight))


@router.post(
    "/surveys/import", operation_id="import_survey_answers", summary="Send answers of surveys as CSV",
    response_model=AnswersKept, responses=_WRITING,
)  # fmt: skip
def answers_imported(
    _: MayWriteNotes, caller: Asking, sight: Seeing, once: OnlyOnce,
    content: Annotated[bytes, Body(media_type="text/csv", description="UTF-8, with a head line")],
    source: Annotated[str | None, Query(min_length=1, max_length=100, description="where no column says it")] = None,
    org: OfOrg = None,
) -> Response:  # fmt: skip
    """The same as a CSV file, whose columns have the names that JSON has; one wrong line, and nothing is kept."""
    answers = read_survey_file(content, source=source)
    file = SurveyFile(source=source, sha256=hashlib.sha256(content).hexdigest())
    return once.do(file, _Keeping(answers, org=org, caller=caller, sight=sight))


class _Keeping:
    """Keeps some answers, and tells how many were new."""

    def __init__(self, answers: list[SurveyAnswer], *, org: str | None, caller: Caller, sight: Sight) -> None:
        self.answers, self.org, self.caller, self.sight = answers, org, caller, sight

    def __call__(self, session: WriteSession) -> tuple[int, dict[str, Any]]:
        kept = keep_surveys(session, self.answers, org=self.org, by=self.caller.name, sight=self.sight)
        return 200, {"received": len(self.answers), "kept": kept, "known": len(self.answers) - kept}
