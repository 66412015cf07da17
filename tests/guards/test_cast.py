"""A copied cast is what the services would have made."""

from sqlalchemy import func, select

from app.core.db import Base
from app.extensions import db
from tests import casting

OWN = {"id", "business_id", "user_id", "slug", "email", "public_key", "created_at"}


def rows_of(business_id: int) -> dict[str, list[dict[str, object]]]:
    """All that hangs on a business, without what must differ."""
    found = {}
    with casting.business_scope(business_id):
        for table in Base.metadata.sorted_tables:
            if "business_id" in table.c:
                query = table.select().where(table.c.business_id == business_id)
                rows = db.session.execute(query.order_by(*table.primary_key)).mappings()
                found[table.name] = [
                    {name: value for name, value in row.items() if name not in OWN} for row in rows
                ]
    return found


def test_a_copy_is_what_the_services_make(context, cast):
    made = casting.open_both()
    copied = (cast.business_id, cast.neighbour_business_id)
    assert [rows_of(each) for each in copied] == [rows_of(each) for each in made]
    assert sum(map(len, rows_of(cast.business_id).values())) >= 6
    businesses = Base.metadata.tables["businesses"]
    others = [column for column in businesses.c if column.name not in OWN]
    for copy, original in zip(copied, made, strict=True):
        both = select(func.count()).select_from(
            select(*others).where(businesses.c.id.in_([copy, original])).distinct().subquery()
        )
        assert db.session.scalar(both) == 1
