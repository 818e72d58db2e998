"""Erasing what is known of a person at a customer, on their request."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.of_org import OfOrg, only_one
from app.api.parameters import known_parameters
from app.api.schemas import example
from app.auth import Asking, MayAdminister, Seeing
from app.problems import Problem, declared
from app.read.contacts import contact_rows
from app.read.record_id import long_id
from app.write.erasure import erase_contact
from app.write.once import OnlyOnce
from models.erasure import holders_of
from models.session import WriteSession

router = APIRouter(prefix="/api/v1", tags=["contacts"], dependencies=[Depends(known_parameters)])


class EraseRequest(BaseModel):
    """Nothing has to be said beside whom it is about."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})


class Erased(BaseModel):
    """What was done."""

    model_config = example({
        "org_id": "00D000000000001AAA", "contact_id": "003000000000001AAA", "erased_at": "2026-07-02T09:20:00Z",
        "erased_by": "Privacy desk", "briefs": 7,
    })  # fmt: skip

    org_id: str
    contact_id: str
    erased_at: datetime = Field(description="when it was asked for first")
    erased_by: str
    briefs: int = Field(description="how many briefs, of all versions, were rewritten")


@router.post(
    "/contacts/{contact_id}/erase", operation_id="erase_contact", summary="Erase a contact", response_model=Erased,
    responses=declared(400, 401, 403, 404, 409, 422, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def contact_erased(
    request: Request,
    session: MayAdminister,
    caller: Asking,
    sight: Seeing,
    contact_id: Annotated[str, Path(description="the contact's Salesforce id, 15 or 18 characters")],
    asked: EraseRequest,
    once: OnlyOnce,
    org: OfOrg = None,
) -> Response:
    """Erase what tells who a person is, everywhere and for good; the sync does not bring it back."""
    found_id = long_id(contact_id) or ""
    # Also contacts that hang on no deal any more are held; who has a book may touch only what they see.
    found = (
        [{"org_id": each} for each in holders_of(session, found_id) if org in {None, each}]
        if sight.book is None
        else contact_rows(session, found_id, sight=sight, org=org)
    )
    if not found:
        detail = "There is no contact of that id in the store. Look one up with /api/v1/contacts?q=."
        raise Problem(404, "contact_not_found", detail)
    org_id = only_one(found)["org_id"]

    def act(writing: WriteSession) -> tuple[int, dict[str, Any]]:
        done = erase_contact(
            writing, org_id, found_id, by=caller.name, key_id=caller.key_id,
            request_id=request.scope["state"]["request_id"],
        )  # fmt: skip
        return 200, {
            "org_id": org_id, "contact_id": found_id, "erased_at": done.erased_at, "erased_by": done.erased_by,
            "briefs": done.briefs,
        }  # fmt: skip

    return once.do(asked, act)
