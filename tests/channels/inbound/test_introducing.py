"""Who answers is said where the channel doesn't show it."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.assistant.models import AssistantSettings
from app.businesses.models import Business
from app.conversations import services
from app.conversations.models import Message
from app.core import tenancy
from app.extensions import db
from app.frontdesk import introducing

AT = [{"title": "Dogs", "chunk_id": 1, "at": [4]}]


@pytest.fixture
def answers(phone, inside):
    """`answers("Yes.")` to the newest message; what was said then, without the business's name."""

    def answering(text, name="", words="Hello"):
        phone.says(words)
        with inside():
            settings = AssistantSettings.current()
            settings.assistant_name = name
            db.session.add(settings)
            db.session.flush()
            business = db.session.get_one(Business, tenancy.current_business_id()).name
        body, ats = phone.look(lambda row: said(row, text))
        assert [body[at - 4 : at] for at in ats] == [text[:4]]
        return body.replace(business, "the shop")

    return answering


def said(conversation, text):
    message = introducing.answer(conversation.newest_messages()[-1], text, AT, is_unsure=False)
    return message.body, message.citations[0]["at"]


def test_with_the_first_answer_alone(answers):
    assert answers("Yes.", "Lily") == "I’m Lily, the AI assistant of the shop.\n\nYes."
    assert answers("Yes.", "Lily") == "Yes."


def test_without_a_name_and_in_their_language(answers):
    german = "Guten Tag, haben Sie auch am Samstag geöffnet und darf ich meinen Hund mitbringen?"
    assert answers("Ja, gern.", words=german).startswith(
        "Ich bin der KI-Assistent von the shop.\n\nJa"
    )


def test_again_after_a_long_silence(answers, inside):
    answers("Yes.")
    with inside():
        db.session.execute(
            update(Message).values(created_at=Message.created_at - timedelta(days=8))
        )
    assert answers("Yes.").startswith("I’m the AI assistant")


def test_again_after_a_person(answers, phone):
    answers("Yes.")
    phone.look(lambda row: services.post(row.lock(), "outgoing", "member", "It’s me, Jo."))
    assert answers("Yes.").startswith("I’m the AI assistant")
    assert answers("Yes.") == "Yes."
