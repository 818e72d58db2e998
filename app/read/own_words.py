"""What CS itself knows of a deal, as the last section of its brief: ours, written by people, never by the sync."""

from typing import Any

import msgspec
from sqlalchemy import or_, select

from app.read.encode import plain_row
from app.read.views import HANDOFF, NOTE
from models.session import ReadSession

_MOST_NOTES = 10


def with_own_words(session: ReadSession, deal: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The brief with how far its handoff is, and what CS wrote down; a draft has no handoff yet."""
    if deal["is_draft"]:
        return document
    sections = msgspec.json.decode(document["sections"], type=list[msgspec.Raw])
    return {**document, "sections": [*sections, _section(session, deal)]}


def _section(session: ReadSession, deal: dict[str, Any]) -> dict[str, Any]:
    handoff = _handoff(session, deal)
    acknowledged = handoff.get("acknowledged_at") and {
        "by": handoff["acknowledged_by"],
        "at": handoff["acknowledged_at"],
        "version": handoff["acknowledged_version"],
    }
    items = [
        _item(deal, handoff, "acknowledged", "Acknowledged", acknowledged),
        _item(deal, handoff, "kickoff_held_on", "Kickoff", handoff.get("kickoff_on")),
        _item(deal, handoff, "first_value_on", "First success", handoff.get("first_value_on")),
        _item(deal, handoff, "sentiment", "Sentiment, 1 to 5", handoff.get("sentiment")),
        *(_note(row) for row in _notes(session, deal)),
    ]
    return {"key": "cs_owned", "title": "What CS says", "items": items}


def _item(deal: dict[str, Any], handoff: dict[str, Any], key: str, label: str, value: Any) -> dict[str, Any]:
    source = {
        "object": "Handoff",
        "field": key,
        "record_id": deal["deal_id"],
        "modified_at": handoff.get("updated_at"),
    }
    return {"key": key, "label": label, "value": value, "state": "empty" if value is None else "ok", "source": source}


def _note(row: dict[str, Any]) -> dict[str, Any]:
    is_question = row["kind"] == "question"
    return {
        "key": "question" if is_question else "note",
        "label": "Open question" if is_question else "Note",
        "value": {"text": row["body"], "author": row["author"], "at": row["created_at"]},
        "state": "ok",
        "source": {
            "object": "Note",
            "field": "body",
            "record_id": row["note_id"],
            "modified_at": row["created_at"],
        },
    }


def _handoff(session: ReadSession, deal: dict[str, Any]) -> dict[str, Any]:
    statement = select(HANDOFF).where(HANDOFF.c.org_id == deal["org_id"], HANDOFF.c.deal_id == deal["deal_id"])
    row = session.execute(statement).mappings().one_or_none()
    return {} if row is None else plain_row(row)


def _notes(session: ReadSession, deal: dict[str, Any]) -> list[dict[str, Any]]:
    """The latest notes about this deal, and about its customer in general."""
    statement = (
        select(NOTE)
        .where(
            NOTE.c.org_id == deal["org_id"],
            NOTE.c.customer_id == deal["customer_id"],
            or_(NOTE.c.deal_id == deal["deal_id"], NOTE.c.deal_id.is_(None)),
        )
        .order_by(NOTE.c.created_at.desc(), NOTE.c.note_id)
        .limit(_MOST_NOTES)
    )
    return [plain_row(row) for row in session.execute(statement).mappings()]
