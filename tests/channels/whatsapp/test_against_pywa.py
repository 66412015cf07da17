"""Another's client for the same API: what we send must be what it sends, and what the stand-in tells must be what it
reads. Its base address is in nobody's interface; tests/channels/whatsapp is the one place that knows it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pywa import WhatsApp, types, utils
from pywa.types import RawUpdate
from pywa.types.callback import (
    Button as TheirButton,
)
from pywa.types.callback import (
    ContactInfoRequestButton,
    SectionList,
    SectionRow,
    URLButton,
)
from pywa.types.callback import (
    Section as TheirSection,
)
from pywa.types.templates import BodyText, TemplateLanguage

from app.channels.adapters import adapter
from app.channels.border import Address, Line, Outgoing
from app.channels.content import (
    AskContact,
    AskLocation,
    Button,
    Buttons,
    Content,
    Link,
    Media,
    Menu,
    Section,
    Template,
    Words,
)
from app.channels.whatsapp.bodies import body_of
from tests.channels.whatsapp.conftest import to
from tests.standins.graph import Graph, Number, Person

whatsapp = adapter("whatsapp")


@pytest.fixture
def pywa(graph: Graph, number: Number) -> Iterator[WhatsApp]:
    theirs = WhatsApp(
        number.phone_number_id, number.token, filter_updates=False, validate_updates=False,
        verify_token="x", server=None,
    )  # fmt: skip
    theirs.api._session.base_url = f"{graph.url}/v25.0"
    yield theirs
    theirs.api._session.close()


MENU = Menu(
    body="Which day?", label="Choose", header="Days", footer="Or call us",
    sections=[
        Section(title="Week", rows=[Button(id="m", title="Monday", description="From nine")]),
        Section(title="End", rows=[Button(id="s", title="Sunday")]),
    ],
)  # fmt: skip
THEIR_MENU = SectionList(
    "Choose",
    [
        TheirSection("Week", [SectionRow("Monday", "m", "From nine")]),
        TheirSection("End", [SectionRow("Sunday", "s")]),
    ],
)
SAID = {"tracker": "token-1", "reply_to_message_id": "wamid.1"}
BODY = BodyText("Hello {{first_name}}, your order is ready.", first_name="Maya")
CASES: list[tuple[Content, Callable[[WhatsApp, str], Any]]] = [
    (
        Words(body="See https://example.com"),
        lambda wa, who: wa.send_message(who, "See https://example.com", preview_url=True, **SAID),
    ),
    (Words(body="Hello"), lambda wa, who: wa.send_message(who, "Hello", **SAID)),
    (
        Buttons(
            body="Which?",
            buttons=[Button(id="1", title="One"), Button(id="2", title="Two")],
            header="H",
            footer="F",
        ),
        lambda wa, who: wa.send_message(
            who, "Which?", "H", "F", [TheirButton("One", "1"), TheirButton("Two", "2")], **SAID
        ),
    ),
    (
        MENU,
        lambda wa, who: wa.send_message(who, "Which day?", "Days", "Or call us", THEIR_MENU, **SAID),
    ),
    (
        Link(body="Here", label="Book", url="https://example.com/"),
        lambda wa, who: wa.send_message(
            who, "Here", buttons=URLButton("Book", "https://example.com/"), **SAID
        ),
    ),
    (AskLocation(body="Where?"), lambda wa, who: wa.request_location(who, "Where?", **SAID)),
    (AskContact(body="Number?"), lambda wa, who: wa.request_contact_info(who, "Number?", **SAID)),
    (
        AskContact(body="Number?"),
        lambda wa, who: wa.send_message(
            who, "Number?", buttons=ContactInfoRequestButton(), **SAID
        ),
    ),
    (
        Template(
            template_id=1, name="hello", language="en_GB", category="UTILITY", body="",
            components=[{
                "type": "body",
                "parameters": [{"type": "text", "text": "Maya", "parameter_name": "first_name"}],
            }],
        ),
        lambda wa, who: wa.send_template(
            who, "hello", TemplateLanguage.ENGLISH_UK, [BODY.params(first_name="Maya")], **SAID
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs"), CASES)
def test_bodies_are_theirs(
    line: Line, maya: Person, pywa: WhatsApp, ours: Content, theirs: Any
) -> None:
    [number] = maya.graph.numbers.values()
    maya.graph.template(number)
    whatsapp.send(line, to(maya, ours, reply_to="wamid.1"))
    theirs(pywa, maya.phone)
    first, second = maya.received
    assert first.body == in_small_letters(second.body)


def in_small_letters(body: dict[str, Any]) -> dict[str, Any]:
    """They write the types of a template's components in capitals; Graph takes both."""
    for component in body.get("template", {}).get("components", []):
        component["type"] = component["type"].lower()
    return body


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            Media(kind="image", caption="Look"),
            lambda wa, who, media: wa.send_image(who, media, "Look", **SAID),
        ),
        (
            Media(kind="document", caption="It", name="a.pdf"),
            lambda wa, who, media: wa.send_document(who, media, "a.pdf", "It", **SAID),
        ),
        (
            Media(kind="audio", is_voice=True),
            lambda wa, who, media: wa.send_audio(who, media, is_voice=True, **SAID),
        ),
    ],
)
def test_files_are_named_as_they_name_them(
    maya: Person, number: Number, pywa: WhatsApp, ours: Media, theirs: Any
) -> None:
    mimes = {"image": "image/png", "document": "application/pdf", "audio": "audio/ogg"}
    media = number.graph.keeps_media(b"x", mimes[ours.kind], number.waba_id)
    theirs(pywa, maya.phone, media.id)
    outgoing = to(maya, ours, reply_to="wamid.1")
    assert body_of(outgoing, media.id) == maya.received[0].body


