"""How commands reach the store and name the org: settings in, an open store out."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.util.exc import CommandError

from app.settings import HttpSettings, OidcSettings
from models.access import seal_secrets, secrets_are_current
from models.embedded import url_for
from models.errors import StoreError
from models.migrate import current_revision, migrate, newest_revision
from models.seal import Seal
from models.session import Store
from models.settings import SettingsError, StoreSettings, refuse_unknown_keys
from sync.settings import OrgSettings, SalesforceSettings, WorkerSettings, configured_orgs


class StoreNewer(StoreError):
    """The database was made by a newer version of Baton."""

    code = "store_newer"
    remedy = "Update this installation."


def check_settings() -> None:
    """Refuse a baton.toml with a misspelt key before anything is started."""
    refuse_unknown_keys(
        [StoreSettings, HttpSettings, OidcSettings, SalesforceSettings, WorkerSettings],
        of_an_org=[SalesforceSettings, WorkerSettings],
        extra=["BATON_NAME"],
    )


def wanted_orgs(name: str | None = None) -> list[OrgSettings]:
    """Return the configured orgs, or the one of that name; or say which setting is missing."""
    orgs = configured_orgs()
    if not orgs:
        raise SettingsError(
            "BATON_SALESFORCE_URL: it is not set; set it to your org's My Domain, such as "
            "https://acme.my.salesforce.com, or try: baton demo"
        )
    if name is None:
        return orgs
    found = [each for each in orgs if each.salesforce.name == name]
    if not found:
        names = ", ".join(str(each.salesforce.name) for each in orgs if each.salesforce.name)
        raise SettingsError(
            f"--org: no configured org is called {name}; {f'there are {names}' if names else 'none has a name'}"
        )
    return found


def salesforce_settings(name: str | None = None) -> SalesforceSettings:
    """Return how to reach one org: the only one that is configured, or the one of that name."""
    orgs = wanted_orgs(name)
    if len(orgs) > 1:
        names = ", ".join(str(each.salesforce.name) for each in orgs)
        raise SettingsError(f"several orgs are configured ({names}); choose one with --org NAME")
    return orgs[0].salesforce


@contextmanager
def open_store(*, settings: StoreSettings | None = None) -> Iterator[Store]:
    """Open the store, starting the embedded PostgreSQL and bringing the schema up to date where needed."""
    check_settings()
    with url_for(settings or StoreSettings()) as url, opened(url) as store:
        yield store


def migrated(url: str) -> str:
    """Bring the database at a URL up to date and return its revision."""
    with opened(url) as store:
        return bring_up_to_date(store)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """Open the store at a URL and bring its schema up to date where needed."""
    store = Store(url, seal=Seal.in_settings())
    try:
        bring_up_to_date(store)
        keep_sealed(store)
        yield store
    finally:
        store.close()


def keep_sealed(store: Store) -> None:
    """Seal what is in clear, or under an older key, now that another one is configured.

    Raises:
        SecretSealed: the key of a secret is not configured.
    """
    with store.reading() as session:
        if secrets_are_current(session):
            return
    with store.writing() as session:
        seal_secrets(session)


def bring_up_to_date(store: Store) -> str:
    """Migrate an empty or older database, refuse a newer one, and return the revision."""
    with store.reading() as session:
        revision = current_revision(session)
    if revision == newest_revision():
        return revision
    try:
        return migrate(store)
    except CommandError as error:  # Alembic knows no way from a revision that a later version made
        raise StoreNewer(reason=f"it is at schema {revision}") from error
