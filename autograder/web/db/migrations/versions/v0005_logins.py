"""Store a launch once it is verified: a login that anyone may begin stores nothing."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Delete logins that were begun and not continued, and what the LMS sent with a login."""
    op.execute("DELETE FROM launch WHERE platform_id IS NOT NULL AND spent_at IS NULL")
    op.drop_column("launch", "params")
