"""Whoever asks: a program with an API key or a person who has signed in. What they may do is said in the same way."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.scopes import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, and what they may do."""

    #: tells any two callers apart
    id: str
    name: str
    #: None: a person
    key_id: UUID | None
    scopes: frozenset[str]
    #: the CSM whose deals alone they see; None: all deals
    book: str | None
    email: str | None = None
    roles: tuple[str, ...] = ()
    #: when what they have shown opens nothing any more; None: never
    expires_at: datetime | None = None
    #: what a person's own pages send with each change
    csrf_token: str | None = None

    def may(self, scope: Scope) -> bool:
        """Whether this scope, or `admin`, was given."""
        return bool({scope, Scope.ADMIN} & self.scopes)
