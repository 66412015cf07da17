"""Sources of many pages that are read again: new text is staged beside the old and goes live at once;
what answers cite is counted; each business may have a threshold of its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "a3d95e1b70c4"
down_revision = "c4e07a51d2f3"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SOURCE_COLUMNS = (
    ("origin", sa.Text()),
    ("held", postgresql.JSONB(astext_type=sa.Text())),
    ("notice", sa.Text()),
    ("alert", sa.Text()),
    ("address", sa.Text()),
    ("page_limit", sa.BigInteger()),
    ("page_count", sa.BigInteger()),
    ("sync_every", sa.Text()),
    ("synced_at", TIME),
    ("next_sync_at", TIME),
)


def upgrade() -> None:
    op.add_column("businesses", sa.Column("answer_from", sa.Float(), nullable=True))
    for name, kind in SOURCE_COLUMNS:
        op.add_column("sources", sa.Column(name, kind, nullable=True))
    op.create_unique_constraint(
        op.f("uq_sources_business_id_origin"), "sources", ["business_id", "origin"]
    )
    op.create_check_constraint(
        op.f("ck_sources_sync_every"), "sources", "sync_every IN ('daily', 'weekly', 'monthly')"
    )
    _stage()
    _create_citations()
    _create_pages()
    for table in ("chunk_citations", "web_pages"):
        for statement in policy_statements(table):
            op.execute(statement)


def _stage() -> None:
    op.add_column("documents", sa.Column("url", sa.Text(), nullable=True))
    for table in ("documents", "chunks"):
        op.add_column(
            table, sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False)
        )
    op.drop_index(op.f("ix_documents_business_id_source_id"), table_name="documents")
    op.create_unique_constraint(
        op.f("uq_documents_business_id_source_id_url"),
        "documents",
        ["business_id", "source_id", "url"],
        postgresql_nulls_not_distinct=True,
    )
    op.add_column("chunks", sa.Column("fingerprint", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "chunk_vectors",
        sa.Column("is_live", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )


def _business_id() -> sa.Column[int]:
    return sa.Column(
        "business_id",
        sa.BigInteger(),
        server_default=sa.text("current_setting('app.business_id')::bigint"),
        nullable=False,
    )


def _created_at() -> sa.Column[object]:
    return sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False)


def _reference(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{to}.business_id", f"{to}.id"],
        name=op.f(f"fk_{table}_business_id_{column}"),
        ondelete=ondelete,
    )


def _create_citations() -> None:
    op.create_table(
        "chunk_citations",
        _business_id(),
        sa.Column("chunk_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        _created_at(),
        _reference("chunk_citations", "chunk_id", "chunks", "CASCADE"),
        _reference("chunk_citations", "message_id", "messages", "CASCADE"),
        sa.PrimaryKeyConstraint(
            "business_id", "chunk_id", "message_id", name=op.f("pk_chunk_citations")
        ),
    )
    op.create_index(
        op.f("ix_chunk_citations_business_id_message_id"),
        "chunk_citations",
        ["business_id", "message_id"],
    )


def _create_pages() -> None:
    op.create_table(
        "web_pages",
        _business_id(),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("depth", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("checked_at", TIME, nullable=True),
        _created_at(),
        _reference("web_pages", "source_id", "sources", "CASCADE"),
        _reference("web_pages", "document_id", "documents", "SET NULL (document_id)"),
        sa.CheckConstraint(
            "status IN ('waiting', 'read', 'skipped', 'failed', 'gone')",
            name=op.f("ck_web_pages_status"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_web_pages")),
        sa.UniqueConstraint(
            "business_id", "source_id", "url", name=op.f("uq_web_pages_business_id_source_id_url")
        ),
    )
    op.create_index(
        op.f("ix_web_pages_business_id_document_id"), "web_pages", ["business_id", "document_id"]
    )


def downgrade() -> None:
    op.drop_table("web_pages")
    op.drop_table("chunk_citations")
    op.drop_column("chunk_vectors", "is_live")
    op.drop_column("chunks", "fingerprint")
    op.drop_constraint(op.f("uq_documents_business_id_source_id_url"), "documents")
    op.create_index(
        op.f("ix_documents_business_id_source_id"), "documents", ["business_id", "source_id"]
    )
    for table in ("documents", "chunks"):
        op.drop_column(table, "revision")
    op.drop_column("documents", "url")
    op.drop_constraint(op.f("ck_sources_sync_every"), "sources")
    op.drop_constraint(op.f("uq_sources_business_id_origin"), "sources")
    for name, _kind in reversed(SOURCE_COLUMNS):
        op.drop_column("sources", name)
    op.drop_column("businesses", "answer_from")
