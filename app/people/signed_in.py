"""The person behind a cookie."""

from urllib.parse import urlsplit

from fastapi import Request

from app.caller import Caller
from app.people import cookies
from app.people.csrf import refuse_foreign
from app.people.provider import IdentityProvider
from app.people.roles import is_limited, scopes_of
from app.problems import Problem
from models.session import ReadSession
from models.sign_in import find_sign_in

#: the cookie of somebody who has signed in, and of somebody who is about to
SIGNED_IN, BEGUN = "signed-in", "begun"


def cookie_of(request: Request) -> str | None:
    """The cookie of a person, where people sign in at all."""
    provider: IdentityProvider | None = request.app.state.identity_provider
    return None if provider is None else cookies.shown(request, SIGNED_IN, secure=provider.is_secure)


def person_behind(request: Request, session: ReadSession, cookie: str) -> Caller | None:
    """Return who shows this cookie.

    None when we never made it.

    Raises:
        Problem: their time is over, or a change comes from another site's page.
    """
    provider: IdentityProvider = request.app.state.identity_provider
    plain = cookies.plain_of(cookie)
    secret, found = find_sign_in(session, plain)
    if not cookies.is_ours(secret, cookie):
        return None
    if found.person_id is None:
        raise Problem(401, "signed_out", "You are not signed in any more. Sign in again at /login.")
    token = cookies.csrf_token(secret, plain)
    refuse_foreign(request, origin=_origin(provider.public_url), token=token)
    return Caller(
        id=f"person {found.person_id}", name=found.name, key_id=None, scopes=scopes_of(found.roles),
        book=(found.email or "") if is_limited(found.roles) else None, email=found.email, roles=tuple(found.roles),
        expires_at=found.expires_at, csrf_token=token,
    )  # fmt: skip


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
