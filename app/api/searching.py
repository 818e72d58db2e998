"""Search over deals, customers, contacts, notes and tasks."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.api.answer import answer
from app.api.parameters import known_parameters
from app.api.schemas import Fresh, example
from app.auth import MayReadBriefs, Seeing
from app.problems import ASKED
from app.read.search import TYPES, search

router = APIRouter(prefix="/api/v1", tags=["search"], dependencies=[Depends(known_parameters)])


class HitType(StrEnum):
    """What can be found."""

    CUSTOMER = "customer"
    DEAL = "deal"
    CONTACT = "contact"
    NOTE = "note"
    TASK = "task"


class Hit(BaseModel):
    """Something that was found."""

    model_config = example({
        "type": "deal", "org_id": "00D000000000001AAA", "id": "006000000000001AAA", "title": "Acme - Rotas",
        "snippet": "Acme", "matched_field": "name", "url": "/api/v1/deals/006000000000001AAA", "score": 4.0,
    })  # fmt: skip

    type: HitType
    org_id: str
    id: str
    title: str
    snippet: str | None = Field(description="what tells it from others of that name")
    matched_field: str
    url: str = Field(description="where it is read; a task's and a note's is that of their deal or customer")
    score: float = Field(description="the higher, the better it fits")


class HitList(Fresh):
    """What was found, the best first."""

    data: list[Hit]


@router.get(
    "/search", operation_id="search", summary="Search", response_model=HitList,
    responses=ASKED,
)  # fmt: skip
def found(
    request: Request,
    session: MayReadBriefs,
    sight: Seeing,
    q: Annotated[str, Query(min_length=2, max_length=200, description="words, an id, or the address of a record")],
    types: Annotated[list[HitType] | None, Query(description="only these; all unless given")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Response:
    """Find by the beginning of words, by parts of them and in spite of typing errors; people need `contacts:read`."""
    hits = search(session, q, types=types or TYPES, limit=limit, sight=sight)
    return answer(request, session, {"data": hits})
