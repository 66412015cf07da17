"""Receipts say why an answer was sure or not, and keep what a member thought of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c4e07a51d2f3"
down_revision = "b718892ffb88"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "answers",
        sa.Column(
            "features",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column("answers", sa.Column("rating", sa.Text(), nullable=True))
    op.add_column("answers", sa.Column("rating_reason", sa.Text(), nullable=True))
    op.add_column("answers", sa.Column("rated_by", sa.BigInteger(), nullable=True))
    op.add_column("answers", sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_answers_rating"), "answers", "rating IN ('up', 'down')")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_answers_rating"), "answers")
    for column in ("rated_at", "rated_by", "rating_reason", "rating", "features"):
        op.drop_column("answers", column)
