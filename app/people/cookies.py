"""Cookies: random ids, signed, so that a made-up one is known without asking the store."""

import hashlib
import hmac

from fastapi import Request
from fastapi.responses import Response


def name_of(kind: str, *, secure: bool) -> str:
    """The name of a cookie; behind https it is one that no other host and no plain page can set."""
    return f"__Host-baton-{kind}" if secure else f"baton-{kind}"


def hand_out(response: Response, kind: str, value: str, *, seconds: int, secure: bool) -> None:
    """Give a cookie to the browser: no script reads it, and other sites' requests lack it, except links here."""
    response.set_cookie(
        name_of(kind, secure=secure), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax"
    )


def take_back(response: Response, kind: str, *, secure: bool) -> None:
    """Let the browser forget a cookie."""
    response.delete_cookie(name_of(kind, secure=secure), path="/", secure=secure, httponly=True, samesite="lax")


def shown(request: Request, kind: str, *, secure: bool) -> str | None:
    """The cookie that a browser sent."""
    return request.cookies.get(name_of(kind, secure=secure))


def signed(secret: bytes, plain: str) -> str:
    """The value of a cookie: the id and its signature."""
    return f"{plain}.{_mark(secret, 'cookie', plain)}"


def plain_of(cookie: str) -> str:
    """The id in a cookie, whoever has signed it."""
    return cookie.rpartition(".")[0]


def is_ours(secret: bytes, cookie: str) -> bool:
    """Whether we have signed a cookie."""
    plain, _, mark = cookie.rpartition(".")
    return hmac.compare_digest(mark.encode(), _mark(secret, "cookie", plain).encode())


def csrf_token(secret: bytes, plain: str) -> str:
    """What our own pages send with each change, and no other site knows."""
    return _mark(secret, "csrf", plain)


def _mark(secret: bytes, purpose: str, plain: str) -> str:
    return hmac.new(secret, f"{purpose} {plain}".encode(), hashlib.sha256).hexdigest()
