"""How often one caller may ask: so many requests a minute per key, and few wrong keys per address.

Each process counts by itself: with several behind a load balancer, a key gets the sum of their limits.
"""

import time
from dataclasses import dataclass

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import Scope

from app.problems import Problem

_WRONG_KEYS_PER_MINUTE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a caller may still ask."""

    limit: int
    remaining: int
    seconds: int
    """until it is the whole limit again"""

    def headers(self) -> dict[str, str]:
        """As the draft of the RateLimit header fields has it."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w=60',
            "RateLimit": f'"default";r={self.remaining};t={self.seconds}',
        }


class Limiter:
    """Counts the requests of the last minute."""

    def __init__(self, *, requests_per_minute: int) -> None:
        """Start with nobody having asked anything."""
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(requests_per_minute)
        self._wrong_keys = RateLimitItemPerMinute(_WRONG_KEYS_PER_MINUTE)

    def admit(self, request: Request, key: str) -> None:
        """Count a request with this key, and tell its allowance to the answer; refuse it when there is none left."""
        admitted = self._windows.hit(self._requests, key)
        stats = self._windows.get_window_stats(self._requests, key)
        seconds = max(1, round(stats.reset_time - time.time()))
        allowance = Allowance(limit=self._requests.amount, remaining=int(stats.remaining), seconds=seconds)
        request.scope.setdefault("state", {})["allowance"] = allowance
        if not admitted:
            detail = f"You may ask {allowance.limit} times a minute. Try again in {seconds} s."
            raise Problem(429, "too_many_requests", detail, headers={"Retry-After": str(seconds)})

    def admit_to_sign_in(self, request: Request) -> None:
        """Count somebody who wants to sign in, by their address, as nobody knows yet who it is."""
        self.admit(request, f"sign-in {_address(request)}")

    def refuse_guessing(self, request: Request) -> None:
        """Refuse an address that has sent too many wrong keys."""
        if not self._windows.test(self._wrong_keys, _address(request)):
            detail = "Too many wrong keys came from this address. Try again in a minute."
            raise Problem(429, "too_many_wrong_keys", detail, headers={"Retry-After": "60"})

    def was_wrong(self, request: Request) -> None:
        """Count a wrong key."""
        self._windows.hit(self._wrong_keys, _address(request))


def allowance_headers(scope: Scope) -> dict[str, str]:
    """The RateLimit headers of an answer, where a caller was counted."""
    allowance = scope.get("state", {}).get("allowance")
    return allowance.headers() if isinstance(allowance, Allowance) else {}


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
