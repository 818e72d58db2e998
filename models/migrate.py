"""Bring a database to the schema of this version."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from models.access import ensure_secrets
from models.schema import SCHEMAS
from models.session import ReadSession, Store


def migrate(store: Store) -> str:
    """Apply every migration the database lacks, in one transaction, and return the revision it is at now.

    Several processes may call this at once: they queue behind each other and find nothing left to do.
    """
    config = _config()
    with store.writing() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('baton migrate', 0))"))
        for schema in SCHEMAS:
            session.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        config.attributes["connection"] = session
        command.upgrade(config, "head")
        ensure_secrets(session)
    return newest_revision()


def newest_revision() -> str:
    """Return the revision this version of the program wants."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("no migrations are installed")
    return head


def current_revision(session: ReadSession) -> str | None:
    """Return the revision the database is at, or None for an empty one."""
    context = MigrationContext.configure(session, opts={"version_table_schema": "ops"})
    return context.get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("migrations")))
    return config
