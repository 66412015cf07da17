"""The index of words, and the triggers that tell it what changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "6b1f0c94d2e8"
down_revision = "c47d9a1e60b2"
branch_labels = None
depends_on = None

SCOPED = ("search_words", "search_blocks", "search_changes", "search_progress")

# A table has no key to businesses: it would lock the business's row for each message. This goes with it instead.
FUNCTIONS = (
    """
    CREATE FUNCTION search_changed(business bigint, what smallint, which bigint, had text)
    RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        scope text := current_setting('app.business_id', true);
    BEGIN
        -- a business that is deleted takes its index along
        IF had IS NOT NULL AND NOT EXISTS (SELECT FROM businesses WHERE id = business) THEN
            RETURN;
        END IF;
        IF scope IS DISTINCT FROM business::text THEN -- a migration has no scope
            PERFORM set_config('app.business_id', business::text, true);
        END IF;
        INSERT INTO search_changes (business_id, kind, row_id, before)
        VALUES (business, what, which, had);
        IF scope IS DISTINCT FROM business::text THEN
            PERFORM set_config('app.business_id', coalesce(scope, ''), true);
        END IF;
    END $$""",
    """
    CREATE FUNCTION search_contact_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM search_changed(NEW.business_id, 1::smallint, NEW.id, NULL);
        ELSE
            PERFORM search_changed(OLD.business_id, 1::smallint, OLD.id,
                                   concat_ws(E'\\n', OLD.name, OLD.note));
        END IF;
        RETURN NULL;
    END $$""",
    """
    CREATE FUNCTION search_identity_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'DELETE' THEN
            PERFORM search_changed(NEW.business_id, 1::smallint, NEW.contact_id, NULL);
        END IF;
        IF TG_OP <> 'INSERT' THEN
            PERFORM search_changed(OLD.business_id, 1::smallint, OLD.contact_id, OLD.value);
        END IF;
        RETURN NULL;
    END $$""",
    """
    CREATE FUNCTION search_note_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'DELETE' THEN
            PERFORM search_changed(NEW.business_id, 1::smallint, NEW.contact_id, NULL);
        END IF;
        IF TG_OP <> 'INSERT' THEN
            PERFORM search_changed(OLD.business_id, 1::smallint, OLD.contact_id, OLD.body);
        END IF;
        RETURN NULL;
    END $$""",
    """
    CREATE FUNCTION search_visitor_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM search_changed(NEW.business_id, 2::smallint, NEW.id, NULL);
        ELSE
            PERFORM search_changed(OLD.business_id, 2::smallint, OLD.id,
                                   concat_ws(E'\\n', OLD.name, OLD.email, OLD.phone));
        END IF;
        RETURN NULL;
    END $$""",
    """
    CREATE FUNCTION search_message_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM search_changed(NEW.business_id, 3::smallint, NEW.id, NULL);
        ELSE
            PERFORM search_changed(OLD.business_id, 3::smallint, OLD.id, OLD.body);
        END IF;
        RETURN NULL;
    END $$""",
    """
    CREATE FUNCTION search_business_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        scope text := current_setting('app.business_id', true);
    BEGIN
        PERFORM set_config('app.business_id', OLD.id::text, true);
        DELETE FROM search_changes;
        DELETE FROM search_progress;
        DELETE FROM search_blocks;
        DELETE FROM search_words;
        PERFORM set_config('app.business_id', coalesce(scope, ''), true);
        RETURN NULL;
    END $$""",
    # Which businesses the index has something to read of: one after the other, each in its own scope.
    """
    CREATE FUNCTION search_waiting() RETURNS SETOF bigint LANGUAGE plpgsql AS $$
    DECLARE
        scope text := current_setting('app.business_id', true);
        business bigint;
    BEGIN
        FOR business IN SELECT id FROM businesses ORDER BY id LOOP
            PERFORM set_config('app.business_id', business::text, true);
            IF EXISTS (SELECT FROM search_changes)
               OR EXISTS (SELECT FROM search_progress WHERE below > 0) THEN
                RETURN NEXT business;
            END IF;
        END LOOP;
        PERFORM set_config('app.business_id', coalesce(scope, ''), true);
    END $$""",
)
HAS_WORDS = "{row}.kind <> 'event' AND {row}.body <> ''"
TRIGGERS = (
    ("contacts", "added", "INSERT", "true", "search_contact_changed"),
    (
        "contacts",
        "changed",
        "UPDATE OF name, note, archived_at, merged_into_id",
        "(OLD.name, OLD.note, OLD.archived_at, OLD.merged_into_id)"
        " IS DISTINCT FROM (NEW.name, NEW.note, NEW.archived_at, NEW.merged_into_id)",
        "search_contact_changed",
    ),
    ("contacts", "deleted", "DELETE", "true", "search_contact_changed"),
    ("contact_identities", "added", "INSERT OR DELETE", "true", "search_identity_changed"),
    (
        "contact_identities",
        "changed",
        "UPDATE OF contact_id, value",
        "(OLD.contact_id, OLD.value) IS DISTINCT FROM (NEW.contact_id, NEW.value)",
        "search_identity_changed",
    ),
    ("contact_notes", "added", "INSERT OR DELETE", "true", "search_note_changed"),
    (
        "contact_notes",
        "changed",
        "UPDATE OF contact_id, body",
        "(OLD.contact_id, OLD.body) IS DISTINCT FROM (NEW.contact_id, NEW.body)",
        "search_note_changed",
    ),
    ("visitors", "added", "INSERT", "true", "search_visitor_changed"),
    (
        "visitors",
        "changed",
        "UPDATE OF name, email, phone",
        "(OLD.name, OLD.email, OLD.phone) IS DISTINCT FROM (NEW.name, NEW.email, NEW.phone)",
        "search_visitor_changed",
    ),
    ("visitors", "deleted", "DELETE", "true", "search_visitor_changed"),
    ("messages", "added", "INSERT", HAS_WORDS.format(row="NEW"), "search_message_changed"),
    (
        "messages",
        "changed",
        "UPDATE OF body",
        "OLD.kind <> 'event' AND OLD.body IS DISTINCT FROM NEW.body",
        "search_message_changed",
    ),
    ("messages", "deleted", "DELETE", HAS_WORDS.format(row="OLD"), "search_message_changed"),
    ("businesses", "deleted", "DELETE", "true", "search_business_deleted"),
)


def upgrade() -> None:
    word = sa.Text(collation="C")
    _table("search_words", _key("word", word), _number("documents"), key=("word",))
    _table(
        "search_blocks",
        _key("word", word),
        _number("top"),
        sa.Column("ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        key=("word", "top"),
    )
    _table(
        "search_changes",
        _number("row_id"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        key=("row_id", "id"),
    )
    _table("search_progress", _number("below"), key=())
    # What is there is read by a job, from the newest down; of what comes later the triggers tell.
    op.execute(
        "INSERT INTO search_progress (business_id, kind, below)"
        " SELECT b.id, k.kind, 9223372036854775807 FROM businesses AS b, (VALUES (1), (2), (3)) AS k (kind)"
    )
    for table in SCOPED:
        for statement in policy_statements(table):
            op.execute(statement)
    for function in FUNCTIONS:
        op.execute(function)
    for table, name, event, condition, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER search_{name} AFTER {event} ON {table}"
            f" FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {function}()"
        )


def _table(name: str, *columns: sa.Column, key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("business_id", "kind", *key, name=op.f(f"pk_{name}")),
    )


def _key(name: str, type_: sa.types.TypeEngine) -> sa.Column:
    return sa.Column(name, type_, nullable=False)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def downgrade() -> None:
    for table, name, *_ in TRIGGERS:
        op.execute(f"DROP TRIGGER search_{name} ON {table}")
    for function in (
        "search_waiting()",
        "search_business_deleted()",
        "search_message_changed()",
        "search_visitor_changed()",
        "search_note_changed()",
        "search_identity_changed()",
        "search_contact_changed()",
        "search_changed(bigint, smallint, bigint, text)",
    ):
        op.execute(f"DROP FUNCTION {function}")
    for table in SCOPED:
        op.drop_table(table)
