"""Handed in at a stand-in of Graph that refuses what Meta refuses."""

from dataclasses import replace
from io import BytesIO

import pytest

from app.channels.message_templates import filling, services
from app.channels.message_templates.drafts import Button
from app.channels.models import MessageTemplate
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
