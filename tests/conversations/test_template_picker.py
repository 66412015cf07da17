"""Templates in a conversation: chosen, filled in, looked at, sent once."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.channels.message_templates import services as templates
from app.channels.message_templates.drafts import Draft
from app.channels.models import Channel, Delivery, MessageTemplate, new_public_key
from app.contacts.models import Visitor
from app.conversations import template_sending
from app.conversations.models import Conversation, Message
from app.core.db import now
from app.core.errors import Invalid
from app.extensions import db

WABA = "102290129340398"
DRAFT = Draft(
    name="order_ready", category="UTILITY", language="en_GB", examples={"first_name": "A", "number": "1"},
    body="Hello {{first_name}}, your order {{number}} is ready and waits for you at the counter.",
)  # fmt: skip


@pytest.fixture
def ids(cast, inside):
    """The conversation's, and those of an approved template, a paused one, and another account's."""
    with inside():
        channel = Channel(
            kind="whatsapp", name="Shop", public_key=new_public_key(cast.business_id), external_id="1",
            settings={"waba_id": WABA},
        )  # fmt: skip
        db.session.add(channel)
        db.session.flush()
        visitor = Visitor(uuid=uuid4(), channel_id=channel.id, name="Maya Lind")
        db.session.add(visitor)
        db.session.flush()
        conversation = Conversation(
            channel_id=channel.id, visitor_id=visitor.id, last_message_at=now()
        )
        db.session.add(conversation)
        made = [
            templates.create(WABA, replace(DRAFT, name=name), cast.owner)
            for name in ("order_ready", "paused", "other")
        ]
        for number, template in enumerate(made):
            template.status, template.external_id = "APPROVED", str(number)
        made[1].status, made[2].account_id = "PAUSED", "999"
        db.session.flush()
        return conversation.id, *(template.id for template in made)


@pytest.fixture
def visit(cast, login, ids):
    def go(path="", typed=None, who=cast.agent, **options):
        browser, url = login(who), f"/b/{cast.slug}/inbox/{ids[0]}/templates/{path}"
        return (
            browser.post(url, data=typed, **options)
            if typed is not None
            else browser.get(url, **options)
        )

    return go


@pytest.fixture
def sent(inside):
    def messages():
        with inside():
            found = db.session.query(Message).filter_by(kind="outgoing").order_by(Message.id)
            return [(message.body, message.content) for message in found]

    return messages


def test_what_can_be_sent_is_offered(visit):
    page = visit().text
    assert "Order ready" in page
    assert "Paused" not in page
    assert "Other" not in page
    assert "No template has these words" in visit("?q=invoice").text
    assert "Order ready" in visit("?q=counter+order").text


def test_what_is_known_is_filled_in(visit, ids):
    page = visit(f"{ids[1]}").text
    assert 'value="Maya"' in page
    assert "{{number}}" in page, "what is missing is to be seen"
    looked = visit(f"{ids[1]}/preview", {"value-first_name": "Bo", "value-number": "<7>"}).text
    assert "Hello Bo, your order &lt;7&gt; is ready" in looked


def test_it_is_sent_once(visit, ids, sent, inside):
    typed = {"value-first_name": "Maya", "value-number": "4711", "client_key": "k1"}
    for _ in range(2):
        assert visit(f"{ids[1]}", typed).status_code == 303
    ((body, content),) = sent()
    assert body == "Hello Maya, your order 4711 is ready and waits for you at the counter."
    assert (content["type"], content["name"], content["category"]) == (
        "template", "order_ready", "utility",
    )  # fmt: skip
    with inside():
        delivery = db.session.query(Delivery).one()
        assert (delivery.category, delivery.status) == ("utility", "queued")


def test_what_is_missing_is_said_and_nothing_is_sent(visit, ids, sent):
    typed = {"value-first_name": "Maya", "value-number": "a\nb", "client_key": "k1"}
    refused = visit(f"{ids[1]}", typed, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "it must be one line" in refused.text
    assert 'value="Maya"' in refused.text
    assert sent() == []


def test_a_template_that_was_stopped_meanwhile_is_refused(visit, ids, sent):
    refused = visit(f"{ids[2]}", {"value-number": "1", "client_key": "k1"})
    assert refused.status_code == 422
    assert "hasn’t approved it" in refused.text
    assert sent() == []


def test_another_numbers_template_isnt_there(visit, ids, sent, inside, cast):
    assert visit(f"{ids[3]}").status_code == 404
    assert visit(f"{ids[3]}", {"value-number": "1", "client_key": "k1"}).status_code == 404
    with inside():
        conversation, template = Conversation.in_inbox(ids[0]), MessageTemplate.by_id(ids[3])
        with pytest.raises(Invalid, match="another number"):
            template_sending.send(conversation, cast.agent, template, {}, "k")
    assert sent() == []


def test_who_may_not_reply_sends_none(visit, cast, ids, sent):
    assert visit(who=cast.viewer).status_code == 403
    assert visit(f"{ids[1]}", {"client_key": "k"}, who=cast.viewer).status_code == 403
    assert visit(f"{ids[1]}", {"client_key": ""}).status_code == 400
    assert sent() == []


def test_a_website_chat_has_none(cast, login, inside):
    with inside():
        website = Channel.of_kind("website")
        visitor = Visitor(uuid=uuid4(), channel_id=website.id)
        db.session.add(visitor)
        db.session.flush()
        conversation = Conversation(
            channel_id=website.id, visitor_id=visitor.id, last_message_at=now()
        )
        db.session.add(conversation)
        db.session.flush()
        number = conversation.id
    page = login(cast.agent).get(f"/b/{cast.slug}/inbox/{number}/templates/")
    assert "No approved template yet" in page.text
