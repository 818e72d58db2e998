"""Whether a user may log in: known by name and password, active, not too often, not refused by order of a test."""

import hmac
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from demo_org.clock import Clock
from demo_org.credentials import Credentials
from demo_org.errors import SalesforceFault
from demo_org.refusals import LoginRefused, Reason
from demo_org.store import Org

_HOUR = timedelta(hours=1)


class Proof(Enum):
    """What a name and a password prove."""

    RIGHT = auto()
    UNKNOWN_USER = auto()
    WRONG_PASSWORD = auto()
    #: the password alone, where the security token must follow it
    TOKEN_MISSING = auto()


def prove(known: Credentials, username: str, password: str) -> Proof:
    """What a name and a password, its security token behind it, prove."""
    if username.strip().lower() != known.username.lower():
        return Proof.UNKNOWN_USER
    if same(password, known.password + known.security_token):
        return Proof.RIGHT
    return Proof.TOKEN_MISSING if same(password, known.password) else Proof.WRONG_PASSWORD


def same(given: str, known: str) -> bool:
    """Whether two secrets are equal, without telling by time how much of them is."""
    return hmac.compare_digest(given.encode(errors="replace"), known.encode())


class Logins:
    """The org's doorkeeper."""

    def __init__(self, org: Org, *, hourly: int) -> None:
        self._org = org
        self._clock: Clock = org.clock
        self._lock = threading.Lock()
        self._hourly = hourly
        self._refuse: Reason | None = None
        self._recent: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def admit(self, user_id: str) -> None:
        """Let a user pass who has proved to be one, and count the login; LoginRefused says why not.

        3,600 logins an hour per user are Salesforce's limit (Help, "Login Rate Exceeded").
        """
        if self._refuse is not None:
            raise LoginRefused(self._refuse)
        user = self._org.get("User", user_id)
        if user is None or not user.get("IsActive", True):
            raise LoginRefused(Reason.USER_INACTIVE)
        now = self._clock.now()
        with self._lock:
            recent = self._recent[user_id]
            while recent and recent[0] <= now - _HOUR:
                recent.popleft()
            if len(recent) >= self._hourly:
                raise LoginRefused(Reason.RATE_EXCEEDED)
            recent.append(now)

    def order(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Change the rules: {"refuse": a reason or null} and {"hourly": n}; tells the rules that hold."""
        if "refuse" in order:
            self._refuse = None if order["refuse"] is None else _reason(order["refuse"])
        if "hourly" in order:
            if not isinstance(order["hourly"], int) or order["hourly"] < 0:
                raise SalesforceFault(400, "INVALID_OPERATION", '"hourly" is a whole number from 0 on')
            with self._lock:
                self._hourly = order["hourly"]
        return {"refuse": self._refuse.value if self._refuse else None, "hourly": self._hourly}


def _reason(given: object) -> Reason:
    try:
        return Reason(given)
    except ValueError:
        known = ", ".join(reason.value for reason in Reason)
        raise SalesforceFault(400, "INVALID_OPERATION", f"unknown reason {given!r}; use one of {known}") from None
