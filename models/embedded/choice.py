"""Which database is the store: the one that is configured, or the embedded one."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from models.embedded.server import EmbeddedServer
from models.settings import SettingsError, StoreSettings

_SCHEMES = {"postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgresql+asyncpg"}


@contextmanager
def url_for(settings: StoreSettings) -> Iterator[str]:
    """Give the SQLAlchemy URL of the store; an embedded server runs at least until the block ends."""
    if settings.database_url is not None:
        yield database_url(settings.database_url.get_secret_value())
        return
    with EmbeddedServer(settings.home) as url:
        yield url


def database_url(text: str) -> str:
    """Return any form of a PostgreSQL address as a URL of the psycopg driver; the message never shows the address."""
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _SCHEMES:
        raise SettingsError(
            "BATON_DATABASE_URL: it is not a PostgreSQL address; write postgresql://user@host:5432/name"
        )
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
