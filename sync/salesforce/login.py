"""Logging in: the four OAuth grants that need no person, and what each refusal asks a person to do.

All of them are one POST to /services/oauth2/token of the login host or the org's My Domain. Errors come with HTTP 400
and {"error": …, "error_description": …}.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import jwt

from sync.errors import BadReply, BudgetSpent, LoginRefused, OrgBusy, SyncError, WrongHost
from sync.salesforce.faults import error_from_reply
from sync.salesforce.http import DEADLINES, Patience, Reply, checked_address, exchange, is_loopback, retried
from sync.settings import SalesforceSettings

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: Salesforce takes assertions that end within about five minutes
_ASSERTION_SECONDS = 180

# What to do, by the error and a part of its description; the first line that fits counts.
_REMEDIES: tuple[tuple[str, str, str], ...] = (
    ("invalid_client_id", "", "Check BATON_SALESFORCE_CLIENT_ID: it is the app's consumer key."),
    ("invalid_client", "", "Check BATON_SALESFORCE_CLIENT_SECRET: it is the app's consumer secret."),
    (
        "invalid_grant",
        "client credentials",
        "Enable the client credentials flow in the app and choose its run-as user.",
    ),
    (
        "invalid_grant",
        "refresh token",
        "Authorize the app again and set BATON_SALESFORCE_REFRESH_TOKEN to the new token.",
    ),
    ("invalid_grant", "approved this consumer", "Pre-authorize the app for the integration user's profile."),
    ("invalid_app_access", "", "Pre-authorize the app for the integration user's profile."),
    ("invalid_grant", "audience", "Set BATON_SALESFORCE_URL to the host the integration user logs in at."),
    ("invalid_grant", "assertion", "Check that the app holds the certificate of BATON_SALESFORCE_PRIVATE_KEY_FILE."),
    ("invalid_grant", "inactive", "Activate the integration user, or the org."),
    ("invalid_grant", "locked", "Unlock the integration user in Salesforce, then try again."),
    ("invalid_grant", "ip restricted", "Allow this machine's address in the profile or in the app."),
    ("invalid_grant", "", "Check BATON_SALESFORCE_USERNAME, …_PASSWORD and …_SECURITY_TOKEN."),
    ("unsupported_grant_type", "", "Choose another BATON_SALESFORCE_AUTH; this org does not offer the present one."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a login gave: the token that opens the API, and the host that has it."""

    token: str = field(repr=False)
    instance_url: str
    #: the 18-character id of the org where the reply tells it
    org_id: str | None


