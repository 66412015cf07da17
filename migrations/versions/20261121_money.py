"""Money and trouble: when a budget had no room, and what failed at a provider."""

import sqlalchemy as sa
from alembic import op

from app.core.tenancy import policy_statements

revision = "0b9d5e7c41aa"
down_revision = "a7c3e5d10f42"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("answers", sa.Column("trouble", sa.Text(), nullable=True))
    op.add_column("budgets", sa.Column("refused_at", TIME, nullable=True))
    op.create_table(
        "provider_troubles",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "provider IN ('claude', 'own')", name=op.f("ck_provider_troubles_provider")
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_provider_troubles_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_provider_troubles")),
    )
    op.create_index(
        "uq_provider_troubles_open",
        "provider_troubles",
        ["business_id", "provider", "kind"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for statement in policy_statements("provider_troubles"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("provider_troubles")
    op.drop_column("budgets", "refused_at")
    op.drop_column("answers", "trouble")
