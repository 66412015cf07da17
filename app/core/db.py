"""The database's floor: naming, the base of every model, column types, references inside a business."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Identity, MetaData, text
from sqlalchemy.orm import DeclarativeBase, Mapped, foreign, mapped_column, relationship, remote

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True), int: BigInteger}


class Created:
    created_at: Mapped[datetime] = mapped_column(
        default=now, server_default=text("now()"), sort_order=90
    )


class GlobalId(Created):
    """A row that belongs to no business. Few tables may (tests/guards/test_tenancy.py lists them)."""

    id: Mapped[int] = mapped_column(Identity(), primary_key=True, sort_order=-10)


class BusinessScoped:
    """A row of one business. Row-level security is forced on its table (core/tenancy.py).

    The primary key and every reference include `business_id`, so that a row can't point into another
    business. The value comes from the open scope by itself: Postgres fills it from the setting.
    """

    __frontdesk_scoped__ = True

    business_id: Mapped[int] = mapped_column(
        primary_key=True,
        server_default=text("current_setting('app.business_id')::bigint"),
        sort_order=-20,
    )


class ScopedId(BusinessScoped, Created):
    id: Mapped[int] = mapped_column(Identity(), primary_key=True, sort_order=-10)


def reference(column: str, table: str, *, ondelete: str = "CASCADE") -> ForeignKeyConstraint:
    """A foreign key inside the business: `(business_id, column)` to the table's `(business_id, id)`.

    For SET NULL only the named column is set: the business of a row never changes.
    """
    if ondelete == "SET NULL":
        ondelete = f"SET NULL ({column})"
    return ForeignKeyConstraint(
        ["business_id", column], [f"{table}.business_id", f"{table}.id"], ondelete=ondelete
    )


def of_business() -> ForeignKeyConstraint:
    """For the tables that hang on nothing else: a business that is deleted takes everything along."""
    return ForeignKeyConstraint(["business_id"], ["businesses.id"], ondelete="CASCADE")


def belongs_to(target: str, key: str) -> Any:
    """A read-only relationship over `reference()`: `belongs_to("Source", "Document.source_id")`.

    Joined on the whole primary key, so that what the session holds already isn't asked for again.
    """
    return relationship(
        target, primaryjoin=lambda: _join(target, key), viewonly=True, uselist=False
    )


def _join(target: str, key: str) -> Any:
    """Once all models are known. A row of a global table, like a user, has no business."""
    models: dict[str, Any] = {each.class_.__name__: each.class_ for each in Base.registry.mappers}
    owner, _, column = key.partition(".")
    here, there = models[owner], models[target]
    join = foreign(getattr(here, column)) == remote(there.id)
    if issubclass(there, BusinessScoped):
        join &= foreign(here.business_id) == remote(there.business_id)
    return join
