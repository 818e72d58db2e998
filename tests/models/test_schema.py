"""The database that migrations make is the one the code describes."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from models.migrate import current_revision, migrate, newest_revision
from models.mirror import CUSTOM_RECORD, MIRRORS
from models.mirror.table import DELETABLE
from models.schema import SCHEMAS, metadata
from models.session import Store
from sync.scope.catalog import STANDARD, Reach


def test_migrations_make_exactly_the_tables_that_the_code_describes(store: Store) -> None:
    """Nobody finds a column missing after an upgrade."""
    with store.trying() as session:
        context = MigrationContext.configure(
            session,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name in SCHEMAS,
                "include_object": lambda _o, name, kind, *_: not (kind == "table" and name == "alembic_version"),
                "version_table_schema": "ops",
            },
        )

        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    """A second start is harmless."""
    assert migrate(store) == newest_revision()
    with store.reading() as session:
        assert current_revision(session) == newest_revision()


def test_every_closure_view_has_the_columns_of_its_mirror(store: Store) -> None:
    """Who reads closure.<object> finds what salesforce.<object> has."""
    with store.reading() as session:
        for mirror in MIRRORS.values():
            columns = [
                session.execute(text(f"SELECT * FROM {schema}.{mirror.name} LIMIT 0")).keys()
                for schema in ("salesforce", "closure")
            ]

            assert list(columns[0]) == list(columns[1])


def test_who_looks_up_what_people_can_delete_is_found_by_an_index() -> None:
    """Deleting a contact does not make a poll read every table in which a contact may be named."""
    lasting = {each.name for each in STANDARD if each.undying or each.kept or each.reach is Reach.WHOLE}
    assert set(STANDARD.names) - lasting == DELETABLE

    for mirror in (*MIRRORS.values(), CUSTOM_RECORD):
        indexed = {index.columns[1].name for index in mirror.table.indexes if len(index.columns) == 2}
        for name in DELETABLE:
            assert indexed.issuperset(mirror.references_to(name)), mirror.name
