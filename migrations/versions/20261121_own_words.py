"""The business's own words: notes, opening hours, its profile; and what upkeep finds in the knowledge."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "d6b2f08c3e15"
down_revision = "5b1f0c8e92ad"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSONB = postgresql.JSONB(astext_type=sa.Text())
SOURCE_COLUMNS = (("body", sa.Text()), ("valid_until", sa.Date()), ("record", JSONB))
TABLES = ("business_profiles", "opening_hours", "opening_exceptions", "findings", "upkeeps")


def upgrade() -> None:
    for name, kind in SOURCE_COLUMNS:
        op.add_column("sources", sa.Column(name, kind, nullable=True))
    _create_profiles()
    _create_hours()
    _create_exceptions()
    _create_findings()
    op.create_table(
        "upkeeps",
        _business_id(),
        sa.Column("ran_at", TIME, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("passages", sa.BigInteger(), nullable=False),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        _of_business("upkeeps"),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_upkeeps")),
    )
    for table in TABLES:
        for statement in policy_statements(table):
            op.execute(statement)


def _business_id() -> sa.Column[int]:
    return sa.Column(
        "business_id",
        sa.BigInteger(),
        server_default=sa.text("current_setting('app.business_id')::bigint"),
        nullable=False,
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _created_at() -> sa.Column[object]:
    return sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False)


def _of_business(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id"],
        ["businesses.id"],
        name=op.f(f"fk_{table}_business_id"),
        ondelete="CASCADE",
    )


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{to}.business_id", f"{to}.id"],
        name=op.f(f"fk_{table}_business_id_{column}"),
        ondelete="CASCADE",
    )


def _create_profiles() -> None:
    fields = ("address", "phone", "email", "directions")
    op.create_table(
        "business_profiles",
        _business_id(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in fields),
        _of_business("business_profiles"),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_business_profiles")),
    )


def _create_hours() -> None:
    op.create_table(
        "opening_hours",
        _business_id(),
        _id(),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens", sa.SmallInteger(), nullable=False),
        sa.Column("closes", sa.SmallInteger(), nullable=False),
        _created_at(),
        _of_business("opening_hours"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_hours_weekday")),
        sa.CheckConstraint("opens BETWEEN 0 AND 1439", name=op.f("ck_opening_hours_opens")),
        sa.CheckConstraint(
            "closes > opens AND closes <= opens + 1440", name=op.f("ck_opening_hours_closes")
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_opening_hours")),
        sa.UniqueConstraint(
            "business_id",
            "weekday",
            "opens",
            name=op.f("uq_opening_hours_business_id_weekday_opens"),
        ),
    )


def _create_exceptions() -> None:
    op.create_table(
        "opening_exceptions",
        _business_id(),
        _id(),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ranges", JSONB, nullable=False),
        _created_at(),
        _of_business("opening_exceptions"),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_opening_exceptions_last_day")),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_opening_exceptions")),
        sa.UniqueConstraint(
            "business_id", "first_day", name=op.f("uq_opening_exceptions_business_id_first_day")
        ),
    )


def _create_findings() -> None:
    op.create_table(
        "findings",
        _business_id(),
        _id(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("chunk_id", sa.BigInteger(), nullable=True),
        sa.Column("other_chunk_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", JSONB, nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("found_at", TIME, nullable=False),
        sa.Column("dismissed_at", TIME, nullable=True),
        sa.Column("dismissed_by", sa.BigInteger(), nullable=True),
        _created_at(),
        _reference("findings", "chunk_id", "chunks"),
        _reference("findings", "other_chunk_id", "chunks"),
        _reference("findings", "source_id", "sources"),
        sa.CheckConstraint(
            "kind IN ('contradiction', 'duplicate', 'stale', 'uncited')",
            name=op.f("ck_findings_kind"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_findings")),
        sa.UniqueConstraint("business_id", "key", name=op.f("uq_findings_business_id_key")),
    )
    for column in ("source_id", "chunk_id", "other_chunk_id"):
        op.create_index(
            op.f(f"ix_findings_business_id_{column}"), "findings", ["business_id", column]
        )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for name, _kind in reversed(SOURCE_COLUMNS):
        op.drop_column("sources", name)
