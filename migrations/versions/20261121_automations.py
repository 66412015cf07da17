"""Rules that act by themselves, their log and their webhooks; macros."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "e5a1d7c93b40"
down_revision = "91d5e0b7c42f"
branch_labels = None
depends_on = None

TABLES = (
    "automation_rules",
    "automation_runs",
    "automation_calls",
    "automation_secrets",
    "macros",
)


def _business() -> sa.Column:
    return sa.Column(
        "business_id",
        sa.BigInteger(),
        server_default=sa.text("current_setting('app.business_id')::bigint"),
        nullable=False,
    )


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str, *, is_needed: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not is_needed)


def _created() -> sa.Column:
    return sa.Column(
        "created_at",
        sa.DateTime(timezone=True),
        server_default=sa.text("now()"),
        nullable=False,
    )


def _number(name: str, *, is_needed: bool = True) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=not is_needed)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def _json(name: str) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("business_id", *columns, name=op.f(f"pk_{table}"))


def _of_business(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id"], ["businesses.id"], name=op.f(f"fk_{table}_business_id"), ondelete="CASCADE"
    )


def _reference(
    table: str, column: str, target: str, ondelete: str = "CASCADE"
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{target}.business_id", f"{target}.id"],
        name=op.f(f"fk_{table}_business_id_{column}"),
        ondelete=ondelete,
    )


def _check(table: str, name: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{name} IN ({listed})", name=op.f(f"ck_{table}_{name}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _rules() -> None:
    table = "automation_rules"
    op.create_table(
        table,
        _business(), _id(), _text("name"), _text("event"), _number("event_value"), _text("matching"),
        _json("conditions"), _json("actions"), _flag("is_enabled"), _flag("stops"), _number("position"),
        _number("version"), _number("turn_of", is_needed=False), _moment("updated_at", is_needed=True),
        _number("updated_by", is_needed=False), _moment("deleted_at"), _created(),
        _check(table, "matching", "all", "any"), _of_business(table), _key(table, "id"),
    )  # fmt: skip
    _index(table, "business_id", "position")


def _runs() -> None:
    table = "automation_runs"
    op.create_table(
        table,
        _business(), _id(), _number("rule_id"), _number("rule_version"), _number("conversation_id"),
        _text("event"), _text("event_key"), _text("outcome"), _json("conditions"), _json("steps"), _created(),
        _check(table, "outcome", "done", "partly", "broken", "limited"),
        _reference(table, "rule_id", "automation_rules"),
        _reference(table, "conversation_id", "conversations"),
        sa.UniqueConstraint(
            "business_id", "rule_id", "rule_version", "event_key",
            name=op.f(f"uq_{table}_business_id_rule_id_rule_version_event_key"),
        ),
        _key(table, "id"),
    )  # fmt: skip
    _index(table, "business_id", "created_at")
    _index(table, "business_id", "conversation_id", "created_at")


def _calls() -> None:
    table = "automation_calls"
    op.create_table(
        table,
        _business(), _id(), _number("run_id", is_needed=False), _number("conversation_id"), _text("url"),
        _json("payload"), _text("state"), sa.Column("attempts", sa.SmallInteger(), nullable=False),
        _number("answer", is_needed=False), _text("error"), _moment("tried_at"), _created(),
        _check(table, "state", "waiting", "done", "failed"), _of_business(table),
        _reference(table, "run_id", "automation_runs", "SET NULL (run_id)"),
        _reference(table, "conversation_id", "conversations"), _key(table, "id"),
    )  # fmt: skip
    for columns in (("run_id",), ("conversation_id",), ("created_at",)):
        _index(table, "business_id", *columns)


def _the_rest() -> None:
    op.create_table(
        "automation_secrets",
        _business(), _text("secret"), _of_business("automation_secrets"), _key("automation_secrets"),
    )  # fmt: skip
    op.create_table(
        "macros",
        _business(), _id(), _number("owner_id"), _text("name"), _json("actions"),
        _number("turn_of", is_needed=False), _number("used_count"), _moment("updated_at", is_needed=True),
        _number("updated_by", is_needed=False), _created(), _of_business("macros"), _key("macros", "id"),
    )  # fmt: skip
    _index("macros", "business_id", "owner_id")


REASONS = (
    "asked", "unsure", "anger", "topic", "refusal", "provider_error", "money_cap", "assistant", "failure",
)  # fmt: skip


def _reasons(*names: str, not_valid: bool = False) -> None:
    """Why a person may be called."""
    name = op.f("ck_hand_offs_reason")
    op.drop_constraint(name, "hand_offs", type_="check")
    listed = ", ".join(f"'{each}'" for each in names)
    condition = f"reason IN ({listed})"
    op.create_check_constraint(name, "hand_offs", condition, postgresql_not_valid=not_valid)


def upgrade() -> None:
    _rules()
    _runs()
    _calls()
    _the_rest()
    for table in TABLES:
        for statement in policy_statements(table):
            op.execute(statement)
    _reasons(*REASONS, "rule")
    op.add_column(
        "channels",
        sa.Column("automated_on", sa.SmallInteger(), server_default="0", nullable=False),
    )
    op.add_column(
        "memberships",
        sa.Column("is_away", sa.Boolean(), server_default="false", nullable=False),
    )


def downgrade() -> None:
    _reasons(*REASONS, not_valid=True)  # those of rules stay
    op.drop_column("memberships", "is_away")
    op.drop_column("channels", "automated_on")
    for table in reversed(TABLES):
        op.drop_table(table)
