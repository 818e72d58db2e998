"""How Alembic runs here: on a connection that the caller opened, one transaction for all steps."""

from alembic import context

from models.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    version_table_schema="ops",
)
with context.begin_transaction():
    context.run_migrations()
