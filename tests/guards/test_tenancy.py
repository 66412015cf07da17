"""Whole-app rules on tenants: a table is on the short list of global ones, or Postgres guards it."""

from sqlalchemy import text

import app.models  # noqa: F401  every table
from app.core.db import Base
from app.core.tenancy import scoped_tables
from app.extensions import db

# Logging in, sweeping and opening doors read only these.
GLOBAL_TABLES = {"businesses", "users", "memberships", "outbox", "channel_routes"}


def test_every_table_is_global_by_name_or_scoped():
    assert set(Base.metadata.tables) == GLOBAL_TABLES | set(scoped_tables())


def test_row_security_is_enabled_and_forced_with_one_policy(context):
    rows = db.session.execute(
        text("""
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, p.policies, p.checks
            FROM pg_class c
            LEFT JOIN (SELECT polrelid, count(*) AS policies,
                              count(*) FILTER (WHERE polcmd = '*' AND polqual IS NOT NULL
                                               AND polwithcheck IS NOT NULL) AS checks
                       FROM pg_policy GROUP BY polrelid) p ON p.polrelid = c.oid
            WHERE c.relname = ANY(:tables) AND c.relkind = 'r'"""),
        {"tables": scoped_tables()},
    ).all()
    assert len(rows) == len(scoped_tables())
    for row in rows:
        assert (row.relrowsecurity, row.relforcerowsecurity) == (True, True), row.relname
        assert (row.policies, row.checks) == (1, 1), row.relname


def test_the_app_s_role_is_bound_by_row_security(context):
    row = db.session.execute(
        text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).one()
    assert tuple(row) == (False, False)


def test_keys_and_references_of_scoped_tables_include_the_business():
    for name in scoped_tables():
        table = Base.metadata.tables[name]
        assert "business_id" in table.primary_key.columns, name
        for key in table.foreign_key_constraints:
            assert "business_id" in key.column_keys, f"{name}: {key.name}"
        for constraint in table.constraints:
            if constraint.__visit_name__ == "unique_constraint":
                assert "business_id" in constraint.columns, f"{name}: {constraint.name}"
        for index in table.indexes:
            if index.unique:
                assert "business_id" in index.columns, f"{name}: {index.name}"


def test_nobody_filters_by_business_by_hand():
    """Row security is the scope; a condition in Python would only seem to be one. The global tables
    need theirs: they are named with the reason why."""
    from app.config import ROOT

    allowed = {
        "app/core/given_up.py": 2,  # the outbox is global
    }
    found = {}
    for path in (ROOT / "app").rglob("*.py"):
        count = path.read_text().count("business_id ==")
        if count:
            found[str(path.relative_to(ROOT))] = count
    found.pop("app/pages/shell.py", None)  # compares two businesses, queries nothing
    assert found == allowed
