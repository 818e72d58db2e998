"""The brief of a deal as it was shaped last, with its version and freshness."""

from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Text, cast, select

from app.read.encode import to_json
from app.read.views import BRIEF
from models.session import ReadSession


def brief_document(session: ReadSession, deal: dict[str, Any]) -> dict[str, Any] | None:
    """Return the newest brief of a deal, or None when there is none yet.

    Values are as they stand in the stored document (`msgspec.Raw`), so that money keeps its digits.
    """
    newest = (
        select(cast(BRIEF.c.document, Text), BRIEF.c.version, BRIEF.c.made_at)
        .where(BRIEF.c.org_id == deal["org_id"], BRIEF.c.deal_id == deal["deal_id"])
        .order_by(BRIEF.c.version.desc())
        .limit(1)
    )
    row = session.execute(newest).one_or_none()
    if row is None:
        return None
    stored = msgspec.json.decode(row[0], type=dict[str, msgspec.Raw])
    freshness = {
        "synced_at": deal["synced_at"],
        "version": row.version,
        "made_at": row.made_at,
        "handoff_state": deal["handoff_state"],
        "is_draft": deal["is_draft"],
    }
    head = {name: stored.pop(name) for name in list(stored) if name not in _BODY}
    return {**head, **freshness, **stored}


_BODY = frozenset({"completeness", "sections", "risks", "renewal"})


def plain_brief(document: dict[str, Any]) -> dict[str, Any]:
    """The document as plain Python values, numbers as Decimal: for rendering."""
    return msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode(to_json(document))
