"""Visitors say whether an answer helped; checks keep what came of asking them, may be made by hand, and are
run as one piece of work."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "e1c7a90b52d8"
down_revision = "e51b9c7a2d08"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
OPINION = (("visitor_rating", sa.Text()), ("visitor_reason", sa.Text()), ("visitor_rated_at", TIME))
LAST = (
    ("last_answer", sa.Text()),
    ("last_score", sa.Float()),
    ("last_result", postgresql.JSONB(astext_type=sa.Text())),
)


def upgrade() -> None:
    for name, kind in OPINION:
        op.add_column("answers", sa.Column(name, kind, nullable=True))
    op.create_check_constraint(
        op.f("ck_answers_visitor_rating"), "answers", "visitor_rating IN ('up', 'down')"
    )
    for name, kind in (("message_id", sa.BigInteger()), *LAST):
        op.add_column("regression_cases", sa.Column(name, kind, nullable=True))
    op.alter_column("regression_cases", "source_id", nullable=True)
    # The new reference is empty everywhere; Postgres looks, and may only look inside a business.
    op.execute("SELECT set_config('app.business_id', '0', true)")
    op.create_foreign_key(
        op.f("fk_regression_cases_business_id_message_id"),
        "regression_cases",
        "messages",
        ["business_id", "message_id"],
        ["business_id", "id"],
        ondelete="SET NULL (message_id)",
    )
    op.execute("SELECT set_config('app.business_id', '', true)")
    for column in ("source_id", "message_id"):
        op.create_index(
            op.f(f"ix_regression_cases_business_id_{column}"),
            "regression_cases",
            ["business_id", column],
        )
    _create_runs()


def _create_runs() -> None:
    op.create_table(
        "check_runs",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_check_runs_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_check_runs")),
    )
    op.create_index(
        "uq_check_runs_open",
        "check_runs",
        ["business_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    for statement in policy_statements("check_runs"):
        op.execute(statement)


def downgrade() -> None:
    """Checks that cite no source can't be kept."""
    op.drop_table("check_runs")
    for column in ("message_id", "source_id"):
        op.drop_index(op.f(f"ix_regression_cases_business_id_{column}"), "regression_cases")
    op.drop_constraint(op.f("fk_regression_cases_business_id_message_id"), "regression_cases")
    op.execute("ALTER TABLE regression_cases NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM regression_cases WHERE source_id IS NULL")
    op.execute("ALTER TABLE regression_cases FORCE ROW LEVEL SECURITY")
    op.alter_column("regression_cases", "source_id", nullable=False)
    for name, _kind in (*reversed(LAST), ("message_id", None)):
        op.drop_column("regression_cases", name)
    op.drop_constraint(op.f("ck_answers_visitor_rating"), "answers")
    for name, _kind in reversed(OPINION):
        op.drop_column("answers", name)
