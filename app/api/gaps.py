"""Asking sales, or an admin, to close a gap of a brief."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.asked import AskedDeal
from app.api.parameters import known_parameters
from app.api.schemas import example
from app.auth import Asking, MayReadBriefs, MayWriteNotes
from app.problems import Problem, declared
from app.read.briefs import brief_document, plain_brief
from app.read.difference import all_gaps
from app.write.handoffs import ask_about_gap
from app.write.once import OnlyOnce
from models.session import WriteSession

router = APIRouter(prefix="/api/v1", tags=["handoffs"], dependencies=[Depends(known_parameters)])


class Question(BaseModel):
    """What is asked about a gap."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "What did they say a success would be?"}]}
    )

    text: str = Field("", max_length=2000, pattern=r"^[^\x00]*$", description="beside the name of the gap")


class Asked(BaseModel):
    """Who is asked for what."""

    model_config = example({
        "deal_id": "006000000000001AAA", "key": "success_criteria", "label": "Success criteria", "owner": "AE",
        "asked_by": "Cleo",
    })  # fmt: skip

    deal_id: str
    key: str
    label: str
    owner: str = Field(description="whose move it is: AE, admin or CS")
    asked_by: str


@router.post(
    "/deals/{deal_id}/gaps/{key}/ask", operation_id="ask_about_gap", summary="Ask somebody to close a gap",
    status_code=202, response_model=Asked,
    responses=declared(400, 401, 403, 404, 409, 422, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def gap_asked(
    session: MayReadBriefs, _: MayWriteNotes, caller: Asking, deal: AskedDeal,
    key: Annotated[str, Path(description="`key` of one of the gaps of the deal", examples=["success_criteria"])],
    question: Question, once: OnlyOnce,
) -> Response:  # fmt: skip
    """Ask whoever can close a gap: the event `brief.gap_asked` goes to whoever listens."""
    gap = _gap(brief_document(session, deal), key)

    def act(session: WriteSession) -> tuple[int, dict[str, Any]]:
        ask_about_gap(session, deal, gap, by=caller.name, text=question.text)
        asked = {name: gap[name] for name in ("key", "label", "owner")}
        return 202, {"deal_id": deal["deal_id"], **asked, "asked_by": caller.name}

    return once.do(question, act)


def _gap(brief: dict[str, Any] | None, key: str) -> dict[str, Any]:
    found = next((each for each in all_gaps(plain_brief(brief)) if each["key"] == key), None) if brief else None
    if found is None:
        detail = "The newest brief of this deal has no such gap; /gaps of the deal names those it has."
        raise Problem(404, "gap_not_found", detail)
    return dict(found)
