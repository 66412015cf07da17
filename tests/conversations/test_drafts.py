"""What is half-written is on the server: on every device, and never lost to the other one."""

import pytest

from app.accounts.models import User
from app.conversations import drafts
from app.conversations.drafts import Typed
from app.conversations.models import Draft
from app.extensions import db


@pytest.fixture
def save(talk):
    """`save(inbox, "words", version)` from a device that knows that version."""
    conversation = talk()

    def keep(inbox, body, version=0, kind="reply"):
        path = f"/{conversation.id}/draft"
        return inbox.post(path, kind=kind, body=body, version=version).json

    keep.conversation = conversation
    return keep


def marked(inbox):
    """In the list."""
    return "inbox-row-draft" in inbox.get("/rows").text


def test_it_is_there_on_every_device_and_for_its_writer_alone(owner, inbox, cast, save):
    talk = save.conversation
    save(owner, "Well, we ")
    save(owner, "Ask Ana", kind="note")
    assert "Ask Ana</textarea>" in owner.get(f"/{talk.id}").text  # what was written last
    assert "Well, we " in owner.get(f"/{talk.id}").text  # and the other stands by
    assert owner.get(f"/{talk.id}/draft").json["reply"]["body"] == "Well, we "
    agent = inbox(cast.agent)
    assert "Well, we" not in agent.get(f"/{talk.id}").text
    assert agent.get(f"/{talk.id}/draft").json == {}
    assert (marked(owner), marked(agent)) == (True, False)


def test_sending_drops_it_and_emptying_too(owner, cast, save):
    talk = save.conversation
    save(owner, "Yes")
    save(owner, "Ask Ana", kind="note")
    owner.write(talk, "Yes")
    assert list(owner.get(f"/{talk.id}/draft").json) == ["note"]
    version = owner.get(f"/{talk.id}/draft").json["note"]["version"]
    save(owner, " ", version, kind="note")
    assert not marked(owner)


def test_the_newest_wins_and_the_other_is_offered(owner, save):
    talk = save.conversation
    first = save(owner, "At the desk")
    second = save(owner, "On the phone", first["version"])
    assert second["other"] == ""
    third = save(owner, "At the desk again", first["version"])
    assert third["other"] == "On the phone"
    assert "On the phone" in owner.get(f"/{talk.id}").text
    owner.post(f"/{talk.id}/draft/other", kind="reply")
    assert owner.get(f"/{talk.id}/draft").json["reply"]["other"] == ""


def test_a_device_that_knows_nothing_empties_nothing(owner, save):
    save(owner, "On the phone")
    assert save(owner, "")["body"] == "On the phone"


def test_what_isn_t_sent_stays(owner, save):
    talk = save.conversation
    save(owner, "x" * 10_001)
    assert owner.write(talk, "x" * 10_001).status_code == 422
    assert owner.get(f"/{talk.id}/draft").json["reply"]["body"] == "x" * 10_001


def test_refusals(owner, inbox, cast, save):
    path = f"/{save.conversation.id}/draft"
    assert owner.post(path, kind="event", body="x").status_code == 400
    assert owner.post(path, kind="reply", body="x", version="9" * 40).status_code == 200
    assert inbox(cast.viewer).post(path, kind="reply", body="x").status_code == 403
    assert owner.post("/999999999/draft", kind="reply", body="x").status_code == 404


def test_a_draft_that_is_sent_in_this_moment(owner, cast, save):
    """The row that was looked at is gone by the time that it can be written."""
    save(owner, "Hello")
    talk = save.conversation
    with talk.work():
        by = db.session.get_one(User, cast.owner.id)
        seen = Draft.one(talk.id, by.id, "reply")
        with talk.work():
            drafts.drop(talk.row(), db.session.get_one(User, cast.owner.id), "reply")
        assert drafts.save(talk.row(), by, Typed("reply", ""), seen.version) is None
