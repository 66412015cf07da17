"""An approved template becomes a message in the provider's form."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.channels.message_templates import filling, services
from app.channels.message_templates.drafts import Button, draft_of
from app.channels.models import Channel, MessageTemplate
from app.contacts.models import Visitor
from app.core.errors import Invalid
from app.extensions import db
from tests.channels.message_templates.conftest import DRAFT, WABA

FULL = replace(
    DRAFT,
    header_kind="TEXT",
    header_text="Order {{number}}",
    footer="Test Shop",
    buttons=(
        Button("QUICK_REPLY", "Thanks"),
        Button("URL", "See it", "https://shop.example/orders/{{1}}", "https://shop.example/orders/7"),
        Button("PHONE_NUMBER", "Call", "+442079460018"),
        Button("COPY_CODE", value="SAVE10"),
    ),
)  # fmt: skip
VALUES = {"first_name": "Anna", "number": "4711", "button:1": "4711", "button:3": "WELCOME5"}


@pytest.fixture
def approved(make, inside):
    """In its business's scope."""
    template_id = make(FULL, status="APPROVED")
    with inside():
        yield MessageTemplate.by_id(template_id)


def somebody(**known):
    channel = services.accounts()[WABA]
    visitor = Visitor(uuid=uuid4(), channel_id=channel.id, **known)
    db.session.add(visitor)
    db.session.flush()
    return visitor


def test_what_has_to_be_filled_in(approved):
    asked = [(each.name, each.where, each.example) for each in filling.variables_of(approved)]
    assert asked == [
        ("number", "header", "4711"), ("first_name", "body", "Anna"), ("button:1", "button", "7"),
        ("button:3", "button", "SAVE10"),
    ]  # fmt: skip


def test_filled_it_is_what_the_provider_wants(approved):
    made = filling.fill(approved, VALUES)
    assert made.components == [
        {"type": "header", "parameters": [{"type": "text", "text": "4711", "parameter_name": "number"}]},
        {"type": "body", "parameters": [
            {"type": "text", "text": "Anna", "parameter_name": "first_name"},
            {"type": "text", "text": "4711", "parameter_name": "number"},
        ]},
        {"type": "button", "sub_type": "quick_reply", "index": "0",
         "parameters": [{"type": "payload", "payload": "Thanks"}]},
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "4711"}]},
        {"type": "button", "sub_type": "copy_code", "index": "3",
         "parameters": [{"type": "coupon_code", "coupon_code": "WELCOME5"}]},
    ]  # fmt: skip
    assert made.body == (
        "Order 4711\n\nHello Anna, your order 4711 is ready and waits for you at the counter.\n\nTest Shop"
    )  # fmt: skip
    assert made.buttons == ["Thanks", "See it", "Call", "Copy offer code"]
    assert (made.name, made.language, made.category) == ("order_ready", "en_GB", "utility")


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"number": " "}, "number"), ({"first_name": "a\nb"}, "first_name"),
     ({"first_name": "a     b"}, "first_name"), ({"number": "4" * 60}, "number"),
     ({"first_name": "x" * 1000}, "first_name"), ({"button:1": "47 11"}, "button:1"),
     ({"button:1": "x" * 1000, "first_name": "x" * 1020}, "first_name"),
     ({"button:3": "no spaces"}, "button:3"), ({"button:3": "X" * 16}, "button:3")],
)  # fmt: skip
def test_values_that_dont_fit_are_refused_by_name(approved, changed, field):
    with pytest.raises(Invalid) as refusal:
        filling.fill(approved, VALUES | changed)
    assert refusal.value.code == field


@pytest.mark.parametrize(
    ("known", "first_name"),
    [({"name": "Anna Berg"}, "Anna"), ({"name": None}, "there"), ({"name": " \n "}, "there")],
)
def test_what_is_known_or_said_instead(approved, known, first_name):
    visitor = somebody(**known)
    assert filling.values_for(approved, visitor)["first_name"] == first_name
    assert (
        f"Hello {first_name}," in filling.fill(approved, VALUES | {"first_name": ""}, visitor).body
    )


def test_the_business_speaks_of_itself(make, inside):
    body = "Hello {{first_name}}, here is {{business_name}} with some news for you."
    template_id = make(replace(DRAFT, body=body), status="APPROVED")
    with inside():
        template = MessageTemplate.by_id(template_id)
        assert "here is Test Shop with" in filling.fill(template, {}, somebody(name="Bo")).body


def test_numbered_variables_count_anew_in_the_header(make, inside):
    positional = replace(
        DRAFT, header_kind="TEXT", header_text="Order {{1}}", parameter_format="positional",
        body="Hello {{1}}, your order {{2}} waits at the counter for you until Friday.",
        examples={"header:1": "7", "1": "Anna", "2": "7"},
    )  # fmt: skip
    template_id = make(positional, status="APPROVED", parameter_format="positional")
    with inside():
        template = MessageTemplate.by_id(template_id)
        assert draft_of(template).examples == positional.examples
        made = filling.fill(template, {"header:1": "A7", "1": "Bo", "2": "B8"})
    assert made.components == [
        {"type": "header", "parameters": [{"type": "text", "text": "A7"}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Bo"}, {"type": "text", "text": "B8"}]},
    ]  # fmt: skip
    assert made.body.startswith("Order A7\n\nHello Bo, your order B8")


def test_only_what_can_be_sent_is_offered(make, inside):
    make(status="APPROVED")
    make(replace(DRAFT, name="paused"), status="PAUSED")
    make(replace(DRAFT, name="draft"))
    make(replace(DRAFT, name="pictured", header_kind="IMAGE"), status="APPROVED")
    make(replace(DRAFT, name="code"), status="APPROVED", category="AUTHENTICATION")
    make(
        replace(DRAFT, name="shown"), status="APPROVED",
        components=[{"type": "BODY", "text": "Look"}, {"type": "CAROUSEL", "cards": []}],
    )  # fmt: skip
    make(replace(DRAFT, name="elsewhere"), status="APPROVED", account_id="another")
    with inside():
        channel = services.accounts()[WABA]
        assert [each.name for each in filling.approved_for(channel)] == ["order_ready"]
        assert filling.approved_for(Channel.of_kind("website")) == []
        paused = MessageTemplate.named(WABA, "paused")[0]
        with pytest.raises(Invalid, match="approved"):
            filling.fill(paused, VALUES)


def test_a_drafts_parts_are_read_back(approved):
    read = draft_of(approved)
    assert (read.header_text, read.body, read.footer) == (FULL.header_text, FULL.body, FULL.footer)
    assert [each.kind for each in read.buttons] == [each.kind for each in FULL.buttons]
    assert read.buttons[1] == FULL.buttons[1]
    assert read.examples == FULL.examples
