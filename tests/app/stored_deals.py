"""Builders that put deals into a store as the sync would leave them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, update

from app.scopes import OF_A_REP
from models.access import create_key
from models.brief import write_briefs
from models.mirror import metadata
from models.org import ORG
from models.run import RUN
from models.scope import SCOPE_MEMBER
from models.session import Store, WriteSession

ORG_ID = "00D000000000001AAA"
SELLER = "005000000000001AAA"
ACME = "001000000000001AAA"
WATERMARK = datetime(2026, 7, 1, 14, 4, tzinfo=UTC)


def deal_id(number: int) -> str:
    """The id of the n-th deal."""
    return f"006{number:012d}AAA"


def put(session: WriteSession, object_name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Mirror records as a pass would."""
    table = metadata.tables[f"salesforce.{object_name}"]
    stamps = {"systemmodstamp": datetime(2026, 7, 1, tzinfo=UTC)}
    for row in rows:
        session.execute(insert(table).values(**{"org_id": ORG_ID, "generation": 1, **stamps, **row}))


def connect(session: WriteSession, *, currency: str | None = "USD", watermark: datetime | None = WATERMARK) -> None:
    """Connect the org whose first snapshot has landed."""
    session.execute(
        insert(ORG).values(
            org_id=ORG_ID, name="Acme Health", instance_url="https://acme.my.salesforce.com", is_sandbox=False,
            currency=currency, watermark=watermark,
        )
    )  # fmt: skip


def win(session: WriteSession, deals: Iterable[dict[str, Any]], *, reason: str = "won") -> None:
    """Let these opportunities be deals (or drafts, for the reason `closing_soon`); each needs an id."""
    for deal in deals:
        values = {
            "name": "A deal", "stagename": "Closed Won", "iswon": True, "closedate": date(2026, 7, 1),
            "accountid": ACME, "ownerid": SELLER, "amount": Decimal(100), **deal,
        }  # fmt: skip
        put(session, "opportunity", [values])
        session.execute(
            insert(SCOPE_MEMBER).values(
                org_id=ORG_ID, opportunity_id=deal["id"], state="in", generation=1, entered_at=WATERMARK, reason=reason
            )
        )


def fill(store: Store, deals: Iterable[dict[str, Any]] = (), *, currency: str | None = "USD") -> None:
    """A small org: one customer, one seller, and the given deals."""
    with store.writing() as session:
        connect(session, currency=currency)
        put(session, "account", [{"id": ACME, "name": "Acme", "industry": "Hospitals", "billingcountry": "Kenya"}])
        put(session, "user", [{"id": SELLER, "name": "Sam Seller"}])
        win(session, deals)


def draft(store: Store, deal: dict[str, Any]) -> None:
    """A deal that is expected to close soon."""
    with store.writing() as session:
        win(session, [{"stagename": "Negotiation/Review", "iswon": False, **deal}], reason="closing_soon")


def ran(store: Store, run_id: int, **values: Any) -> None:
    """A run of the sync; done, with nothing happening in it, unless told otherwise."""
    counters = {"rows_written": 0, "api_calls": 1, "seconds": 0.25, "windows": {"committed": 3, "failed": 0}}
    with store.writing() as session:
        session.execute(
            insert(RUN).values(
                **{
                    "run_id": run_id, "org_id": ORG_ID, "kind": "live", "state": "done", "counters": counters,
                    "started_at": WATERMARK + timedelta(minutes=run_id), **values,
                }
            )
        )  # fmt: skip


def key(store: Store, *scopes: str, book: str | None = None) -> str:
    """An API key."""
    with store.writing() as session:
        return create_key(session, name="a test", scopes=scopes or (*OF_A_REP, "metrics:read"), book=book)


def brief(store: Store, deal: str, document: str, *, completeness: int = 50) -> None:
    """Keep a brief of a deal."""
    with store.writing() as session:
        write_briefs(session, ORG_ID, [deal], [(deal, completeness, document)], generation=1)


def leave(store: Store, deal: str, *, reason: str = "reopened") -> None:
    """Let a deal leave the closure."""
    with store.writing() as session:
        session.execute(
            update(SCOPE_MEMBER)
            .where(SCOPE_MEMBER.c.opportunity_id == deal)
            .values(state="out", reason=reason, left_at=WATERMARK)
        )
