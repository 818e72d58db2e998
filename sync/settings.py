"""What the pipeline must be told: which orgs to read and how to log in, and how often to look."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from models.settings import BatonSettings, SettingsError, org_tables, settings_file

Grant = Literal["client_credentials", "jwt_bearer", "refresh_token", "password"]


class SalesforceSettings(BatonSettings):
    """How to reach and enter the org: BATON_SALESFORCE_…, each secret also as a file with …_FILE."""

    model_config = SettingsConfigDict(env_prefix="BATON_SALESFORCE_")

    #: what this org is called on the command line; needed where there are several
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")] | None = None
    #: login host or My Domain of the org; plain http on loopback only
    url: str = ""
    #: how to log in; without it, what the other settings allow
    auth: Grant | None = None
    #: consumer key of the app in Salesforce
    client_id: str | None = None
    #: consumer secret of the app
    client_secret: SecretStr | None = None
    #: the integration user, for the grants that name one
    username: str | None = None
    #: only for the password grant
    password: SecretStr | None = None
    #: sent behind the password, when the org asks for it
    security_token: SecretStr | None = None
    #: RSA key in PEM form, for jwt_bearer
    private_key_file: Path | None = None
    #: the token of an approval given earlier, for refresh_token
    refresh_token: SecretStr | None = None
    #: the newest version to speak; an older org is spoken to in its own
    api_version: Annotated[str, Field(pattern=r"^\d{2,3}\.0$")] = "64.0"
    #: certificates to trust instead of the system's, for orgs behind a proxy
    ca_file: Path | None = None
    #: currency code of an org with a single currency, which Salesforce does not tell
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None

    @property
    def grant(self) -> Grant:
        """The way of logging in: the one asked for, or the one whose secret is there."""
        if self.auth is not None:
            return self.auth
        if self.private_key_file is not None:
            return "jwt_bearer"
        if self.refresh_token is not None:
            return "refresh_token"
        return "password" if self.password is not None else "client_credentials"


class WorkerSettings(BatonSettings):
    """How often the worker looks for changes, and what it may spend: BATON_POLL_SECONDS and BATON_API_…."""

    #: seconds between two looks at the org
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 30
    #: seconds between two looks that all other work leaves room for
    slowest_poll_seconds: Annotated[float, Field(gt=0, le=86_400)] = 900
    #: part of the org's daily API allocation that may be spent, where Salesforce gives our app none of its own
    api_share: Annotated[float, Field(gt=0, le=1)] = 0.05
    #: part of the allocation that is left to the org's people
    api_floor: Annotated[float, Field(ge=0, lt=1)] = 0.1
    #: hours after which formulas and other fields that move without a stamp are read again
    refresh_hours: Annotated[float, Field(gt=0, le=8_760)] = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgSettings:
    """One org to follow: how to enter it, and how often to look."""

    salesforce: SalesforceSettings
    worker: WorkerSettings


def configured_orgs() -> list[OrgSettings]:
    """Return the orgs to follow: that of the environment or, without it, each `[[orgs]]` table of baton.toml, or none.

    A table says all about its login, so that the secrets of one org never reach another; its rhythm may come from
    elsewhere.
    """
    if os.environ.get("BATON_SALESFORCE_URL"):
        tables = []
    else:
        tables = [{**each, "salesforce_name": each.get("name")} for each in org_tables()]
    only = SalesforceSettings()
    if not tables:
        return [OrgSettings(salesforce=only, worker=WorkerSettings())] if only.url else []
    path = settings_file()
    if only.url:
        raise SettingsError(f"{path}: salesforce_url stands beside [[orgs]]; make it one of them")
    names = Counter(each["salesforce_name"] for each in tables)
    if None in names or max(names.values()) > 1:
        raise SettingsError(f'{path}: each of the [[orgs]] needs a name of its own, such as name = "emea"')
    return [_of_table(each) for each in tables]


def _of_table(table: dict[str, object]) -> OrgSettings:
    try:
        found = OrgSettings(
            salesforce=SalesforceSettings.of_table(table, alone=True),
            worker=WorkerSettings.of_table(table, alone=False),
        )
    except SettingsError as error:
        raise SettingsError(f"org {table['name']}: {error}") from None
    if not found.salesforce.url:
        raise SettingsError(f"org {table['name']}: salesforce_url is not set; set it to the org's My Domain")
    return found
