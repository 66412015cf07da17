"""Embedding models can be exchanged: vectors of any length, the model that serves each business, and the
vectors that the next one has made so far."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC

from app.core.tenancy import policy_statements

revision = "e6b1f4a92d37"
down_revision = "e1c7a90b52d8"
branch_labels = None
depends_on = None

TABLES = ("chunk_vectors", "sentences", "gaps", "gap_questions")


def upgrade() -> None:
    """Dropping a length rewrites nothing."""
    for table in TABLES:
        op.alter_column(table, "embedding", type_=HALFVEC(), existing_nullable=False)
    op.add_column(
        "businesses",
        sa.Column("embedding_model", sa.Text(), server_default="all-MiniLM-L6-v2", nullable=False),
    )
    op.add_column("businesses", sa.Column("next_embedding_model", sa.Text(), nullable=True))
    op.create_table(
        "next_vectors",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("chunk_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("embedding", HALFVEC(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "chunk_id"],
            ["chunks.business_id", "chunks.id"],
            name=op.f("fk_next_vectors_business_id_chunk_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "business_id", "chunk_id", "position", name=op.f("pk_next_vectors")
        ),
    )
    for statement in policy_statements("next_vectors"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("next_vectors")
    op.drop_column("businesses", "next_embedding_model")
    op.drop_column("businesses", "embedding_model")
    for table in TABLES:
        op.alter_column(table, "embedding", type_=HALFVEC(384), existing_nullable=False)
