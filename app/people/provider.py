"""The identity provider of an organisation, over OpenID Connect: who somebody is, by a code and a signed token.

Authlib speaks OAuth (the address to send people to, PKCE, the exchange of the code) and checks the claims of the token;
joserfc, its signature.
"""

import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.people.roles import Role
from app.problems import Problem
from app.settings import HttpSettings, OidcSettings
from models.settings import SettingsError
from models.sign_in import Person

#: signatures by a key that only the provider has; neither `none` nor secrets that both sides know
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
#: clocks differ a little
_LEEWAY_SECONDS = 60
#: a token by an unknown key makes us ask for the keys again, but not more often than this
_KEYS_ARE_FRESH_FOR = 60.0
log = structlog.get_logger()


def provider_of(settings: OidcSettings, http: HttpSettings) -> "IdentityProvider | None":
    """Return the identity provider that is configured, or None.

    Raises:
        SettingsError: something is missing, or an address is not protected.
    """
    if settings.issuer is None:
        return None
    if settings.client_id is None:
        raise SettingsError("BATON_OIDC_CLIENT_ID: it is not set; set it to the id the provider knows Baton by")
    if not settings.role_by_group:
        raise SettingsError("BATON_OIDC_ROLES: it is not set; say who may do what, such as cs-reps=csm,cs-leads=lead")
    if http.public_url is None:
        raise SettingsError("BATON_HTTP_PUBLIC_URL: it is not set; set it to the address that browsers use")
    for name, url in (("BATON_OIDC_ISSUER", settings.issuer), ("BATON_HTTP_PUBLIC_URL", http.public_url)):
        if not _is_protected(url):
            raise SettingsError(f"{name}: {url!r} must begin with https://; plain http is for loopback only")
    return IdentityProvider(settings=settings, public_url=http.public_url.rstrip("/"))


