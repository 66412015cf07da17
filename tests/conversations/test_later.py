"""A reply for later: listed, changed, sent sooner, dropped when they write first, refused when its time comes."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import update

from app.accounts.models import User
from app.channels import consents
from app.channels.content import Media
from app.channels.models import VisitorAddress
from app.contacts.models import Visitor
from app.conversations import scheduling
from app.conversations.due import Written
from app.conversations.models import Mention, ScheduledMessage
from app.core import storage
from app.core.db import now
from app.core.storage import File
from app.extensions import db
from tests.conversations.seeded import talk_on
from tests.conversations.waiting import rows, time_passes

DAY = timedelta(days=1)


def tomorrow() -> str:
    return (now() + DAY).isoformat()


def schedule(inbox, conversation, body="Still interested?", **fields):
    fields = {"send_at": tomorrow(), "drops_on_reply": "1"} | fields
    return inbox.write(conversation, body, **fields)


def bodies(conversation, *kinds):
    return [body for kind, body in conversation.lines() if kind in kinds]


def test_it_stands_there_for_all_and_goes_at_its_time(owner, inbox, cast, talk, run_jobs):
    conversation = talk()
    assert schedule(owner, conversation).status_code == 303
    for person in (cast.owner, cast.viewer):
        page = inbox(person).get(f"/{conversation.id}").text
        assert "Still interested?" in page
        assert "scheduled-when" in page
    run_jobs()
    assert bodies(conversation, "outgoing") == []
    time_passes(conversation, days=1)
    run_jobs()
    assert bodies(conversation, "outgoing") == ["Still interested?"]
    assert rows(conversation) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"send_at": "chosen", "send_on": ""}, "Choose a day and a time."),
        ({"send_at": "chosen", "send_on": "2001-01-01T09:00"}, "This time is over already."),
        ({"send_at": "2126-01-01T09:00"}, "more than a year away"),
        ({"body": "Hello [first name]"}, "Fill in [first name] first."),
        ({"body": " "}, "Write something first."),
    ],
)
def test_what_can_t_be_kept_says_why(owner, talk, fields, words):
    conversation = talk()
    answer = schedule(owner, conversation, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert rows(conversation) == []


def test_it_is_dropped_when_they_write_first_and_its_writer_gets_the_words_back(
    owner, cast, talk, run_jobs
):
    conversation = talk()
    schedule(owner, conversation, "Still interested?")
    schedule(owner, conversation, "In any case", drops_on_reply="")
    conversation.visitor_says("I found one elsewhere")
    assert [each.body for each in rows(conversation)] == ["In any case"]
    assert "scheduled_dropped" in bodies(conversation, "event")
    [note] = bodies(conversation, "note")
    assert note.startswith("@Olivia Owner your message for later wasn’t sent")
    assert "Still interested?" in note
    assert conversation.look(lambda row: Mention.unseen_count(cast.owner.id)) == 1
    time_passes(conversation, days=1)
    run_jobs()
    assert bodies(conversation, "outgoing") == ["In any case"]
    assert "Your message for later was dropped" in owner.get(f"/{conversation.id}").text


def test_words_and_time_can_be_changed_and_the_old_time_does_nothing(owner, talk, run_jobs):
    conversation = talk()
    schedule(owner, conversation)
    [row] = rows(conversation)
    path = f"/{conversation.id}/scheduled/{row.id}"
    in_two_days = (now() + 2 * DAY).isoformat()
    refused = owner.post(path, htmx=True, body="", send_on=in_two_days)
    assert (refused.status_code, "Write something first." in refused.text) == (422, True)
    assert owner.post(path, body="Better words", send_on=in_two_days).status_code == 303
    [changed] = rows(conversation)
    assert (changed.body, changed.drops_on_reply) == ("Better words", False)
    time_passes(conversation, days=1)
    run_jobs()
    assert bodies(conversation, "outgoing") == []
    time_passes(conversation, days=1)
    run_jobs()
    assert bodies(conversation, "outgoing") == ["Better words"]


def test_it_can_go_now_or_never_and_a_colleague_may_only_delete(owner, inbox, cast, talk):
    conversation = talk()
    agent = inbox(cast.agent)
    schedule(owner, conversation, "Now")
    [row] = rows(conversation)
    path = f"/{conversation.id}/scheduled/{row.id}"
    assert agent.post(f"{path}/sending").status_code == 409
    assert agent.post(path, body="Mine", send_on=tomorrow()).status_code == 409
    assert owner.post(f"{path}/sending", htmx=True).status_code == 200
    assert bodies(conversation, "outgoing") == ["Now"]
    assert owner.post(f"{path}/sending").status_code == 409
    schedule(owner, conversation, "Never")
    [row] = rows(conversation)
    assert agent.post(f"/{conversation.id}/scheduled/{row.id}/deletion").status_code == 303
    assert rows(conversation) == []
    assert "Agent Person deleted your message" in bodies(conversation, "note")[0]


@pytest.fixture
def reached(inside, talk):
    """Somebody on WhatsApp, and the conversation with them."""
    with inside():
        found = talk_on()
    conversation = talk()
    conversation.id = found.conversation_id
    return found, conversation


@pytest.mark.parametrize("why", ["window", "consent", "blocked"])
def test_what_mustn_t_go_when_its_time_comes_says_so(owner, inside, reached, why, run_jobs):
    reached, conversation = reached
    schedule(owner, conversation)
    with inside():
        if why == "consent":
            consents.record(
                "whatsapp", map(consents.key_of, VisitorAddress.of_visitor(reached.visitor_id)),
                purpose="all", state="out", basis="member", evidence={},
            )  # fmt: skip
        changed = {"window": {"window_until": now()}, "blocked": {"blocked_at": now()}}.get(why)
        if changed:
            db.session.execute(
                update(Visitor).where(Visitor.id == reached.visitor_id).values(**changed)
            )
    time_passes(conversation, days=1)
    run_jobs()
    assert bodies(conversation, "outgoing") == []
    assert [each.state for each in rows(conversation)] == ["failed"]
    assert bodies(conversation, "event")[-1] == "scheduled_failed"
    assert "@Olivia Owner your message for later wasn’t sent." in bodies(conversation, "note")[-1]
    page = owner.get(f"/{conversation.id}").text
    assert "Your message for later couldn’t be sent" in page
    assert rows(conversation)[0].error in page


def test_two_conversations_that_became_one_send_it_in_the_one_that_stays(
    owner, inside, talk, run_jobs
):
    gone, kept = talk(), talk("Hello again")
    schedule(owner, gone)
    with inside():
        rows_of = update(ScheduledMessage).where(ScheduledMessage.conversation_id == gone.id)
        db.session.execute(rows_of.values(conversation_id=kept.id, due_at=now()))
        gone.row().merged_into_id, kept.row().has_scheduled = kept.id, True
    time_passes(gone, days=1)
    run_jobs()
    assert bodies(kept, "outgoing") == ["Still interested?"]
    assert bodies(gone, "outgoing") == []


def test_dropped_its_files_go(talk, cast):
    conversation = talk()
    with conversation.work():
        by = db.session.get_one(User, cast.owner.id)
        kept = storage.store(BytesIO(b"a plan"), "plan.pdf", "-", 6).id
        part = Media(kind="document", file_id=kept, mime="application/pdf", name="plan.pdf")
        at, row = now() + timedelta(days=1), conversation.row()
        scheduling.send_later(row, by, Written("Look", [part]), "k", at, drops_on_reply=True)
    conversation.visitor_says("Never mind")
    assert conversation.look(lambda _row: db.session.get(File, (cast.business_id, kept))) is None
