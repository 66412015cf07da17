"""Contacts are found by their company, by what the business wants to know of them, and by their tags."""

from alembic import op

revision = "91d5e0b7c42f"
down_revision = "7f2c61d8ab04"
branch_labels = None
depends_on = None

FIRST, LAST = "name, note, archived_at, merged_into_id", "company_id, custom"

FUNCTIONS = (
    """
    CREATE FUNCTION search_custom(custom jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT string_agg(value #>> '{}', E'\\n') FROM jsonb_each(custom)
         WHERE jsonb_typeof(value) IN ('string', 'number')
    $$""",
    # Of a company or a tag; a migration has no scope.
    """
    CREATE FUNCTION search_name_of(business bigint, what text, which bigint) RETURNS text
    LANGUAGE plpgsql AS $$
    DECLARE
        scope text := current_setting('app.business_id', true);
        found text;
    BEGIN
        IF which IS NULL THEN
            RETURN NULL;
        END IF;
        PERFORM set_config('app.business_id', business::text, true);
        IF what = 'company' THEN
            SELECT name INTO found FROM companies WHERE business_id = business AND id = which;
        ELSE
            SELECT name INTO found FROM tags WHERE business_id = business AND id = which;
        END IF;
        PERFORM set_config('app.business_id', coalesce(scope, ''), true);
        RETURN found;
    END $$""",
    """
    CREATE FUNCTION search_tagged() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'DELETE' THEN
            PERFORM search_changed(NEW.business_id, 1::smallint, NEW.contact_id, NULL);
        END IF;
        IF TG_OP <> 'INSERT' THEN
            PERFORM search_changed(OLD.business_id, 1::smallint, OLD.contact_id,
                                   coalesce(search_name_of(OLD.business_id, 'tag', OLD.tag_id), ''));
        END IF;
        RETURN NULL;
    END $$""",
    # A company or a tag has another name, or goes: while what hangs on it can still be seen.
    """
    CREATE FUNCTION search_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        scope text := current_setting('app.business_id', true);
    BEGIN
        PERFORM set_config('app.business_id', OLD.business_id::text, true);
        IF TG_TABLE_NAME = 'companies' THEN
            PERFORM search_changed(c.business_id, 1::smallint, c.id, OLD.name)
               FROM contacts AS c WHERE c.business_id = OLD.business_id AND c.company_id = OLD.id;
        ELSE
            PERFORM search_changed(t.business_id, 1::smallint, t.contact_id, OLD.name)
               FROM contact_tags AS t WHERE t.business_id = OLD.business_id AND t.tag_id = OLD.id;
        END IF;
        PERFORM set_config('app.business_id', coalesce(scope, ''), true);
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END $$""",
)
CONTACT_CHANGED = """
    CREATE OR REPLACE FUNCTION search_contact_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM search_changed(NEW.business_id, 1::smallint, NEW.id, NULL);
        ELSE
            PERFORM search_changed(OLD.business_id, 1::smallint, OLD.id, {words});
        END IF;
        RETURN NULL;
    END $$"""
WORDS = "concat_ws(E'\\n', OLD.name, OLD.note)"
MORE_WORDS = (
    "concat_ws(E'\\n', OLD.name, OLD.note, search_custom(OLD.custom),"
    " search_name_of(OLD.business_id, 'company', OLD.company_id))"
)
TRIGGERS = (
    ("added", "AFTER INSERT OR DELETE", "contact_tags", "true", "search_tagged"),
    (
        "changed",
        "AFTER UPDATE OF contact_id, tag_id",
        "contact_tags",
        "(OLD.contact_id, OLD.tag_id) IS DISTINCT FROM (NEW.contact_id, NEW.tag_id)",
        "search_tagged",
    ),
    ("renamed", "BEFORE UPDATE OF name", "companies", "OLD.name IS DISTINCT FROM NEW.name", "search_renamed"),
    ("deleted", "BEFORE DELETE", "companies", "true", "search_renamed"),
    ("renamed", "BEFORE UPDATE OF name", "tags", "OLD.name IS DISTINCT FROM NEW.name", "search_renamed"),
    ("deleted", "BEFORE DELETE", "tags", "true", "search_renamed"),
)  # fmt: skip


def upgrade() -> None:
    for function in FUNCTIONS:
        op.execute(function)
    op.execute(CONTACT_CHANGED.format(words=MORE_WORDS))
    _watch_contacts(f"{FIRST}, {LAST}")
    for name, event, table, condition, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER search_{name} {event} ON {table}"
            f" FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {function}()"
        )
    # What is there already is read anew.
    op.execute("ALTER TABLE search_progress NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE search_progress SET below = 9223372036854775807 WHERE kind = 1")
    op.execute("ALTER TABLE search_progress FORCE ROW LEVEL SECURITY")


def _watch_contacts(columns: str) -> None:
    names = columns.split(", ")
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    op.execute("DROP TRIGGER search_changed ON contacts")
    op.execute(
        f"CREATE TRIGGER search_changed AFTER UPDATE OF {columns} ON contacts FOR EACH ROW"
        f" WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION search_contact_changed()"
    )


def downgrade() -> None:
    for name, _event, table, *_ in TRIGGERS:
        op.execute(f"DROP TRIGGER search_{name} ON {table}")
    _watch_contacts(FIRST)
    op.execute(CONTACT_CHANGED.format(words=WORDS))
    for function in (
        "search_renamed()",
        "search_tagged()",
        "search_name_of(bigint, text, bigint)",
        "search_custom(jsonb)",
    ):
        op.execute(f"DROP FUNCTION {function}")
