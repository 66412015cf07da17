"""Segments, and many contacts at once: imports, changes and exports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "a3d94f6c18e7"
down_revision = "e4a8c25b7f10"
branch_labels = None
depends_on = None

TABLES = (
    "segments",
    "contact_imports",
    "contact_import_rows",
    "contact_import_keys",
    "contact_edits",
    "contact_edit_rows",
    "contact_exports",
)


def _business() -> sa.Column:
    return sa.Column(
        "business_id",
        sa.BigInteger(),
        server_default=sa.text("current_setting('app.business_id')::bigint"),
        nullable=False,
    )


def _make(table: str, *parts: sa.schema.SchemaItem) -> None:
    """With an id of its own."""
    op.create_table(
        table,
        _business(),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        *parts,
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f(f"fk_{table}_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f(f"pk_{table}")),
    )


def _make_rows(table: str, key: tuple[str, ...], *parts: sa.schema.SchemaItem) -> None:
    primary = sa.PrimaryKeyConstraint("business_id", *key, name=op.f(f"pk_{table}"))
    op.create_table(table, _business(), *parts, primary)


def _text(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable, server_default=default)


def _key(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _big(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(), nullable=nullable)


def _time(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _reference(
    table: str, column: str, target: str, ondelete: str = "CASCADE"
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{target}.business_id", f"{target}.id"],
        name=op.f(f"fk_{table}_business_id_{column}"),
        ondelete=ondelete,
    )


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    whole = ["business_id", *columns]
    op.create_index(op.f("_".join(["ix", table, *whole])), table, whole)


def upgrade() -> None:
    _make(
        "segments",
        _text("name"),
        _key("name_key"),
        _json("rules"),
        _big("user_id", nullable=True),
        _time("changed_at", nullable=False),
        sa.UniqueConstraint(
            "business_id", "name_key", name=op.f("uq_segments_business_id_name_key")
        ),
    )
    _make_imports()
    _make_edits()
    _make_exports()
    for table in TABLES:
        for statement in policy_statements(table):
            op.execute(statement)


def _make_imports() -> None:
    imports = "contact_imports"
    states = (
        "reading", "ready", "checking", "checked", "running", "done", "undoing", "undone", "failed",
    )  # fmt: skip
    _make(
        imports,
        _big("user_id", nullable=True),
        _big("file_id", nullable=True),
        *map(_text, ("name", "sha256", "status", "problem")),
        _big("revision"),
        _json("settings"),
        _json("found"),
        _big("row_count"),
        _big("done_count"),
        _time("finished_at"),
        _time("undone_at"),
        _reference(imports, "file_id", "files", "SET NULL (file_id)"),
        _one_of(imports, "status", *states),
    )
    _index(imports, "file_id")
    _index(imports, "sha256")
    rows = "contact_import_rows"
    _make_rows(
        rows,
        ("import_id", "number"),
        _big("import_id"),
        _big("number"),
        _json("cells"),
        _text("outcome", nullable=True),
        _text("reason", default=""),
        _big("contact_id", nullable=True),
        sa.Column("is_done", sa.Boolean(), server_default="false", nullable=False),
        _json("reversal", nullable=True),
        _reference(rows, "import_id", imports),
        _reference(rows, "contact_id", "contacts"),
        _one_of(rows, "outcome", "new", "updated", "unchanged", "skipped", "error"),
    )
    op.create_index(
        "ix_contact_import_rows_outcome", rows, ["business_id", "import_id", "outcome", "number"]
    )
    _index(rows, "contact_id")
    _make_rows(
        "contact_import_keys",
        ("import_id", "key"),
        _big("import_id"),
        _key("key"),
        _big("number"),
        _reference("contact_import_keys", "import_id", imports),
    )


def _make_edits() -> None:
    _make(
        "contact_edits",
        _big("user_id", nullable=True),
        _text("what"),
        _json("value"),
        _text("status"),
        _big("row_count"),
        _big("done_count"),
        _time("finished_at"),
        _time("undone_at"),
        _one_of("contact_edits", "status", "running", "done", "undoing", "undone"),
    )
    _index("contact_edits", "created_at")
    rows = "contact_edit_rows"
    _make_rows(
        rows,
        ("edit_id", "contact_id"),
        _big("edit_id"),
        _big("contact_id"),
        _text("state", default="waiting"),
        _text("reason", default=""),
        _json("before", nullable=True),
        _json("after", nullable=True),
        _reference(rows, "edit_id", "contact_edits"),
        _reference(rows, "contact_id", "contacts"),
    )
    _index(rows, "contact_id")
    op.create_index(
        "ix_contact_edit_rows_state", rows, ["business_id", "edit_id", "state", "contact_id"]
    )


def _make_exports() -> None:
    exports = "contact_exports"
    _make(
        exports,
        _big("user_id", nullable=True),
        _text("format"),
        _json("chosen"),
        _big("contact_id", nullable=True),
        *map(_text, ("name", "status", "problem")),
        _big("row_count"),
        _big("done_count"),
        _big("file_id", nullable=True),
        _time("finished_at"),
        _reference(exports, "file_id", "files", "SET NULL (file_id)"),
        _reference(exports, "contact_id", "contacts"),
        _one_of(exports, "status", "running", "done", "failed"),
        _one_of(exports, "format", "csv", "xlsx", "person"),
    )
    _index(exports, "file_id")
    _index(exports, "contact_id")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
