"""Kept replies: made and changed under Settings, inserted in a conversation with what is known of the customer."""

import io
import re
from datetime import timedelta

import pytest

from app.contacts.models import Visitor
from app.conversations import variables
from app.conversations.models import CannedReply, MessageFile
from app.core.db import now
from app.core.storage import File
from app.extensions import db
from tests.conversations.seeded import png, talk_on
from tests.conversations.waiting import rows

SAID = {"title": "Hours", "shortcut": "hours", "body": "Hello {{ contact.first_name | there }}", "whose": "team"}  # fmt: skip


class Settings:
    """A member's page of replies."""

    def __init__(self, client, slug):
        self.client, self.base = client, f"/b/{slug}/settings/replies"

    def get(self, path="/", **options):
        return self.client.get(self.base + path, **options)

    def post(self, path="/", *, files=(), **said):
        sent = [(io.BytesIO(data), name) for name, data in files]
        return self.client.post(self.base + path, data=SAID | said | {"files": sent})


@pytest.fixture
def settings(login, cast):
    return lambda person=cast.owner: Settings(login(person), cast.slug)


@pytest.fixture
def kept(inside):
    """Each reply's (shortcut, body, files), as the business has them."""

    def found():
        with inside():
            return [
                (each.shortcut, each.body, [file.name for file in each.files])
                for each in db.session.query(CannedReply).order_by(CannedReply.id)
            ]

    return found


