"""Writing on a provider's channel: files, buttons, what may be sent when, and everything that is refused."""

import io
import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.channels import consents
from app.channels.models import Delivery, VisitorAddress
from app.conversations import blocking, composing
from app.conversations.models import MessageFile
from app.core.db import now
from app.core.storage import File
from app.extensions import db
from tests.conversations.seeded import comes, png, talk_on

PDF = b"%PDF-1.7\n" + b"x" * 100


class Writer:
    """The owner's composer in one conversation."""

    def __init__(self, inbox, inside, reached):
        self.inbox, self.inside, self.reached = inbox, inside, reached
        self.path = f"/{reached.conversation_id}"

    def send(self, body="Hello", *, file=None, htmx=True, **fields):
        data = {"kind": "reply", "body": body, "client_key": str(uuid4())} | fields
        if file:
            data["file"] = (io.BytesIO(file[1]), file[0])
        headers = {"HX-Request": "true"} if htmx else {}
        path = f"{self.inbox.base}{self.path}/messages"
        return self.inbox.client.post(path, data=data, headers=headers)

    def sent(self):
        """(body, content) of what went out, with how many deliveries wait."""
        with self.inside():
            found = [m for m in self.reached.conversation.messages_after() if m.kind == "outgoing"]
            waiting = db.session.scalar(
                select(func.count()).where(Delivery.conversation_id == self.reached.conversation_id)
            )
            return [(m.body, m.content or {}) for m in found], waiting

    def page(self):
        return self.inbox.get(self.path).text


@pytest.fixture
def writer(inside, owner):
    def make(**channel):
        with inside():
            reached = talk_on(**channel)
        return Writer(owner, inside, reached)

    return make


def said(answer):
    found = re.search(r"data-error>([^<]+)<", answer.text)
    return found[1] if found else None


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({}, {}),
        (
            {"extra": "buttons", "button": ["Friday", "", "Saturday"]},
            {"type": "buttons", "buttons": [
                {"id": "b1", "title": "Friday", "description": ""},
                {"id": "b2", "title": "Saturday", "description": ""}]},
        ),
        (
            {"extra": "link", "link_label": "Shop", "link_url": "https://shop.example"},
            {"type": "link", "label": "Shop", "url": "https://shop.example"},
        ),
        ({"extra": "location"}, {"type": "location_request"}),
        ({"extra": "contact", "button": ["left over"]}, {"type": "contact_request"}),
    ],
)  # fmt: skip
def test_what_goes_along_with_the_words(writer, fields, content):
    writes = writer()
    answer = writes.send("Which day?", **fields)
    assert (answer.status_code, said(answer)) == (200, None)
    [(body, stored)], waiting = writes.sent()
    assert (body.split("\n")[0], waiting) == ("Which day?", 1)
    assert content.items() <= stored.items()


@pytest.mark.parametrize(
    ("body", "fields", "words"),
    [
        ("", {}, "Write something first."),
        ("x" * 10_001, {}, "10,000 characters fit"),
        ("Day?", {"extra": "buttons"}, "Write at least one button"),
        ("Day?", {"extra": "buttons", "button": ["x" * 21]}, "WhatsApp takes 20"),
        ("Day?", {"extra": "buttons", "button": ["A", "A"]}, "the same words"),
        ("x" * 1025, {"extra": "location"}, "WhatsApp takes 1,024"),
        ("Look", {"extra": "link", "link_label": "Shop", "link_url": "shop"}, "The link needs an address"),
        ("Look", {"extra": "link", "link_url": "javascript:alert(1)"}, "The link needs an address"),
        ("Look", {"extra": "nonsense"}, None),
    ],
)  # fmt: skip
def test_a_refusal_says_why_and_keeps_what_was_typed(writer, body, fields, words):
    writes = writer()
    answer = writes.send(body, **fields)
    assert answer.status_code == 422
    assert words is None or words in said(answer)
    assert body[:500] in answer.text
    typed = [each for name in fields for each in fields[name] if name == "button"]
    typed += [fields[name] for name in fields if name.startswith("link")]
    assert [each for each in typed if f'value="{each}"' not in answer.text] == []
    assert writes.sent() == ([], 0)


@pytest.mark.parametrize(
    ("file", "kind"),
    [(("../../a.png", png()), "image"), (("prices.pdf", PDF), "document"), (("note.txt", b"hi"), "document")],
)  # fmt: skip
def test_a_file_is_stored_and_sent(writer, inside, file, kind):
    writes = writer()
    assert writes.send("Look", file=file).status_code == 200
    [(body, stored)], waiting = writes.sent()
    assert (stored["type"], stored["kind"], stored["caption"], waiting) == (
        "media",
        kind,
        "Look",
        1,
    )
    assert body == "Look"
    with inside():
        row = db.session.scalars(select(MessageFile).order_by(MessageFile.id.desc())).first()
        assert (row.state, row.name, row.file_id) == (
            "stored",
            file[0].split("/")[-1],
            stored["file_id"],
        )
        number = row.id
    assert f"/inbox/files/{number}" in writes.page()
    assert writes.inbox.get(f"/files/{number}").data == file[1]


