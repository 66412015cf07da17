"""A business's one row of settings: made by the first change, and until then as the columns' defaults have it."""

from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import class_mapper

from app.core import unit_of_work
from app.core.db import BusinessScoped
from app.core.preparing import PREPARED
from app.extensions import db


class SettingsRow(BusinessScoped):
    @classmethod
    def current(cls) -> Self:
        """Of the business in scope. Defaults when nothing was changed yet; such a row is not stored."""
        return unit_of_work.kept(cls.__name__, cls._read)

    @classmethod
    def change(cls, **fields: Any) -> None:
        """Of the business in scope; the row is made where there is none."""
        stored = insert(cls).values(**fields)
        db.session.execute(
            stored.on_conflict_do_update(index_elements=["business_id"], set_=fields)
        )
        unit_of_work.forget(cls.__name__)

    @classmethod
    def _read(cls) -> Self:
        stored = select(cls).execution_options(populate_existing=True, **PREPARED)
        return db.session.scalar(stored) or cls(**cls._defaults())

    @classmethod
    def _defaults(cls) -> dict[str, object]:
        """SQLAlchemy gives a column's default only when the row is stored."""
        made: dict[str, object] = {}
        for column in class_mapper(cls).columns:
            default: Any = column.default
            if column.name != "business_id":
                made[column.name] = default and (
                    default.arg(None) if default.is_callable else default.arg
                )
        return made
