"""Who may ask: programs with an API key in the Authorization header, and people who have signed in with a browser."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.caller import Caller
from app.limiting import Limiter
from app.people.signed_in import cookie_of, person_behind
from app.problems import Problem
from app.read.sight import Sight, book_of
from app.scopes import Scope
from models.access import find_key, mark_used
from models.errors import StoreError
from models.session import ReadSession, Store

_BEARER = HTTPBearer(auto_error=False, description="An API key: `baton keys create` makes one.", scheme_name="api_key")
_CHALLENGE = 'Bearer realm="baton"'
log = structlog.get_logger()


def reading(request: Request) -> Iterator[ReadSession]:
    """Open one read-only transaction for the request, so that all parts of its answer show one state of the store."""
    store: Store = request.app.state.store
    with store.reading() as session:
        yield session


Reading = Annotated[ReadSession, Depends(reading)]


def caller_of(
    request: Request,
    session: Reading,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> Caller:
    """Find out who asks, by key or by cookie; without one that we gave nobody is let in."""
    cookie = cookie_of(request) if credentials is None else None
    shown = cookie if credentials is None else credentials.credentials
    if shown is None:
        detail = "Send an API key: `Authorization: Bearer baton_...`. Make one with: baton keys create."
        raise Problem(401, "key_missing", detail, headers={"WWW-Authenticate": _CHALLENGE})
    limiter: Limiter = request.app.state.limiter
    limiter.refuse_guessing(request)
    limiter.admit(request, hashlib.sha256(shown.encode()).hexdigest())
    caller = _program(request, session, shown) if cookie is None else person_behind(request, session, cookie)
    if caller is None:
        limiter.was_wrong(request)
        challenge = _CHALLENGE + ', error="invalid_token"'
        detail = "This API key is unknown, expired or revoked. Make another with: baton keys create."
        raise Problem(401, "key_unknown", detail, headers={"WWW-Authenticate": challenge})
    return caller


Asking = Annotated[Caller, Depends(caller_of)]


def needs(scope: Scope) -> Callable[..., ReadSession]:
    """Return the dependency that lets only callers with that scope (or `admin`) in, and hands on the session."""

    def session_of_caller(session: Reading, caller: Asking) -> ReadSession:
        refuse_without(caller, scope)
        return session

    return session_of_caller


def refuse_without(caller: Caller, scope: Scope, *, to: str = "") -> None:
    """Refuse a caller that lacks a scope; `to` says what it is needed for."""
    if not caller.may(scope):
        challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
        detail = f"The scope {scope} is needed{to}. Use a key that has it: baton keys create --scope {scope}."
        if caller.key_id is None:
            detail = f"None of your roles has the scope {scope}{to}. Ask your administrator for one that has it."
        raise Problem(403, "scope_missing", detail, headers={"WWW-Authenticate": challenge})


def sight_of(session: Reading, caller: Asking) -> Sight:
    """Say what the caller sees of the store."""
    return Sight(
        book=None if caller.book is None else book_of(session, caller.book),
        commercial=caller.may(Scope.COMMERCIAL_READ),
        contacts=caller.may(Scope.CONTACTS_READ),
    )


MayReadBriefs = Annotated[ReadSession, Depends(needs(Scope.BRIEFS_READ))]
MayReadContacts = Annotated[ReadSession, Depends(needs(Scope.CONTACTS_READ))]
MayWriteNotes = Annotated[ReadSession, Depends(needs(Scope.NOTES_WRITE))]
MayAdminister = Annotated[ReadSession, Depends(needs(Scope.ADMIN))]
MayReadMetrics = Annotated[ReadSession, Depends(needs(Scope.METRICS_READ))]
Seeing = Annotated[Sight, Depends(sight_of)]


def _program(request: Request, session: ReadSession, plain: str) -> Caller | None:
    key = find_key(session, plain)
    if key is None:
        return None
    if key.use_is_old:
        _remember_use(request.app.state.store, key.key_id)
    return Caller(
        id=f"key {key.key_id}", name=key.name, key_id=key.key_id, scopes=frozenset(key.scopes), book=key.book,
        expires_at=key.expires_at,
    )  # fmt: skip


def _remember_use(store: Store, key_id: UUID) -> None:
    try:
        with store.writing() as session:
            mark_used(session, key_id)
    except StoreError as error:  # the answer is worth more than the note that it was asked for
        log.warning("use_not_kept", code=error.code)
