"""Builders for hand-written aggregates: a deal that went well, and ways to leave things out."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sync.shape.aggregate import Aggregate

ORG_ID = "00D000000000001AAA"
DEAL_ID = "006000000000001AAA"
ACCOUNT_ID = "001000000000001AAA"
ANA = "003000000000001AAA"
BEN = "003000000000002AAA"
SELLER = "005000000000001AAA"
CONTRACT_ID = "800000000000001AAA"


def at(month: int, day: int, hour: int = 9) -> datetime:
    """An instant of the year 2026, UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def row(record_id: str, *, custom: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    """A mirrored record."""
    stamps = {"createddate": at(1, 5), "systemmodstamp": at(7, 1)}
    return {"id": record_id, **stamps, **values, "custom": custom or {}}


def history(record_id: str, moment: datetime, stage: str, **values: Any) -> dict[str, Any]:
    """An entry of the stage history."""
    return row(
        record_id, createddate=moment, systemmodstamp=moment, createdbyid=SELLER, **{"stagename": stage, **values}
    )


def contract(**values: Any) -> dict[str, Any]:
    """The contract of the deal: one year from 1 July."""
    return row(
        CONTRACT_ID,
        **{
            "startdate": date(2026, 7, 1),
            "enddate": date(2027, 6, 30),
            "contractterm": 12,
            "contractnumber": "00000101",
            "customersignedid": BEN,
            "customersigneddate": date(2026, 7, 1),
            "status": "Activated",
            **values,
        },
    )


DEAL_CUSTOM = {
    "Identified_Pain__c": "Night shifts lose 3 hours a week to paper rotas.",
    "Success_Criteria__c": "Rotas published 14 days ahead by October.",
    "Economic_Buyer__c": "Ben Okafor",
    "Competitors__c": "RotaCloud;Excel",
    "Go_Live_Date__c": "2026-09-01",
    "Commitments__c": "SSO by Q4, <b>price held</b> for 2 years",
    "ARR__c": 20000.0,
    "Notice_Period__c": "3 months",
}


def won_deal(*, deal: dict[str, Any] | None = None, custom: dict[str, Any] | None = None, **parts: Any) -> Aggregate:
    """A complete won deal; keyword arguments replace parts of it."""
    won = row(
        DEAL_ID,
        name="Acme - Rotas",
        accountid=ACCOUNT_ID,
        amount=Decimal(20000),
        closedate=date(2026, 7, 1),
        stagename="Closed Won",
        iswon=True,
        isclosed=True,
        type="New Business",
        leadsource="Web",
        ownerid=SELLER,
        contractid=CONTRACT_ID,
        custom=DEAL_CUSTOM if custom is None else custom,
    )
    whole: dict[str, Any] = {
        "customer": row(ACCOUNT_ID, name="Acme", industry="Hospitals", billingcountry="Kenya"),
        "roles": [
            row("00K000000000001AAA", contactid=ANA, role="Champion", isprimary=True),
            row("00K000000000002AAA", contactid=BEN, role="Executive Sponsor", isprimary=False),
        ],
        "contacts": {
            ANA: row(ANA, name="Ana Ruiz", title="VP Ops", email="ana@acme.example", phone="+254 1"),
            BEN: row(BEN, name="Ben Okafor", title="CFO", email="ben@acme.example", phone=None),
        },
        "items": [
            row(
                "00k000000000001AAA",
                product2id="01t000000000001AAA",
                quantity=Decimal("100.0"),
                listprice=Decimal(250),
                unitprice=Decimal("200.00"),
                totalprice=Decimal("20000.0"),
            )
        ],
        "products": {"01t000000000001AAA": row("01t000000000001AAA", name="Rota seats", family="Subscription")},
        "history": [
            history("008000000000001AAA", at(1, 5), "Discovery", amount=Decimal(25000), closedate=date(2026, 6, 1)),
            history("008000000000002AAA", at(3, 5), "Proposal", amount=Decimal(25000), closedate=date(2026, 7, 1)),
            history(
                "008000000000003AAA", at(7, 1, 14), "Closed Won", amount=Decimal(20000), closedate=date(2026, 7, 1)
            ),
        ],
        "events": [row("00U000000000001AAA", whoid=ANA, subject="Discovery call", startdatetime=at(2, 3))],
        "tasks": [row("00T000000000001AAA", whoid=ANA, subject="Call", activitydate=date(2026, 6, 20))],
        "contract": contract(),
        "users": {SELLER: row(SELLER, name="Sam Seller", title="AE")},
    }
    return Aggregate(
        org_id=ORG_ID,
        instance_url="https://acme.my.salesforce.com",
        currency="USD",
        deal={**won, **(deal or {})},
        **{**whole, **parts},
    )
