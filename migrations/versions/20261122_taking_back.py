"""Merges of conversations that can be taken back, presses of macros; the log of rules names hosts alone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "c85e1f0a7d24"
down_revision = "a3d94f6c18e7"
branch_labels = None
depends_on = None

# What stands behind the host of a webhook's address is often a secret.
HOSTS_ALONE = r"""
UPDATE automation_runs SET steps = (
  SELECT jsonb_agg(CASE WHEN step->>'call_id' IS NULL THEN step ELSE
    jsonb_set(step, '{words}', to_jsonb(regexp_replace(step->>'words', '(https?://[^/?#[:space:]]+)[/?#]\S+', '\1/…'))) END
    ORDER BY at)
  FROM jsonb_array_elements(steps) WITH ORDINALITY AS each (step, at))
WHERE jsonb_path_exists(steps, '$[*] ? (@.call_id != null)')
"""


def upgrade() -> None:
    merges = "conversation_merges"
    _make(
        merges,
        _big("kept_id"),
        _big("gone_id"),
        _big("merged_by"),
        sa.Column("reversal", postgresql.JSONB(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        _big("undone_by", nullable=True),
        *(_reference(merges, column, "conversations") for column in ("kept_id", "gone_id")),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_conversation_merges_two")),
    )
    _index(merges, "kept_id")
    _index(merges, "gone_id")
    presses = "macro_presses"
    _make(
        presses,
        _big("conversation_id"),
        _big("user_id"),
        sa.Column("key", sa.Text(), nullable=False),
        _big("step_id", nullable=True),
        _reference(presses, "conversation_id", "conversations"),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_macro_presses_business_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "business_id", "user_id", "key", name=op.f("uq_macro_presses_business_id_user_id_key")
        ),
    )
    _index(presses, "conversation_id")
    _index(presses, "created_at")
    op.execute("ALTER TABLE automation_runs NO FORCE ROW LEVEL SECURITY")
    op.execute(HOSTS_ALONE)
    op.execute("ALTER TABLE automation_runs FORCE ROW LEVEL SECURITY")


def _make(table: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        *parts,
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f(f"pk_{table}")),
    )
    for statement in policy_statements(table):
        op.execute(statement)


def _big(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{target}.business_id", f"{target}.id"],
        name=op.f(f"fk_{table}_business_id_{column}"),
        ondelete="CASCADE",
    )


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_business_id_{column}"), table, ["business_id", column])


def downgrade() -> None:
    op.drop_table("macro_presses")
    op.drop_table("conversation_merges")
