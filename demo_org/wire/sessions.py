"""Who is logged in: access tokens, how long they last, and the refresh tokens that renew them."""

import secrets
import string
import threading
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


class Sessions:
    """All logins of one org."""

    def __init__(self, clock: Clock, *, org_id: str, lifetime: timedelta) -> None:
        self._clock = clock
        self._org_id = org_id
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}
        #: refresh token -> (user, access token it produced last)
        self._refresh: dict[str, tuple[str, str | None]] = {}

    def start(self, user_id: str) -> Session:
        """Log a user in."""
        now = self._clock.now()
        # Real tokens look like 00D…!AR8AQ…; clients must not take them apart, ours keep the shape all the same.
        token = f"{to15(self._org_id)}!{''.join(secrets.choice(_ALPHABET) for _ in range(96))}"
        session = Session(token=token, user_id=user_id, issued_at=now, expires_at=now + self._lifetime)
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
        """Log a session or a refresh token out; False if there is none."""
        with self._lock:
            return self._open.pop(token, None) is not None or self._refresh.pop(token, None) is not None

    def kill_all(self) -> int:
        """End every session at once, as an admin or an expiry would; refresh tokens stay good."""
        with self._lock:
            ended = len(self._open)
            self._open.clear()
            return ended

    def approve(self, refresh_token: str, user_id: str) -> None:
        """Accept a refresh token from now on."""
        with self._lock:
            self._refresh[refresh_token] = (user_id, None)

    def refresh(self, refresh_token: str, *, rotate: bool) -> tuple[Session, str | None] | None:
        """Trade a refresh token for a session, and for a new refresh token when rotating; None if it is not good.

        Rotation ends the old refresh token and the session it produced at once.
        """
        with self._lock:
            known = self._refresh.get(refresh_token)
            if known is None:
                return None
            if rotate:
                del self._refresh[refresh_token]
        user_id, former = known
        if rotate and former is not None:
            self.end(former)
        session = self.start(user_id)
        renewed = f"5Aep861{secrets.token_urlsafe(48)}" if rotate else None
        with self._lock:
            self._refresh[renewed or refresh_token] = (user_id, session.token)
        return session, renewed
