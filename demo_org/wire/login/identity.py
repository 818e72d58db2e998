"""Who a token belongs to: the identity URL of a login, and OpenID Connect's userinfo.

Refusals are one word of plain text with status 403, 404 or 406 (Help, "Identity URLs").
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo_org.ids import normalise, to15
from demo_org.wire.context import Context
from demo_org.wire.encode import compact
from demo_org.wire.login.sessions import Session, token_of
from demo_org.wire.message import Reply, Request
from demo_org.wire.settings import LAST_VERSION

_VERSION = re.compile(r"(\d\d)(?:\.0)?\Z", re.ASCII)
_CALLBACK = re.compile(r"[A-Za-z_$][\w.$]*\Z", re.ASCII)


class _Refused(Exception):
    """One word, in plain text."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status = status
        self.word = word

    def reply(self) -> Reply:
        headers = {"Content-Type": "text/html;charset=UTF-8"}
        return Reply(status=self.status, raw=self.word.encode(), headers=headers)


def identity(context: Context, request: Request) -> Reply:
    """The user behind the id URL of a token reply."""
    try:
        return _identified(context, request)
    except _Refused as refused:
        return refused.reply()


def _identified(context: Context, request: Request) -> Reply:
    _session(context, request)
    if normalise(request.parts["org"]) != context.org.org_id:
        raise _Refused(403, "Wrong_Org")
    user = _user(context, normalise(request.parts["user"]) or "")
    content = _identity(context, request.base_url, user, version=_version(context, request.query.get("version")))
    callback = request.query.get("callback")
    if callback is None:
        return Reply(content=content)
    if not _CALLBACK.match(callback):
        raise _Refused(406, "Invalid_Callback")
    script = b"%s(%s);" % (callback.encode(), compact(content))
    return Reply(raw=script, headers={"Content-Type": "application/x-javascript;charset=UTF-8"})


def userinfo(context: Context, request: Request) -> Reply:
    """The user of the token, in OpenID Connect's words."""
    try:
        user, base = _user(context, _session(context, request).user_id), request.base_url
    except _Refused as refused:
        return refused.reply()
    content = {
        "sub": f"{base}/id/{context.org.org_id}/{user['Id']}",
        "user_id": user["Id"],
        "organization_id": context.org.org_id,
        "preferred_username": user.get("Username"),
        "nickname": user.get("CommunityNickname"),
        "name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
        "given_name": user.get("FirstName"),
        "family_name": user.get("LastName"),
        "zoneinfo": user.get("TimeZoneSidKey"),
        "photos": {"picture": f"{base}/profilephoto/005/F", "thumbnail": f"{base}/profilephoto/005/T"},
        "profile": f"{base}/{user['Id']}",
        "picture": f"{base}/profilephoto/005/F",
        "address": {},
        "is_salesforce_integration_user": False,
        "urls": _urls(context, base, user["Id"]),
        "active": bool(user.get("IsActive", True)),
        "user_type": "STANDARD",
        "language": user.get("LanguageLocaleKey"),
        "locale": user.get("LocaleSidKey"),
        "utcOffset": _utc_offset(user.get("TimeZoneSidKey")),
        "updated_at": user.get("LastModifiedDate"),
        "is_app_installed": True,
    }
    return Reply(content=content)


def _identity(context: Context, base: str, user: dict[str, Any], *, version: str) -> dict[str, Any]:
    return {
        "id": f"{base}/id/{context.org.org_id}/{user['Id']}",
        "asserted_user": True,
        "user_id": user["Id"],
        "organization_id": context.org.org_id,
        "username": user.get("Username"),
        "nick_name": user.get("CommunityNickname"),
        "display_name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
        "first_name": user.get("FirstName"),
        "last_name": user.get("LastName"),
        "timezone": user.get("TimeZoneSidKey"),
        "photos": {"picture": f"{base}/profilephoto/005/F", "thumbnail": f"{base}/profilephoto/005/T"},
        "addr_street": user.get("Street"),
        "addr_city": user.get("City"),
        "addr_state": user.get("State"),
        "addr_country": user.get("Country"),
        "addr_zip": user.get("PostalCode"),
        "mobile_phone": user.get("MobilePhone"),
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": {name: url.replace("{version}", version) for name, url in _urls(context, base, user["Id"]).items()},
        "active": bool(user.get("IsActive", True)),
        "user_type": "STANDARD",
        "language": user.get("LanguageLocaleKey"),
        "locale": user.get("LocaleSidKey"),
        "utcOffset": _utc_offset(user.get("TimeZoneSidKey")),
        "last_modified_date": user.get("LastModifiedDate"),
        "is_app_installed": True,
    }


def _session(context: Context, request: Request) -> Session:
    token = token_of(request.headers) or request.query.get("oauth_token") or request.query.get("access_token", "")
    session = context.sessions.use(token)
    if session is None:
        raise _Refused(403, "Bad_OAuth_Token" if token else "Missing_OAuth_Token")
    return session


def _user(context: Context, user_id: str) -> dict[str, Any]:
    user = context.org.get("User", user_id)
    if user is None:
        raise _Refused(404, "Bad_Id")
    if not user.get("IsActive", True):
        raise _Refused(404, "Inactive")
    return user


def _version(context: Context, asked: str | None) -> str:
    """What stands for {version} in the URLs: itself when none was asked for, as clients put their own in."""
    if asked is None:
        return "{version}"
    found = _VERSION.match(asked)
    if asked == "latest":
        return f"{LAST_VERSION}.0"
    if found is None or not context.settings.oldest_version <= int(found[1]) <= LAST_VERSION:
        raise _Refused(406, "Invalid_Version")
    return f"{found[1]}.0"


def _utc_offset(zone: str | None) -> int:
    """Milliseconds between UTC and the zone's standard time."""
    now = datetime.now(UTC).astimezone(ZoneInfo(zone or "UTC"))
    offset = (now.utcoffset() or timedelta()) - (now.dst() or timedelta())
    return int(offset.total_seconds() * 1000)


def _urls(context: Context, base: str, user_id: str) -> dict[str, str]:
    org15 = to15(context.org.org_id)
    soap = {
        name: f"{base}/services/Soap/{letter}/{{version}}/{org15}"
        for name, letter in (("enterprise", "c"), ("metadata", "m"), ("partner", "u"))
    }
    rest = f"{base}/services/data/v{{version}}"
    paths = {"rest": "", "sobjects": "sobjects/", "search": "search/", "query": "query/", "recent": "recent/"}
    tooling = {
        "tooling_soap": f"{base}/services/Soap/T/{{version}}/{org15}",
        "tooling_rest": f"{rest}/tooling/",
        "profile": f"{base}/{user_id}",
    }
    chatter = {"feeds": "feeds", "groups": "groups", "users": "users", "feed_items": "feed-items"}
    chatter["feed_elements"] = "feed-elements"
    return (
        soap
        | {name: f"{rest}/{path}" for name, path in paths.items()}
        | tooling
        | {name: f"{rest}/chatter/{path}" for name, path in chatter.items()}
        | {"custom_domain": base}
    )
