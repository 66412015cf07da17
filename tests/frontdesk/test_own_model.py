"""A visitor's message is answered by a model of the business's own."""

import secrets
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.assistant.language_models import chosen, own
from app.assistant.models import Answer, AssistantSettings, ModelCall
from app.channels.models import Channel
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.knowledge import services as knowledge
from tests.standins import openai
from tests.standins.openai import calls, fails, says

FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."
QUESTION = "How much is delivery to Ashcombe?"


@pytest.fixture
def server(app, monkeypatch):
    monkeypatch.setitem(app.config, "OWN_MODEL_PRIVATE_ADDRESSES", True)
    with openai.running() as running:
        yield running


@pytest.fixture
def taught(context, cast, run_jobs, server):
    """The business knows one answer and has a model of its own."""
    with cast.scope(), unit_of_work():
        knowledge.add_question("Do you deliver, and what does it cost?", FACT, None)
        db.session.add(
            AssistantSettings(
                provider="own",
                own_base_url=server.url,
                own_model=openai.MODEL,
                own_key=openai.KEY,
                own_read_price=0.5,
                own_written_price=2.0,
            )
        )
    run_jobs()
    return cast


@pytest.fixture
def ask(taught, run_jobs):
    """`ask("…")` is a visitor's message. Returns the last message of the conversation, with its receipt."""
    uuid = uuid4()

    def asking(text):
        with taught.scope(), unit_of_work():
            key = secrets.token_hex(8)
            message, _ = frontdesk.receive(Channel.of_kind("website"), uuid, text, key)
        run_jobs()
        with taught.scope():
            db.session.expire_all()
            last = message.conversation.messages_after()[-1]
            return last, Answer.of_message(last.id)

    return asking


def test_it_answers_with_its_sources_and_the_receipt_says_what_it_cost(ask, server, cast):
    server.script = [says("Delivery to Ashcombe costs £4.95 [1].")]
    message, receipt = ask(QUESTION)
    assert message.body == "Delivery to Ashcombe costs £4.95."
    assert FACT in message.citations[0]["text"]
    assert message.citations[0]["at"] == [len(message.body) - 1]
    assert (receipt.writer, receipt.model) == ("own", openai.MODEL)
    assert receipt.cost_micros == round(640 * 0.5 + 23 * 2.0)
    assert QUESTION in server.requests[0]["messages"][-1]["content"]


def test_it_uses_the_tools_and_is_told_what_was_wrong(ask, server):
    server.script = [
        calls(("search_knowledge", '{"query": ')),
        calls(("search_knowledge", {"query": "delivery Ashcombe price"})),
        says("It is £4.95 [1]."),
    ]
    message, _ = ask(QUESTION)
    assert message.body == "It is £4.95."
    answers = [
        [each["content"] for each in asked["messages"] if each["role"] == "tool"]
        for asked in server.requests
    ]
    assert answers[1][0].startswith("Error: The input doesn't fit.")
    assert len(answers[2]) == 2


@pytest.mark.parametrize("step", [fails(401, "no"), {"body": b"<html></html>"}])
def test_without_it_the_passages_answer(ask, server, step):
    server.script = [step] * 3
    message, receipt = ask(QUESTION)
    assert FACT in message.body
    assert receipt.writer == "extractive"


def test_a_key_that_no_secret_opens_any_more_is_none(taught, server):
    with taught.scope(), unit_of_work():
        db.session.execute(db.text("UPDATE assistant_settings SET own_key = 'deadbeef.gone'"))
    with taught.scope():
        settings = db.session.scalars(select(AssistantSettings)).one()
        assert own.key_of(settings) == ""
        assert chosen.current(settings).model == openai.MODEL


def test_one_client_is_kept_for_each_endpoint_model_key_and_price(app, context, monkeypatch):
    app.extensions.pop("own_models", None)
    given = ("https://llm.example.com/v1", "small", "key", None)
    first = own.at(*given)
    assert own.at(*given) is first
    others = [("https://other.example.com/v1", *given[1:]), (*given[:2], "k2", None),
              (given[0], "large", "key", None), (*given[:3], own.price_of(1.0, 2.0))]  # fmt: skip
    assert len({id(own.at(*each)) for each in [given, *others]}) == 5
    monkeypatch.setitem(app.config, "OWN_MODEL_PRIVATE_ADDRESSES", True)
    assert own.at(*given) is not first
    monkeypatch.setattr(own, "MAX_KEPT", 2)
    own.at(*given)
    assert len(app.extensions["own_models"]) == 2


def test_nothing_is_called_without_an_address_or_with_a_cap_of_nought(context):
    defaults = AssistantSettings(
        provider="own", own_base_url="", own_model="", month_cap_cents=None
    )
    assert chosen.current(defaults) is None
    filled = AssistantSettings(
        provider="own", own_base_url="https://x.example/v1", own_model="m", month_cap_cents=0
    )
    assert chosen.current(filled) is None


def test_every_call_is_written_down(ask, server, cast):
    ask(QUESTION)
    with cast.scope():
        call = db.session.scalars(select(ModelCall)).one()
    assert (call.provider, call.model, call.stop_reason) == ("own", openai.MODEL, "done")
    assert (call.input_tokens, call.cached_tokens, call.output_tokens) == (512, 128, 23)
