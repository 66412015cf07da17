"""No money or no provider: the visitor is answered all the same, and the owner reads why on the receipt."""

import secrets
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.assistant import budgets, calling
from app.assistant.models import Answer, ModelCall
from app.channels.models import Channel
from app.conversations.models import Conversation, HandOff, Message
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.knowledge import services as knowledge
from tests.conftest import Cast, Inside, Person
from tests.standins import claude as stand_in
from tests.standins.claude import breaks, calls, fails, says

FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."
KNOWN = "How much is delivery to Ashcombe?"
UNKNOWN = "Which football club won the cup in 1974?"
Ask = Callable[..., list[Message]]
Login = Callable[[Person], FlaskClient]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nothing is slept."""
    slept: list[float] = []
    monkeypatch.setattr(calling, "sleep", slept.append)
    return slept


@pytest.fixture
def ask(inside: Inside, run_jobs: Callable[[], int], with_claude: stand_in.Claude) -> Ask:
    """`ask("…")` writes as a visitor; gives the conversation's messages."""
    with inside():
        knowledge.add_question("Do you deliver, and what does it cost?", FACT, None)
    run_jobs()

    def asking(text: str) -> list[Message]:
        with inside():
            website = Channel.of_kind("website")
            message, _ = frontdesk.receive(website, uuid4(), text, secrets.token_hex(8))
            conversation_id = message.conversation_id
        run_jobs()
        with inside():
            talk = db.session.scalars(
                select(Conversation).where(Conversation.id == conversation_id)
            ).one()
            found = talk.messages_after()
            db.session.expunge_all()
            return found

    return asking


def receipt_of(inside: Inside, message: Message) -> Answer:
    with inside():
        receipt = Answer.of_message(message.id)
        assert receipt
        db.session.expunge(receipt)
        return receipt


def reasons(inside: Inside) -> list[str]:
    with inside():
        return list(db.session.scalars(select(HandOff.reason).order_by(HandOff.id)))


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([fails(529)] * 3, "Claude is overloaded."),
        ([fails(429, retry_after=60)], "Claude’s rate limit is reached."),
        ([fails(401)], "Claude refused the API key."),
        ([fails(400)], "Claude didn’t accept the request."),
        ([breaks(says("We deliver"), after=1)] * 2, "Claude’s answer broke off."),
    ],
)
def test_without_the_provider_the_passages_answer(
    inside: Inside, ask: Ask, with_claude: stand_in.Claude, script: list[stand_in.Rule], words: str
) -> None:
    with_claude.script = list(script)
    _question, answer = ask(KNOWN)
    assert FACT in answer.body
    assert answer.citations
    receipt = receipt_of(inside, answer)
    assert (receipt.writer, receipt.trouble) == ("extractive", words)
    assert reasons(inside) == []


def test_without_the_provider_and_without_passages_a_person_is_called(
    inside: Inside, ask: Ask, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [fails(529)] * 3
    messages = ask(UNKNOWN)
    assert [(each.author, each.kind) for each in messages] == [
        ("visitor", "incoming"),
        ("assistant", "outgoing"),
        ("system", "event"),
    ]
    assert reasons(inside) == ["provider_error"]


def test_at_the_cap_the_passages_answer_or_a_person(
    inside: Inside, ask: Ask, with_claude: stand_in.Claude
) -> None:
    with inside():
        budgets.change_caps(1, 50)
        budgets.claim(10_000, 0)
    _question, answer = ask(KNOWN)
    assert FACT in answer.body
    receipt = receipt_of(inside, answer)
    assert receipt.trouble == "The assistant’s budget for this month is used up"
    assert receipt.cost_micros is None
    ask(UNKNOWN)
    assert reasons(inside) == ["money_cap"]
    assert with_claude.requests == []


@pytest.mark.parametrize("caps", [(0, None), (None, 0)])
def test_with_a_cap_of_0_visitors_are_answered_without_a_call(
    inside: Inside, ask: Ask, with_claude: stand_in.Claude, caps: tuple[int | None, int | None]
) -> None:
    with inside():
        budgets.change_caps(*caps)
    _question, answer = ask(KNOWN)
    assert FACT in answer.body
    assert receipt_of(inside, answer).trouble is None
    _question, unsure = ask(UNKNOWN)
    assert unsure.is_unsure
    assert with_claude.requests == []


def test_trouble_in_a_later_round_still_ends_in_an_answer(
    inside: Inside, ask: Ask, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [
        {"blocks": [calls("search_knowledge", query="delivery price")]},
        fails(529), fails(529), fails(529),
    ]  # fmt: skip
    question, answer = ask(KNOWN)
    assert FACT in answer.body
    with inside():
        made = db.session.scalars(select(ModelCall).order_by(ModelCall.id)).all()
        assert [(call.stop_reason, call.attempt) for call in made] == [
            ("tools", 1), (None, 1), (None, 2), (None, 3),
        ]  # fmt: skip
        assert {call.question_id for call in made} == {question.id}
        cost = made[0].cost_micros
    assert receipt_of(inside, answer).cost_micros == cost


def test_the_receipt_shows_calls_tools_and_trouble(
    inside: Inside, cast: Cast, ask: Ask, login: Login, with_claude: stand_in.Claude
) -> None:
    with_claude.script = [
        {"blocks": [calls("search_knowledge", query="delivery price")]},
        fails(529),
        {"blocks": [says("It costs £4.95.", holding="4.95")]},
    ]
    _question, answer = ask(KNOWN)
    page = login(cast.owner).get(f"/b/{cast.slug}/answers/{answer.id}").text
    for words in (
        "Search your knowledge", "query: delivery price", "Asked for tools", "Claude is overloaded.",
        "attempt 2", "Answered",
    ):  # fmt: skip
        assert words in page
    assert "Without the model" not in page
    with_claude.script = [fails(401)]
    _question, answer = ask(KNOWN)
    page = login(cast.owner).get(f"/b/{cast.slug}/answers/{answer.id}").text
    assert "Without the model" in page
    assert "Claude refused the API key." in page
