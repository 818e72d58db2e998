"""Logging in: the token endpoint, revoke and introspect (…/services/oauth2/…).

Refusals have status 400 and Salesforce's exact words, because clients match on them.
"""

import base64
from typing import Any
from urllib.parse import parse_qsl

from demo_org.refusals import LoginRefused
from demo_org.wire.context import Context
from demo_org.wire.login.grants import GRANTS, check_client, identity_url
from demo_org.wire.login.oauth_faults import NOT_CACHED, OAuthFault
from demo_org.wire.message import Reply, Request


def token(context: Context, request: Request) -> Reply:
    """Log a client in and hand out an access token."""
    if request.method != "POST":
        return OAuthFault("invalid_request", "must be POST").reply()
    form = _form(request)
    grant = GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        return OAuthFault("unsupported_grant_type", "grant type not supported").reply()
    try:
        content = grant(context, request, form)
    except OAuthFault as fault:
        return fault.reply()
    except LoginRefused as refused:
        return OAuthFault(refused.words.error, refused.words.description).reply()
    context.usage.note("login")
    return Reply(content=content, headers=NOT_CACHED)


def revoke(context: Context, request: Request) -> Reply:
    """Log a token out; a refresh token takes the sessions it produced with it.

    Refusals are forms unless the client asks for JSON (seen by clients).
    """
    given = _form(request).get("token", "")
    if given and (context.sessions.end(given) or context.approvals.revoke(given)):
        return Reply(status=200, raw=b"")
    if given:
        fault = OAuthFault("invalid_token", f"invalid token: {given}")
    else:
        fault = OAuthFault("unsupported_token_type", "this token type is not supported")
    return fault.reply() if "json" in request.headers.get("accept", "").lower() else fault.form_reply()


def introspect(context: Context, request: Request) -> Reply:
    """Tell a client whether a token is good and until when (RFC 7662); an unknown one is simply not active."""
    form = _form(request)
    try:
        check_client(context, form)
    except OAuthFault as fault:
        return fault.reply()
    content = _known_access(context, request, form.get("token", "")) or _known_refresh(context, request, form)
    return Reply(content=content or {"active": False})


def _known_access(context: Context, request: Request, given: str) -> dict[str, Any] | None:
    session = context.sessions.peek(given)
    if session is None:
        return None
    issued = int(session.issued_at.timestamp())
    known = _known(context, request, session.user_id, session.scope, "access_token")
    return known | {"exp": int(session.expires_at.timestamp()), "iat": issued, "nbf": issued}


def _known_refresh(context: Context, request: Request, form: dict[str, str]) -> dict[str, Any] | None:
    approval = context.approvals.find(form.get("token", ""))
    if approval is None:
        return None
    issued = int(approval.given_at.timestamp())
    known = _known(context, request, approval.user_id, approval.scope, "refresh_token")
    return known | {"iat": issued, "nbf": issued}


def _known(context: Context, request: Request, user_id: str, scope: str, kind: str) -> dict[str, Any]:
    user = context.org.get("User", user_id) or {}
    return {
        "active": True,
        "scope": scope,
        "client_id": context.settings.credentials.client_id,
        "username": user.get("Username"),
        "sub": identity_url(context, request, user_id),
        "token_type": kind,
    }


def _form(request: Request) -> dict[str, str]:
    """The form of the body or the address; client id and secret may come by HTTP Basic instead."""
    form = dict(request.query) | dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
        except ValueError:  # no base64, or no text in it
            return form
        form = {"client_id": client_id, "client_secret": secret} | form
    return form
