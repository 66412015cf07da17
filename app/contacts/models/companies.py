"""Where contacts work: one row for each company, whatever its case and accents."""

from sqlalchemy import Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.core import tenancy
from app.core.db import Base, ScopedId, of_business
from app.extensions import db
from app.lib import names

MAX_ID = 2**63 - 1  # of a bigint


class Company(ScopedId, Base):
    """`name_key` is the name as it is compared, kept by the name itself."""

    __tablename__ = "companies"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "name_key"),
        Index(None, "business_id", "domain"),
    )

    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text(collation="C"))
    domain: Mapped[str] = mapped_column(Text, default="", server_default="")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")

    @validates("name")
    def _keep_key(self, _key: str, name: str) -> str:
        self.name_key = names.key(name)
        return name

    @classmethod
    def by_id(cls, company_id: int) -> "Company | None":
        if company_id > MAX_ID:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), company_id))

    @classmethod
    def by_name(cls, name: str) -> "Company | None":
        return db.session.scalar(select(cls).where(cls.name_key == names.key(name)))
