"""Store why a score did not reach the LMS in both languages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Name the column for what it holds, and add one for the Korean text; rows keep the English one."""
    op.execute("ALTER TABLE delivery RENAME COLUMN lms_said TO lms_error")
    op.add_column("delivery", sa.Column("lms_error_ko", sa.Text(), nullable=True))
