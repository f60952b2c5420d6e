"""Store which courses of an LMS a person confirmed, and when the LMS stated a role."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add both columns. The courses that are in use stay so."""
    op.add_column("context", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("membership", sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True))
    contexts = sa.table("context", sa.column("confirmed_at", sa.DateTime(timezone=True)))
    op.execute(sa.update(contexts).values(confirmed_at=datetime.now(UTC)))
