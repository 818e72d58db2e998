"""Who a token belongs to: the identity URL of a login, and OpenID Connect's userinfo."""

from typing import Any

from demo_org.errors import not_found
from demo_org.ids import normalise
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

_BAD_TOKEN = Reply(status=403, raw=b"Bad_OAuth_Token", headers={"Content-Type": "text/html;charset=UTF-8"})


def identity(context: Context, request: Request) -> Reply:
    """The user behind the id URL of a token reply; 403 in plain text when the token is not good."""
    session = _session(context, request)
    if session is None:
        return _BAD_TOKEN
    if normalise(request.parts["org"]) != context.org.org_id:
        raise not_found()
    user = _user(context, normalise(request.parts["user"]) or "")
    base = request.base_url
    content = {
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
        **dict.fromkeys(("addr_street", "addr_city", "addr_state", "addr_country", "addr_zip", "mobile_phone")),
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": _urls(context, base),
        "active": bool(user.get("IsActive", True)),
        "user_type": "STANDARD",
        "language": user.get("LanguageLocaleKey"),
        "locale": user.get("LocaleSidKey"),
        "utcOffset": 0,
        "last_modified_date": user.get("LastModifiedDate"),
        "is_app_installed": True,
    }
    return Reply(content=content)


def userinfo(context: Context, request: Request) -> Reply:
    """The user of the token, in OpenID Connect's words."""
    session = _session(context, request)
    if session is None:
        return _BAD_TOKEN
    user, base = _user(context, session.user_id), request.base_url
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
        "urls": _urls(context, base),
        "active": bool(user.get("IsActive", True)),
        "user_type": "STANDARD",
        "language": user.get("LanguageLocaleKey"),
        "locale": user.get("LocaleSidKey"),
        "utcOffset": 0,
        "updated_at": user.get("LastModifiedDate"),
        "is_app_installed": True,
    }
    return Reply(content=content)


def bearer(request: Request) -> str:
    """The access token of a request; "OAuth" is accepted in place of "Bearer"."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in {"bearer", "oauth"} else ""


def _session(context: Context, request: Request) -> Any:
    return context.sessions.use(bearer(request) or request.query.get("access_token", ""))


def _user(context: Context, user_id: str) -> dict[str, Any]:
    user = context.org.get("User", user_id)
    if user is None:
        raise not_found()
    return user


def _urls(context: Context, base: str) -> dict[str, str]:
    # {version} stays literally: the client puts its own in.
    soap = {name: f"{base}/services/Soap/{letter}/{{version}}/{context.org.org_id[:15]}"
            for name, letter in (("enterprise", "c"), ("metadata", "m"), ("partner", "u"))}  # fmt: skip
    rest = f"{base}/services/data/v{{version}}"
    paths = {"rest": "", "sobjects": "sobjects/", "search": "search/", "query": "query/", "recent": "recent/"}
    return soap | {name: f"{rest}/{path}" for name, path in paths.items()} | {"custom_domain": base}
