"""A user of the database who reads the views of `cs_v1` and nothing else: for dashboards that speak SQL."""

import secrets
from dataclasses import dataclass

from psycopg import sql

from models.session import ReadSession, WriteSession, driver

_SCHEMA = "cs_v1"
#: a dashboard that asks too much is stopped, and the sync goes on
_LONGEST = "60s"


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlReader:
    """How a dashboard gets in."""

    name: str
    password: str
    host: str
    port: int
    database: str


def may_make_readers(session: ReadSession) -> bool:
    """Whether our own user of the database may make others."""
    return bool(_one(session, "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"))


def is_user(session: ReadSession, name: str) -> bool:
    """Whether the database server has a user of that name."""
    return bool(_one(session, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", name))


def create_reader(session: WriteSession, name: str) -> SqlReader:
    """Make the user and return its password, which is kept nowhere. Views that are added later are read as well."""
    connection = driver(session)
    password = secrets.token_urlsafe(24)
    # The server gets what it would keep of the password, so that no log of statements shows it.
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    user, schema = sql.Identifier(name), sql.Identifier(_SCHEMA)
    for statement in (
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(user, sql.Literal(verifier)),
        sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(user),
        sql.SQL("ALTER ROLE {} SET statement_timeout = {}").format(user, sql.Literal(_LONGEST)),
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, user),
        sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, user),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT ON TABLES TO {}").format(schema, user),
    ):
        connection.execute(statement)
    info = connection.info
    return SqlReader(name=name, password=password, host=info.host, port=info.port, database=info.dbname)


def drop_reader(session: WriteSession, name: str) -> None:
    """Take everything from the user, and the user itself."""
    user = sql.Identifier(name)
    driver(session).execute(sql.SQL("DROP OWNED BY {}").format(user))
    driver(session).execute(sql.SQL("DROP ROLE {}").format(user))


def reads_only_views(session: ReadSession, name: str) -> bool:
    """Whether a user is one that was made here, and not somebody who may do more."""
    statement = """
        SELECT rolcanlogin AND NOT rolsuper AND NOT rolcreaterole AND NOT rolcreatedb
               AND 'default_transaction_read_only=on' = ANY(rolconfig)
               AND NOT EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)
          FROM pg_roles WHERE rolname = %s
    """
    return bool(_one(session, statement, name))


def _one(session: ReadSession, statement: str, *values: str) -> object:
    row = driver(session).execute(statement.encode(), values).fetchone()
    return None if row is None else row[0]
