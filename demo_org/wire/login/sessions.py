"""Who is logged in: access tokens and how long they last."""

import secrets
import string
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from demo_org.clock import Clock
from demo_org.ids import to15

_ALPHABET = string.ascii_letters + string.digits + "._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One login; the token is opaque and begins with the org's 15-character id."""

    token: str
    user_id: str
    issued_at: datetime
    #: slides with every use (session timeout since last activity)
    expires_at: datetime
    #: the app that logged in; None for a login by SOAP, which names none
    client_id: str | None = None
    scope: str = ""
    #: number of the approval whose refresh token (or code) it came from
    approval: int | None = None


class Sessions:
    """All logins of one org."""

    def __init__(self, clock: Clock, *, org_id: str, lifetime: timedelta) -> None:
        self._clock = clock
        self._org_id = org_id
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}

    @property
    def lifetime(self) -> timedelta:
        """How long a session lasts without use."""
        return self._lifetime

    def start(
        self, user_id: str, *, client_id: str | None = None, scope: str = "", approval: int | None = None
    ) -> Session:
        """Log a user in."""
        now = self._clock.now()
        # Real tokens look like 00D…!AR8AQ…; clients must not take them apart, ours keep the shape all the same.
        token = f"{to15(self._org_id)}!{''.join(secrets.choice(_ALPHABET) for _ in range(96))}"
        session = Session(
            token=token,
            user_id=user_id,
            issued_at=now,
            expires_at=now + self._lifetime,
            client_id=client_id,
            scope=scope,
            approval=approval,
        )
        with self._lock:
            self._open[token] = session
        return session

    def use(self, token: str) -> Session | None:
        """The live session of a token, its life prolonged; None if it ended or never was."""
        now = self._clock.now()
        with self._lock:
            session = self._open.get(token)
            if session is None or session.expires_at <= now:
                self._open.pop(token, None)
                return None
            session = replace(session, expires_at=now + self._lifetime)
            self._open[token] = session
            return session

    def peek(self, token: str) -> Session | None:
        """The live session of a token, its life left as it is (introspection)."""
        session = self._open.get(token)
        return session if session is not None and session.expires_at > self._clock.now() else None

    def end(self, token: str) -> bool:
        """Log a session out; False if there is none."""
        with self._lock:
            return self._open.pop(token, None) is not None

    def end_those_of(self, approval: int) -> None:
        """Log out every session that came from an approval."""
        with self._lock:
            self._open = {token: each for token, each in self._open.items() if each.approval != approval}

    def all(self) -> list[Session]:
        """Every live session, the oldest login first."""
        now = self._clock.now()
        with self._lock:
            return [each for each in self._open.values() if each.expires_at > now]

    def kill_those_of(self, user_id: str) -> int:
        """End every session of a user."""
        with self._lock:
            kept = {token: each for token, each in self._open.items() if each.user_id != user_id}
            ended, self._open = len(self._open) - len(kept), kept
            return ended

    def kill_all(self) -> int:
        """End every session at once, as an admin or an expiry would; refresh tokens stay good."""
        with self._lock:
            ended = len(self._open)
            self._open.clear()
            return ended


def token_of(headers: Mapping[str, str]) -> str:
    """The access token of a request.

    "OAuth" is accepted in place of "Bearer" (REST guide); Bulk API 1.0 has a header of its own (Bulk API guide).
    """
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() in {"bearer", "oauth"}:
        return token.strip()
    return headers.get("x-sfdc-session", "").strip()
