"""What goes out on Messenger, at a stand-in as strict as it; and what it refuses, in words."""

from dataclasses import replace

import pytest

from app.channels.adapters import adapter
from app.channels.border import Address, Outgoing, OutgoingFile, Person, SendFailed
from app.channels.content import (
    AskContact,
    AskLocation,
    Button,
    Buttons,
    Link,
    Media,
    Menu,
    Section,
    Template,
    Words,
)

TULIPS = [Button(id=f"t{i}", title=f"Tulip {i}") for i in range(13)]
LONG = Button(id="long", title="A tulip with a very long name", description="red")


@pytest.fixture(autouse=True)
def _inside_app(app):
    with app.app_context():
        yield


@pytest.fixture
def send(line, maya):
    def sending(content, **more):
        to = (Address("page_user", maya.psid),)
        sent = adapter("messenger").send(line, Outgoing(to, content, "token-1", **more))
        assert maya.received[-1].wamid == sent.provider_id
        return maya.received[-1].body

    return sending


def test_words_with_what_they_answer(send):
    body = send(Words(body="Yes, we do."), reply_to="m_0")
    assert body["messaging_type"] == "RESPONSE"
    assert body["message"] == {"text": "Yes, we do.", "metadata": "token-1"}
    assert body["reply_to"] == {"mid": "m_0"}


@pytest.mark.parametrize(
    "content",
    [
        Buttons(body="Which?", buttons=TULIPS),
        Menu(
            body="Which?",
            label="Choose",
            sections=[Section(rows=TULIPS[:6]), Section(rows=TULIPS[6:])],
        ),
    ],
)
def test_what_can_be_tapped(send, content):
    message = send(content)["message"]
    assert message["text"] == "Which?"
    assert [each["payload"] for each in message["quick_replies"]] == [each.id for each in TULIPS]


def test_what_a_button_has_no_room_for_stands_in_the_text(send):
    message = send(Buttons(body="Which?", buttons=[LONG], footer="While they last"))["message"]
    assert message["text"] == "Which?\n\n• A tulip with a very long name: red\n\nWhile they last"
    assert message["quick_replies"][0]["title"] == "A tulip with a very…"


def test_a_link_is_a_button_unless_its_words_are_too_long(send):
    link = Link(body="Our shop", label="Open", url="https://shop.example/")
    payload = send(link)["message"]["attachment"]["payload"]
    assert payload["buttons"] == [{"type": "web_url", "title": "Open", "url": link.url}]
    assert send(link.model_copy(update={"body": "x" * 700}))["message"]["text"].endswith(link.url)


def test_a_number_is_asked_for(send):
    replies = send(AskContact(body="Your number?"))["message"]["quick_replies"]
    assert replies == [{"content_type": "user_phone_number"}]


@pytest.mark.parametrize(
    ("kind", "mime", "theirs"),
    [
        ("image", "image/png", "image"), ("sticker", "image/webp", "image"),
        ("audio", "audio/mpeg", "audio"), ("document", "application/pdf", "file"),
    ],
)  # fmt: skip
def test_files_are_uploaded_first(send, page, kind, mime, theirs):
    file = OutgoingFile("thing", mime, b"bytes")
    attachment = send(Media(kind=kind, mime=mime), file=file)["message"]["attachment"]
    assert attachment["type"] == theirs
    assert page.uploaded == [(theirs, b"bytes")]


@pytest.mark.parametrize(
    "file", [None, OutgoingFile("a.bmp", "image/bmp", b"x"), OutgoingFile("a.png", "image/png", b"x" * 9_000_000)]
)  # fmt: skip
def test_a_file_that_it_doesn_t_take(send, page, file):
    with pytest.raises(SendFailed) as failed:
        send(Media(kind="image"), file=file)
    assert failed.value.trouble == "permanent"
    assert page.uploaded == []


