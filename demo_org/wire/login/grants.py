"""The five ways to get an access token, each with what it proves and what it answers."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from demo_org.wire.context import Context
from demo_org.wire.login.assertions import check_assertion
from demo_org.wire.login.id_tokens import id_token
from demo_org.wire.login.logins import Proof, prove, same
from demo_org.wire.login.oauth_faults import OAuthFault, bad_secret, spent_token
from demo_org.wire.login.scopes import MACHINE_SCOPE, USER_SCOPE, may_refresh
from demo_org.wire.login.sessions import Session
from demo_org.wire.message import Request

Form = Mapping[str, str]
_UNPROVED = {
    Proof.UNKNOWN_USER: "authentication failure",
    Proof.WRONG_PASSWORD: "authentication failure - Invalid Password",
    Proof.TOKEN_MISSING: "authentication failure - Failed: API security token required",
}
_SHARED_LOGIN_HOSTS = {"login.salesforce.com", "test.salesforce.com"}


def _client_credentials(context: Context, request: Request, form: Form) -> dict[str, Any]:
    # Only a My Domain host knows which org is meant (Help, "OAuth 2.0 Client Credentials Flow"; text seen by clients).
    if _host(request) in _SHARED_LOGIN_HOSTS:
        raise OAuthFault("invalid_grant", "request not supported on this domain")
    check_client(context, form)
    if not context.settings.client_credentials:
        raise OAuthFault("invalid_grant", "no client credentials user enabled")
    return _machine(context, request)


def _jwt_bearer(context: Context, request: Request, form: Form) -> dict[str, Any]:
    # The signature proves the client, so no secret is sent; there is no refresh token either.
    hosts = {*_SHARED_LOGIN_HOSTS, request.headers.get("host", "")}
    audiences = {request.base_url} | {f"{scheme}://{host}" for scheme in ("https", "http") for host in hosts}
    check_assertion(form.get("assertion", ""), context.settings.credentials, audiences=audiences)
    return _machine(context, request)


def _password(context: Context, request: Request, form: Form) -> dict[str, Any]:
    check_client(context, form)
    proof = prove(context.settings.credentials, form.get("username", ""), form.get("password", ""))
    if proof is not Proof.RIGHT:
        raise OAuthFault("invalid_grant", _UNPROVED[proof])
    context.logins.admit(context.org.users.integration)
    return _personal(context, request, _start(context, USER_SCOPE))


def _refresh_token(context: Context, request: Request, form: Form) -> dict[str, Any]:
    check_client(context, form, secret_needed=context.settings.secret_for_refresh)
    given = form.get("refresh_token", "")
    approval = context.approvals.find(given)
    if approval is not None:
        context.logins.admit(approval.user_id)
    renewed = context.approvals.renew(given, rotate=context.settings.rotate_refresh_tokens)
    if renewed is None:
        raise spent_token()
    session, successor = renewed
    content = _personal(context, request, session) | {"scope": session.scope} | _vouched(context, request, session)
    return content if successor is None else content | {"refresh_token": successor}


def _authorization_code(context: Context, request: Request, form: Form) -> dict[str, Any]:
    # A code bound to a verifier may come from a public client, which has no secret to send.
    check_client(context, form, secret_needed="code_verifier" not in form)
    code = context.approvals.take_code(form.get("code", ""))
    if code is None or code.client_id != form.get("client_id"):
        raise OAuthFault("invalid_grant", "expired authorization code")
    if code.redirect_uri != form.get("redirect_uri", ""):
        raise OAuthFault("redirect_uri_mismatch", "redirect_uri must match configuration")
    if code.challenge is None and "client_secret" not in form:
        raise bad_secret()
    if not code.verified_by(form.get("code_verifier", "")):
        raise OAuthFault("invalid_grant", "invalid code verifier")
    context.logins.admit(code.user_id)
    client_id = context.settings.credentials.client_id
    approval = None
    if may_refresh(code.scope):
        approval = context.approvals.give(code.user_id, client_id=client_id, scope=code.scope)
    session = context.sessions.start(
        code.user_id, client_id=client_id, scope=code.scope, approval=approval.number if approval else None
    )
    content = _personal(context, request, session) | {"scope": code.scope}
    content |= _vouched(context, request, session, nonce=code.nonce)
    return content | ({"refresh_token": approval.refresh_token} if approval else {})


GRANTS: Mapping[str, Callable[[Context, Request, Form], dict[str, Any]]] = {
    "authorization_code": _authorization_code,
    "client_credentials": _client_credentials,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _jwt_bearer,
    "password": _password,
    "refresh_token": _refresh_token,
}


def check_client(context: Context, form: Form, *, secret_needed: bool = True) -> None:
    """Refuse an app that is not known, or whose secret is wrong or missing."""
    known = context.settings.credentials
    if form.get("client_id") != known.client_id:
        raise OAuthFault("invalid_client_id", "client identifier invalid")
    secret = form.get("client_secret")
    if (secret_needed or secret is not None) and not same(secret or "", known.client_secret):
        raise bad_secret()


def identity_url(context: Context, request: Request, user_id: str) -> str:
    """Where a client asks who a token belongs to."""
    return f"{request.base_url}/id/{context.org.org_id}/{user_id}"


def _start(context: Context, scope: str) -> Session:
    client_id = context.settings.credentials.client_id
    return context.sessions.start(context.org.users.integration, client_id=client_id, scope=scope)


def _machine(context: Context, request: Request) -> dict[str, Any]:
    """The answer to JWT bearer and client credentials; note that it tells no expiry."""
    context.logins.admit(context.org.users.integration)
    session = _start(context, MACHINE_SCOPE)
    return {
        "access_token": session.token,
        "scope": session.scope,
        "instance_url": request.base_url,
        "id": identity_url(context, request, session.user_id),
        "token_type": "Bearer",
    }


def _personal(context: Context, request: Request, session: Session) -> dict[str, Any]:
    """The answer to password, code and refresh token: signed, with the instant of issue in milliseconds as text."""
    identity, issued = identity_url(context, request, session.user_id), str(int(session.issued_at.timestamp() * 1000))
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


def _vouched(context: Context, request: Request, session: Session, *, nonce: str | None = None) -> dict[str, str]:
    """The id token of an app that may learn who the user is."""
    if "openid" not in session.scope.split():
        return {}
    subject = identity_url(context, request, session.user_id)
    return {"id_token": id_token(context, issuer=request.base_url, subject=subject, session=session, nonce=nonce)}


def _host(request: Request) -> str:
    return request.headers.get("host", "").partition(":")[0].lower()
