"""What goes out to WhatsApp, over real HTTP to a stand-in that is as strict as Graph."""

import logging
from typing import Any

import pytest

from app.channels.adapters import adapter
from app.channels.border import Address, Line, Outgoing, OutgoingFile, SendFailed
from app.channels.border import Person as Somebody
from app.channels.content import (
    AskContact,
    AskLocation,
    Button,
    Buttons,
    Content,
    Link,
    Location,
    Media,
    Menu,
    Section,
    Template,
    Words,
)
from tests.channels.whatsapp.conftest import line_of, to
from tests.standins.graph import Graph, Number, Person

whatsapp = adapter("whatsapp")
PICTURE = OutgoingFile("menu.png", "image/png", b"a picture")


def some_buttons(count: int) -> list[Button]:
    return [Button(id=str(number), title=f"Day {number}") for number in range(count)]


def refused(line: Line, outgoing: Outgoing) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        whatsapp.send(line, outgoing)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        Words(body="See https://example.com/menu"),
        Buttons(body="Which?", buttons=some_buttons(3), header="Days", footer="Or call us"),
        Buttons(body="Which?", buttons=some_buttons(4)),
        Menu(
            body="Which?",
            label="Choose",
            sections=[
                Section(title="Week", rows=some_buttons(5)),
                Section(title="End", rows=[Button(id="s", title="Sunday", description="From ten")]),
            ],
        ),
        Link(body="Here", label="Book", url="https://example.com/book"),
        AskLocation(body="Where are you?"),
        AskContact(body="What is your number?"),
    ],
)
def test_everything_that_can_be_said_is_taken(line: Line, maya: Person, content: Content) -> None:
    assert whatsapp.problems(content) == []
    sent = whatsapp.send(line, to(maya, content, reply_to="wamid.1"))
    [received] = maya.received
    assert sent.provider_id == received.wamid
    assert received.opaque == "token-1"
    assert received.body["context"] == {"message_id": "wamid.1"}
    assert set(sent.addresses) == {Address("phone", maya.phone), Address("user", maya.user_id)}


def test_more_than_three_buttons_become_a_list(line: Line, maya: Person) -> None:
    whatsapp.send(line, to(maya, Buttons(body="Which?", buttons=some_buttons(4))))
    assert maya.received[0].body["interactive"]["type"] == "list"


@pytest.mark.parametrize(
    ("content", "file", "said"),
    [
        (Media(kind="image", caption="Look"), PICTURE, {"caption": "Look"}),
        (
            Media(kind="audio", is_voice=True),
            OutgoingFile("a.ogg", "audio/ogg; codecs=opus", b"sound"),
            {"voice": True},
        ),
        (
            Media(kind="document", name="Menu.pdf"),
            OutgoingFile("Menu.pdf", "application/pdf", b"%PDF"),
            {"filename": "Menu.pdf"},
        ),
    ],
)
def test_a_file_is_uploaded_and_sent(
    line: Line, maya: Person, content: Media, file: OutgoingFile, said: dict[str, Any]
) -> None:
    graph = maya.graph
    whatsapp.send(line, to(maya, content, file=file))
    sent = maya.received[0].body[content.kind]
    assert graph.media[sent.pop("id")].body == file.body
    assert sent == said


@pytest.mark.parametrize(
    "file",
    [
        None,
        OutgoingFile("a.gif", "image/gif", b"x"),
        OutgoingFile("a.png", "image/png", b"x" * (5 * 1024 * 1024 + 1)),
    ],
)
def test_a_file_that_does_not_fit_is_not_even_uploaded(
    graph: Graph, line: Line, maya: Person, file: OutgoingFile | None
) -> None:
    failed = refused(line, to(maya, Media(kind="image"), file=file))
    assert failed.trouble == "permanent"
    assert graph.requests == []


def test_a_template_goes_to_somebody_who_has_not_written(
    graph: Graph, line: Line, number: Number
) -> None:
    graph.template(number)
    stranger = graph.person()
    parameter = {"type": "text", "parameter_name": "first_name", "text": "Maya"}
    template = Template(
        template_id=1, name="hello", language="en_GB", category="UTILITY", body="Hello Maya",
        components=[{"type": "body", "parameters": [parameter]}],
    )  # fmt: skip
    sent = whatsapp.send(line, to(stranger, template))
    assert (len(stranger.received), sent.is_held) == (1, False)
    assert refused(line, to(stranger, Words(body="Hi"))).trouble == "template"


