"""Message templates: changes on their way to the provider, the file of a header, when an account was last asked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "e5b80c2f4d17"
down_revision = "7d20c5e81f4a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message_templates", sa.Column("proposed", postgresql.JSONB(), nullable=True))
    op.add_column("message_templates", sa.Column("header_file_id", sa.BigInteger(), nullable=True))
    op.add_column("message_templates", sa.Column("asking", sa.Text(), nullable=True))
    op.add_column("message_templates", sa.Column("trouble", sa.Text(), nullable=True))
    op.add_column(
        "message_templates", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_check_constraint(
        op.f("ck_message_templates_asking"),
        "message_templates",
        "asking IN ('create', 'edit', 'delete', 'unpause')",
    )
    # Adding the reference looks at the rows: the policy must be able to say that it sees none.
    op.execute("SELECT set_config('app.business_id', '0', true)")
    op.create_foreign_key(
        op.f("fk_message_templates_business_id_header_file_id"),
        "message_templates",
        "files",
        ["business_id", "header_file_id"],
        ["business_id", "id"],
        ondelete="SET NULL (header_file_id)",
    )
    op.execute("SELECT set_config('app.business_id', '', true)")
    op.create_table(
        "template_accounts",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_template_accounts_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_template_accounts")),
        sa.UniqueConstraint(
            "business_id", "account_id", name=op.f("uq_template_accounts_business_id_account_id")
        ),
    )
    for statement in policy_statements("template_accounts"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("template_accounts")
    op.drop_constraint(op.f("fk_message_templates_business_id_header_file_id"), "message_templates")
    op.drop_constraint(op.f("ck_message_templates_asking"), "message_templates")
    for column in ("told_at", "trouble", "asking", "header_file_id", "proposed"):
        op.drop_column("message_templates", column)
