"""How an answer leaves: JSON bytes, its freshness, and a tag by which a client asks "anything new?"."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from app.read.encode import to_json
from app.read.status import Freshness, freshness
from models.session import ReadSession


def answer(
    request: Request,
    session: ReadSession,
    body: dict[str, Any],
    *,
    about: Any = None,
    hidden: Iterable[str] | None = None,
    tag: str | None = None,
) -> Response:
    """Answer with a document, `as_of` and `lag_seconds` at its end.

    `hidden`, where there is anything to hide, names what is null in it because the caller may not see it.

    The tag, unless one is given, covers `about` (by default the whole body) and never the freshness: an unchanged
    deal stays unchanged although time goes on.
    """
    if hidden is not None:
        body = {**body, "no_permission": sorted(hidden)}
    tag = tag or entity_tag(to_json(body if about is None else about))
    if is_known(request, tag):
        return unchanged(tag)
    fresh = freshness(session)
    return Response(to_json({**body, **stamp(fresh)}), media_type="application/json", headers={"ETag": tag, **CACHING})


#: what changes by the mere passing of time
_AGES = frozenset({"lag_seconds", "age_seconds", "beat_at", "next_at", "since"})


def without_ages(value: Any) -> Any:
    """The same without what changes by the mere passing of time: what a tag is to cover."""
    if isinstance(value, dict):
        return {name: without_ages(each) for name, each in value.items() if name not in _AGES}
    return [without_ages(each) for each in value] if isinstance(value, list) else value


CACHING = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization, Cookie"}


def stamp(fresh: Freshness) -> dict[str, Any]:
    """The freshness as it stands in every answer."""
    return {"as_of": fresh.as_of, "lag_seconds": fresh.lag_seconds}


def entity_tag(content: bytes) -> str:
    """A weak tag: two answers with the same tag say the same, though perhaps at another instant."""
    return f'W/"{blake2b(content, digest_size=12).hexdigest()}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the client holds this answer already."""
    asked = request.headers.get("if-none-match")
    if asked is None:
        return False
    known = {part.strip().removeprefix("W/") for part in asked.split(",")}
    return "*" in known or tag.removeprefix("W/") in known


def unchanged(tag: str) -> Response:
    """Tell the client that what it holds is still so."""
    return Response(status_code=304, headers={"ETag": tag, **CACHING})
