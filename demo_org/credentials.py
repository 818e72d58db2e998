"""The names and secrets a client logs in to the demo org with.

The client id and the username are fixed; every secret is made at start unless one is given, so that no password is
ever a default.
"""

import secrets
from dataclasses import dataclass, field

CLIENT_ID = "demo-client"
USERNAME = "integration@demo.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Everything a client may prove itself with; secrets stay out of its repr."""

    client_id: str = CLIENT_ID
    username: str = USERNAME
    client_secret: str = field(repr=False)
    password: str = field(repr=False)
    #: appended to the password by the password grant, as for a login from an unknown address; empty = not asked for
    security_token: str = field(repr=False)
    #: the refresh token of an approval given earlier
    refresh_token: str = field(repr=False)
    #: PEM text of the certificate or public key that JWT assertions are verified with; None = no JWT logins
    jwt_public_key: str | None = field(default=None, repr=False)

    @classmethod
    def generate(
        cls,
        *,
        client_id: str = CLIENT_ID,
        client_secret: str | None = None,
        password: str | None = None,
        security_token: str | None = None,
        refresh_token: str | None = None,
        jwt_public_key: str | None = None,
    ) -> "Credentials":
        """Make a set of credentials; what is given is kept, the rest is random."""
        return cls(
            client_id=client_id,
            client_secret=client_secret or secrets.token_hex(24),
            password=password or secrets.token_urlsafe(12),
            security_token=secrets.token_hex(12) if security_token is None else security_token,
            refresh_token=refresh_token or f"5Aep861{secrets.token_urlsafe(48)}",
            jwt_public_key=jwt_public_key,
        )
