"""Contacts: one person, whatever the channel, known by e-mail address and telephone number."""

import sqlalchemy as sa
from alembic import op

from app.core.tenancy import policy_statements

revision = "d2c7a9e4f510"
down_revision = "f4a81c02d9be"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_contacts()
    _create_identities()
    for table in ("contacts", "contact_identities"):
        for statement in policy_statements(table):
            op.execute(statement)
    _widen_visitors()


def downgrade() -> None:
    op.drop_index(op.f("ix_visitors_business_id_contact_id"), table_name="visitors")
    op.drop_constraint(op.f("ck_visitors_contact_link"), "visitors")
    op.drop_constraint(op.f("fk_visitors_business_id_contact_id"), "visitors")
    for column in ("contact_link", "contact_id", "phone", "email"):
        op.drop_column("visitors", column)
    op.drop_table("contact_identities")
    op.drop_table("contacts")


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        *_key(),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_said_by", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        _created_at(),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_contacts_business_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversations.business_id", "conversations.id"],
            name=op.f("fk_contacts_business_id_conversation_id"),
            ondelete="SET NULL (conversation_id)",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_contacts")),
    )
    op.create_index(
        op.f("ix_contacts_business_id_conversation_id"),
        "contacts",
        ["business_id", "conversation_id"],
    )


def _create_identities() -> None:
    op.create_table(
        "contact_identities",
        *_key(),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("said_by", sa.BigInteger(), nullable=True),
        _created_at(),
        sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f("ck_contact_identities_kind")),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contacts.business_id", "contacts.id"],
            name=op.f("fk_contact_identities_business_id_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_contact_identities")),
        sa.UniqueConstraint(
            "business_id",
            "kind",
            "value",
            name=op.f("uq_contact_identities_business_id_kind_value"),
        ),
    )
    op.create_index(
        op.f("ix_contact_identities_business_id_contact_id"),
        "contact_identities",
        ["business_id", "contact_id"],
    )


def _widen_visitors() -> None:
    for column in ("email", "phone", "contact_link"):
        op.add_column("visitors", sa.Column(column, sa.Text(), nullable=True))
    op.add_column("visitors", sa.Column("contact_id", sa.BigInteger(), nullable=True))
    # The new reference is empty everywhere; Postgres looks, and may only look inside a business.
    op.execute("SELECT set_config('app.business_id', '0', true)")
    op.create_foreign_key(
        op.f("fk_visitors_business_id_contact_id"),
        "visitors",
        "contacts",
        ["business_id", "contact_id"],
        ["business_id", "id"],
        ondelete="SET NULL (contact_id)",
    )
    op.execute("SELECT set_config('app.business_id', '', true)")
    op.create_check_constraint(
        op.f("ck_visitors_contact_link"),
        "visitors",
        "contact_link IN ('own', 'says', 'confirmed', 'refused')",
    )
    op.create_index(
        op.f("ix_visitors_business_id_contact_id"), "visitors", ["business_id", "contact_id"]
    )


def _key() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
    )


def _created_at() -> sa.Column:
    return sa.Column(
        "created_at",
        sa.DateTime(timezone=True),
        server_default=sa.text("now()"),
        nullable=False,
    )
