"""How the schema came to be, one step a file; alembic runs them."""
