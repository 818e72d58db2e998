"""The handoff brief of a deal: in four forms, in any version, what changed in it, and what is missing."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.api.answer import CACHING, answer, entity_tag, is_known, stamp, unchanged
from app.api.asked import AskedDeal
from app.api.parameters import known_parameters
from app.api.schemas import Covered, Fresh, example
from app.api.viewing import keep_view
from app.auth import Asking, MayReadBriefs, Seeing
from app.problems import Problem, declared
from app.read.briefs import brief_document, brief_read_at, brief_versions, plain_brief
from app.read.covered_brief import covered_brief, hidden_in_brief
from app.read.deals import stage_changes
from app.read.difference import all_gaps, difference
from app.read.encode import to_json
from app.read.html import brief_html, content_policy
from app.read.markdown import brief_markdown
from app.read.own_words import with_own_words
from app.read.pdf import brief_pdf
from app.read.status import freshness
from models.session import ReadSession

router = APIRouter(prefix="/api/v1", tags=["briefs"], dependencies=[Depends(known_parameters)])

_PROBLEMS = declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]}
_Version = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="an earlier version; the newest unless given")]


class Brief(Fresh, Covered):
    """The handoff brief: every value with its source and state."""

    model_config = example({
        "deal_id": "006000000000001AAA", "customer": {"id": "001000000000001AAA", "name": "Acme"},
        "won_at": "2026-07-01T14:03:12Z", "synced_at": "2026-07-01T14:03:17Z", "version": 3, "is_draft": False,
        "completeness": {"score": 80, "missing": [{
            "key": "success_criteria", "label": "Success criteria", "section": "what_success_means", "weight": 20,
            "owner": "AE", "state": "empty", "object": "Opportunity", "field": "Success_Criteria__c",
            "salesforce_url": "https://acme.my.salesforce.com/lightning/r/Opportunity/006000000000001AAA/view",
        }], "also_missing": []},
        "sections": [{"key": "who_bought", "title": "Who bought", "items": [{
            "key": "champion", "label": "Champion",
            "value": {"name": "Ana Ruiz", "title": "VP Ops", "contact_id": "003000000000001AAA"}, "state": "ok",
            "source": {"object": "OpportunityContactRole", "field": "Role", "record_id": "00K000000000001AAA",
                       "modified_at": "2026-06-30T09:00:00Z"},
        }]}],
        "risks": [{"rule": "single_threaded", "severity": "high",
                   "detail": "Only one person at the customer is named.", "evidence": ["00K000000000001AAA"]}],
        "renewal": {"due_on": "2027-06-30", "notice_by": "2027-03-31", "atr": 20000.00, "currency": "USD",
                    "provenance": "contract", "confidence": "high"},
        "as_of": "2026-07-01T14:04:00Z", "lag_seconds": 4,
    })  # fmt: skip

    deal_id: str
    customer: dict[str, Any] | None
    won_at: datetime | None
    synced_at: datetime | None
    version: int
    is_draft: bool = Field(description="whether the deal is not won yet, but expected to close soon")
    completeness: dict[str, Any]
    sections: list[dict[str, Any]]
    risks: list[dict[str, Any]]
    renewal: dict[str, Any] | None


class BriefFormat(StrEnum):
    """How a brief is written."""

    JSON = "json"
    MD = "md"
    HTML = "html"
    PDF = "pdf"


_TYPES = {BriefFormat.MD: "text/markdown", BriefFormat.HTML: "text/html", BriefFormat.PDF: "application/pdf"}


class Gap(BaseModel):
    """What CS needs to know and the brief does not say."""

    model_config = example({
        "key": "success_criteria", "label": "Success criteria", "section": "what_success_means", "weight": 20,
        "owner": "AE", "state": "empty", "object": "Opportunity", "field": "Success_Criteria__c",
        "salesforce_url": "https://acme.my.salesforce.com/lightning/r/Opportunity/006000000000001AAA/view",
    })  # fmt: skip

    key: str
    label: str
    section: str = Field(description="where in the brief it would stand")
    weight: int = Field(description="what it costs of the completeness, in percent; 0 for what is only asked for")
    owner: str = Field(description="whose move it is: AE, admin or CS")
    state: str = Field(description="empty, not_mapped or no_access")
    object: str | None = Field(description="where it would be filled in, as far as the org has a place for it")
    field: str | None
    salesforce_url: str


class Gaps(Fresh):
    """The gaps of a brief, the heaviest first."""

    deal_id: str
    version: int
    score: int = Field(description="completeness in percent")
    data: list[Gap]


class Version(BaseModel):
    """One version of a brief."""

    model_config = example({"version": 3, "made_at": "2026-07-01T14:03:17Z", "completeness": 82})

    version: int
    made_at: datetime
    completeness: int = Field(description="in percent")


class History(Fresh, Covered):
    """How a deal came about, and how its brief grew."""

    deal_id: str
    stage_changes: list[dict[str, Any]] = Field(description="the columns of cs_v1.stage_change, the oldest first")
    brief_versions: list[Version] = Field(description="the newest first")


class Difference(Fresh):
    """What a brief says that an earlier version did not."""

    model_config = example({
        "deal_id": "006000000000001AAA", "since": {"version": 2, "made_at": "2026-07-01T14:03:17Z"},
        "version": {"version": 3, "made_at": "2026-07-02T09:15:00Z"}, "completeness": {"before": 62, "after": 82},
        "head": [{"key": "amount", "before": 18000.00, "after": 20000.00}],
        "lines": [{
            "section": "what_success_means", "title": "What success means", "key": "success_criteria",
            "label": "Success criteria", "change": "added", "before": {"value": None, "state": "empty", "source": None},
            "after": {"value": "Rotas 14 days ahead", "state": "ok", "source": {
                "object": "Opportunity", "field": "Success_Criteria__c", "record_id": "006000000000001AAA",
                "modified_at": "2026-07-02T09:14:40Z"}},
        }],
        "gaps": {"closed": [{"key": "success_criteria", "label": "Success criteria"}], "opened": []},
        "risks": {"appeared": [], "gone": []}, "renewal": [], "as_of": "2026-07-02T09:16:00Z", "lag_seconds": 4,
    })  # fmt: skip

    deal_id: str
    since: dict[str, Any] = Field(description="the version that was read")
    version: dict[str, Any] = Field(description="the newest version")
    completeness: dict[str, int]
    head: list[dict[str, Any]]
    lines: list[dict[str, Any]] = Field(description="`change` is added, removed or changed; with both sides")
    gaps: dict[str, Any]
    risks: dict[str, Any]
    renewal: list[dict[str, Any]]


@router.get(
    "/deals/{deal_id}/brief", operation_id="get_brief", summary="The handoff brief of a deal", response_model=Brief,
    responses=_PROBLEMS | {200: {"content": {
        "text/markdown": {"schema": {"type": "string"}}, "text/html": {"schema": {"type": "string"}},
        "application/pdf": {"schema": {"type": "string", "format": "binary"}},
    }}},
)  # fmt: skip
def brief_shown(
    request: Request,
    session: MayReadBriefs,
    caller: Asking,
    sight: Seeing,
    deal: AskedDeal,
    format: Annotated[BriefFormat | None, Query(description="else by the Accept header")] = None,  # noqa: A002 - the parameter's public name
    version: _Version = None,
) -> Response:
    """What CS must know about the deal: gaps, risks, and every value with its source. As PDF it is two pages of A4."""
    document = with_own_words(session, deal, _found(brief_document(session, deal, version=version), version))
    hidden = hidden_in_brief(document, sight)
    document = covered_brief(document, sight)
    form = format or _accepted(request)
    if form is BriefFormat.JSON:
        shown = answer(request, session, document, hidden=hidden)
    else:
        shown = _printed(request, session, document, form)
    if shown.status_code == 200:
        keep_view(request, caller, deal, version=document["version"], form=form)
    return shown


@router.get(
    "/deals/{deal_id}/brief/diff", operation_id="diff_brief", summary="What changed in a brief since it was read",
    response_model=Difference, responses=_PROBLEMS,
)  # fmt: skip
def brief_compared(
    request: Request,
    session: MayReadBriefs,
    caller: Asking,
    sight: Seeing,
    deal: AskedDeal,
    since: Annotated[
        str, Query(description="the version that was read, or when it was read (RFC 3339)", examples=["2"])
    ],
) -> Response:
    """Compare the newest version with the one that was read then, line by line; stamps of sources do not count."""
    read = covered_brief(_read_then(session, deal, since), sight)
    newest = covered_brief(_found(brief_document(session, deal), None), sight)
    before, after = plain_brief(read), plain_brief(newest)
    named = [{name: each[name] for name in ("version", "made_at")} for each in (before, after)]
    body = {"deal_id": deal["deal_id"], "since": named[0], "version": named[1], **difference(before, after)}
    shown = answer(request, session, body)
    if shown.status_code == 200:
        keep_view(request, caller, deal, version=after["version"], form="diff")
    return shown


@router.get(
    "/deals/{deal_id}/gaps", operation_id="list_gaps", summary="What is missing in a brief, and whose move it is",
    response_model=Gaps, responses=_PROBLEMS,
)  # fmt: skip
def gaps_listed(request: Request, session: MayReadBriefs, deal: AskedDeal) -> Response:
    """The gaps of the newest brief: what sales can fill in, what an admin must open, what CS has to decide."""
    brief = plain_brief(_found(brief_document(session, deal), None))
    body = {
        "deal_id": deal["deal_id"],
        "version": brief["version"],
        "score": brief["completeness"]["score"],
        "data": [{**_NOWHERE, **gap} for gap in all_gaps(brief)],
    }
    return answer(request, session, body)


@router.get(
    "/deals/{deal_id}/history", operation_id="get_deal_history", summary="How a deal came about",
    response_model=History, responses=_PROBLEMS,
)  # fmt: skip
def history_shown(request: Request, session: MayReadBriefs, sight: Seeing, deal: AskedDeal) -> Response:
    """Its stages with amounts and close dates, and the versions of its brief."""
    body = {
        "deal_id": deal["deal_id"],
        "stage_changes": stage_changes(session, deal, sight=sight),
        "brief_versions": brief_versions(session, deal),
    }
    return answer(request, session, body, hidden=[f"stage_changes.{name}" for name in sight.hidden("stage_change")])


#: briefs of earlier releases did not say where a gap would be filled in
_NOWHERE = {"object": None, "field": None}


def _found(document: dict[str, Any] | None, version: int | None) -> dict[str, Any]:
    if document is not None:
        return document
    if version is not None:
        detail = f"The brief has no version {version}. Leave it out for the newest; /history lists all."
        raise Problem(404, "version_not_found", detail)
    raise Problem(404, "brief_not_ready", "The brief of this deal has not been made yet. Try again in a minute.")


def _read_then(session: ReadSession, deal: dict[str, Any], since: str) -> dict[str, Any]:
    if since.isascii() and since.isdigit() and len(since) < 10:
        return _found(brief_document(session, deal, version=int(since)), int(since))
    read_at = _instant(since)
    if read_at is None:
        detail = "since: give the number of a version, or an instant with its zone such as 2026-07-01T14:03:17Z."
        errors = [{"pointer": "/query/since", "detail": "neither of both"}]
        raise Problem(400, "invalid_parameter", detail, errors=errors)
    return _found(brief_read_at(session, deal, read_at), None)


def _instant(text: str) -> datetime | None:
    """The instant that a text names with its zone; None where it names none."""
    try:
        # A plus sign that was not encoded arrives as a blank.
        found = datetime.fromisoformat(text.replace(" ", "+"))
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _printed(request: Request, session: ReadSession, document: dict[str, Any], form: BriefFormat) -> Response:
    tag = entity_tag(form.encode() + to_json(document))
    if is_known(request, tag):
        return unchanged(tag)
    brief = plain_brief({**document, **stamp(freshness(session))})
    headers = {"ETag": tag, **CACHING}
    if form is BriefFormat.HTML:
        headers["Content-Security-Policy"] = content_policy()
    if form is BriefFormat.PDF:
        name = f"brief-{brief['deal_id']}-v{brief['version']}.pdf"
        return Response(
            brief_pdf(brief),
            media_type=_TYPES[form],
            headers={**headers, "Content-Disposition": f'inline; filename="{name}"'},
        )
    write: Callable[[dict[str, Any]], str] = brief_html if form is BriefFormat.HTML else brief_markdown
    return Response(write(brief), media_type=f"{_TYPES[form]}; charset=utf-8", headers=headers)


def _accepted(request: Request) -> BriefFormat:
    """The form that the client asks for by its Accept header: the one it names first, JSON unless it names any."""
    for part in request.headers.get("accept", "").split(","):
        wanted = part.split(";")[0].strip().lower()
        if wanted in {"application/json", "*/*"}:
            return BriefFormat.JSON
        for form, name in _TYPES.items():
            if wanted == name:
                return form
    return BriefFormat.JSON