def test_a_user_id_goes_where_they_put_it(
    graph: Graph, line: Line, number: Number, pywa: WhatsApp
) -> None:
    ida = graph.person(user_id="GB.13491208655302741918", shows_phone=False)
    ida.writes(number, "Hello")
    whatsapp.send(line, Outgoing((Address("user", ida.user_id),), Words(body="Hi"), "token-1"))
    pywa.send_message(ida.user_id, "Hi", tracker="token-1")
    first, second = ida.received
    assert first.body == second.body


def read_by_them(pywa: WhatsApp, graph: Graph) -> Any:
    """Their typed object of the one hook that was told, its signature checked by them."""
    [hook] = graph.take_hooks()
    signature = hook.headers["X-Hub-Signature-256"]
    assert utils.webhook_updates_validator(hook.app.secret, hook.body, signature)
    raw = RawUpdate(hook.body, hmac_header=signature, update_hash="1")
    kind = pywa._get_handler_type(raw)
    assert kind is not None
    return pywa._handlers_to_updates[kind].from_update(pywa, raw)


TOLD: list[tuple[str, Callable[[Person, Number], Any]]] = [
    ("Message", lambda maya, number: maya.writes(number, "Hello", reply_to="wamid.1")),
    (
        "Message",
        lambda maya, number: maya.sends_file(number, "image", b"x", "image/png", caption="Look"),
    ),
    (
        "Message",
        lambda maya, number: maya.sends(
            number, {"type": "location", "location": {"latitude": 51.5, "longitude": 0.1}}
        ),
    ),
    ("Message", lambda maya, number: maya.shares_number(number)),
    ("Message", lambda maya, number: maya.reacts(number, "wamid.1", "👍")),
    ("EditedMessage", lambda maya, number: maya.edits(number, "wamid.1", "Hello again")),
    ("DeletedMessage", lambda maya, number: maya.revokes(number, "wamid.1")),
    ("UserMarketingPreferences", lambda maya, number: maya.stops_marketing(number)),
    ("PhoneNumberChange", lambda maya, number: maya.changes_number(number, "+447700900555")),
    ("OutgoingMessage", lambda maya, number: number.echoes(maya, "I am on my way")),
]


@pytest.mark.parametrize(("kind", "does"), TOLD)
def test_what_the_stand_in_tells_is_read_by_them(
    number: Number, maya: Person, pywa: WhatsApp, kind: str, does: Any
) -> None:
    graph = maya.graph
    does(maya, number)
    assert type(read_by_them(pywa, graph)).__name__ == kind


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_statuses_are_read_by_them(
    graph: Graph, line: Line, maya: Person, pywa: WhatsApp, status: str
) -> None:
    whatsapp.send(line, to(maya, Words(body="Hi")))
    graph.tells_statuses(graph.sent[0], [status])
    update = read_by_them(pywa, graph)
    assert isinstance(update, types.MessageStatus)
    assert (update.status.value, update.id) == (status, graph.sent[0].wamid)


def test_taps_are_read_by_them(graph: Graph, line: Line, maya: Person, pywa: WhatsApp) -> None:
    buttons = [Button(id="1", title="One")]
    whatsapp.send(line, to(maya, Buttons(body="Which?", buttons=buttons)))
    maya.taps(maya.received[0], "One")
    assert read_by_them(pywa, graph).data == "1"
    whatsapp.send(line, to(maya, MENU))
    maya.taps(maya.received[1], "Monday")
    assert read_by_them(pywa, graph).data == "m"
