"""The brief of a deal: its newest version or an earlier one, with its freshness, and what changed in between."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Row, Select, Text, cast, select

from app.read.encode import to_json
from app.read.views import BRIEF
from models.session import ReadSession


def brief_document(session: ReadSession, deal: dict[str, Any], *, version: int | None = None) -> dict[str, Any] | None:
    """Return a brief of a deal, the newest unless a version is named, or None when there is none.

    Values are as they stand in the stored document (`msgspec.Raw`), so that money keeps its digits.
    """
    wanted = _briefs(deal)
    if version is not None:
        wanted = wanted.where(BRIEF.c.version == version)
    row = session.execute(wanted.limit(1)).one_or_none()
    return None if row is None else _with_freshness(row, deal)


def brief_read_at(session: ReadSession, deal: dict[str, Any], read_at: datetime) -> dict[str, Any] | None:
    """Return the brief that somebody saw who read it at an instant: the newest of that time, else the first."""
    seen = session.execute(_briefs(deal).where(BRIEF.c.made_at <= read_at).limit(1)).one_or_none()
    first = _briefs(deal).order_by(None).order_by(BRIEF.c.version).limit(1)
    row = seen or session.execute(first).one_or_none()
    return None if row is None else _with_freshness(row, deal)


def brief_versions(session: ReadSession, deal: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the versions of a brief, the newest first: when each was made, and how complete it was."""
    statement = (
        select(BRIEF.c.version, BRIEF.c.made_at, BRIEF.c.completeness)
        .where(BRIEF.c.org_id == deal["org_id"], BRIEF.c.deal_id == deal["deal_id"])
        .order_by(BRIEF.c.version.desc())
    )
    return [
        {"version": row.version, "made_at": row.made_at.astimezone(UTC), "completeness": row.completeness}
        for row in session.execute(statement)
    ]


def _briefs(deal: dict[str, Any]) -> Select[Any]:
    """The versions of a deal's brief, the newest first."""
    return (
        select(cast(BRIEF.c.document, Text).label("document"), BRIEF.c.version, BRIEF.c.made_at)
        .where(BRIEF.c.org_id == deal["org_id"], BRIEF.c.deal_id == deal["deal_id"])
        .order_by(BRIEF.c.version.desc())
    )


def _with_freshness(row: Row[Any], deal: dict[str, Any]) -> dict[str, Any]:
    stored = msgspec.json.decode(row.document, type=dict[str, msgspec.Raw])
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