@dataclass(slots=True, kw_only=True)
class IdentityProvider:
    """One provider, and what it has told about itself."""

    settings: OidcSettings
    #: where browsers reach us
    public_url: str
    _described: dict[str, Any] = field(default_factory=dict)
    _keys: KeySet | None = None
    _keys_read_at: float = 0.0

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us by https."""
        return self.public_url.startswith("https://")

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send somebody who wants to sign in."""
        with _answers(), self._http() as http:
            begin = self._endpoint(http, "authorization_endpoint")
            url, _ = self._client(http).create_authorization_url(
                begin, state=state, code_verifier=verifier, nonce=nonce
            )
        return cast("str", url)

    def person(self, code: str, *, nonce: str, verifier: str) -> Person:
        """Exchange the code that somebody came back with for who they are.

        Raises:
            Problem: the provider is away, its token is not what it should be, or this person has no role here.
        """
        with _answers(), self._http() as http:
            basic = self._basic()
            token = self._client(http).fetch_token(
                self._endpoint(http, "token_endpoint"), grant_type="authorization_code", code=code,
                code_verifier=verifier, auth=basic, **({} if basic else {"client_id": self.settings.client_id}),
            )  # fmt: skip
            claims = self._verified(http, token, nonce=nonce)
            groups = _within(claims, self.settings.group_claim)
            if groups is None and "userinfo_endpoint" in self._description(http):
                claims = {**self._told_besides(http, token, subject=claims["sub"]), **claims}
                groups = _within(claims, self.settings.group_claim)
        return self._let_in(claims, groups)

    def _http(self) -> httpx.Client:
        # A proxy of the environment has no business between two processes of one machine.
        trust_env = urlsplit(str(self.settings.issuer)).hostname not in _LOOPBACK
        return httpx.Client(timeout=10, verify=_well_known(trust_env=trust_env), trust_env=trust_env)

    def _let_in(self, claims: dict[str, Any], groups: Any) -> Person:
        known = self.settings.role_by_group
        mine = {str(each) for each in (groups if isinstance(groups, list) else [groups])}
        roles = tuple(role for role in Role if role in {known[group] for group in mine & known.keys()})
        if not roles:
            raise Problem(403, "no_role", "None of your groups has a role here. Ask your administrator for one.")
        email = claims.get("email")
        if claims.get("email_verified") is False:
            # Whoever could choose an address would choose another CSM's book.
            raise Problem(
                403, "email_unverified", "Your e-mail address is not confirmed. Confirm it, then sign in again."
            )
        name = claims.get("name") or email or claims["sub"]
        return Person(
            person_id=f"{claims['iss']} {claims['sub']}", name=_line(name),
            email=None if email is None else _line(email), roles=roles,
        )  # fmt: skip

    def _verified(self, http: httpx.Client, token: dict[str, Any], *, nonce: str) -> dict[str, Any]:
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise _refused("it sent no id_token")
        try:
            decoded = jwt.decode(raw, self._read_keys(http), algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have changed its keys since they were read.
            decoded = jwt.decode(raw, self._read_keys(http, anew=True), algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims, decoded.header,
            options={
                "iss": {"essential": True, "value": self._description(http)["issuer"]},
                "aud": {"essential": True, "value": self.settings.client_id},
            },
            params={"nonce": nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")},
        )  # fmt: skip
        claims.validate(leeway=_LEEWAY_SECONDS)
        return dict(claims)

    def _told_besides(self, http: httpx.Client, token: dict[str, Any], *, subject: str) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {token.get('access_token')}"}
        told = _document(http, self._endpoint(http, "userinfo_endpoint"), headers=bearer)
        if told.get("sub") != subject:
            raise _refused("its userinfo is about somebody else")
        return told

    def _read_keys(self, http: httpx.Client, *, anew: bool = False) -> KeySet:
        age = time.monotonic() - self._keys_read_at
        if self._keys is None or (anew and age > _KEYS_ARE_FRESH_FOR):
            self._keys = KeySet.import_key_set(cast("Any", _document(http, self._endpoint(http, "jwks_uri"))))
            self._keys_read_at = time.monotonic()
        return self._keys

    def _description(self, http: httpx.Client) -> dict[str, Any]:
        if not self._described:
            issuer = str(self.settings.issuer)
            told = _document(http, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if str(told.get("issuer")).rstrip("/") != issuer.rstrip("/"):
                raise _refused("it calls itself by another name than BATON_OIDC_ISSUER")
            self._described = told
        return self._described

    def _endpoint(self, http: httpx.Client, name: str) -> str:
        url = str(self._description(http).get(name))
        if not _is_protected(url):
            raise _refused(f"its {name} is not protected by https")
        return url

    def _client(self, http: httpx.Client) -> OAuth2Client:
        return OAuth2Client(
            http, client_id=self.settings.client_id, scope=self.settings.scopes, code_challenge_method="S256",
            redirect_uri=f"{self.public_url}/login/callback",
        )  # fmt: skip

    def _basic(self) -> httpx.BasicAuth | None:
        secret = self.settings.client_secret
        if secret is None:
            return None
        # RFC 6749, 2.3.1: both are form-encoded before they are joined.
        return httpx.BasicAuth(quote(str(self.settings.client_id), safe=""), quote(secret.get_secret_value(), safe=""))


@contextmanager
def _answers() -> Iterator[None]:
    """Translate what goes wrong with a provider, once, into what a person is told; details go to the log only."""
    try:
        yield
    except httpx.HTTPError as error:
        log.warning("provider_unreachable", reason=type(error).__name__)
        detail = "The identity provider does not answer right now. Try again in a minute."
        raise Problem(503, "provider_unreachable", detail, headers={"Retry-After": "60"}) from error
    except AuthlibBaseError as error:
        raise _refused(f"it said {_word(error.error)}") from error
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _refused(f"its token is not valid ({type(error).__name__})") from error


@cache
def _well_known(*, trust_env: bool) -> ssl.SSLContext:
    """The certificates that everybody trusts; reading them takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=trust_env)


def _refused(why: str) -> Problem:
    log.warning("sign_in_refused", reason=why)
    detail = (
        f"The identity provider did not say who you are: {why}. Start again at /login; if it lasts, tell your admin."
    )
    return Problem(403, "sign_in_refused", detail)


def refused_by_provider(error: str) -> Problem:
    """What to tell somebody whom the provider sent back without a code."""
    return _refused(f"it said {_word(error)}")


def _word(error: Any) -> str:
    """The provider's code of an error; whatever else may stand there is nobody's business."""
    return error if isinstance(error, str) and re.fullmatch(r"[a-z_]{1,40}", error) else "something else"


def _document(http: httpx.Client, url: str, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
    reply = http.get(url, headers=headers)
    reply.raise_for_status()
    told = reply.json()
    if not isinstance(told, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - translated like any other malformed answer
    return told


def _within(claims: dict[str, Any], path: str) -> Any:
    """The claim of that name, or, with dots in the name, within others: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _is_protected(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _line(text: Any) -> str:
    """One line of text, of a length that fits everywhere."""
    return " ".join(str(text).replace("\0", "").split())[:200]
