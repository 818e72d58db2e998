"""Checks the signed statement a client logs in with when it has a certificate instead of a password (JWT bearer)."""

import time
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.types import Options

from demo_org.credentials import Credentials
from demo_org.wire.login.oauth_faults import OAuthFault

_GRACE = 15  # seconds after its expiry in which an assertion still logs in


def check_assertion(assertion: str, known: Credentials, *, audiences: set[str]) -> None:
    """Refuse an assertion that is not signed by the known key, for the known user, for this org, and for now."""
    claims = _claims(assertion, known)
    if claims.get("iss") != known.client_id:
        raise OAuthFault("invalid_client_id", "client identifier invalid")
    if "aud" not in claims:
        raise OAuthFault("invalid_grant", "Audience validation failed")
    if str(claims["aud"]).rstrip("/") not in audiences:
        raise OAuthFault("invalid_grant", "audience is invalid")
    if str(claims.get("sub", "")).lower() != known.username.lower():
        raise OAuthFault("invalid_grant", "user hasn't approved this consumer")
    try:
        expiry = int(claims["exp"])  # clients send a number or, as simple-salesforce does, a text
    except (KeyError, TypeError, ValueError, OverflowError):
        raise OAuthFault("invalid_grant", "invalid assertion") from None
    # The real time, not the org's: a test that moves the org's clock does not move its client's.
    # An expiry far ahead is no reason to refuse: the Salesforce CLI states it in milliseconds, and logs in.
    # One that has just passed is none either: CumulusCI states the second it signs in.
    if expiry <= time.time() - _GRACE:
        raise OAuthFault("invalid_grant", "expired")


def public_key(pem: str) -> RSAPublicKey:
    """The RSA key of a certificate or public key file."""
    data = pem.encode()
    key = x509.load_pem_x509_certificate(data).public_key() if "CERTIFICATE" in pem else load_pem_public_key(data)
    if not isinstance(key, RSAPublicKey):
        raise TypeError("the certificate for JWT logins must hold an RSA key, because assertions are signed with RS256")
    return key


def _claims(assertion: str, known: Credentials) -> dict[str, Any]:
    if known.jwt_public_key is None:
        raise OAuthFault("invalid_grant", "user hasn't approved this consumer")
    # Audience and expiry (a text or a number) are judged by the caller, in Salesforce's words.
    unchecked: Options = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_nbf": False}
    try:
        claims: dict[str, Any] = jwt.decode(
            assertion, public_key(known.jwt_public_key), algorithms=["RS256"], options=unchecked
        )
    except jwt.InvalidTokenError:
        raise OAuthFault("invalid_grant", "invalid assertion") from None
    return claims