class Login:
    """Logs in with one set of settings, as often as needed; knows the newest refresh token."""

    def __init__(
        self,
        settings: SalesforceSettings,
        *,
        http: httpx.Client,
        keep_refresh_token: Callable[[str], None] | None = None,
        patience: Patience = DEADLINES.login,
    ) -> None:
        self._settings = settings
        self._http = http
        self._patience = patience
        self._keep = keep_refresh_token
        self._host = checked_address(settings.url)
        self._refresh_token = _revealed(settings.refresh_token)

    def open(self) -> Session:
        """Get a new session, trying again a little while Salesforce is busy."""
        return retried(self._ask, attempts=3, seconds=15)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _ask(self) -> Session:
        form = self._form()
        reply = exchange(
            self._http,
            "POST",
            self._host + TOKEN_PATH,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode(form).encode(),
            patience=self._patience,
        )
        if reply.status != 200:
            raise _refusal(reply, host=self._host)
        if reply.is_page:
            raise WrongHost(url=self._host, detail="it answers with a web page instead of a login for programs")
        body = reply.json("the login")
        if not isinstance(body, dict) or not body.get("access_token") or not body.get("instance_url"):
            raise BadReply(what="the login", detail="no token in it")
        self._rotate(body)
        return self._session(body)

    def _rotate(self, body: dict[str, Any]) -> None:
        # With rotation on, the old token died with this reply: the new one must be kept before anything else can fail.
        new = body.get("refresh_token")
        if new and new != self._refresh_token:
            self._refresh_token = new
            if self._keep is not None:
                self._keep(new)

    def _session(self, body: dict[str, Any]) -> Session:
        instance_url = checked_address(str(body["instance_url"]))
        if is_loopback(instance_url) and not is_loopback(self._host):
            raise WrongHost(url=self._host, detail="it sends us to this very machine")
        # …/id/ORGID/USERID; access tokens may be opaque or JWT, so the org id is not read out of them.
        parts = urlsplit(str(body.get("id", ""))).path.strip("/").split("/")
        org_id = parts[1] if len(parts) == 3 and parts[0] == "id" and len(parts[1]) == 18 else None
        return Session(token=str(body["access_token"]), instance_url=instance_url, org_id=org_id)

    def _form(self) -> dict[str, str]:
        settings = self._settings
        client_id = _needed("CLIENT_ID", settings.client_id)
        match settings.grant:
            case "client_credentials":
                if self._host.endswith(("//login.salesforce.com", "//test.salesforce.com")):
                    raise WrongHost(url=self._host, detail="client credentials work on the org's own host only")
                secret = _needed("CLIENT_SECRET", _revealed(settings.client_secret))
                return {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
            case "jwt_bearer":
                return {"grant_type": _JWT_BEARER, "assertion": self._assertion(client_id)}
            case "refresh_token":
                token = _needed("REFRESH_TOKEN", self._refresh_token)
                form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": token}
                secret_or_none = _revealed(settings.client_secret)
                return form | ({"client_secret": secret_or_none} if secret_or_none else {})
            case "password":
                password = _needed("PASSWORD", _revealed(settings.password))
                return {
                    "grant_type": "password",
                    "client_id": client_id,
                    "client_secret": _needed("CLIENT_SECRET", _revealed(settings.client_secret)),
                    "username": _needed("USERNAME", settings.username),
                    # Salesforce takes the security token as the end of the password.
                    "password": password + (_revealed(settings.security_token) or ""),
                }

    def _assertion(self, client_id: str) -> str:
        claims = {
            "iss": client_id,
            "sub": _needed("USERNAME", self._settings.username),
            "aud": self._host,
            "exp": int(time.time()) + _ASSERTION_SECONDS,
        }
        path = _needed("PRIVATE_KEY_FILE", self._settings.private_key_file)
        try:
            return jwt.encode(claims, Path(path).read_text(encoding="utf-8"), algorithm="RS256")
        except (OSError, ValueError, TypeError, jwt.PyJWTError) as error:
            remedy = "Set BATON_SALESFORCE_PRIVATE_KEY_FILE to the app's RSA key in PEM form."
            reason = f"the private key {path} can't be used: {type(error).__name__}"
            raise LoginRefused(reason=reason, remedy=remedy) from error


class SharedSession:
    """The session that all connections to an org use: one of them renews it while the others wait for the result.

    With rotating refresh tokens a second login would end the session of the first.
    """

    def __init__(self, login: Login, *, opened: Callable[[], None]) -> None:
        """Log in; `opened` is called before each login, to count it."""
        self._login = login
        self._opened = opened
        self._renewing = threading.Lock()
        opened()
        self.current = login.open()

    def renewed(self, stale: Session) -> Session:
        """Return a session that is not the stale one: somebody else's new one, or that of a new login."""
        with self._renewing:
            if self.current is stale:
                self._opened()
                self.current = self._login.open()
            return self.current

    def close(self) -> None:
        """Give the connections back."""
        self._login.close()


def _refusal(reply: Reply, *, host: str) -> SyncError:
    body = reply.decoded()
    if isinstance(body, dict) and "error" in body and reply.status < 500:
        error = str(body["error"])
        description = str(body.get("error_description") or "")[:200]
        if "rate" in error or "rate exceeded" in description:
            return BudgetSpent(detail=f"{error}: too many logins")
        remedy = next(
            (remedy for code, part, remedy in _REMEDIES if code == error and part in description.lower()),
            "Check the settings of the app in Salesforce.",
        )
        return LoginRefused(reason=f"{error}: {description}" if description else error, remedy=remedy)
    found = error_from_reply(reply.status, body, url=host, headers=reply.headers)
    if isinstance(found, OrgBusy | WrongHost):
        return found
    return WrongHost(url=host, detail=f"it has no login for programs (HTTP {reply.status})")


def _revealed(secret: Any) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def _needed(name: str, value: Any) -> str:
    if value is None or not str(value):
        remedy = f"Set BATON_SALESFORCE_{name}."
        raise LoginRefused(reason=f"BATON_SALESFORCE_{name} is missing", remedy=remedy)
    return str(value)
