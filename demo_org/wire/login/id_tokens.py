"""Signed statements about who logged in (OpenID Connect), and the keys to check them with (…/id/keys)."""

import base64
import hashlib
from typing import Any

import jwt
from jwt.algorithms import RSAAlgorithm

from demo_org.wire.context import Context
from demo_org.wire.login.sessions import Session
from demo_org.wire.message import Reply, Request

_KEY_NAME = "216"
_LIFE = 120  # seconds; an id token is read at once (Salesforce's are as short)


def id_token(context: Context, *, issuer: str, subject: str, session: Session, nonce: str | None) -> str:
    """Who logged in, signed for the app that asked; bound to the access token it comes with."""
    half = hashlib.sha256(session.token.encode()).digest()[:16]
    issued = int(session.issued_at.timestamp())
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": subject,
        "aud": session.client_id,
        "iat": issued,
        "exp": issued + _LIFE,
        "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return jwt.encode(claims, context.signer.key, algorithm="RS256", headers={"kid": _KEY_NAME})


def keys(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """The public key, as a set of one."""
    public = RSAAlgorithm.to_jwk(context.signer.key.public_key(), as_dict=True)
    facts = {"kty": "RSA", "kid": _KEY_NAME, "alg": "RS256", "use": "sig"}
    return Reply(content={"keys": [facts | {"n": public["n"], "e": public["e"]}]})
