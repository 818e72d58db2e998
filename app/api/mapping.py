"""Which fields of an org fill which line of a brief: shown, tried on a deal, and chosen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.answer import answer, entity_tag
from app.api.of_org import OfOrg
from app.api.parameters import known_parameters
from app.api.schemas import Fresh, example
from app.auth import Asking, MayAdminister
from app.problems import Problem, declared
from app.read.briefs import plain_brief
from app.read.difference import difference
from app.read.encode import plain_row, to_json
from app.read.record_id import long_id
from app.read.status import all_org_ids
from models.session import ReadSession, Store, WriteSession

router = APIRouter(prefix="/api/v1", tags=["mapping"], dependencies=[Depends(known_parameters)])


class MappingRefused(Exception):
    """A mapping can't be used; each problem says what to write instead."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


class MappingDesk(Protocol):
    """What making briefs knows of mappings; whoever starts the server brings it, so that the API stays apart."""

    def shown(self, session: ReadSession, org_id: str) -> dict[str, Any]:
        """Return the mapping in force, and of each line what fills it and what might."""

    def checked(self, session: ReadSession, org_id: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the mapping as it would be kept; raises MappingRefused."""

    def changes(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Tell what differs between two mappings."""

    def briefs(
        self, session: ReadSession, org_id: str, document: Mapping[str, Any], deal_id: str
    ) -> tuple[str, str] | None:
        """Return the brief of a deal as it is and as it would be, as JSON; None where there is no such deal."""

    def keep(self, session: WriteSession, org_id: str, document: Mapping[str, Any], *, by: str) -> int:
        """Make a mapping the one in force; returns its version."""


class MappingDocument(BaseModel):
    """A mapping; what is left out is found by what fields are called."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [{
        "amount_means": "tcv", "heavy_discount_percent": 30,
        "fields": {"success_criteria": ["Opportunity.Goals__c"], "champion": []},
        "roles": {"champion": ["Coach"]}, "families": {"Platform": "recurring", "Days": "one_off"},
    }]})  # fmt: skip

    fields: dict[str, Any] = Field(default_factory=dict, description="line of the brief: its fields, best first")
    roles: dict[str, Any] = Field(default_factory=dict, description="part in the deal: further words of contact roles")
    families: dict[str, Any] = Field(default_factory=dict, description="product family: recurring or one_off")


class MappedLine(BaseModel):
    """A line of the brief, what fills it, and what else might."""

    model_config = example({
        "key": "success_criteria", "label": "Success criteria", "section": "What success means", "fields": [],
        "chosen": False, "fill_rate": None, "suggestions": [{
            "field": "Opportunity.Goals__c", "label": "Agreed success criteria", "type": "textarea", "fill_rate": 0.62,
            "score": 0.81, "why": "label contains 'Success Criteria'",
        }],
    })  # fmt: skip

    key: str
    label: str
    section: str
    fields: list[str] = Field(description="in force, best first")
    chosen: bool = Field(description="whether people chose them; else they were found by what they are called")
    fill_rate: float | None = Field(description="of the field that is filled most often, from 0 to 1")
    suggestions: list[dict[str, Any]]


class ShownMapping(Fresh):
    """The mapping of an org."""

    org_id: str
    version: int = Field(description="0: nobody has chosen one")
    set_at: datetime | None
    set_by: str | None
    mapping: dict[str, Any]
    problems: list[str] = Field(description="what of it the org has no longer, and what to do")
    lines: list[MappedLine]


class MappingChange(BaseModel):
    """What a mapping changes."""

    model_config = example({
        "org_id": "00D000000000001AAA", "version": 2, "dry_run": True,
        "changes": [{"key": "fields.success_criteria", "before": None, "after": ["Opportunity.Goals__c"]}],
        "brief": None,
    })  # fmt: skip

    org_id: str
    version: int = Field(description="the one in force now")
    dry_run: bool
    changes: list[dict[str, Any]]
    brief: dict[str, Any] | None = Field(description="what changes in the brief of `deal_id`, as in `brief/diff`")


@router.get(
    "/mapping", operation_id="get_mapping", summary="Which fields fill which line of a brief",
    response_model=ShownMapping, responses=declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def mapping_shown(request: Request, session: MayAdminister, org: OfOrg = None) -> Response:
    """The mapping in force, and of every line what fills it, how often, and which other fields come into question."""
    shown = plain_row(_desk(request).shown(session, _org(session, org)))
    return answer(request, session, shown, about=_identity(shown))


@router.put(
    "/mapping", operation_id="set_mapping", summary="Choose which fields fill which line of a brief",
    response_model=MappingChange,
    responses=declared(400, 401, 403, 404, 409, 412, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def mapping_set(
    request: Request,
    session: MayAdminister,
    caller: Asking,
    body: MappingDocument,
    org: OfOrg = None,
    dry_run: Annotated[bool, Query(description="only tell what would change")] = False,  # noqa: FBT002 - a parameter's default
    deal_id: Annotated[str | None, Query(description="also tell what changes in the brief of this deal")] = None,
    if_match: Annotated[str | None, Header(description="the `ETag` of what was read")] = None,
) -> Response:
    """Choose the whole mapping. The next pass makes all briefs anew; no deal counts as updated by that."""
    desk, org_id = _desk(request), _org(session, org)
    shown = desk.shown(session, org_id)
    if if_match is not None and "*" not in if_match and entity_tag(to_json(_identity(shown))) not in _tags(if_match):
        raise _changed_meanwhile()
    document = _checked(desk, session, org_id, body)
    changes = desk.changes(shown["mapping"], document)
    brief = None if deal_id is None else _previewed(desk, session, org_id, document, deal_id)
    version = shown["version"]
    if changes and not dry_run:
        store: Store = request.app.state.store
        with store.writing() as writing:
            version = desk.keep(writing, org_id, document, by=caller.name)
            if version != shown["version"] + 1:
                raise _changed_meanwhile()  # which takes back what was just kept
    told = {"org_id": org_id, "version": version, "dry_run": dry_run, "changes": changes, "brief": brief}
    return Response(to_json(told), media_type="application/json")


def _desk(request: Request) -> MappingDesk:
    desk: MappingDesk | None = request.app.state.mapping_desk
    if desk is None:
        raise Problem(
            503, "mapping_not_served", "This server was started without the making of briefs. Use: baton serve."
        )
    return desk


def _org(session: ReadSession, asked: str | None) -> str:
    known = all_org_ids(session)
    if asked is not None:
        known = [each for each in known if each[:15] == asked[:15]]
    if not known:
        raise Problem(404, "org_not_found", "No such org is connected. See /api/v1/sync/status for those that are.")
    if len(known) > 1:
        raise Problem(
            409, "several_orgs", f"Several orgs are connected. Say which one: org= one of {', '.join(known)}."
        )
    return known[0]


def _identity(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What of a shown mapping a person decides upon; how often fields are filled changes all the time."""
    lines = {line["key"]: [line["fields"], line["chosen"]] for line in shown["lines"]}
    return {"org_id": shown["org_id"], "version": shown["version"], "problems": shown["problems"], "lines": lines}


def _checked(desk: MappingDesk, session: ReadSession, org_id: str, body: MappingDocument) -> dict[str, Any]:
    try:
        return desk.checked(session, org_id, body.model_dump(exclude_unset=True))
    except MappingRefused as error:
        errors = [{"pointer": _pointer(each), "detail": each} for each in error.problems]
        raise Problem(400, "mapping_invalid", str(error), errors=errors) from None


_PARTS = frozenset({"fields", "roles", "families", "amount_means", "heavy_discount_percent"})


def _pointer(problem: str) -> str:
    """Where in the body a problem lies: it begins with the name of what it is about."""
    place = problem.partition(":")[0].partition(" ")[0]
    return f"/body/{place.replace('.', '/')}" if place.partition(".")[0] in _PARTS else "/body"


def _previewed(
    desk: MappingDesk, session: ReadSession, org_id: str, document: Mapping[str, Any], deal_id: str
) -> dict[str, Any]:
    wanted = long_id(deal_id)
    made = None if wanted is None else desk.briefs(session, org_id, document, wanted)
    if made is None:
        raise Problem(404, "deal_not_found", f"There is no deal {wanted or 'of that id'} to try the mapping on.")
    before, after = (plain_brief(msgspec.json.decode(each, type=dict[str, msgspec.Raw])) for each in made)
    return {"deal_id": wanted, **difference(before, after)}


def _tags(header: str) -> set[str]:
    return {each.strip() for each in header.split(",")}


def _changed_meanwhile() -> Problem:
    return Problem(412, "changed_meanwhile", "Somebody has chosen another mapping meanwhile. Read it again first.")
