"""Read marks, and the sign that an answer is being written."""

from dataclasses import replace
from io import BytesIO
from uuid import uuid4

from app.accounts.models import User
from app.channels import courtesies
from app.channels.border import SendFailed
from app.channels.content import Button, Buttons, Media, Words
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message, MessageFile
from app.core import storage
from app.extensions import db
from app.frontdesk import services as frontdesk
from tests.channels.outbound.conftest import Scripted


def asks(line, text="Do you deliver?"):
    with line.inside():
        conversation = row(line)
        message = conversations.post(
            conversation.lock(), "incoming", "visitor", text, client_key=str(uuid4())
        )
        message.external_id = f"in-{message.id}"
        return message.external_id


def row(line):
    return db.session.query(Conversation).filter_by(id=line.conversation_id).one()


def test_when_a_turn_begins_the_newest_is_read_and_something_is_being_written(line, run_jobs):
    asks(line)
    newest = asks(line, "On Saturdays?")
    with line.inside():
        courtesies.ask(
            line.channel(), line.visitor_id, line.conversation_id, newest, is_typing=True
        )
    run_jobs()
    assert line.provider.read == [(newest, True)]


def test_the_assistant_s_turn_asks_for_it_and_the_answer_ends_it(line, run_jobs):
    """The answer was there before the sign could be: the message is read, and nobody is writing."""
    newest = asks(line)
    with line.inside():
        frontdesk.ask(row(line))
    run_jobs()
    assert line.provider.read == [(newest, False)]
    assert set(line.statuses) == {"sent"}


def test_a_member_s_reply_marks_it_as_read(line, cast, run_jobs):
    newest = asks(line)
    with line.inside():
        owner = db.session.get_one(User, cast.owner.id)
        conversations.reply(row(line), owner, "Yes, we do.", str(uuid4()))
    run_jobs()
    assert line.provider.read == [(newest, False)]
    assert line.provider.texts == ["Yes, we do."]


def test_a_refused_mark_is_nobody_s_matter(line, run_jobs, monkeypatch):
    def refuse(*_args, **_details):
        raise SendFailed("permanent", "No.")

    monkeypatch.setattr(Scripted, "as_read", refuse)
    newest = asks(line)
    with line.inside():
        courtesies.ask(
            line.channel(), line.visitor_id, line.conversation_id, newest, is_typing=True
        )
    run_jobs()
    with line.inside():
        assert line.channel().state == "active"


def test_what_a_member_sends_beside_words_is_delivered_as_it_is(line, cast, run_jobs):
    buttons = Buttons(body="Which day?", buttons=[Button(id="a", title="Friday")])
    with line.inside():
        owner = db.session.get_one(User, cast.owner.id)
        message = conversations.reply(row(line), owner, "", str(uuid4()), content=buttons)
        assert (message.body, message.content["type"]) == ("Which day?", "buttons")
    run_jobs()
    assert line.provider.taken[0].content == buttons


def test_a_file_goes_along_and_is_shown_as_any_other(line, cast, run_jobs):
    with line.inside():
        sha256, length = storage.digest(BytesIO(b"%PDF-1"))
        stored = storage.store(BytesIO(b"%PDF-1"), "prices.pdf", sha256, length)
        media = Media(kind="document", file_id=stored.id, mime="application/pdf", name="prices.pdf")
        owner = db.session.get_one(User, cast.owner.id)
        message = conversations.reply(row(line), owner, "", str(uuid4()), content=media)
        (file,) = MessageFile.of_messages([message.id])[message.id]
        assert (file.state, file.kind, file.name) == ("stored", "document", "prices.pdf")
    run_jobs()
    sent = line.provider.taken[0].file
    assert (sent.name, sent.mime, sent.body) == ("prices.pdf", "application/pdf", b"%PDF-1")


def test_a_reply_that_quotes_names_the_provider_s_message(line, cast, run_jobs):
    quoted = asks(line)
    with line.inside():
        owner = db.session.get_one(User, cast.owner.id)
        message = db.session.query(Message).filter_by(external_id=quoted).one()
        conversations.reply(row(line), owner, "This one.", str(uuid4()), reply_to=message)
    run_jobs()
    assert line.provider.taken[0].reply_to == quoted


def test_what_was_sent_elsewhere_is_not_sent(line):
    line.say("From the phone.", already_sent=True)
    assert line.rows() == []


def test_where_replies_have_a_subject_it_is_the_question_s(line, run_jobs, monkeypatch):
    with line.inside():
        message = db.session.query(Message).filter_by(external_id=asks(line)).one()
        message.content = Words(body=message.body, subject="Delivery").as_json()
        quoted = message.external_id
    monkeypatch.setattr(Scripted, "limits", replace(Scripted.limits, has_subject=True))
    line.say("Yes, we do.")
    run_jobs()
    (sent,) = line.provider.taken
    assert (sent.content.subject, sent.content.body) == ("Re: Delivery", "Yes, we do.")
    assert sent.reply_to == quoted
