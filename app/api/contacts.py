"""The customers' people."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.answer import answer
from app.api.asked import AskedCustomer
from app.api.of_org import OfOrg, only_one
from app.api.parameters import ListQuery, known_parameters, next_cursor, parse_fields, parse_order, resumed
from app.api.schemas import Fresh, example
from app.auth import MayReadBriefs, MayReadContacts, Seeing
from app.problems import ASKED, Problem, declared
from app.read.contacts import FIELDS, SORTS, ContactFilter, contact_rows, list_contacts
from app.read.listing import Slice, only_fields
from app.read.sight import Sight
from models.session import ReadSession

router = APIRouter(prefix="/api/v1", tags=["contacts"], dependencies=[Depends(known_parameters)])


class ContactQuery(ListQuery):
    """Filters of the list of contacts; a repeated parameter means any of its values."""

    q: str | None = Field(None, description="words in the name, title, e-mail address or the customer's name")
    customer: list[str] = Field([], description="id or name of the customer")
    updated_since: AwareDatetime | None = Field(None, description="changed in Salesforce at or after this instant")
    org: list[str] = Field([], description="id of the org, 18 characters")


class ContactRow(BaseModel):
    """A person at a customer."""

    model_config = example({
        "org_id": "00D000000000001AAA", "contact_id": "003000000000001AAA", "customer_id": "001000000000001AAA",
        "customer_name": "Acme", "name": "Ana Ruiz", "title": "VP Ops", "department": "Operations",
        "email": "ana.ruiz@acme.example", "phone": "+254 20 555 0100", "mobile": None, "reports_to_id": None,
        "reports_to_name": None, "do_not_call": False, "no_email": False, "last_activity_on": "2026-06-30",
        "modified_at": "2026-06-30T09:00:00Z", "is_erased": False,
    })  # fmt: skip

    org_id: str
    contact_id: str
    customer_id: str | None
    customer_name: str | None
    name: str | None
    title: str | None
    department: str | None
    email: str | None
    phone: str | None
    mobile: str | None
    reports_to_id: str | None
    reports_to_name: str | None
    do_not_call: bool | None = Field(description="they do not want to be called")
    no_email: bool | None = Field(description="they do not want mass e-mails")
    last_activity_on: date | None
    modified_at: datetime | None
    is_erased: bool = Field(description="what tells who they are was erased on request")


class ContactList(Fresh):
    """A page of contacts."""

    data: list[ContactRow]
    next_cursor: str | None


class Contact(ContactRow, Fresh):
    """One person."""


@router.get(
    "/contacts", operation_id="list_contacts", summary="Contacts", response_model=ContactList,
    responses=ASKED,
)  # fmt: skip
def contacts_listed(
    request: Request,
    session: MayReadContacts,
    _: MayReadBriefs,
    sight: Seeing,
    query: Annotated[ContactQuery, Query()],
) -> Response:
    """The people of all customers, by name unless `sort` says otherwise."""
    return _listed(request, session, sight, query, kind="contacts")


@router.get(
    "/customers/{customer_id}/contacts", operation_id="list_contacts_of_customer", summary="Contacts of a customer",
    response_model=ContactList, responses=declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def contacts_of_customer_listed(
    request: Request,
    session: MayReadContacts,
    sight: Seeing,
    customer: AskedCustomer,
    query: Annotated[ListQuery, Query()],
) -> Response:
    """The people of one customer, by name unless `sort` says otherwise."""
    return _listed(request, session, sight, query, kind=f"contacts of {customer['customer_id']}", customer=customer)


@router.get(
    "/contacts/{contact_id}", operation_id="get_contact", summary="One contact", response_model=Contact,
    responses=declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def contact_shown(
    request: Request,
    session: MayReadContacts,
    _: MayReadBriefs,
    sight: Seeing,
    contact_id: Annotated[str, Path(description="the contact's Salesforce id, 15 or 18 characters")],
    org: OfOrg = None,
) -> Response:
    """A person at a customer."""
    found = contact_rows(session, contact_id, sight=sight, org=org)
    if not found:
        detail = "There is no contact of that id among the customers' people. Look one up with /api/v1/contacts?q=."
        raise Problem(404, "contact_not_found", detail)
    return answer(request, session, only_one(found))


def _listed(
    request: Request,
    session: ReadSession,
    sight: Sight,
    query: ListQuery,
    *,
    kind: str,
    customer: dict[str, Any] | None = None,
) -> Response:
    query, after = resumed(session, query, kind=kind)
    order, fields = parse_order(query.sort, allowed=SORTS), parse_fields(query.fields, allowed=FIELDS)
    if customer is not None:
        wanted = ContactFilter(customer=[customer["customer_id"]], org=[customer["org_id"]])
    else:
        wanted = query.chosen(ContactFilter) if isinstance(query, ContactQuery) else ContactFilter()
    page = list_contacts(session, wanted, Slice(order=order, after=after, limit=query.limit), sight=sight)
    body = {"data": only_fields(page.rows, fields), "next_cursor": next_cursor(session, page, query, kind=kind)}
    return answer(request, session, body)
