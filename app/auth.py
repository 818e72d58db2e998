"""Who may ask: API keys in the Authorization header, each with the scopes it was given."""

from collections.abc import Callable, Iterator
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.problems import Problem
from models.access import find_key
from models.session import ReadSession, Store

BRIEFS_READ = "briefs:read"
METRICS_READ = "metrics:read"
ADMIN = "admin"

_BEARER = HTTPBearer(auto_error=False, description="An API key: `baton keys create` makes one.", scheme_name="api_key")
_CHALLENGE = 'Bearer realm="baton"'


def reading(request: Request) -> Iterator[ReadSession]:
    """Open one read-only transaction for the request, so that all parts of its answer show one state of the store."""
    store: Store = request.app.state.store
    with store.reading() as session:
        yield session


Reading = Annotated[ReadSession, Depends(reading)]


def needs(scope: str) -> Callable[..., ReadSession]:
    """Return the dependency that lets only keys with that scope (or `admin`) in, and hands on the session."""

    def session_of_key(
        session: Reading, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
    ) -> ReadSession:
        if credentials is None:
            detail = "Send an API key: `Authorization: Bearer baton_...`. Make one with: baton keys create."
            raise Problem(401, "key_missing", detail, headers={"WWW-Authenticate": _CHALLENGE})
        key = find_key(session, credentials.credentials)
        if key is None:
            challenge = _CHALLENGE + ', error="invalid_token"'
            detail = "This API key is unknown, expired or revoked. Make another with: baton keys create."
            raise Problem(401, "key_unknown", detail, headers={"WWW-Authenticate": challenge})
        if not {scope, ADMIN} & set(key.scopes):
            challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
            detail = f"This key lacks the scope {scope}. Use one that has it: baton keys create --scope {scope}."
            raise Problem(403, "scope_missing", detail, headers={"WWW-Authenticate": challenge})
        return session

    return session_of_key


MayReadBriefs = Annotated[ReadSession, Depends(needs(BRIEFS_READ))]
MayReadMetrics = Annotated[ReadSession, Depends(needs(METRICS_READ))]
