"""Logging in: the token endpoint with its grants, revoke and introspect (…/services/oauth2/…).

Refusals have status 400 and Salesforce's exact words, because clients match on them.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from demo_org.wire.assertions import check_assertion
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.oauth_faults import OAuthFault
from demo_org.wire.sessions import Session

Form = Mapping[str, str]
_SCOPE = "api id web refresh_token"
_NOT_CACHED = {"Cache-Control": "no-cache, no-store"}


def token(context: Context, request: Request) -> Reply:
    """Log a client in and hand out an access token."""
    if request.method != "POST":
        return OAuthFault("invalid_request", "must be POST").reply()
    form = _form(request)
    grant = _GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        return OAuthFault("unsupported_grant_type", "grant type not supported").reply()
    try:
        content = grant(context, request, form)
    except OAuthFault as fault:
        return fault.reply()
    context.usage.note("login")
    return Reply(content=content, headers=_NOT_CACHED)


def revoke(context: Context, request: Request) -> Reply:
    """Log a token out."""
    given = _form(request).get("token") or request.query.get("token", "")
    if not context.sessions.end(given):
        return OAuthFault("invalid_token", "invalid token").reply()
    return Reply(status=200, raw=b"")


def introspect(context: Context, request: Request) -> Reply:
    """Tell a client whether a token is good and until when."""
    form = _form(request)
    try:
        _check_client(context, form)
    except OAuthFault as fault:
        return fault.reply()
    session = context.sessions.peek(form.get("token", ""))
    if session is None:
        return Reply(content={"active": False})
    issued = int(session.issued_at.timestamp())
    return Reply(
        content={
            "active": True,
            "scope": _SCOPE,
            "client_id": context.settings.credentials.client_id,
            "username": context.settings.credentials.username,
            "sub": _identity(context, request, session),
            "token_type": "access_token",
            "exp": int(session.expires_at.timestamp()),
            "iat": issued,
            "nbf": issued,
        }
    )


def _client_credentials(context: Context, request: Request, form: Form) -> dict[str, Any]:
    _check_client(context, form)
    return _machine(context, request, context.sessions.start(context.org.users.integration))


def _jwt_bearer(context: Context, request: Request, form: Form) -> dict[str, Any]:
    # The signature proves the client, so no secret is sent; there is no refresh token either.
    audiences = {request.base_url, "https://login.salesforce.com", "https://test.salesforce.com"}
    check_assertion(form.get("assertion", ""), context.settings.credentials, audiences=audiences)
    return _machine(context, request, context.sessions.start(context.org.users.integration))


def _password(context: Context, request: Request, form: Form) -> dict[str, Any]:
    _check_client(context, form)
    known = context.settings.credentials
    if form.get("username", "").lower() != known.username.lower():
        raise OAuthFault("invalid_grant", "authentication failure")
    if not _same(form.get("password", ""), known.password + known.security_token):
        raise OAuthFault("invalid_grant", "authentication failure - Invalid Password")
    return _personal(context, request, context.sessions.start(context.org.users.integration))


def _refresh_token(context: Context, request: Request, form: Form) -> dict[str, Any]:
    _check_client(context, form, secret_needed=False)
    rotate = context.settings.rotate_refresh_tokens
    renewed = context.sessions.refresh(form.get("refresh_token", ""), rotate=rotate)
    if renewed is None:
        raise OAuthFault("invalid_grant", "expired access/refresh token")
    session, successor = renewed
    content = _personal(context, request, session)
    return content if successor is None else content | {"refresh_token": successor}


_GRANTS: Mapping[str, Callable[[Context, Request, Form], dict[str, Any]]] = {
    "client_credentials": _client_credentials,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _jwt_bearer,
    "password": _password,
    "refresh_token": _refresh_token,
}


def _form(request: Request) -> dict[str, str]:
    """The form of the body; client id and secret may come by HTTP Basic instead."""
    form = dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return form
        form = {"client_id": client_id, "client_secret": secret} | form
    return form


def _check_client(context: Context, form: Form, *, secret_needed: bool = True) -> None:
    known = context.settings.credentials
    if form.get("client_id") != known.client_id:
        raise OAuthFault("invalid_client_id", "client identifier invalid")
    secret = form.get("client_secret")
    if (secret_needed or secret is not None) and not _same(secret or "", known.client_secret):
        raise OAuthFault("invalid_client", "invalid client credentials")


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())


def _machine(context: Context, request: Request, session: Session) -> dict[str, Any]:
    """The answer to JWT bearer and client credentials; note that it tells no expiry."""
    return {
        "access_token": session.token,
        "scope": "api id web",
        "instance_url": request.base_url,
        "id": _identity(context, request, session),
        "token_type": "Bearer",
    }


def _personal(context: Context, request: Request, session: Session) -> dict[str, Any]:
    """The answer to password and refresh token: signed, with the instant of issue in milliseconds as text."""
    identity, issued = _identity(context, request, session), str(int(time.time() * 1000))
    secret = context.settings.credentials.client_secret.encode()
    signature = hmac.new(secret, (identity + issued).encode(), hashlib.sha256).digest()
    return {
        "access_token": session.token,
        "instance_url": request.base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
        "signature": base64.b64encode(signature).decode(),
    }


def _identity(context: Context, request: Request, session: Session) -> str:
    return f"{request.base_url}/id/{context.org.org_id}/{session.user_id}"
