"""What alembic runs: the steps on the connection, and in the transaction, that `Database` gives it."""

from alembic import context

from autograder.web.store.tables import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata)
context.run_migrations()
