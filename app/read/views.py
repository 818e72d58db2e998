"""The columns of the `cs_v1` views that answers are made of."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    FromClause,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

_INSTANT = DateTime(timezone=True)
_views = MetaData(schema="cs_v1")


def _view(view: str, /, **columns: Any) -> Table:
    return Table(view, _views, *(Column(column, kind) for column, kind in columns.items()))


_DEAL = _view(
    "deal", org_id=Text, deal_id=Text, name=Text, customer_id=Text, customer_name=Text, amount=Numeric, currency=Text,
    close_on=Date, won_at=_INSTANT, owner_id=Text, owner_name=Text, type=Text, stage=Text, lead_source=Text,
    contract_id=Text, due_on=Date, synced_at=_INSTANT, modified_at=_INSTANT, brief_version=Integer,
    completeness=Integer, handoff_state=Text, is_draft=Boolean, csm_id=Text, csm_name=Text,
    arr=Numeric, segment=Text,
)  # fmt: skip

_CUSTOMER = _view(
    "customer", org_id=Text, customer_id=Text, name=Text, industry=Text, website=Text, employees=BigInteger,
    country=Text, parent_id=Text, parent_name=Text, owner_id=Text, owner_name=Text, deals=BigInteger,
    amount_by_currency=JSONB, first_won_on=Date, last_won_on=Date, modified_at=_INSTANT,
)  # fmt: skip

STAKEHOLDER = _view(
    "stakeholder", org_id=Text, deal_id=Text, stakeholder_id=Text, contact_id=Text, name=Text, title=Text, email=Text,
    phone=Text, role=Text, is_primary=Boolean, last_touch_on=Date, touches=Integer, is_erased=Boolean,
)  # fmt: skip

DEAL_ITEM = _view(
    "deal_item", org_id=Text, deal_id=Text, item_id=Text, product_id=Text, product=Text, product_code=Text,
    family=Text, quantity=Numeric, list_price=Numeric, unit_price=Numeric, discount=Numeric, total=Numeric,
    service_on=Date, description=Text,
)  # fmt: skip

STAGE_CHANGE = _view(
    "stage_change", org_id=Text, deal_id=Text, changed_at=_INSTANT, stage=Text, amount=Numeric, close_on=Date,
    probability=Numeric, changed_by_id=Text, changed_by=Text,
)  # fmt: skip

TIMELINE_ENTRY = _view(
    "timeline_entry", org_id=Text, deal_id=Text, entry_id=Text, kind=Text, at=_INSTANT, title=Text, body=Text,
    who=Text, owner=Text, status=Text, is_erased=Boolean,
)  # fmt: skip

HANDOFF = _view(
    "handoff", org_id=Text, deal_id=Text, name=Text, customer_id=Text, customer_name=Text, owner_id=Text,
    owner_name=Text, csm_id=Text, csm_name=Text, amount=Numeric, currency=Text, completeness=Integer, state=Text,
    won_at=_INSTANT, readable_at=_INSTANT, acknowledged_at=_INSTANT, acknowledged_by=Text, acknowledged_version=Integer,
    brief_version=Integer, kickoff_on=Date, first_value_on=Date, sentiment=Integer, seconds_to_brief=BigInteger,
    seconds_to_acknowledge=BigInteger, days_to_kickoff=Integer, days_to_first_value=Integer, updated_at=_INSTANT,
    updated_by=Text, segment=Text, won_on=Date, was_found=Boolean,
)  # fmt: skip

CONTACT = _view(
    "contact", org_id=Text, contact_id=Text, customer_id=Text, customer_name=Text, name=Text, title=Text,
    department=Text, email=Text, phone=Text, mobile=Text, reports_to_id=Text, reports_to_name=Text,
    do_not_call=Boolean, no_email=Boolean, last_activity_on=Date, modified_at=_INSTANT, is_erased=Boolean,
)  # fmt: skip

NOTE = _view(
    "note", org_id=Text, note_id=Text, customer_id=Text, deal_id=Text, kind=Text, body=Text, author=Text,
    created_at=_INSTANT,
)  # fmt: skip

RENEWAL_OUTCOME = _view("renewal_outcome", org_id=Text, customer_id=Text, status=Text)

SURVEY = _view(
    "survey", org_id=Text, source=Text, external_id=Text, kind=Text, customer_id=Text, customer_name=Text,
    deal_id=Text, contact_id=Text, asked_on=Date, answered_on=Date, score=Integer, scale=Integer,
    verdict=Text, comment=Text, changed_at=_INSTANT, received_at=_INSTANT, kept_by=Text,
)  # fmt: skip

BRIEF = Table(
    "brief", MetaData(schema="cs"), Column("org_id", Text), Column("deal_id", Text), Column("version", Integer),
    Column("made_at", _INSTANT), Column("completeness", Integer), Column("document", JSON),
)  # fmt: skip


def deals() -> FromClause:
    """Deals and drafts; deals with the day they were won: of the first won stage, else the close date."""
    won_on = case(
        (_DEAL.c.is_draft, None),
        else_=func.coalesce(cast(func.timezone("UTC", _DEAL.c.won_at), Date), _DEAL.c.close_on),
    )
    return select(*_DEAL.c, won_on.label("won_on")).subquery("deal")


def customers() -> FromClause:
    """The customers, i.e. the accounts with at least one deal."""
    return select(*_CUSTOMER.c).subquery("customer")
