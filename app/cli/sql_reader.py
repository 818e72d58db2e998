"""`baton sql-reader`: users of the database for dashboards that speak SQL."""

import re
from dataclasses import asdict

from app.cli.connection import open_store
from app.cli.failures import MISUSED, CommandError
from app.cli.output import print_json, remark, say
from models.sql_reader import create_reader, drop_reader, is_user, may_make_readers, reads_only_views

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def make_reader(name: str, *, as_json: bool) -> int:
    """Make a user that reads the views, and print how to get in."""
    if not _NAME.fullmatch(name) or name.startswith("pg_"):
        message = f"--name: {name!r} is no name of a user; take small letters, digits and _, such as metabase."
        raise CommandError(message, exit_code=MISUSED)
    with open_store() as store, store.writing() as session:
        if is_user(session, name):
            raise CommandError(f"--name: there is a user {name} already; take another name.", exit_code=MISUSED)
        if not may_make_readers(session):
            raise CommandError(
                "our user of the database may not make others; let an administrator run: ALTER ROLE … CREATEROLE."
            )
        reader = create_reader(session, name)
    if as_json:
        print_json(asdict(reader))
        return 0
    say(f"user {reader.name}")
    say(f"password {reader.password}")
    say(f"host {reader.host}  port {reader.port}  database {reader.database}")
    remark("Keep the password now: it can't be shown again. The user reads the schema cs_v1 and nothing else.")
    return 0


def remove_reader(name: str) -> int:
    """Take such a user away."""
    with open_store() as store, store.writing() as session:
        if not is_user(session, name) or not reads_only_views(session, name):
            raise CommandError(f"{name!r} is no user that was made with baton sql-reader create.", exit_code=MISUSED)
        drop_reader(session, name)
    say(f"{name} reads nothing any more.")
    return 0
