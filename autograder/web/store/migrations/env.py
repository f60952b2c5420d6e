"""What alembic runs: the steps on the connection, and in the transaction, that `Database` gives it."""

from alembic import context

from autograder.web.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    target_metadata=Table.metadata,
)
context.run_migrations()
