"""The people and the two businesses that most tests begin with. The services open the first of each database, which
no test gets; the others are its copies, made in two statements instead of thirty: that was a fifth of the suite.
tests/guards/test_cast.py compares a copy with what the services make."""

import itertools
import os
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import Connection, text, update

from app.accounts.models import User
from app.accounts.services import hash_password
from app.businesses.models import Business, Membership
from app.core.tenancy import business_scope
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk.opening import open_business

PASSWORD = "a long enough password"
STAFF = ("agent", "accountant", "viewer")
PEOPLE = {"owner": "Olivia Owner", "neighbour": "Nora Neighbour"} | {
    role: f"{role.title()} Person" for role in STAFF
}
_PASSWORD_HASH = hash_password(PASSWORD)
_numbers = itertools.count(1)

# Row security shows channels of the business in app.business_id alone: they are kept while it changes.
COPIER = text("""
CREATE OR REPLACE FUNCTION copy_business(old bigint, address text, mark text)
RETURNS TABLE (what text, id bigint, word text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  new bigint := nextval(pg_get_serial_sequence('businesses', 'id'));
  doors channels[];
BEGIN
  INSERT INTO businesses SELECT made.* FROM businesses AS was, jsonb_populate_record(was, jsonb_build_object(
    'id', new, 'slug', address, 'created_at', clock_timestamp())) AS made WHERE was.id = old;
  RETURN QUERY WITH
  people AS MATERIALIZED (
    SELECT person, member, nextval(pg_get_serial_sequence('users', 'id')) AS user_id
    FROM memberships AS member JOIN users AS person ON person.id = member.user_id
    WHERE member.business_id = old ORDER BY member.id),
  persons AS (
    INSERT INTO users SELECT made.* FROM people, jsonb_populate_record(person, jsonb_build_object(
      'id', user_id, 'email', lower(split_part((person).name, ' ', 1)) || mark, 'created_at', clock_timestamp())) AS made
    RETURNING id, email),
  members AS (
    INSERT INTO memberships SELECT made.* FROM people, jsonb_populate_record(member, jsonb_build_object(
      'id', nextval(pg_get_serial_sequence('memberships', 'id')), 'business_id', new, 'user_id', user_id,
      'created_at', clock_timestamp())) AS made
    RETURNING user_id, role)
  SELECT members.role::text, persons.id, persons.email::text FROM members JOIN persons ON persons.id = members.user_id;
  PERFORM set_config('app.business_id', old::text, true);
  SELECT array_agg(door ORDER BY door.id) INTO doors FROM channels AS door;
  PERFORM set_config('app.business_id', new::text, true);
  RETURN QUERY WITH made AS (
    INSERT INTO channels SELECT made.* FROM unnest(doors) AS was, jsonb_populate_record(was, jsonb_build_object(
      'business_id', new, 'id', nextval(pg_get_serial_sequence('channels', 'id')),
      'public_key', new || '-' || substr(md5(random()::text), 1, 16), 'created_at', clock_timestamp())) AS made
    RETURNING kind, id, public_key)
  SELECT made.kind::text, made.id, made.public_key::text FROM made;
  RETURN QUERY SELECT 'business', new, address;
END $$
""")
COPY = text("SELECT what, id, word FROM copy_business(:old, :address, :mark)")

# What a test leaves undone is no matter of the next one, whose clock may stand at next week.
LEAVE = text("""
WITH gone AS (DELETE FROM channel_routes WHERE business_id = ANY(:ids))
UPDATE outbox SET done_at = now() WHERE business_id = ANY(:ids) AND done_at IS NULL AND failed_at IS NULL
""")


@dataclass(frozen=True)
class Person:
    id: int
    email: str
    name: str


@dataclass(frozen=True)
class Cast:
    """The owner, an agent, an accountant and a viewer of one business; the owner of another, who must
    see nothing."""

    business_id: int
    slug: str
    website_key: str
    preview_key: str
    owner: Person
    agent: Person
    accountant: Person
    viewer: Person
    neighbour: Person
    neighbour_slug: str
    neighbour_business_id: int
    neighbour_key: str

    def scope(self) -> AbstractContextManager[None]:
        return business_scope(self.business_id)

    def neighbour_scope(self) -> AbstractContextManager[None]:
        return business_scope(self.neighbour_business_id)


def make(app: Flask) -> Cast:
    with app.app_context():
        if "first_cast" not in app.extensions:
            app.extensions["first_cast"] = open_both()
        shop, other = app.extensions["first_cast"]
        with db.engine.begin() as connection:
            ours = _copied(connection, shop, "shop")
            theirs = _copied(connection, other, "other")
    people = {part: Person(*ours[part], PEOPLE[part]) for part in ("owner", *STAFF)}
    return Cast(
        business_id=ours["business"][0],
        slug=ours["business"][1],
        website_key=ours["website"][1],
        preview_key=ours["preview"][1],
        neighbour=Person(*theirs["owner"], PEOPLE["neighbour"]),
        neighbour_business_id=theirs["business"][0],
        neighbour_slug=theirs["business"][1],
        neighbour_key=theirs["website"][1],
        **people,
    )


def leave(app: Flask, cast: Cast) -> None:
    ids = [cast.business_id, cast.neighbour_business_id]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(LEAVE, {"ids": ids})


def open_both() -> tuple[int, int]:
    """As the services do it. The numbers of both."""
    with unit_of_work() as session:
        people = {part: _person(name) for part, name in PEOPLE.items()}
        session.add_all(people.values())
        session.flush()
        business = open_business("Test Shop", people["owner"], f"shop-{secrets.token_hex(4)}")
        other = open_business("Other Shop", people["neighbour"], f"other-{secrets.token_hex(4)}")
        session.add_all(
            Membership(business_id=business.id, user_id=people[role].id, role=role)
            for role in STAFF
        )
        session.flush()
        _send_at_once(business, other)
        session.execute(COPIER)
        return business.id, other.id


def _send_at_once(*businesses: Business) -> None:
    """Their replies wait for nothing: who tests undoing says otherwise."""
    ids = [each.id for each in businesses]
    here = update(Membership).where(Membership.business_id.in_(ids))
    db.session.execute(here.values(undo_seconds=0))


def _copied(connection: Connection, old: int, name: str) -> dict[str, tuple[int, str]]:
    """Numbers with their words, by role, kind of channel and “business”."""
    address = f"{name}-{secrets.token_hex(4)}"
    mark = f"-{os.getpid()}-{next(_numbers)}@example.com"
    rows = connection.execute(COPY, {"old": old, "address": address, "mark": mark})
    return {row.what: (row.id, row.word) for row in rows}


def _person(name: str) -> User:
    email = f"{name.split(maxsplit=1)[0].lower()}-{os.getpid()}-{next(_numbers)}@example.com"
    return User(name=name, email=email, password_hash=_PASSWORD_HASH)
