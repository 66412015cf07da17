"""An installation with data from before channels had providers: migrated, used, taken back, migrated again."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, text

from app import create_app
from app.config import ROOT
from app.config import read as read_config
from app.core.embedded import Embedded
from app.extensions import db

BEFORE = "0b9d5e7c41aa"
FOLDER = str(ROOT / "migrations")


@pytest.fixture
def installation(servers: Embedded) -> Iterator[Flask]:
    """Migrated up to the day before."""
    name = f"old_{os.getpid()}"
    config = replace(
        read_config(),
        DATABASE_URL=servers.create_database(name),
        REDIS_URL="redis://127.0.0.1:1/0",
        LOG_LEVEL="ERROR",
    )
    app = create_app(config)
    with app.app_context():
        upgrade(directory=FOLDER, revision=BEFORE)
        yield app
        db.session.remove()
        db.engine.dispose()
    servers.drop_database(name)


def test_what_was_there_before_is_there_afterwards(installation):
    businesses = [_inside(None, _make_business, number) for number in (1, 2)]
    for business_id in businesses:
        _inside(business_id, _make_conversation)
    before = [_inside(each, _read) for each in businesses]

    upgrade(directory=FOLDER)
    assert [_inside(each, _read) for each in businesses] == before
    for business_id in businesses:
        assert _inside(business_id, _read_new) == [("active", {}, [], False, None)]
        assert _inside(business_id, _timeline) == ["contact.made", "conversation.started"]
        _inside(business_id, _use_provider)
        _inside(business_id, _use_inbox)

    downgrade(directory=FOLDER, revision=BEFORE)
    assert [_inside(each, _read) for each in businesses] == before

    upgrade(directory=FOLDER)
    assert [_inside(each, _read) for each in businesses] == before


def _inside(business_id: int | None, act: Callable[..., Any], *args: Any) -> Any:
    """In the business's scope, as the app's own role sees it."""
    with db.engine.begin() as connection:
        scope = {"id": str(business_id or "")}
        connection.execute(text("SELECT set_config('app.business_id', :id, true)"), scope)
        return act(connection, *args)


FILLING = {
    "jsonb": "{}",
    "bigint": 0,
    "boolean": False,
    "text": "",
    "timestamp with time zone": "2026-11-01",
}


def _insert(connection: Connection, table: str, **given: Any) -> int:
    """What must not be empty and isn't given is filled with anything."""
    columns = text("""SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :table
        AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'""")
    needed = connection.execute(columns, {"table": table}).all()
    values = {name: FILLING[kind] for name, kind in needed if name not in given} | given
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    row = connection.execute(
        text(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"), values
    )
    return int(row.scalar_one())


def _make_business(connection: Connection, number: int) -> int:
    return _insert(connection, "businesses", name=f"Shop {number}", slug=f"shop-{number}")


def _make_conversation(connection: Connection) -> None:
    channel = _insert(connection, "channels", kind="website", name="Website", public_key="1-ab", colour="#000", greeting="Hello", allowed_sites=[])  # fmt: skip
    contact = _insert(connection, "contacts", name="Maya", note="")
    _insert(connection, "contact_identities", contact_id=contact, kind="email", value="a@b.example")
    visitor = _insert(connection, "visitors", channel_id=channel, uuid="00000000-0000-4000-8000-000000000001", contact_id=contact, contact_link="own")  # fmt: skip
    conversation = _insert(connection, "conversations", channel_id=channel, visitor_id=visitor, status="open", is_preview=False, position=1)  # fmt: skip
    _insert(connection, "messages", conversation_id=conversation, kind="incoming", author="visitor", body="Are dogs allowed?", position=1)  # fmt: skip


def _use_provider(connection: Connection) -> None:
    """What there is only since then."""
    channel = _insert(connection, "channels", kind="whatsapp", name="WhatsApp", public_key="1-cd", colour="#000", greeting="Hello", allowed_sites=[], external_id="1")  # fmt: skip
    contact = connection.execute(text("SELECT id FROM contacts")).scalar_one()
    _insert(connection, "contact_identities", contact_id=contact, kind="whatsapp", value="GB.1")
    visitor = _insert(connection, "visitors", channel_id=channel, uuid="00000000-0000-4000-8000-000000000002", contact_id=contact, contact_link="own")  # fmt: skip
    _insert(connection, "visitor_addresses", channel_id=channel, visitor_id=visitor, kind="user", value="GB.1")  # fmt: skip


def _use_inbox(connection: Connection) -> None:
    """Snoozed, put first, made one: of that the older tables know nothing."""
    old = connection.execute(text("SELECT id, channel_id, visitor_id FROM conversations")).one()
    about = {"channel_id": old.channel_id, "visitor_id": old.visitor_id, "is_preview": False, "position": 1}  # fmt: skip
    _insert(connection, "conversations", **about, status="snoozed", snoozed_until="2027-01-01", priority=3)  # fmt: skip
    _insert(connection, "conversations", **about, status="resolved", merged_into_id=old.id)
    contact = connection.execute(text("SELECT id FROM contacts")).scalar_one()
    _insert(connection, "contacts", name="Maja", note="", merged_into_id=contact)
    connection.execute(
        text("UPDATE visitors SET attributes = '{\"plan\": 1}', chat_consent = '{}'")
    )
    _insert(connection, "tags", name="VIP", name_key="vip")


def _read(connection: Connection) -> list[Any]:
    found = text("""SELECT channels.name, visitors.uuid, messages.body, contacts.name, value FROM messages
        JOIN conversations ON conversations.id = conversation_id JOIN channels ON channels.id = channel_id
        JOIN visitors ON visitors.id = visitor_id JOIN contacts ON contacts.id = contact_id
        JOIN contact_identities ON contact_identities.contact_id = contacts.id AND contact_identities.kind = 'email'""")
    return [tuple(row) for row in connection.execute(found)]


def _timeline(connection: Connection) -> list[str]:
    """Of the contact: what the tables tell of the past."""
    found = "SELECT kind FROM activities WHERE contact_id = (SELECT id FROM contacts) ORDER BY kind"
    return list(connection.execute(text(found)).scalars())


def _read_new(connection: Connection) -> list[Any]:
    found = text("""SELECT state, settings, reactions, is_settled, sent_at FROM messages
        JOIN conversations ON conversations.id = conversation_id JOIN channels ON channels.id = channel_id""")
    return [tuple(row) for row in connection.execute(found)]