def test_a_file_needs_no_words(writer):
    writes = writer()
    assert writes.send("", file=("a.png", png())).status_code == 200
    assert writes.sent()[0][0][0] == "Picture"


@pytest.mark.parametrize(
    ("file", "fields", "words"),
    [
        (("virus.exe", b"MZ" + b"\0" * 50), {}, "virus.exe can’t be sent here. Pictures (JPEG, PNG) up to 5 MB"),
        (("fake.png", b"<html><script>"), {}, "fake.png can’t be sent here"),
        (("empty.txt", b""), {}, "empty.txt is empty."),
        (("big.png", png() + b"\0" * 5 * 1024 * 1024), {}, "at most 5 MB fit."),
        (("a.png", png()), {"extra": "location"}, "A file goes without buttons"),
        (("a.png", png()), {"body": "x" * 1025}, "WhatsApp takes 1,024"),
        (("a.aac", b"\xff\xf1" + b"\0" * 60), {}, "no caption"),
    ],
)  # fmt: skip
def test_a_file_that_isnt_taken_is_refused_in_words(writer, inside, file, fields, words):
    writes = writer()
    with inside():
        before = db.session.scalar(select(func.count()).select_from(File))
    answer = writes.send(**{"body": "These words stay", "file": file} | fields)
    assert answer.status_code == 422
    assert words in said(answer)
    assert fields.get("body", "These words stay") in answer.text
    assert writes.sent() == ([], 0)
    with inside():
        assert db.session.scalar(select(func.count()).select_from(File)) == before


def test_more_than_a_form_may_hold_is_refused(writer):
    writes = writer()
    huge = b"\0" * (composing.MOST_UPLOAD_BYTES + 2 * 1024 * 1024)
    assert writes.send(file=("huge.pdf", huge)).status_code == 413
    assert writes.sent() == ([], 0)


def test_sent_twice_is_stored_once_with_one_file(writer, inside):
    writes = writer()
    with inside():
        before = db.session.scalar(select(func.count()).select_from(File))
    for _ in range(2):
        assert writes.send("Look", file=("a.png", png()), client_key="the-same").status_code == 200
    assert len(writes.sent()[0]) == 1
    with inside():
        assert db.session.scalar(select(func.count()).select_from(File)) == before + 1


def test_without_javascript_it_leads_back(writer):
    writes = writer()
    answer = writes.send("Look", file=("a.png", png()), htmx=False)
    assert answer.status_code == 303
    refused = writes.send("Look", file=("a.exe", b"MZ\0"), htmx=False)
    assert refused.status_code == 422
    assert "<!doctype html>" in refused.text
    assert "Look</textarea>" in refused.text


def test_a_reply_quotes(writer, inside):
    writes = writer()
    with inside():
        number = comes(writes.reached, body="Red ones?").id
    page = writes.inbox.get(f"{writes.path}?reply_to={number}").text
    assert f'name="reply_to" value="{number}"' in page
    assert writes.send("Yes", reply_to=number).status_code == 200
    with inside():
        assert writes.reached.conversation.newest_messages()[-1].reply_to_id == number


@pytest.mark.parametrize("reply_to", ["another", "x", "999999999999999999"])
def test_what_isnt_here_is_not_quoted(writer, inside, reply_to):
    writes, other = writer(), writer()
    if reply_to == "another":
        with inside():
            reply_to = comes(other.reached, body="secret").id
    page = writes.inbox.get(f"{writes.path}?reply_to={reply_to}").text
    assert 'name="reply_to" value=""' in page
    writes.send("Yes", reply_to=reply_to)
    with inside():
        assert writes.reached.conversation.newest_messages()[-1].reply_to_id is None


def locked(writes, why):
    with writes.inside():
        if why == "blocked":
            writes.reached.visitor.blocked_at = now()
        elif why == "off":
            writes.reached.channel.state = "off"
        elif why == "consent":
            consents.record(
                "whatsapp", map(consents.key_of, VisitorAddress.of_visitor(writes.reached.visitor_id)),
                purpose="all", state="out", basis="member", evidence={},
            )  # fmt: skip
        elif why == "never":
            writes.reached.visitor.window_until = None
        else:
            writes.reached.visitor.window_until = now()


