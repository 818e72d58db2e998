"""Erasing what is known of a person at a customer, with a trace of who asked for it."""

from uuid import UUID

from models.audit import contact_erased
from models.erasure import Erasure, erase
from models.session import WriteSession


def erase_contact(
    session: WriteSession, org_id: str, contact_id: str, *, by: str, key_id: UUID | None, request_id: str | None
) -> Erasure:
    """Erase a contact and keep that it was done; doing it again lets go of what has come since."""
    done = erase(session, org_id, contact_id, by=by)
    contact_erased(session, who=by, key_id=key_id, org_id=org_id, contact_id=contact_id, request_id=request_id)
    return done