def test_a_line_that_breaks_while_uploading_is_no_doubt(send, graph, maya):
    graph.cuts(at="message_attachments")
    with pytest.raises(SendFailed) as failed:
        send(Media(kind="image"), file=OutgoingFile("a.png", "image/png", b"x"))
    assert (failed.value.trouble, maya.received) == ("retry", [])


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (190, "reconnect"), (10, "reconnect"), (200, "reconnect"), (230, "reconnect"), (100, "permanent"),
        (551, "permanent"), (4, "retry"), (32, "retry"), (613, "retry"), (2, "retry"), (1200, "retry"),
        (368, "billing"), (99_999, "permanent"),
    ],
)  # fmt: skip
def test_each_code_of_meta_s_has_its_words(send, graph, code, trouble):
    graph.fails(code)
    with pytest.raises(SendFailed) as failed:
        send(Words(body="Hello"))
    assert (failed.value.trouble, failed.value.code) == (trouble, str(code))
    assert "WhatsApp" not in f"{failed.value} {failed.value.next_step}"


def test_a_closed_window_is_no_lacking_permission(send, graph):
    graph.passes(hours=25)
    with pytest.raises(SendFailed) as failed:
        send(Words(body="Hello"))
    assert (failed.value.trouble, failed.value.code) == ("template", "10/2018278")


@pytest.mark.parametrize("is_taken", [True, False])
def test_no_answer_is_a_doubt(send, graph, is_taken):
    graph.cuts(after_accepting=is_taken)
    with pytest.raises(SendFailed) as failed:
        send(Words(body="Hello"))
    assert failed.value.trouble == "unknown"


def test_nobody_and_templates(send, line):
    stranger = Outgoing((Address("phone", "+447700900123"),), Words(body="Hello"), "token-1")
    with pytest.raises(SendFailed, match="isn’t known"):
        adapter("messenger").send(line, stranger)
    template = Template(
        template_id=1, name="a", language="en", category="UTILITY", components=[], body="x"
    )
    with pytest.raises(SendFailed, match="no templates"):
        send(template)


def test_seen_and_writing(line, maya, page):
    person = Person((Address("page_user", maya.psid),))
    for is_typing in (False, True):
        adapter("messenger").as_read(line, "m_1", person, is_typing=is_typing)
    assert [action for _, action in page.actions] == ["mark_seen", "mark_seen", "typing_on"]
    assert adapter("messenger").name_of(line, person) == "Maya Ortiz"


def test_files_of_theirs_are_fetched_from_meta_alone(line, graph):
    fetch = adapter("messenger").download
    assert fetch(line, graph.public_file(b"bytes", "image/png"), 10) == (b"bytes", "image/png")
    for url in (
        f"{graph.url}/files/gone",
        "https://elsewhere.example/a",
        "http://[",
        "file:///etc/passwd",
    ):
        with pytest.raises(SendFailed) as failed:
            fetch(line, url, 10)
        assert failed.value.trouble == "permanent"
    with pytest.raises(SendFailed, match="larger"):
        fetch(line, graph.public_file(b"b" * 2_000_000, "image/png"), 1_048_576)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (Words(body="Hello"), ""),
        (Buttons(body="Which?", buttons=TULIPS), ""),
        (Buttons(body="Which?", buttons=[*TULIPS, LONG]), "13 buttons at most"),
        (Buttons(body="Which?", buttons=[]), "no button"),
        (Words(body="x" * 2001), "2,001 characters"),
        (Words(body=" "), "no words"),
        (Media(kind="image", mime="image/bmp"), "no file of this type"),
        (AskLocation(body="Where?"), "ask for a place"),
    ],
)
def test_problems_are_said_before(content, said):
    found = adapter("messenger").problems(content)
    assert said in " ".join(found)
    assert bool(found) == bool(said)


def test_a_secret_stands_in_no_error(line, graph, maya):
    graph.fails(190)
    spoiled = replace(line, credentials=line.credentials | {"access_token": "EAAGwrong"})
    with pytest.raises(SendFailed) as failed:
        adapter("messenger").send(
            spoiled, Outgoing((Address("page_user", maya.psid),), Words(body="Hi"), "t")
        )
    assert "EAAGwrong" not in f"{failed.value!r} {failed.value}"
