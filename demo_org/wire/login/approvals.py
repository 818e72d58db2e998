"""What users have approved: apps that may renew their sessions with a refresh token, and the codes that lead there."""

import base64
import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo_org.clock import Clock
from demo_org.wire.login.sessions import Session, Sessions


@dataclass(slots=True, kw_only=True)
class Approval:
    """One user's consent to one app; its refresh token changes with rotation."""

    number: int
    user_id: str
    client_id: str
    scope: str
    given_at: datetime
    refresh_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What an authorization code stands for until it is traded for a session, once."""

    user_id: str
    client_id: str
    redirect_uri: str
    scope: str
    challenge: str | None
    method: str
    nonce: str | None
    good_until: datetime

    def verified_by(self, verifier: str) -> bool:
        """Whether the verifier is what the challenge was made from (RFC 7636).

        Salesforce takes a verifier of base64url letters only; one with a tilde, which the RFC allows, it refuses.
        """
        if self.challenge is None:
            return True
        if "~" in verifier or not verifier.isascii():
            return False
        made = verifier if self.method == "plain" else _s256(verifier)
        return hmac.compare_digest(made.encode(), self.challenge.rstrip("=").encode())


class Approvals:
    """All approvals and pending codes of one org."""

    def __init__(self, clock: Clock, sessions: Sessions, *, most: int, code_life: timedelta) -> None:
        self._clock = clock
        self._sessions = sessions
        self._most = most
        self._code_life = code_life
        self._lock = threading.RLock()
        self._given = 0
        #: by number, oldest first
        self._approvals: dict[int, Approval] = {}
        #: refresh token -> number of its approval; rotation leaves the spent ones here, to notice their reuse
        self._tokens: dict[str, int] = {}
        self._codes: dict[str, Code] = {}

    def give(self, user_id: str, *, client_id: str, scope: str, refresh_token: str | None = None) -> Approval:
        """Approve an app for a user; a user's oldest approval of the app ends when there are too many.

        A connected app keeps five per user, and the sixth silently revokes the oldest (Help, "OAuth Tokens and
        Scopes").
        """
        with self._lock:
            self._given += 1
            approval = Approval(
                number=self._given,
                user_id=user_id,
                client_id=client_id,
                scope=scope,
                given_at=self._clock.now(),
                refresh_token=refresh_token or new_refresh_token(),
            )
            self._approvals[approval.number] = approval
            self._tokens[approval.refresh_token] = approval.number
            same = [each for each in self._approvals.values() if (each.user_id, each.client_id) == (user_id, client_id)]
            for oldest in same[: max(0, len(same) - self._most)]:
                self._end(oldest.number)
            return approval

    def find(self, refresh_token: str) -> Approval | None:
        """The approval whose present refresh token this is."""
        with self._lock:
            approval = self._approvals.get(self._tokens.get(refresh_token, 0))
            return approval if approval is not None and approval.refresh_token == refresh_token else None

    def renew(self, refresh_token: str, *, rotate: bool) -> tuple[Session, str | None] | None:
        """Trade a refresh token for a session, and for a new refresh token when rotating; None if it is not good.

        Rotation ends the old refresh token and the sessions it produced at once. A spent token that comes back was
        stolen, or its successor was: the whole family ends (Help, "Refresh Token Rotation").
        """
        with self._lock:
            number = self._tokens.get(refresh_token)
            approval = self._approvals.get(number) if number is not None else None
            if approval is None:
                return None
            if approval.refresh_token != refresh_token:
                self._end(approval.number)
                return None
            if rotate:
                self._sessions.end_those_of(approval.number)
                approval.refresh_token = new_refresh_token()
                self._tokens[approval.refresh_token] = approval.number
            session = self._sessions.start(
                approval.user_id, client_id=approval.client_id, scope=approval.scope, approval=approval.number
            )
            return session, approval.refresh_token if rotate else None

    def revoke(self, refresh_token: str) -> bool:
        """End an approval and every session it produced; False if the token is not a good one."""
        with self._lock:
            approval = self.find(refresh_token)
            if approval is None:
                return False
            self._end(approval.number)
            return True

    def issue_code(
        self,
        user_id: str,
        *,
        client_id: str,
        redirect_uri: str,
        scope: str,
        challenge: str | None,
        method: str,
        nonce: str | None = None,
    ) -> str:
        """A code that may be traded for a session once, within its life."""
        code = f"aPrx{secrets.token_urlsafe(60)}=="
        now = self._clock.now()
        with self._lock:
            self._codes = {each: known for each, known in self._codes.items() if known.good_until > now}
            self._codes[code] = Code(
                user_id=user_id,
                client_id=client_id,
                redirect_uri=redirect_uri,
                scope=scope,
                challenge=challenge,
                method=method,
                nonce=nonce,
                good_until=now + self._code_life,
            )
        return code

    def take_code(self, code: str) -> Code | None:
        """What the code stands for; it is spent now, whatever comes of it. None if it is not good."""
        with self._lock:
            found = self._codes.pop(code, None)
        return found if found is not None and found.good_until > self._clock.now() else None

    def _end(self, number: int) -> None:
        del self._approvals[number]
        self._tokens = {token: each for token, each in self._tokens.items() if each != number}
        self._sessions.end_those_of(number)


def new_refresh_token() -> str:
    """A refresh token in the shape of Salesforce's."""
    return f"5Aep861{secrets.token_urlsafe(48)}"


def _s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
