"""Store reasons that people read in every language, as JSON by language."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Convert the reasons of attempts, which were in English, and of deliveries, whose Korean had its own column."""
    _convert("attempt", "reason", [], lambda english: {"en": english})
    _convert("delivery", "lms_error", ["lms_error_ko"], lambda english, korean: {"ko": korean, "en": english})


def _convert(table: str, name: str, others: list[str], texts_of: Callable[..., dict[str, Any]]) -> None:
    """Replace a column, and others that belong to it, by one that holds their texts by language."""
    old = [f"{name}_en", *others]
    op.execute(f"ALTER TABLE {table} RENAME COLUMN {name} TO {name}_en")
    op.add_column(table, sa.Column(name, sa.JSON(none_as_null=True), nullable=True))
    number, new = sa.column("id", sa.Integer()), sa.column(name, sa.JSON(none_as_null=True))
    rows = sa.table(table, number, new, *(sa.column(one, sa.Text()) for one in old))
    connection = op.get_bind()
    for row in connection.execute(sa.select(number, *(rows.c[one] for one in old))).all():
        texts = {language: text for language, text in texts_of(*row[1:]).items() if text}
        if texts:
            connection.execute(sa.update(rows).where(rows.c.id == row[0]).values({name: texts}))
    for one in old:
        op.drop_column(table, one)
