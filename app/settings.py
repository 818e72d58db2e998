"""Where the HTTP server listens, how often one caller may ask, and who says who people are."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.people.roles import Role
from models.settings import BatonSettings


class HttpSettings(BatonSettings):
    """Settings of the HTTP server: BATON_HTTP_HOST and the others."""

    model_config = SettingsConfigDict(env_prefix="BATON_HTTP_")

    #: loopback by default: the API reaches the network only when somebody says so
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    #: of one key in one process: a dashboard that reads a thousand rows per request never meets it
    requests_per_minute: int = Field(default=1200, ge=1)
    #: where browsers reach the server, when people sign in: such as https://baton.acme.example
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/\s]+/?$")


def _roles(text: str) -> str:
    role_by_group(text)
    return text


def role_by_group(text: str) -> dict[str, Role]:
    """Read `cs-reps=csm, cs-leads=lead`: which role the members of a group have."""
    found: dict[str, Role] = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        group, _, role = (part.strip() for part in pair.rpartition("="))
        if not group or role not in list(Role):
            raise ValueError(f"{pair!r} is not GROUP=ROLE; a role is one of {', '.join(Role)}")
        found[group] = Role(role)
    return found


class OidcSettings(BatonSettings):
    """Settings of the identity provider by which people sign in: BATON_OIDC_ISSUER and the others."""

    model_config = SettingsConfigDict(env_prefix="BATON_OIDC_")

    #: without it nobody signs in, and only API keys open anything
    issuer: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    #: what is asked of the provider
    scopes: str = "openid email profile"
    #: where the provider says in which groups a person is; `a.b` is b within a
    group_claim: str = "groups"
    #: group=role, comma-separated
    roles: Annotated[str, AfterValidator(_roles)] = ""
    #: hours until a person has to sign in again, and so until a group that was taken away counts
    hours: int = Field(default=12, ge=1, le=720)

    @property
    def lasts(self) -> timedelta:
        """How long a person stays signed in."""
        return timedelta(hours=self.hours)

    @property
    def role_by_group(self) -> Mapping[str, Role]:
        """Which role the members of a group have."""
        return role_by_group(self.roles)
