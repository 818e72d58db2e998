"""What was said and done about a customer, and what CS writes down about it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.answer import answer
from app.api.asked import AskedCustomer
from app.api.parameters import ListQuery, known_parameters, next_cursor, parse_fields, parse_order, resumed
from app.api.schemas import Covered, Fresh, example
from app.auth import Asking, MayReadBriefs, MayWriteNotes, Seeing
from app.problems import Problem, declared
from app.read.customers import deals_of
from app.read.listing import Slice, only_fields
from app.read.record_id import long_id
from app.read.timeline import (
    ENTRY_FIELDS,
    ENTRY_SORTS,
    NOTE_FIELDS,
    NOTE_SORTS,
    EntryFilter,
    list_notes,
    list_timeline,
    note_of,
)
from app.write.once import OnlyOnce
from models.note import write_note
from models.session import WriteSession

router = APIRouter(prefix="/api/v1", tags=["customers"], dependencies=[Depends(known_parameters)])


class EntryQuery(ListQuery):
    """Filters of a timeline; a repeated parameter means any of its values."""

    kind: list[str] = Field([], description="task, event, note, quote")
    at_from: AwareDatetime | None = Field(None, description="at this instant or later")
    at_to: AwareDatetime | None = Field(None, description="at this instant or earlier")


class EntryRow(BaseModel):
    """Something that was said or done about a deal."""

    model_config = example({
        "deal_id": "006000000000001AAA", "entry_id": "00T000000000001AAA", "kind": "task",
        "at": "2026-06-30T09:00:00Z", "title": "Call about go-live", "body": "They want to start in August.",
        "who": "Ana Ruiz", "owner": "Sam Seller", "status": "Completed", "is_erased": False,
    })  # fmt: skip

    deal_id: str
    entry_id: str
    kind: str
    at: datetime | None
    title: str | None
    body: str | None
    who: str | None = Field(description="the customer's person")
    owner: str | None
    status: str | None
    is_erased: bool = Field(description="it was about somebody who was erased: title and body are gone")


class Timeline(Fresh, Covered):
    """A page of a timeline."""

    data: list[EntryRow]
    next_cursor: str | None


class NoteKind(StrEnum):
    """What somebody wrote down."""

    NOTE = "note"
    QUESTION = "question"


class NoteQuery(ListQuery):
    """Filters of the notes of a customer."""

    kind: list[NoteKind] = Field([], description="note, or question that is still open")


class NoteRow(BaseModel):
    """What CS wrote down about a customer."""

    model_config = example({
        "org_id": "00D000000000001AAA", "note_id": "01907e5c-0d3a-7c4e-9a55-0c1d2e3f4a5b",
        "customer_id": "001000000000001AAA", "deal_id": "006000000000001AAA", "kind": "note",
        "body": "Kickoff moved to September.", "author": "Cleo", "created_at": "2026-07-02T09:20:00Z",
    })  # fmt: skip

    org_id: str
    note_id: str
    customer_id: str
    deal_id: str | None
    kind: NoteKind
    body: str
    author: str
    created_at: datetime


class NoteList(Fresh):
    """A page of notes."""

    data: list[NoteRow]
    next_cursor: str | None


class NewNote(BaseModel):
    """A note to be kept."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"body": "Kickoff moved to September.", "kind": "note"}]}
    )

    body: str = Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")
    kind: NoteKind = NoteKind.NOTE
    deal_id: str | None = Field(None, description="the deal it is about, one of the customer's")


@router.get(
    "/customers/{customer_id}/timeline", operation_id="get_timeline", summary="The timeline of a customer",
    response_model=Timeline, responses=declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def timeline_shown(
    request: Request,
    session: MayReadBriefs,
    sight: Seeing,
    customer: AskedCustomer,
    query: Annotated[EntryQuery, Query()],
) -> Response:
    """Tasks, events, notes and quotes of a customer's deals, the latest first unless `sort` says otherwise."""
    kind = f"timeline of {customer['customer_id']}"
    query, after = resumed(session, query, kind=kind)
    order, fields = parse_order(query.sort, allowed=ENTRY_SORTS), parse_fields(query.fields, allowed=ENTRY_FIELDS)
    part = Slice(order=order, after=after, limit=query.limit)
    wanted = EntryFilter(kind=query.kind, at_from=query.at_from, at_to=query.at_to)
    page = list_timeline(session, customer, wanted, part, sight=sight)
    body = {"data": only_fields(page.rows, fields), "next_cursor": next_cursor(session, page, query, kind=kind)}
    return answer(request, session, body, hidden=sight.hidden("timeline"))


@router.get(
    "/customers/{customer_id}/notes", operation_id="list_notes", summary="What CS wrote down about a customer",
    response_model=NoteList, responses=declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def notes_listed(
    request: Request, session: MayReadBriefs, customer: AskedCustomer, query: Annotated[NoteQuery, Query()]
) -> Response:
    """The notes of CS about a customer, the latest first unless `sort` says otherwise."""
    kind = f"notes of {customer['customer_id']}"
    query, after = resumed(session, query, kind=kind)
    order, fields = parse_order(query.sort, allowed=NOTE_SORTS), parse_fields(query.fields, allowed=NOTE_FIELDS)
    part = Slice(order=order, after=after, limit=query.limit)
    page = list_notes(session, customer, part, kind=query.kind)
    body = {"data": only_fields(page.rows, fields), "next_cursor": next_cursor(session, page, query, kind=kind)}
    return answer(request, session, body)


@router.post(
    "/customers/{customer_id}/notes", operation_id="write_note", summary="Write a note about a customer",
    status_code=201, response_model=NoteRow,
    responses=declared(400, 401, 403, 404, 409, 422, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def note_written(
    session: MayWriteNotes, caller: Asking, sight: Seeing, customer: AskedCustomer, note: NewNote, once: OnlyOnce,
) -> Response:  # fmt: skip
    """Keep a note or an open question; the sync never changes it, and it stays when a deal is reopened."""
    deal_id = None if note.deal_id is None else long_id(note.deal_id)
    if note.deal_id is not None and deal_id not in {
        each["deal_id"] for each in deals_of(session, customer, sight=sight)
    }:
        detail = "deal_id: this customer has no such deal. Leave it out, or take one of won_deals of the customer."
        raise Problem(400, "invalid_parameter", detail, errors=[{"pointer": "/body/deal_id", "detail": "not theirs"}])

    def act(session: WriteSession) -> tuple[int, dict[str, Any]]:
        note_id = write_note(
            session, customer["org_id"], customer["customer_id"], body=note.body, kind=note.kind, author=caller.name,
            deal_id=deal_id,
        )  # fmt: skip
        return 201, note_of(session, str(note_id))

    return once.do(note, act)