def test_made_found_changed_and_deleted(settings, kept):
    page = settings()
    assert "No replies yet" in page.get().text
    assert page.post(shortcut="/Hours").status_code == 303
    assert page.post(title="Bank", shortcut="iban", body="Our account").status_code == 303
    assert "not used yet" in page.get().text
    found = page.get("/?q=/hou").text
    assert ("Hours" in found, "Bank" in found) == (True, False)
    assert "No reply has" in page.get("/?q=nothing").text
    fragment = page.get("/?q=account", headers={"HX-Request": "true"}).text
    assert ("Bank" in fragment, "<html" in fragment) == (True, False)
    assert [each[0] for each in kept()] == ["hours", "iban"]
    [path] = re.findall(r'class="reply-row" href=".+?/replies(/\d+)"', page.get("/?q=iban").text)
    assert "Our account" in page.get(path).text
    assert page.post(path, title="Bank", shortcut="iban", body="Another").status_code == 303
    assert page.post(f"{path}/deletion").status_code == 303
    assert kept() == [("hours", SAID["body"], [])]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"title": ""}, "Give it a title."),
        ({"shortcut": "two words"}, "Letters, digits and hyphens"),
        ({"body": ""}, "Write what is to be sent."),
        ({"body": "Hi {{ contact.shoe_size }}"}, "There is no “contact.shoe_size”."),
        ({"body": "Hi {{ contact.name"}, "A variable isn’t closed."),
        ({"shortcut": "taken"}, "The team has /taken already"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(settings, kept, said, words):
    page = settings()
    page.post(shortcut="taken", body="First")
    answer = page.post(**said)
    assert answer.status_code == 422
    assert words in answer.text
    assert (said.get("title") or "Hours") in answer.text or said == {"title": ""}
    assert [each[0] for each in kept()] == ["taken"]


def test_one_s_own_is_nobody_else_s(settings, inbox, cast, inside, talk):
    conversation = talk()
    settings().post(whose="own")
    with inside():
        reply_id = db.session.query(CannedReply).one().id
    agent = settings(cast.agent)
    assert "<kbd>/hours" not in agent.get().text
    for path in (f"/{reply_id}", f"/{reply_id}/deletion"):
        assert agent.post(path).status_code == 404
    assert agent.get(f"/{reply_id}").status_code == 404
    assert "hours" not in inbox(cast.agent).get(f"/{conversation.id}/canned").text
    assert agent.post(whose="own").status_code == 303  # the same shortcut, for oneself


def test_the_team_s_are_changed_by_owners_and_by_their_maker(settings, cast, inside):
    agent, owner = settings(cast.agent), settings(cast.owner)
    owner.post()
    with inside():
        reply_id = CannedReply.with_shortcut("hours", cast.owner.id).id
    assert "<kbd>/hours" in agent.get().text
    assert f"/replies/{reply_id}" not in agent.get().text
    assert agent.get(f"/{reply_id}").status_code == 403
    for path in (f"/{reply_id}", f"/{reply_id}/deletion", f"/{reply_id}/files/1/deletion"):
        assert agent.post(path).status_code == 403
    agent.post(shortcut="theirs")
    with inside():
        theirs = CannedReply.with_shortcut("theirs", cast.agent.id).id
    assert agent.post(f"/{theirs}", shortcut="theirs", title="Mine").status_code == 303
    assert owner.post(f"/{theirs}", shortcut="theirs", title="Ours").status_code == 303


def test_who_may(settings, cast):
    assert settings(cast.viewer).get().status_code == 200
    assert settings(cast.viewer).post().status_code == 403
    assert settings(cast.viewer).get("/new").status_code == 403
    assert settings(cast.accountant).get().status_code == 403
    assert settings(cast.neighbour).get().status_code == 404


def test_inserted_with_what_is_known_and_counted(settings, owner, inside, talk):
    conversation = talk()
    page = settings()
    page.post(
        body="Hello {{ contact.first_name | there }}, {{ member.name }} here. {{contact.phone}}"
    )
    offered = owner.get(f"/{conversation.id}/canned").text
    assert "Hello there, Olivia Owner here. [phone number]" in offered
    assert "it says \\u201cthere\\u201d instead" in offered
    with conversation.work():
        visitor = db.session.get_one(
            Visitor, (conversation.cast.business_id, conversation.row().visitor_id)
        )
        visitor.name, visitor.phone = "Marta Ruiz", "+34600123123"
        reply_id = db.session.query(CannedReply).one().id
    assert "Hello Marta, Olivia Owner here. +34 600" in owner.get(f"/{conversation.id}/canned").text
    assert owner.post(f"/{conversation.id}/canned/{reply_id}/use").status_code == 204
    assert owner.post(f"/{conversation.id}/canned/999999/use").status_code == 404
    assert "used once" in page.get().text
    refused = owner.write(conversation, "Call [phone number]")
    assert (refused.status_code, "Fill in [phone number] first." in refused.text) == (422, True)


def test_opening_hours_are_those_of_today(inside):
    from app.businesses import hours
    from app.lib.hours import Range

    with inside():
        assert variables._hours_today() == ""
        hours.change_week({day: (Range(540, 1050),) for day in range(7)})
        assert variables._hours_today() == "from 9:00 to 17:30"


def test_files_go_along_and_outlive_the_reply(settings, owner, inside, talk, run_jobs):
    page = settings()
    picture, pdf = ("map.png", png()), ("prices.pdf", b"%PDF-1.7\n" + b"x" * 99)
    film = ("tour.mp4", b"\0\0\0\x18ftypmp42" + b"x" * 99)
    assert page.post(files=[picture, pdf, film]).status_code == 303
    with inside():
        reached = talk_on()
        reply = db.session.query(CannedReply).one()
        reply_id, refs = reply.id, [f"canned-{file.id}" for file in reply.files[:2]]
    conversation = talk()
    offered = owner.get(f"/{conversation.id}/canned").text
    assert "tour.mp4 can\\u2019t be sent here" in offered  # the website takes no films
    assert "map.png can\\u2019t" not in offered
    conversation.id = reached.conversation_id
    assert "map.png" in owner.get(f"/{conversation.id}/canned").text
    owner.write(conversation, "Here you are", kept_file=refs)
    page.post(f"/{reply_id}/deletion")
    assert conversation.lines()[-2:] == [("outgoing", "Here you are"), ("outgoing", "prices.pdf")]
    with inside():
        kept = db.session.query(MessageFile).filter(MessageFile.name.in_(("map.png", "prices.pdf")))
        assert all(each.state == "stored" and each.file_id for each in kept)
        assert db.session.query(File).count() == 2


def test_a_file_that_isn_t_one_s_to_send_is_refused(owner, settings, inside, talk):
    settings().post(files=[("map.png", png())])
    with inside():
        conversation_id = talk_on().conversation_id
        file_id = db.session.query(File).one().id
    conversation = talk()
    conversation.id = conversation_id
    for ref in (f"file-{file_id}", "canned-999999", "nonsense"):
        refused = owner.write(conversation, "Here", kept_file=[ref])
        assert refused.status_code == 422
        assert "isn’t there any more" in refused.text
    bad = settings().post(shortcut="other", files=[("virus.exe", b"MZ\x00\x01")])
    assert (bad.status_code, "is no file that people are sent" in bad.text) == (422, True)


def test_taken_back_a_file_stands_in_the_composer_and_goes_with_the_next_try(
    owner, inside, settings, talk
):
    settings().post(files=[("map.png", png())])
    with inside():
        conversation_id = talk_on().conversation_id
        ref = f"canned-{db.session.query(CannedReply).one().files[0].id}"
    conversation = talk()
    conversation.id = conversation_id
    at = (now() + timedelta(days=1)).isoformat()
    owner.write(conversation, "Here", kept_file=[ref], send_at=at)
    [row] = rows(conversation)
    back = owner.post(
        f"/{conversation_id}/scheduled/{row.id}/undo", htmx=True, kind="reply", body=""
    )
    assert "map.png" in back.text
    taken = f"file-{row.contents[0]['file_id']}"
    assert f'name="kept_file" value="{taken}"' in back.text
    owner.write(conversation, "Here", kept_file=[taken])
    assert conversation.lines()[-1] == ("outgoing", "Here")
    with inside():
        assert db.session.query(File).count() == 2  # the reply's own, and the message's
