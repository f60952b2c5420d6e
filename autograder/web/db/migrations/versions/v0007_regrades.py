"""Add regrades of a class, with a preview and a way back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "class_regrade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_link_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("keep_better", sa.Boolean(), nullable=False),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("up_to_date", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("answered", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("log", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_link_id"],
            ["resource_link.id"],
            name=op.f("fk_class_regrade_course_link_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_regrade")),
    )
    op.create_index(op.f("ix_class_regrade_course_link_id"), "class_regrade", ["course_link_id"])
    op.create_index(op.f("ix_class_regrade_state"), "class_regrade", ["state"])
    op.create_table(
        "regraded_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("regrade_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("why", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["regrade_id"],
            ["class_regrade.id"],
            name=op.f("fk_regraded_attempt_regrade_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_regraded_attempt_attempt_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regraded_attempt")),
        sa.UniqueConstraint(
            "regrade_id", "attempt_id", name=op.f("uq_regraded_attempt_regrade_id_attempt_id")
        ),
    )
    op.create_index(op.f("ix_regraded_attempt_attempt_id"), "regraded_attempt", ["attempt_id"])
