"""How the store is reached: reading and writing are different types, and only this module commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NewType

import psycopg
import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from models.errors import RowExists, StoreBusy, StoreFull, StoreOutdated, StoreUnreachable, ValueRefused
from models.patience import AT_REST, PatientConnection
from models.seal import Seal

ReadSession = NewType("ReadSession", Connection)
"""A read-only transaction; the database refuses writes on it."""

WriteSession = NewType("WriteSession", ReadSession)
"""A transaction that commits when its `with` block ends well, and leaves no trace otherwise."""

PATIENCE = timedelta(minutes=30)
"""The longest that one statement may take: the merge of a large first load does."""

_SEAL = "baton_seal"
_GRACE_SECONDS = 5.0
# a lock that was not given, a statement that took too long, a deadlock, a conflict of transactions
_IN_THE_WAY = {"55P03", "57014", "40P01", "40001"}
_MOVED_TABLES = {"42P01", "3F000", "42703"}  # undefined table, schema, column: the schema is older than the code


class Store:
    """The customer-success store: a PostgreSQL database, reached through short transactions."""

    def __init__(
        self, url: str, *, pool_size: int = 5, patience: timedelta = PATIENCE, seal: Seal | None = None
    ) -> None:
        """Prepare (without connecting) the store at `url`, a SQLAlchemy URL of the psycopg driver.

        No statement may take longer than `patience`. Secrets in the store are sealed with `seal`.
        """
        self._patience = patience
        self._engine: Engine = sqlalchemy.create_engine(
            url,
            execution_options={_SEAL: seal or Seal()},
            pool_size=pool_size,
            max_overflow=50,
            pool_pre_ping=True,
            connect_args={
                "options": "-c timezone=UTC -c datestyle=ISO -c application_name=baton -c lock_timeout=60s"
                f" -c statement_timeout={int(patience / timedelta(milliseconds=1))}"
                # staging tables stay in memory while they are filled
                " -c temp_buffers=64MB",
                "connect_timeout": 10,
                # a network that swallows packets is noticed within a minute
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
                "tcp_user_timeout": 60_000,
            },
        )
        event.listen(self._engine, "do_connect", _connect)

    @contextmanager
    def reading(self) -> Iterator[ReadSession]:
        """Open a read-only transaction that sees one state of the store throughout.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        with (
            store_errors(),
            self._engine.connect().execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            ) as connection,
            _waiting(connection, self._patience),
        ):
            yield ReadSession(connection)
            connection.commit()  # there is nothing to keep, but a rollback would drop the prepared statements

    @contextmanager
    def writing(self, *, patience: timedelta | None = None) -> Iterator[WriteSession]:
        """Open a transaction that commits at the end of the block and rolls back when the block raises.

        No statement of it may take longer than `patience`, where that is shorter than the store's.

        Raises:
            StoreUnreachable: the database does not answer, or went away before the commit.
            StoreFull: its disk is full; nothing of the block was kept.
        """
        with (
            store_errors(),
            self._engine.connect() as connection,
            _waiting(connection, patience or self._patience),
            connection.begin(),  # innermost, so that the commit has the same patience
        ):
            yield WriteSession(ReadSession(connection))

    @contextmanager
    def trying(self) -> Iterator[WriteSession]:
        """Open a transaction that is always rolled back: for asking what a write would change."""
        with store_errors(), self._engine.connect() as connection, _waiting(connection, self._patience):
            try:
                yield WriteSession(ReadSession(connection))
            finally:
                connection.rollback()

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


def seal_of(session: ReadSession) -> Seal:
    """Return what seals the secrets of the store."""
    seal: Seal = session.get_execution_options()[_SEAL]
    return seal


@contextmanager
def savepoint(session: WriteSession) -> Iterator[None]:
    """Let what is written inside be undone by itself when it fails, without the rest of the transaction.

    Raises:
        RowExists: it wrote a row that is there already, or one row twice.
    """
    try:
        with session.begin_nested():
            yield
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.UniqueViolation | psycopg.errors.CardinalityViolation):
            raise RowExists from error
        raise


def _connect(dialect: Any, record: Any, arguments: Any, options: Any) -> PatientConnection:  # noqa: ARG001 - SQLAlchemy passes all four
    return PatientConnection.connect(*arguments, **options)


@contextmanager
def _waiting(connection: Connection, patience: timedelta) -> Iterator[None]:
    """Let the statements of a block take as long as that; what the pool does between blocks is quick."""
    waits = connection.connection.driver_connection
    if not isinstance(waits, PatientConnection):
        raise TypeError("the store needs the psycopg driver: use a postgresql+psycopg:// URL")
    # The server's own time-out comes first where it runs.
    waits.patience = patience.total_seconds() + _GRACE_SECONDS
    try:
        yield
    finally:
        waits.patience = AT_REST


def driver(session: ReadSession) -> psycopg.Connection[tuple[object, ...]]:
    """Return the psycopg connection of a session, for COPY, inside the session's transaction."""
    connection = session.connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("the store needs the psycopg driver: use a postgresql+psycopg:// URL")
    return connection


@contextmanager
def store_errors() -> Iterator[None]:
    """Translate what the driver raises into the store's own errors, once, at this border."""
    try:
        yield
    except DBAPIError as error:
        raise _translated(error) from error
    except psycopg.Error as error:
        raise _translated_driver(error) from error


def _translated(error: DBAPIError) -> Exception:
    if isinstance(error.orig, psycopg.Error):
        return _translated_driver(error.orig, whole=error)
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return StoreUnreachable(reason=_first_line(error))
    return error


def _translated_driver(error: psycopg.Error, *, whole: DBAPIError | None = None) -> Exception:
    state = error.sqlstate or ""
    if state == "53100":  # disk_full
        return StoreFull(reason=_first_line(error))
    if state in _MOVED_TABLES:
        return StoreOutdated(reason=_first_line(error))
    if state in _IN_THE_WAY:
        return StoreBusy(reason=_first_line(error))
    if isinstance(error, psycopg.DataError):
        return ValueRefused(reason=type(error).__name__)  # the driver's words would quote the value
    # Class 08 is a lost connection, 57P a server that stops or starts, 28 and 3D a refused login.
    lost = isinstance(error, psycopg.OperationalError) and state[:2] in {"", "08", "57", "28", "3D", "53"}
    if lost or (whole is not None and whole.connection_invalidated):
        return StoreUnreachable(reason=_first_line(error))
    return whole or error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
