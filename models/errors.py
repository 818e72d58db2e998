"""What can go wrong with the store, each with what to do next.

StoreError
  StoreUnreachable   the database does not answer, or went away
  StoreBusy          something else in it was in the way for too long
  StoreFull          its disk is full
  StoreOutdated      its schema is older than this program
  ValueRefused       a value does not fit its column
  RowExists          a row is there already, where none was expected
  LeaseLost          another worker has taken over
  SecretSealed       a secret is sealed with a key that is not configured
"""


class StoreError(Exception):
    """The store could not do what was asked; nothing of the transaction was kept."""

    code = "store_error"
    remedy = "See the log of the database."

    def __init__(self, *, reason: str = "") -> None:
        """Remember the driver's own words, which name hosts and relations but never data."""
        self.reason = reason
        super().__init__(f"{(self.__doc__ or '').splitlines()[0]} {reason and f'({reason}) '}{self.remedy}")


class StoreUnreachable(StoreError):
    """The database does not answer."""

    code = "store_unreachable"
    remedy = "Check BATON_DATABASE_URL and that PostgreSQL runs; nothing is lost, the next pass reads the same window."


class StoreBusy(StoreError):
    """Something else in the database was in the way for too long."""

    code = "store_busy"
    remedy = "Look for long transactions and locks there; nothing is lost, the next pass reads the same window."


class StoreFull(StoreError):
    """The disk of the database is full."""

    code = "store_full"
    remedy = "Free space there; nothing is lost, the next pass reads the same window."


class StoreOutdated(StoreError):
    """The database does not have the tables of this version."""

    code = "store_outdated"
    remedy = "Run: baton migrate."


class ValueRefused(StoreError):
    """A value from Salesforce does not fit its column."""

    code = "value_refused"
    remedy = "Nothing of this pass was kept; look for the value in Salesforce and report it as a defect of Baton."


class RowExists(StoreError):
    """A row is there already, where none was expected."""

    code = "row_exists"
    remedy = "Nothing was kept of it; report it as a defect of Baton."


class LeaseLost(StoreError):
    """Another worker has taken over this org."""

    code = "lease_lost"
    remedy = "Nothing to do: the pass was given up and its window belongs to the other worker."


class SecretSealed(StoreError):
    """A secret is sealed with a key that is not configured."""

    code = "secret_sealed"
    remedy = "Put the key with which it was sealed back into BATON_SECRET_KEYS, behind the one in use."
