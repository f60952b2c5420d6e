"""The entry point of alembic: runs the migrations on the connection, and in the transaction, of `Database`."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
)
context.run_migrations()
