"""Moving a handoff on, each step told to whoever listens."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from models import handoff, outbox
from models.session import WriteSession

_TOLD = {"kicked_off": "handoff.kicked_off", "first_value": "handoff.first_value"}


def acknowledge(session: WriteSession, deal: Mapping[str, Any], *, by: str, version: int | None) -> None:
    """Remember that CS has read the brief of a deal; the first one to say so counts."""
    org_id, deal_id = deal["org_id"], deal["deal_id"]
    handoff.hold_handoff(session, org_id, deal_id)
    if handoff.acknowledge(session, org_id, deal_id, by=by, version=version):
        tell(session, deal, "handoff.acknowledged", {"by": by, "version": version})


def set_milestones(
    session: WriteSession, deal: Mapping[str, Any], changes: Mapping[str, date | int | None], *, before: str, by: str
) -> None:
    """Change dates and sentiment of a handoff, whose state was `before`; a step that it takes by that is told."""
    state = handoff.set_milestones(session, deal["org_id"], deal["deal_id"], changes, by=by)
    if state != before and state in _TOLD:
        tell(session, deal, _TOLD[state], {"by": by})


def ask_about_gap(
    session: WriteSession, deal: Mapping[str, Any], gap: Mapping[str, Any], *, by: str, text: str
) -> None:
    """Ask whoever can close a gap, by an event that is delivered to them."""
    data = {"key": gap["key"], "label": gap["label"], "owner": gap["owner"], "by": by, "question": text}
    tell(session, deal, "brief.gap_asked", {**data, "seller_id": deal["owner_id"], "seller": deal["owner_name"]})


def tell(session: WriteSession, deal: Mapping[str, Any], kind: str, data: Mapping[str, Any]) -> None:
    """Write an event about a deal."""
    # People's acts belong to no pass: generation 0.
    outbox.announce(session, deal["org_id"], [(kind, deal["deal_id"], data)], generation=0)
