"""Remembering who was shown which brief."""

from typing import Any

from fastapi import Request

from app.caller import Caller
from models.audit import brief_viewed
from models.session import Store


def keep_view(request: Request, caller: Caller, deal: dict[str, Any], *, version: int, form: str) -> None:
    """Keep that this caller is shown this brief; where that can't be kept, nothing is shown."""
    store: Store = request.app.state.store
    with store.writing() as session:
        brief_viewed(
            session,
            who=caller.name,
            key_id=caller.key_id,
            org_id=deal["org_id"],
            deal_id=deal["deal_id"],
            version=version,
            form=form,
            request_id=request.scope["state"]["request_id"],
        )