def test_a_templates_header_gets_its_file(graph: Graph, line: Line, number: Number) -> None:
    graph.template(
        number,
        components=[{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Our menu."}],
    )
    template = Template(
        template_id=1, name="hello", language="en_GB", category="UTILITY", body="Our menu.",
        components=[{"type": "header", "parameters": [{"type": "image", "image": {}}]}],
    )  # fmt: skip
    stranger = graph.person()
    whatsapp.send(line, to(stranger, template, file=PICTURE))
    said = stranger.received[0].body["template"]["components"][0]["parameters"][0]["image"]
    assert graph.media[said["id"]].body == PICTURE.body
    assert "id" not in template.components[0]["parameters"][0]["image"]


def test_a_user_id_never_stands_in_to(graph: Graph, line: Line, number: Number) -> None:
    ida = graph.person(username="ida", shows_phone=False)
    ida.writes(number, "Hello")
    by_id = Outgoing((Address("user", ida.user_id),), Words(body="Hi"), "t")
    assert whatsapp.send(line, by_id).addresses == (Address("user", ida.user_id),)
    assert "to" not in ida.received[0].body
    assert graph.lost == []
    both = Outgoing(
        (Address("user", ida.user_id), Address("phone", ida.phone)), Words(body="Hi"), "t"
    )
    whatsapp.send(line, both)
    assert ida.received[1].body["to"] == ida.phone
    assert refused(line, Outgoing((), Words(body="Hi"), "t")).trouble == "permanent"


@pytest.mark.parametrize(
    "content",
    [
        Words(body=" "),
        Words(body="x" * 4097),
        Media(kind="image", caption="x" * 1025),
        Media(kind="image", mime="image/gif"),
        Media(kind="audio", caption="x"),
        Buttons(body="x" * 1025, buttons=some_buttons(2)),
        Buttons(body="Which?", buttons=[]),
        Buttons(body="Which?", buttons=[Button(id="a", title="x" * 21)]),
        Buttons(body="Which?", buttons=[Button(id="a", title="A"), Button(id="b", title="A")]),
        Buttons(body="Which?", buttons=some_buttons(11)),
        Buttons(body="Which?", buttons=some_buttons(2), footer="x" * 61),
        Menu(body="x", label="Choose", sections=[Section(rows=[])]),
        Menu(body="x", label="Choose", sections=[Section(rows=some_buttons(1))] * 2),
        Menu(body="x", label="x" * 21, sections=[Section(rows=some_buttons(1))]),
        Link(body="x", label="Book", url="javascript:alert(1)"),
        AskLocation(body=""),
        Location(latitude=1, longitude=2),
    ],
)
def test_what_whatsapp_would_not_take_is_said_before(content: Content) -> None:
    assert whatsapp.problems(content)


# What goes wrong


@pytest.mark.parametrize(
    ("code", "status", "trouble"),
    [
        (131016, None, "retry"),
        (131056, None, "retry"),
        (131049, None, "wait"),
        (131048, None, "wait"),
        (131047, None, "template"),
        (190, None, "reconnect"),
        (10, None, "reconnect"),
        (294, 403, "reconnect"),
        (131042, None, "billing"),
        (131050, None, "opted_out"),
        (131026, None, "permanent"),
        (132000, None, "permanent"),
        (987654, 400, "permanent"),
        (987654, 429, "retry"),
        (987654, 500, "retry"),
    ],
)
def test_an_error_says_what_to_do(
    line: Line, maya: Person, code: int, status: int | None, trouble: str
) -> None:
    maya.graph.fails(code, status=status)
    failed = refused(line, to(maya, Words(body="Hi")))
    assert (failed.trouble, failed.code) == (trouble, str(code))
    assert failed.message.endswith((".", "scripted"))


@pytest.mark.parametrize("goes_wrong", ["cuts", "hangs", "fails_at_gateway"])
def test_a_line_that_breaks_after_writing_leaves_a_doubt(
    graph: Graph, line: Line, maya: Person, goes_wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.channels.graph.TIMEOUT", (1, 0.3))
    getattr(graph, goes_wrong)()
    assert refused(line, to(maya, Words(body="Hi"))).trouble == "unknown"
    assert len(maya.received) == (goes_wrong != "fails_at_gateway")


def test_a_provider_that_cannot_be_reached_has_taken_nothing(
    graph: Graph, line: Line, maya: Person, app: Any
) -> None:
    app.config["GRAPH_BASE_URL"] = "http://127.0.0.1:9"
    assert refused(line, to(maya, Words(body="Hi"))).trouble == "retry"
    app.config["GRAPH_BASE_URL"] = "http://nowhere.invalid"
    assert refused(line, to(maya, Words(body="Hi"))).trouble == "retry"


def test_an_upload_that_breaks_is_no_doubt(graph: Graph, line: Line, maya: Person) -> None:
    graph.cuts(at="media")
    assert refused(line, to(maya, Media(kind="image"), file=PICTURE)).trouble == "retry"


def test_no_secret_is_told(
    line: Line, maya: Person, number: Number, caplog: pytest.LogCaptureFixture, app: Any
) -> None:
    graph = maya.graph
    secrets = (number.token, number.app.secret)
    app.config["GRAPH_BASE_URL"] = "http://127.0.0.1:9"
    with caplog.at_level(logging.DEBUG):
        said = repr(refused(line, to(maya, Words(body="Hi"))))
        app.config["GRAPH_BASE_URL"] = graph.url
        graph.fails(100)
        said += repr(refused(line, to(maya, Words(body="Hi"))))
    assert not any(secret in caplog.text + said for secret in secrets)


def test_a_token_of_another_business_is_refused(graph: Graph, number: Number, maya: Person) -> None:
    stranger = graph.number(app=number.app)
    line = line_of(number)
    other = Line(
        1, "whatsapp", number.phone_number_id, line.settings, line_of(stranger).credentials
    )
    assert refused(other, to(maya, Words(body="Hi"))).trouble == "reconnect"


# Courtesies


def test_a_message_is_shown_as_read_and_answered(line: Line, number: Number, maya: Person) -> None:
    somebody = Somebody((Address("phone", maya.phone),))
    wamid = maya.writes(number, "Are you open?")
    whatsapp.as_read(line, wamid, somebody, is_typing=True)
    assert [said["message_id"] for said in number.as_read] == [wamid]
    assert number.as_read[0]["typing_indicator"] == {"type": "text"}


@pytest.mark.parametrize("kind", ["phone", "user"])
def test_somebody_is_blocked_and_unblocked(
    line: Line, number: Number, maya: Person, kind: str
) -> None:
    value = maya.phone if kind == "phone" else maya.user_id
    somebody = Somebody((Address(kind, value),))
    whatsapp.block(line, somebody, is_blocked=True)
    assert number.blocked == {maya.user_id}
    whatsapp.block(line, somebody, is_blocked=False)
    assert number.blocked == set()
