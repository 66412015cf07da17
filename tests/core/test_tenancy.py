"""Row security holds for every way to reach the database."""

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from app.channels.models import Channel
from app.core.tenancy import NoScope, business_scope, current_business_id, scoped_tables
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge.models import Document, Source


def test_without_a_scope_a_query_raises(context, cast):
    with pytest.raises(DBAPIError):
        db.session.scalars(select(Channel)).all()
    db.session.rollback()


def test_without_a_scope_a_query_raises_again_after_a_scope_was_open(context, cast):
    with cast.scope():
        assert db.session.scalars(select(Channel)).all()
    with pytest.raises(DBAPIError):
        db.session.scalars(select(Channel)).all()
    db.session.rollback()


def test_a_scope_holds_over_a_commit(context, cast):
    with cast.scope():
        db.session.commit()
        assert len(db.session.scalars(select(Channel)).all()) == 2


def test_a_business_sees_its_own_rows_alone(context, cast):
    with cast.scope():
        mine = {channel.public_key for channel in db.session.scalars(select(Channel))}
    with cast.neighbour_scope():
        theirs = {channel.public_key for channel in db.session.scalars(select(Channel))}
    assert cast.website_key in mine
    assert cast.neighbour_key in theirs
    assert not mine & theirs


def test_another_business_s_row_can_not_be_written(context, cast):
    row = {
        "business_id": cast.neighbour_business_id, "kind": "qa", "name": "x",
    }  # fmt: skip
    with cast.scope(), pytest.raises(DBAPIError, match="row-level security"):
        db.session.execute(insert(Source), row)
    db.session.rollback()


def test_raw_sql_is_held_too(context, cast):
    with cast.scope():
        count = db.session.execute(text("SELECT count(*) FROM channels")).scalar()
        changed = db.session.execute(
            text("UPDATE channels SET name = 'stolen' WHERE business_id = :id"),
            {"id": cast.neighbour_business_id},
        )
    assert count == 2
    assert changed.rowcount == 0


def test_a_reference_into_another_business_is_refused(context, cast):
    with cast.neighbour_scope(), unit_of_work():
        foreign = Source(kind="qa", name="theirs")
        db.session.add(foreign)
        db.session.flush()
        foreign_id = foreign.id
    with cast.scope(), pytest.raises(DBAPIError, match="foreign key"):
        db.session.execute(
            insert(Document), {"source_id": foreign_id, "title": "x", "language": "en"}
        )
    db.session.rollback()


def test_every_scoped_table_is_empty_for_a_business_that_has_nothing(context, cast):
    with business_scope(9_999_999_999):
        for table in scoped_tables():
            assert db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_code_that_asks_for_the_business_without_one_is_told(context):
    with pytest.raises(NoScope):
        current_business_id()
