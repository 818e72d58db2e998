"""Which deal or customer a path means, and what of it this caller may see."""

from typing import Annotated, Any

from fastapi import Depends, Path

from app.api.of_org import OfOrg, only_one
from app.auth import MayReadBriefs, Seeing
from app.problems import Problem
from app.read.customers import customer_rows
from app.read.deals import deal_rows, why_absent
from app.read.record_id import long_id

DealId = Annotated[
    str, Path(description="the opportunity's Salesforce id, 15 or 18 characters", examples=["006000000000001AAA"])
]
CustomerId = Annotated[
    str, Path(description="the account's Salesforce id, 15 or 18 characters", examples=["001000000000001AAA"])
]


def asked_deal(session: MayReadBriefs, sight: Seeing, deal_id: DealId, org: OfOrg = None) -> dict[str, Any]:
    """Find the deal; one that is not in the caller's book is as unknown as one that never was."""
    found_id = long_id(deal_id)
    if found_id is None:
        detail = "This is no Salesforce id: it has 15 or 18 letters and digits. Copy it from the record's address."
        raise Problem(404, "not_an_id", detail)
    found = deal_rows(session, found_id, sight=sight, org=org)
    if not found:
        hint = why_absent(session, found_id, org=org) if sight.book is None else None
        hint = hint or "Only won opportunities are deals; a new one appears within a minute. See /api/v1/sync/status."
        raise Problem(404, "deal_not_found", f"There is no deal {found_id}. {hint}")
    return only_one(found)


def asked_customer(session: MayReadBriefs, sight: Seeing, customer_id: CustomerId, org: OfOrg = None) -> dict[str, Any]:
    """Find the customer; one without a deal in the caller's book is unknown to them."""
    found_id = long_id(customer_id)
    customers = [] if found_id is None else customer_rows(session, found_id, sight=sight, org=org)
    if not customers:
        hint = "An account becomes a customer with its first won deal; a name is looked up with /api/v1/customers?q=."
        raise Problem(404, "customer_not_found", f"There is no customer {found_id or 'of that id'}. {hint}")
    return only_one(customers)


AskedDeal = Annotated[dict[str, Any], Depends(asked_deal)]
AskedCustomer = Annotated[dict[str, Any], Depends(asked_customer)]
