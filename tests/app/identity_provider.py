"""An identity provider on a socket, as an organisation has one: discovery, keys, codes with PKCE, signed tokens."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "baton", "a secret: with/strange+letters"
CLEO = {
    "sub": "cleo-1", "name": "Cleo Success", "email": "cleo@baton.example", "email_verified": True,
    "groups": ["cs-reps"],
}  # fmt: skip


class Provider:
    """One provider; whoever comes is the person of the day, unless told to lie."""

    def __init__(self) -> None:
        self.issuer = ""
        self.forget()
        self.rotate()

    def forget(self) -> None:
        """Be as on the first day, with the same key."""
        self.person: dict[str, Any] = dict(CLEO)
        #: claims that are told at the userinfo endpoint only
        self.userinfo: dict[str, Any] | None = None
        #: what its tokens say in place of the truth; None leaves a claim out
        self.lies: dict[str, Any] = {}
        #: what else is done to a token before it is sent
        self.forge: Any = lambda _provider, claims: self.signed(claims)
        self.codes: dict[str, dict[str, str]] = {}
        #: what was asked of it, path by path
        self.asked: list[str] = []

    def rotate(self) -> None:
        """Sign by a new key from now on."""
        self.key = RSAKey.generate_key(2048, parameters={"kid": secrets.token_hex(4), "alg": "RS256", "use": "sig"})

    def signed(self, claims: dict[str, Any]) -> str:
        """A token by the key of the day."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def described(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            **({} if self.userinfo is None else {"userinfo_endpoint": f"{self.issuer}/userinfo"}),
        }  # fmt: skip

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser of the person of the day is sent back to."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def exchange(self, sent: dict[str, str], credentials: str) -> tuple[int, dict[str, Any]]:
        """Tokens for a code that is redeemed by whom it was given to, once."""
        client = tuple(map(unquote, base64.b64decode(credentials.removeprefix("Basic ")).decode().split(":")))
        if client != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(sent["code"], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked is None or proof != asked["code_challenge"] or sent["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "<script>not for people</script>"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.person,
            **self.lies,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "an access token", "token_type": "Bearer", "id_token": self.forge(self, claims)}


@contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port of this machine."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            match parts.path:
                case "/.well-known/openid-configuration":
                    self._tell(200, provider.described())
                case "/keys":
                    self._tell(200, KeySet([provider.key]).as_dict(private=False))
                case "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(dict(parse_qsl(parts.query))))
                    self.end_headers()
                case "/userinfo" if self.headers["Authorization"] == "Bearer an access token":
                    self._tell(200, provider.userinfo or {})
                case _:
                    self._tell(404, {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            sent = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self._tell(*provider.exchange(sent, self.headers.get("Authorization", "")))

        def _tell(self, status: int, document: Any) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
