"""People sign in and out, and everybody is told who they are to us."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from app.api.answer import CACHING
from app.api.parameters import known_parameters
from app.api.schemas import example
from app.auth import Asking
from app.limiting import Limiter
from app.people import cookies
from app.people.provider import IdentityProvider, refused_by_provider
from app.people.roles import Role
from app.people.signed_in import BEGUN, SIGNED_IN, cookie_of
from app.problems import Problem, declared
from app.read.encode import to_json
from app.scopes import Scope
from models.access import secret_called
from models.audit import signed_in
from models.session import Store
from models.sign_in import PATIENCE, Begun, begin_sign_in, end_sign_in, start_sign_in, take_begun

router = APIRouter(tags=["people"])

_SECONDS = int(PATIENCE.total_seconds())
#: a path of this server: behind `//` or `/\\`, browsers take what follows for another one
_OWN_PATH = r"^/([\x21-\x2e\x30-\x5b\x5d-\x7e][\x21-\x5b\x5d-\x7e]*)?$"
#: such an answer is for one browser at one moment
_NEVER_KEPT = {"Cache-Control": "no-store"}


class CallerKind(StrEnum):
    """Who may ask."""

    KEY = "key"
    PERSON = "person"


class Me(BaseModel):
    """Who asks, and what they may do."""

    model_config = example({
        "kind": "person", "name": "Cleo Success", "email": "cleo@acme.example", "roles": ["csm"],
        "scopes": ["briefs:read", "commercial:read", "contacts:read", "metrics:read", "notes:write"],
        "book": "cleo@acme.example", "expires_at": "2026-07-01T22:04:00Z",
        "csrf_token": "5a2f0e7c1e5b0d4b9d8f3c2a1b0e9d8c7b5a2f0e7c1e5b0d4b9d8f3c2a1b0e9d",
    })  # fmt: skip

    kind: CallerKind
    name: str
    email: str | None
    roles: list[Role]
    scopes: list[Scope]
    book: str | None = Field(description="the CSM whose deals alone are seen; null: all deals")
    expires_at: datetime | None = Field(description="when the key ends, or the person has to sign in again")
    csrf_token: str | None = Field(description="what a person's page sends as `X-CSRF-Token` with each change")


def _provider(request: Request) -> IdentityProvider:
    provider: IdentityProvider | None = request.app.state.identity_provider
    if provider is None:
        detail = "Nobody signs in here: no identity provider is configured. Set BATON_OIDC_ISSUER, or use an API key."
        raise Problem(404, "sign_in_not_served", detail)
    return provider


Provider = Annotated[IdentityProvider, Depends(_provider)]


@router.get("/login", include_in_schema=False)
def sent_to_provider(
    request: Request,
    provider: Provider,
    return_to: Annotated[str, Query(pattern=_OWN_PATH, max_length=2000)] = "/api/v1/me",
) -> Response:
    """Send somebody to the identity provider; `return_to` is a path of this server where they go on afterwards."""
    limiter: Limiter = request.app.state.limiter
    limiter.admit_to_sign_in(request)
    state, browser, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(4))
    address = provider.address(state=state, nonce=nonce, verifier=verifier)
    store: Store = request.app.state.store
    with store.writing() as session:
        begun = Begun(nonce=nonce, verifier=verifier, return_to=return_to)
        begin_sign_in(session, begun, state=state, browser=browser)
    response = RedirectResponse(address, status_code=303, headers=_NEVER_KEPT)
    cookies.hand_out(response, BEGUN, browser, seconds=_SECONDS, secure=provider.is_secure)
    return response


@router.get("/login/callback", include_in_schema=False)
def came_back(
    request: Request,
    provider: Provider,
    state: str = "",
    code: str | None = None,
    error: str = "",
    iss: str | None = None,
) -> Response:
    """Let somebody in who comes back from the identity provider."""
    limiter: Limiter = request.app.state.limiter
    limiter.admit_to_sign_in(request)
    browser = cookies.shown(request, BEGUN, secure=provider.is_secure) or ""
    store: Store = request.app.state.store
    with store.writing() as session:
        begun = take_begun(session, state=state, browser=browser)
    if begun is None:
        detail = "This sign-in was not begun in this browser, was used before, or took too long. Start again at /login."
        raise Problem(400, "sign_in_unknown", detail)
    if code is None:
        raise refused_by_provider(error)
    if iss is not None and iss.rstrip("/") != str(provider.settings.issuer).rstrip(
        "/"
    ):  # RFC 9207: another provider's code
        raise refused_by_provider("mix_up")
    person = provider.person(code, nonce=begun.nonce, verifier=begun.verifier)
    lasts = provider.settings.lasts
    with store.writing() as session:
        cookie = cookies.signed(secret_called(session, "cookie"), start_sign_in(session, person, lasts=lasts))
        signed_in(session, who=person.name, request_id=request.scope["state"]["request_id"])
    response = RedirectResponse(begun.return_to, status_code=303, headers=_NEVER_KEPT)
    cookies.take_back(response, BEGUN, secure=provider.is_secure)
    cookies.hand_out(response, SIGNED_IN, cookie, seconds=int(lasts.total_seconds()), secure=provider.is_secure)
    return response


@router.post("/logout", include_in_schema=False, status_code=204)
def signed_out(request: Request, provider: Provider, _: Asking) -> Response:
    """Sign a person out of this browser."""
    cookie = cookie_of(request)
    if cookie is not None:
        store: Store = request.app.state.store
        with store.writing() as session:
            end_sign_in(session, cookies.plain_of(cookie))
    response = Response(status_code=204, headers=_NEVER_KEPT)
    cookies.take_back(response, SIGNED_IN, secure=provider.is_secure)
    return response


@router.get(
    "/api/v1/me", operation_id="get_me", summary="Who you are", response_model=Me,
    dependencies=[Depends(known_parameters)], responses=declared(400, 401, 403, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def told(caller: Asking) -> Response:
    """Who asks, and what they may do."""
    document = {
        "kind": CallerKind.PERSON if caller.key_id is None else CallerKind.KEY, "name": caller.name,
        "email": caller.email, "roles": list(caller.roles), "scopes": sorted(caller.scopes), "book": caller.book,
        "expires_at": caller.expires_at, "csrf_token": caller.csrf_token,
    }  # fmt: skip
    return Response(to_json(document), media_type="application/json", headers=CACHING)
