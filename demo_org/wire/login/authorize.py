"""Where a browser asks a user to let an app in (…/services/oauth2/authorize): a page to log in on, and a way back.

The page takes the user's name and password. With `already_signed_in` the user is at once sent back with a code, as
somebody is who approved the app before.
"""

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl, quote, urlsplit

from demo_org.refusals import LoginRefused
from demo_org.wire.context import Context
from demo_org.wire.login.logins import same
from demo_org.wire.login.oauth_faults import NOT_CACHED, OAuthFault
from demo_org.wire.login.scopes import granted
from demo_org.wire.message import Reply, Request

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Login | Demo org</title></head>
<body>
<h1>Log in to the demo org</h1>
<p>{app} asks for: {scope}</p>
<p role="alert">{trouble}</p>
<form method="post">
{hidden}
<p><label>Username <input name="un" value="{username}" autocomplete="username"></label></p>
<p><label>Password <input name="pw" type="password" autocomplete="current-password"></label></p>
<p><button name="choice" value="allow">Log in and allow</button> <button name="choice" value="deny">Deny</button></p>
</form>
</body>
</html>
"""
_KEPT = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
)  # fmt: skip
_OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}
_CHALLENGE = re.compile(r"[A-Za-z0-9._~=-]{1,256}\Z")


def authorize(context: Context, request: Request) -> Reply:
    """Show the page, or send the user back to the app with a code or with a refusal."""
    form = dict(request.query) | dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    try:
        _check_app(context, form)
    except OAuthFault as fault:
        return fault.form_reply()  # nobody is sent to an address that is not the app's
    try:
        scope = _check_wish(form)
        return _decide(context, request, form, scope)
    except OAuthFault as fault:
        return _back(form, fault.form())
    except LoginRefused as refused:
        return _back(form, OAuthFault(refused.words.error, refused.words.description).form())


def _check_app(context: Context, form: Mapping[str, str]) -> None:
    if form.get("client_id") != context.settings.credentials.client_id:
        raise OAuthFault("invalid_client_id", "client identifier invalid")
    if not _is_of_app(context, form.get("redirect_uri", "")):
        raise OAuthFault("redirect_uri_mismatch", "redirect_uri must match configuration")
    # Seen by clients: this one is told to the browser, not to the app.
    if context.settings.require_code_challenge and not form.get("code_challenge"):
        raise OAuthFault("invalid_request", "missing required code challenge")


def _is_of_app(context: Context, address: str) -> bool:
    """A registered address exactly, or any of a program on the user's own machine."""
    if address in context.settings.redirect_uris:
        return True
    try:
        parts = urlsplit(address)
        return parts.scheme == "http" and parts.hostname in _OWN_MACHINE and address.isascii() and address.isprintable()
    except ValueError:
        return False


def _check_wish(form: Mapping[str, str]) -> str:
    if form.get("response_type") != "code":
        raise OAuthFault("unsupported_response_type", "response type not supported")
    scope = granted(form.get("scope", ""))
    if scope is None:
        raise OAuthFault("invalid_scope", "the requested scope is not allowed")
    challenge = form.get("code_challenge", "")
    if challenge and not _CHALLENGE.match(challenge):
        raise OAuthFault("invalid_request", "invalid code challenge")
    if form.get("code_challenge_method", "S256") not in {"S256", "plain"}:
        raise OAuthFault("invalid_request", "code challenge method not supported")
    return scope


def _decide(context: Context, request: Request, form: Mapping[str, str], scope: str) -> Reply:
    settings = context.settings
    known = settings.credentials
    if form.get("choice") == "deny":
        raise OAuthFault("access_denied", "end-user denied authorization")
    if not settings.already_signed_in:
        if request.method != "POST" or "un" not in form:
            return _page(form, scope, username=form.get("login_hint", ""))
        right = same(form["un"].lower(), known.username.lower()) and same(form.get("pw", ""), known.password)
        if not right:
            trouble = "Please check your username and password. If you still can't log in, start the demo org anew."
            return _page(form, scope, username=form["un"], trouble=trouble)
    user_id = context.org.users.integration
    context.logins.admit(user_id)
    code = context.approvals.issue_code(
        user_id,
        client_id=known.client_id,
        redirect_uri=form["redirect_uri"],
        scope=scope,
        challenge=form.get("code_challenge") or None,
        method=form.get("code_challenge_method", "S256"),
        nonce=form.get("nonce"),
    )
    return _back(form, f"code={quote(code, safe='')}")


def _page(form: Mapping[str, str], scope: str, *, username: str, trouble: str = "") -> Reply:
    hidden = "\n".join(
        f'<input type="hidden" name="{name}" value="{escape(form[name])}">' for name in _KEPT if name in form
    )
    page = _PAGE.format(
        app=escape(form["client_id"]),
        scope=escape(scope),
        trouble=escape(trouble),
        hidden=hidden,
        username=escape(username),
    )
    policy = {"Content-Security-Policy": "default-src 'none'"}
    headers = {"Content-Type": "text/html; charset=UTF-8", **policy, **NOT_CACHED}
    return Reply(raw=page.encode(errors="replace"), headers=headers)


def _back(form: Mapping[str, str], told: str) -> Reply:
    """Send the browser to the app, with its own state unchanged."""
    address = form["redirect_uri"]
    state = f"&state={quote(form['state'], safe='')}" if "state" in form else ""
    join = "&" if "?" in address else "?"
    return Reply(status=302, raw=b"", headers={"Location": f"{address}{join}{told}{state}", **NOT_CACHED})