@pytest.mark.parametrize(
    ("why", "words", "refusal"),
    [
        ("window", "The time for free replies ended", "Send a template now"),
        ("never", "hasn’t written here yet", "Send a template now"),
        ("blocked", "You blocked Mia Moss", "Unblock them"),
        ("off", "WhatsApp is disconnected", "Connect it again"),
        ("consent", "Mia Moss asked not to be contacted", "They asked not to be contacted at all"),
    ],
)
def test_locked_says_why_and_notes_can_be_written(writer, why, words, refusal):
    writes = writer()
    locked(writes, why)
    page = writes.page()
    assert words in page
    assert re.search(r'data-locked="\w+"', page)
    answer = writes.send("May I?")
    assert answer.status_code == 422
    assert refusal in said(answer)
    assert "May I?</textarea>" in answer.text
    assert writes.send("For us", kind="note").status_code == 200
    assert writes.sent() == ([], 0)


def test_the_window_is_counted_down(writer):
    writes = writer(hours_left=21.51)
    assert re.search(r'data-window-until="[^"]+">21 h 30 min<', writes.page())
    assert 'data-locked=""' in writes.page()
    assert "is-short" in writer(hours_left=0.5).page()
    state = writes.inbox.get(f"{writes.path}/composer").text
    assert "21 h 30 min" in state
    assert "<textarea" not in state


def test_a_message_from_them_opens_the_composer_that_is_on_the_screen(writer, inside):
    writes = writer(hours_left=-1)
    assert 'data-locked="window"' in writes.page()
    with inside():
        writes.reached.visitor.window_until = now().replace(year=now().year + 1)
        comes(writes.reached, body="Are you there?")
    update = writes.inbox.get(f"{writes.path}/messages?after=1").text
    assert 'data-locked="" hx-swap-oob="outerMorph"' in update


def test_a_broken_channel_says_so_over_the_composer(writer, cast, inbox):
    writes = writer(state="broken", trouble="Meta no longer accepts the token.")
    page = writes.page()
    assert "WhatsApp isn’t working: Meta no longer accepts the token." in page
    channel = writes.reached.channel_id
    assert f'href="/b/{cast.slug}/settings/channels/{channel}"' in page
    assert writes.send("This waits").status_code == 200
    assert writes.sent()[1] == 1


def test_blocking_from_the_header(writer, inside, cast, inbox):
    writes = writer()
    page = writes.page()
    address = re.search(r'<form id="block_[^"]+" method="post" action="[^"]*/inbox([^"]+)"', page)[
        1
    ]
    assert "Block this person" in page
    assert "Block this person" not in inbox(cast.viewer).get(writes.path).text
    assert inbox(cast.viewer).post(address).status_code == 403
    writes.inbox.post(address)
    with inside():
        assert [each.id for each in blocking.blocked()] == [writes.reached.visitor_id]
    assert ">Unblock<" in writes.page()


def test_the_menu_offers_what_the_channel_takes(writer):
    page = writer().page()
    for words in (
        "Pictures (JPEG, PNG) up to 5 MB", "Quick buttons", "Link button", "Ask for their location",
        "Ask for their number", "Send a template", 'data-text-limit="4096"',
    ):  # fmt: skip
        assert words in page


def test_a_channel_without_an_adapter_takes_words_alone(writer):
    writes = writer(kind="pigeon")
    page = writes.page()
    assert "Add to the message" not in page
    assert 'type="file"' not in page


def test_the_website_takes_files_and_none_of_the_rest(owner, talk):
    page = owner.get(f"/{talk().id}").text
    for words in ('name="extra"', "message-reply", "composer-state", "deliveries"):
        assert words not in page
    assert 'type="file"' in page


def test_a_viewer_sees_the_window_nowhere_and_sends_nothing(writer, inbox, cast):
    writes = writer()
    viewer = Writer(inbox(cast.viewer), writes.inside, writes.reached)
    assert "data-composer" not in viewer.page()
    assert viewer.send(file=("a.png", png())).status_code == 403
    assert viewer.inbox.get(f"{writes.path}/composer").status_code == 200
    assert writes.sent() == ([], 0)


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("sms", "See you at ten.", ""),
        ("sms", " ", ""),
        ("sms", "🌷" * 80, "paid for, as 3 text messages"),
        ("whatsapp", "🌷" * 80, ""),
    ],
)
def test_what_one_should_know_before_it_is_sent(writer, kind, body, says):
    writes = writer(kind=kind)
    advice = writes.inbox.client.post(
        f"{writes.inbox.base}{writes.path}/hint", data={"body": body}
    ).text
    assert says in advice if says else advice == ""
    assert ("/hint" in writes.page()) is (kind == "sms")
