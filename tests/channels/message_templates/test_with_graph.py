"""Handed in at a stand-in of Graph that refuses what Meta refuses."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest

from app.accounts.models import User
from app.channels.message_templates import filling, services
from app.channels.message_templates.drafts import Button
from app.channels.models import MessageTemplate, VisitorAddress
from app.contacts.models import Visitor
from app.conversations import template_sending
from app.conversations.models import Conversation
from app.core.db import now
from app.extensions import db
from tests.channels.message_templates.conftest import DRAFT
from tests.channels.message_templates.test_asking import PNG
from tests.channels.message_templates.test_filling import FULL, VALUES


@pytest.fixture
def write(with_graph, inside, cast):
    """A draft in the account that is connected; its id."""

    def written(draft, file=None):
        with inside():
            template = services.create(with_graph.number.waba_id, draft, cast.owner)
            if file:
                services.keep_file(template, BytesIO(file), "shop.png")
            return template.id

    return written


@pytest.fixture
def asked(do, run_jobs, load):
    """`asked(template_id, services.submit)`: done, its job too; the template as it stands then."""

    def done(template_id, act, **options):
        do(template_id, act, **options)
        run_jobs()
        template = load(template_id)
        assert template.trouble is None
        return template

    return done


def test_a_templates_whole_life(with_graph, write, asked):
    template_id, waba = write(FULL), with_graph.number.waba
    assert asked(template_id, services.submit).status == "PENDING"
    made = waba.templates[FULL.name, FULL.language]
    made.status = "APPROVED"
    template = asked(template_id, lambda _: services.ask_sync(waba.id, by_hand=True))
    assert (template.status, template.parameter_format) == ("APPROVED", "named")
    asked(template_id, lambda found: filling.fill(found, VALUES))
    asked(template_id, services.change, draft=replace(FULL, footer="Test Shop, High Street"))
    asked(template_id, services.submit)
    assert made.components[2]["text"] == "Test Shop, High Street"
    made.status = "PAUSED"
    asked(template_id, lambda _: services.ask_sync(waba.id, by_hand=True))
    assert asked(template_id, services.unpause).status == "APPROVED"
    assert made.status == "APPROVED"
    assert asked(template_id, services.delete, all_languages=False).status == "DELETED"
    assert waba.templates == {}


def test_a_picture_is_handed_over_before(with_graph, write, hand_in, load):
    template_id = write(replace(DRAFT, header_kind="IMAGE"), PNG)
    hand_in(template_id)
    assert (load(template_id).status, load(template_id).trouble) == ("PENDING", None)
    header = with_graph.number.waba.templates["order_ready", "en_GB"].components[0]
    assert header["example"]["header_handle"]


def test_templates_of_several_pages_appear(with_graph, inside, run_jobs):
    number = with_graph.number
    for each in range(120):
        with_graph.graph.template(number, f"t{each}")
    with inside():
        services.ask_sync(number.waba_id, by_hand=True)
    run_jobs()
    with inside():
        assert db.session.query(MessageTemplate).filter_by(status="APPROVED").count() == 120


def test_a_full_account_says_so_in_words(with_graph, write, hand_in, load):
    with_graph.number.waba.most_templates = 0
    template_id = write(DRAFT)
    hand_in(template_id)
    assert load(template_id).status == "DRAFT"
    assert "250" in load(template_id).trouble


def test_too_many_in_an_hour(with_graph, write, hand_in, load):
    with_graph.number.waba.created += [with_graph.graph.now()] * 100
    template_id = write(DRAFT)
    hand_in(template_id)
    assert "in an hour" in load(template_id).trouble


@pytest.mark.parametrize(
    "draft",
    [replace(DRAFT, buttons=(Button("QUICK_REPLY", "Yes"), Button("COPY_CODE", value="SAVE10"))),
     replace(DRAFT, header_kind="TEXT", header_text="Dear {{first_name}}", footer="Bye"),
     replace(FULL, language="de", category="MARKETING")],
)  # fmt: skip
def test_what_our_rules_let_through_is_taken(write, hand_in, load, draft):
    template_id = write(draft)
    hand_in(template_id)
    assert (load(template_id).trouble, load(template_id).status) == (None, "PENDING")


@pytest.fixture
def conversation_id(with_graph, inside):
    """With somebody who hasn't written for more than a day."""
    someone = with_graph.person()
    with inside():
        visitor = Visitor(
            uuid=uuid4(),
            channel_id=with_graph.channel_id,
            name="Maya Lind",
            window_until=now() - timedelta(hours=1),
        )
        db.session.add(visitor)
        db.session.flush()
        db.session.add(
            VisitorAddress(
                channel_id=visitor.channel_id,
                visitor_id=visitor.id,
                kind="phone",
                value=someone.phone,
            )
        )
        conversation = Conversation(
            channel_id=visitor.channel_id, visitor_id=visitor.id, last_message_at=now()
        )
        db.session.add(conversation)
        db.session.flush()
        return conversation.id


@pytest.mark.parametrize(
    "case", [(FULL, None, VALUES), (replace(DRAFT, header_kind="IMAGE"), PNG, {"number": "7"})]
)
def test_it_reaches_who_hasnt_written_lately(with_graph, write, asked, conversation_id, case):
    draft, file, values = case
    template_id = write(draft, file)
    asked(template_id, services.submit)
    with_graph.number.waba.templates[draft.name, draft.language].status = "APPROVED"
    asked(template_id, lambda _: services.ask_sync(with_graph.number.waba_id, by_hand=True))

    def send(template):
        conversation = Conversation.in_inbox(conversation_id)
        by = db.session.query(User).first()
        template_sending.send(conversation, by, template, values, "k1")

    asked(template_id, send)
    (sent,) = with_graph.sent
    assert sent.body["template"]["name"] == "order_ready"
    parts = {part["type"]: part["parameters"] for part in sent.body["template"]["components"]}
    assert parts["body"][0]["text"] in ("Maya", "Anna")
    assert bool(file) == ("image" in parts["header"][0])
    assert bool(file) == bool(parts["header"][0].get("image", {}).get("id"))


def test_what_the_provider_tells_comes_by_its_webhook(with_graph, write, asked, client):
    template_id = write(DRAFT)
    external_id = asked(template_id, services.submit).external_id
    told = {
        "message_template_name": DRAFT.name,
        "message_template_language": DRAFT.language,
        "message_template_id": int(external_id),
    }
    for field, about in (
        ("message_template_status_update", {"event": "APPROVED", "reason": "NONE"}),
        ("template_category_update", {"previous_category": "UTILITY", "new_category": "MARKETING"}),
        ("message_template_quality_update", {"new_quality_score": "YELLOW"}),
    ):
        with_graph.graph.tells_account(with_graph.number.waba, field, told | about)
    assert set(with_graph.deliver_hooks(client)) == {200}
    template = asked(template_id, lambda _: None)
    assert (template.status, template.quality) == ("APPROVED", "YELLOW")
    assert (template.category, template.asked_category) == ("MARKETING", "UTILITY")
