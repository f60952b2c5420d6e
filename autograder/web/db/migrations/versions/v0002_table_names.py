"""Rename tables to match the classes of `models`, with their constraints and indexes."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NEW_NAMES = (
    ("course_link", "resource_link"),
    ("job", "grading_job"),
    ("allowance", "extension"),
    ("standing", "final_grade"),
    ("look", "regrade_request"),
)


def upgrade() -> None:
    """Rename the tables; their rows and the references to them stay."""
    rename = _rename_on_sqlite if op.get_bind().dialect.name == "sqlite" else _rename_on_postgresql
    for old, new in NEW_NAMES:
        rename(op.get_bind(), old, new)


def _renamed(text: str, old: str, new: str) -> str:
    """Replace the table's name in the names of its constraints and indexes."""
    return re.sub(rf"\b(pk|uq|fk|ix)_{old}(?![a-z])", rf"\1_{new}", text)


def _rename_on_postgresql(connection: sa.Connection, old: str, new: str) -> None:
    tables = sa.inspect(connection)
    named = [
        tables.get_pk_constraint(old),
        *tables.get_unique_constraints(old),
        *tables.get_foreign_keys(old),
    ]
    constraints = [constraint["name"] for constraint in named]
    # a unique constraint's index is renamed along with it
    indexes = [index["name"] for index in tables.get_indexes(old) if "duplicates_constraint" not in index]
    op.rename_table(old, new)
    for name in constraints:
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {name} TO {_renamed(str(name), old, new)}")
    for name in indexes:
        op.execute(f"ALTER INDEX {name} RENAME TO {_renamed(str(name), old, new)}")
    if "id" in {column["name"] for column in sa.inspect(connection).get_columns(new)}:
        op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")


def _rename_on_sqlite(connection: sa.Connection, old: str, new: str) -> None:
    """Rename a table and recreate it: SQLite cannot rename a constraint."""
    op.rename_table(old, new)  # references to the table follow
    statements = sa.text(
        "SELECT sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL ORDER BY type DESC"
    )
    create, *indexes = connection.scalars(statements, {"name": new}).all()
    copy = f"{new}_copy"
    create = _renamed(create, old, new).replace(f'CREATE TABLE "{new}"', f"CREATE TABLE {copy}", 1)
    connection.exec_driver_sql(create)
    connection.exec_driver_sql(f"INSERT INTO {copy} SELECT * FROM {new}")  # noqa: S608 - our own names
    op.drop_table(new)
    op.rename_table(copy, new)
    for index in indexes:
        connection.exec_driver_sql(_renamed(index, old, new))
