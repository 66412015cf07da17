"""Contacts as records: companies, fields of the business's own, notes, files, merges; and the past as activities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements
from app.lib import names

revision = "7b1e4c9a2d60"
down_revision = "c41e07b85d2a"
branch_labels = None
depends_on = None

NAMELESS = "\U0010fffd"
TABLES = ("companies", "contact_fields", "contact_notes", "contact_files", "contact_merges")
READ = (
    "contacts",
    "contact_identities",
    "visitors",
    "visitor_addresses",
    "channels",
    "conversations",
    "callbacks",
    "activities",
)
SURE = "CASE WHEN v.contact_link IN ('own', 'confirmed') THEN v.contact_id END"


def _columns() -> list[sa.Column]:
    return [
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
    ]


def _make(table: str, *parts: sa.schema.SchemaItem) -> None:
    key = sa.PrimaryKeyConstraint("business_id", "id", name=op.f(f"pk_{table}"))
    op.create_table(table, *_columns(), *parts, key)


def _text(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _big(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _time(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{target}.business_id", f"{target}.id"],
        name=op.f(f"fk_{table}_business_id_{column}"),
        ondelete="CASCADE",
    )


def _of_business(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id"], ["businesses.id"], name=op.f(f"fk_{table}_business_id"), ondelete="CASCADE"
    )


def _index(table: str, *columns: str) -> None:
    whole = ["business_id", *columns]
    op.create_index(op.f("_".join(["ix", table, *whole])), table, whole)


def upgrade() -> None:
    _make_tables()
    for table in READ:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    _extend_contacts()
    _fill_keys()
    _fill_sources()
    _fill_timeline()
    for table in TABLES:
        for statement in policy_statements(table):
            op.execute(statement)
    for table in READ:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _make_tables() -> None:
    _make(
        "companies",
        _text("name"),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        _text("domain", ""),
        _text("note", ""),
        _of_business("companies"),
        sa.UniqueConstraint(
            "business_id", "name_key", name=op.f("uq_companies_business_id_name_key")
        ),
    )
    _index("companies", "domain")
    _make(
        "contact_fields",
        _text("key"),
        _text("label"),
        _text("kind"),
        sa.Column("choices", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        _time("archived_at"),
        _of_business("contact_fields"),
        sa.UniqueConstraint("business_id", "key", name=op.f("uq_contact_fields_business_id_key")),
        sa.CheckConstraint(
            "kind IN ('text', 'number', 'date', 'yes_no', 'choice', 'link')",
            name=op.f("ck_contact_fields_kind"),
        ),
    )
    _make(
        "contact_notes",
        _big("contact_id"),
        _big("user_id", nullable=True),
        _text("body"),
        _time("edited_at"),
        _reference("contact_notes", "contact_id", "contacts"),
    )
    _index("contact_notes", "contact_id")
    _make(
        "contact_files",
        _big("contact_id"),
        _big("file_id"),
        _text("name"),
        _text("mime"),
        _big("byte_count"),
        _big("user_id", nullable=True),
        _reference("contact_files", "contact_id", "contacts"),
        _reference("contact_files", "file_id", "files"),
    )
    _index("contact_files", "contact_id")
    _index("contact_files", "file_id")
    _make(
        "contact_merges",
        _big("kept_id"),
        _big("gone_id"),
        _text("gone_name"),
        _big("merged_by", nullable=True),
        sa.Column("reversal", postgresql.JSONB(), nullable=False),
        _time("undone_at"),
        _big("undone_by", nullable=True),
        _reference("contact_merges", "kept_id", "contacts"),
        _reference("contact_merges", "gone_id", "contacts"),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_contact_merges_two")),
    )
    _index("contact_merges", "kept_id")
    _index("contact_merges", "gone_id")


def _extend_contacts() -> None:
    for column in (
        sa.Column("name_key", sa.Text(collation="C"), server_default=NAMELESS, nullable=False),
        _big("company_id", nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("custom", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
    ):
        op.add_column("contacts", column)
    op.create_foreign_key(
        op.f("fk_contacts_business_id_company_id"),
        "contacts",
        "companies",
        ["business_id", "company_id"],
        ["business_id", "id"],
        ondelete="SET NULL (company_id)",
    )
    op.create_index("ix_contacts_company", "contacts", ["business_id", "company_id"])
    op.create_index("ix_contacts_name", "contacts", ["business_id", "name_key", "id"])
    op.create_index("ix_contacts_merged", "contacts", ["business_id", "merged_into_id"])
    op.create_index(
        "ix_contacts_archived",
        "contacts",
        ["business_id", sa.text("last_activity_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("archived_at IS NOT NULL"),
    )
    op.add_column("contact_identities", _text("source", "member"))
    op.add_column("contact_identities", _time("made_primary_at"))
    op.create_check_constraint(
        op.f("ck_contact_identities_source"),
        "contact_identities",
        "source IN ('visitor', 'member', 'provider', 'import')",
    )

    op.drop_index("ix_activities_visitor", "activities")
    op.create_index("ix_activities_visitor", "activities", ["business_id", "visitor_id"])


def _fill_keys() -> None:
    connection = op.get_bind()
    named = "SELECT business_id, id, name FROM contacts WHERE name IS NOT NULL"
    keep = sa.text("UPDATE contacts SET name_key = :key WHERE business_id = :business AND id = :id")
    for business_id, contact_id, name in connection.execute(sa.text(named)).all():
        values = {"key": names.key(name), "business": business_id, "id": contact_id}
        connection.execute(keep, values)


def _fill_sources() -> None:
    op.execute("UPDATE contact_identities SET source = 'visitor' WHERE said_by IS NOT NULL")
    op.execute("""
        UPDATE contact_identities i SET source = 'provider' WHERE said_by IS NULL AND (
            kind IN ('whatsapp', 'messenger') OR EXISTS (
                SELECT FROM visitor_addresses a JOIN visitors v
                    ON v.business_id = a.business_id AND v.id = a.visitor_id
                WHERE a.business_id = i.business_id AND a.kind = i.kind AND a.value = i.value
                    AND v.contact_id = i.contact_id))""")


def _fill_timeline() -> None:
    """What the tables tell of the past; each line has the key under which the app would write it."""
    op.execute("""
        INSERT INTO activities (business_id, contact_id, kind, occurred_at, actor_kind, source_key)
        SELECT business_id, id, 'contact.made', created_at, 'system', 'contact-' || id || '-made'
        FROM contacts ON CONFLICT DO NOTHING""")
    started = "'conversation.started', c.created_at, 'visitor', jsonb_build_object('channel', h.kind), 'conversation-' || c.id || '-started'"
    ended = "'conversation.resolved', c.resolved_at, CASE WHEN c.resolved_by IS NULL THEN 'system' ELSE 'member' END, '{}'::jsonb, 'conversation-' || c.id || '-resolved-' || c.position"
    for values, who, condition in (
        (started, "NULL::bigint", "true"),
        (ended, "c.resolved_by", "c.resolved_at IS NOT NULL"),
    ):
        op.execute(f"""
            INSERT INTO activities (business_id, contact_id, visitor_id, actor_id, about,
                kind, occurred_at, actor_kind, payload, source_key)
            SELECT c.business_id, {SURE}, v.id, {who}, 'conversation:' || c.id, {values}
            FROM conversations c
            JOIN visitors v ON v.business_id = c.business_id AND v.id = c.visitor_id
            JOIN channels h ON h.business_id = c.business_id AND h.id = c.channel_id
            WHERE NOT c.is_preview AND {condition} ON CONFLICT DO NOTHING""")  # noqa: S608
    left = "NULL::bigint, 'callback.left', b.created_at, 'visitor', left(b.message, 200), 'callback-' || b.id || '-left'"
    done = "b.done_by, 'callback.done', b.done_at, 'member', '', 'callback-' || b.id || '-done'"
    for values, condition in ((left, "true"), (done, "b.done_at IS NOT NULL")):
        op.execute(f"""
            INSERT INTO activities (business_id, contact_id, visitor_id, about,
                actor_id, kind, occurred_at, actor_kind, summary, source_key)
            SELECT b.business_id, {SURE}, v.id, 'conversation:' || c.id, {values}
            FROM callbacks b
            JOIN conversations c ON c.business_id = b.business_id AND c.id = b.conversation_id
            JOIN visitors v ON v.business_id = c.business_id AND v.id = c.visitor_id
            WHERE NOT c.is_preview AND {condition} ON CONFLICT DO NOTHING""")  # noqa: S608
    op.execute("""
        UPDATE contacts SET last_activity_at = greatest(last_activity_at, newest.at) FROM (
            SELECT v.business_id, v.contact_id, max(c.last_message_at) AS at FROM conversations c
            JOIN visitors v ON v.business_id = c.business_id AND v.id = c.visitor_id
            WHERE v.contact_link IN ('own', 'confirmed') GROUP BY 1, 2) AS newest
        WHERE newest.business_id = contacts.business_id AND newest.contact_id = contacts.id""")


def downgrade() -> None:
    op.drop_index("ix_activities_visitor", "activities")
    op.create_index(
        "ix_activities_visitor",
        "activities",
        ["business_id", "visitor_id"],
        postgresql_where=sa.text("contact_id IS NULL"),
    )
    op.drop_constraint("ck_contact_identities_source", "contact_identities")
    for column in ("made_primary_at", "source"):
        op.drop_column("contact_identities", column)
    for name in ("archived", "merged", "name", "company"):
        op.drop_index(f"ix_contacts_{name}", "contacts")
    op.drop_constraint("fk_contacts_business_id_company_id", "contacts")
    for column in (
        "version", "custom", "birthday", "time_zone", "language", "company_id", "name_key",
    ):  # fmt: skip
        op.drop_column("contacts", column)
    for table in reversed(TABLES):
        op.drop_table(table)
