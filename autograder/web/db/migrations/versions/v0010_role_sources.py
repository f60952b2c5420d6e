"""Store which role the newest launch stated, and which one the newest roster."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add both columns. A role of staff counts as stated by a launch, so that no roster takes it."""
    roles = sa.Enum("student", "teacher", "assistant", native_enum=False, length=20)
    for name in ("launch_role", "roster_role"):
        op.add_column("membership", sa.Column(name, roles, nullable=True))
    membership = sa.table("membership", sa.column("role"), sa.column("active"), sa.column("launch_role"))
    op.execute(
        sa.update(membership)
        .where(membership.c.role != "student", membership.c.active)
        .values(launch_role=membership.c.role)
    )
