"""Changes that another site's page sends with a person's cookie are refused."""

import hmac

from fastapi import Request

from app.problems import Problem

HEADER = "X-CSRF-Token"
#: methods that change nothing
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_foreign(request: Request, *, origin: str, token: str) -> None:
    """Refuse a change unless it comes from a page of ours, as the browser says, or brings the person's own token.

    What the browser says of where it comes from counts first: a token does not make up for another site.
    """
    if request.method in _SAFE:
        return
    sent = request.headers.get(HEADER, "")
    site, from_origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if from_origin is not None and from_origin != origin:
        is_own = False
    elif site is not None:
        is_own = site == "same-origin"
    else:
        is_own = from_origin is not None or hmac.compare_digest(sent.encode(), token.encode())
    if not is_own:
        detail = f"This change did not come from a page of this server. Send {HEADER} (see /api/v1/me), or an API key."
        raise Problem(403, "csrf_refused", detail)
