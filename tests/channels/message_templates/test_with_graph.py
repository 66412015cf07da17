"""Handed in at a stand-in of Graph that refuses what Meta refuses."""

from dataclasses import replace
from io import BytesIO

import pytest

from app.channels.message_templates import filling, services
from app.channels.message_templates.drafts import Button
from app.channels.models import MessageTemplate
from app.extensions import db
from tests.channels.conftest import with_graph  # noqa: F401
from tests.channels.message_templates.conftest import DRAFT
from tests.channels.message_templates.test_asking import PNG
from tests.channels.message_templates.test_filling import FULL, VALUES


@pytest.fixture
def write(with_graph, inside, cast):  # noqa: F811
    """A draft in the account that is connected; its id."""

    def written(draft, file=None):
        with inside():
            template = services.create(with_graph.number.waba_id, draft, cast.owner)
            if file:
                services.keep_file(template, BytesIO(file), "shop.png")
            return template.id

    return written


def test_handed_in_looked_at_and_approved(with_graph, write, hand_in, run_jobs, load, inside):  # noqa: F811, PLR0917
    template_id = write(FULL)
    hand_in(template_id)
    template = load(template_id)
    assert (template.status, template.trouble) == ("PENDING", None)
    waba = with_graph.number.waba
    made = waba.templates[FULL.name, FULL.language]
    made.status = "APPROVED"
    with inside():
        services.ask_sync(waba.id, by_hand=True)
    run_jobs()
    template = load(template_id)
    assert (template.status, template.parameter_format) == ("APPROVED", "named")
    with inside():
        found = MessageTemplate.by_id(template_id)
        assert filling.fill(found, VALUES).components
        services.change(found, replace(FULL, footer="Test Shop, High Street"))
        services.submit(found)
    run_jobs()
    assert load(template_id).trouble is None
    assert made.components[2]["text"] == "Test Shop, High Street"
    made.status = "PAUSED"
    with inside():
        found = MessageTemplate.by_id(template_id)
        found.status = "PAUSED"
        services.unpause(found)
    run_jobs()
    assert (load(template_id).status, made.status) == ("APPROVED", "APPROVED")
    with inside():
        services.delete(MessageTemplate.by_id(template_id), all_languages=False)
    run_jobs()
    assert (load(template_id).status, waba.templates) == ("DELETED", {})


def test_a_picture_is_handed_over_before(with_graph, write, hand_in, load):  # noqa: F811
    template_id = write(replace(DRAFT, header_kind="IMAGE"), PNG)
    hand_in(template_id)
    assert (load(template_id).status, load(template_id).trouble) == ("PENDING", None)
    header = with_graph.number.waba.templates["order_ready", "en_GB"].components[0]
    assert header["example"]["header_handle"]


def test_templates_of_several_pages_appear(with_graph, account_of, inside, run_jobs):  # noqa: F811
    for number in range(120):
        with_graph.graph.template(
            with_graph.number, f"t{number}", [{"type": "BODY", "text": "Hello"}]
        )
    with inside():
        services.ask_sync(account_of, by_hand=True)
    run_jobs()
    with inside():
        assert db.session.query(MessageTemplate).filter_by(status="APPROVED").count() == 120


@pytest.fixture
def account_of(with_graph):  # noqa: F811
    return with_graph.number.waba_id


def test_a_full_account_says_so_in_words(with_graph, write, hand_in, load):  # noqa: F811
    with_graph.number.waba.most_templates = 0
    template_id = write(DRAFT)
    hand_in(template_id)
    assert load(template_id).status == "DRAFT"
    assert "250" in load(template_id).trouble


def test_too_many_in_an_hour(with_graph, write, hand_in, load):  # noqa: F811
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
