"""A large business's search statistics, which no search counts anew; what is staged is found by an index."""

import sqlalchemy as sa
from alembic import op

from app.core.tenancy import policy_statements

revision = "5b1f0c8e92ad"
down_revision = "e6b1f4a92d37"
branch_labels = None
depends_on = None

OF_BUSINESS = sa.text("current_setting('app.business_id')::bigint")


def upgrade() -> None:
    op.create_table(
        "search_statistics",
        sa.Column("business_id", sa.BigInteger(), server_default=OF_BUSINESS, nullable=False),
        sa.Column("passages", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.Float(), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_search_statistics_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_search_statistics")),
    )
    op.create_table(
        "common_terms",
        sa.Column("business_id", sa.BigInteger(), server_default=OF_BUSINESS, nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("passages", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["search_statistics.business_id"],
            name=op.f("fk_common_terms_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "term", name=op.f("pk_common_terms")),
    )
    op.create_index(
        "ix_chunk_vectors_staged",
        "chunk_vectors",
        ["business_id", "chunk_id"],
        postgresql_where=sa.text("NOT is_live"),
    )
    for table in ("search_statistics", "common_terms"):
        for statement in policy_statements(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_chunk_vectors_staged", table_name="chunk_vectors")
    op.drop_table("common_terms")
    op.drop_table("search_statistics")
