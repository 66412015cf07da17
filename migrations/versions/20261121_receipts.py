"""Receipts say why an answer was sure or not, and keep what a member thought of it; corrections become
cases that are asked again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

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
    _create_cases()


def _create_cases() -> None:
    op.create_table(
        "regression_cases",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("must_contain", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_green", sa.Boolean(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_regression_cases_business_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "source_id"],
            ["sources.business_id", "sources.id"],
            name=op.f("fk_regression_cases_business_id_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_regression_cases")),
    )
    for statement in policy_statements("regression_cases"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("regression_cases")
    op.drop_constraint(op.f("ck_answers_rating"), "answers")
    for column in ("rated_at", "rated_by", "rating_reason", "rating", "features"):
        op.drop_column("answers", column)
