"""How the assistant speaks: what is saved, what is refused, and who may."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.assistant import persona as personas
from app.assistant import prompting
from app.assistant.models import AssistantSettings
from app.channels.models import Channel
from app.core import tools
from app.core.tools import Asked, Call, Grant, ToolResult
from app.extensions import db
from tests.conftest import Cast, Inside, Person

Login = Callable[[Person], FlaskClient]
TYPED = {
    "greeting": "Hello! How can I help?",
    "assistant_name": "Fern",
    "tone": "formal",
    "style_notes": "Say “you”.",
    "never_say": "best price\nguaranteed",
}


@pytest.fixture(autouse=True)
def two_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tools that the page can switch, whatever domains there are."""
    monkeypatch.setattr(tools, "registry", {})

    @tools.tool("look_up", "Look things up", grant=Grant.KNOWLEDGE_READ)
    def look_up(call: Call, asked: Asked) -> ToolResult:
        return ToolResult("")

    @tools.tool("write_down", "Write things <b>down</b>", grant=Grant.MESSAGE_WRITE)
    def write_down(call: Call, asked: Asked) -> ToolResult:
        return ToolResult("")


@pytest.fixture
def saved(inside: Inside) -> Callable[[], AssistantSettings]:
    def read() -> AssistantSettings:
        with inside():
            settings = AssistantSettings.current()
            if settings in db.session:
                db.session.expunge(settings)
            return settings

    return read


def save(client: FlaskClient, cast: Cast, **changes: Any) -> TestResponse:
    form = TYPED | {"tools": ["look_up", "write_down"]} | changes
    return client.post(f"/b/{cast.slug}/assistant/", data=form)


def page(client: FlaskClient, cast: Cast) -> str:
    return client.get(f"/b/{cast.slug}/assistant/").text


def test_before_the_first_change_the_defaults_stand_there(cast: Cast, login: Login) -> None:
    shown = page(login(cast.owner), cast)
    assert 'value="warm" checked' in shown
    assert "Hello! How can I help?" in shown
    for tone in personas.TONES:
        assert str(tone.sample) in shown
    assert 'value="look_up" checked' in shown
    assert "Write things &lt;b&gt;down&lt;/b&gt;" in shown


def test_what_is_saved_is_kept_and_shown(
    cast: Cast, login: Login, saved: Callable[[], AssistantSettings]
) -> None:
    client = login(cast.owner)
    response = save(
        client, cast, never_say=" best   price \n\nguaranteed\nGuaranteed", tools=["look_up"]
    )
    assert response.status_code == 303
    settings = saved()
    assert (settings.assistant_name, settings.tone) == ("Fern", "formal")
    assert settings.never_say == "best price\nguaranteed"
    assert settings.switched_off_tools == ["write_down"]
    shown = client.get(response.location).text
    assert "Saved." in shown
    assert 'value="formal" checked' in shown
    assert 'value="write_down">' in shown


def test_saving_twice_changes_the_one_row(
    cast: Cast, login: Login, saved: Callable[[], AssistantSettings]
) -> None:
    client = login(cast.owner)
    save(client, cast)
    save(client, cast, assistant_name="", tools=[])
    assert saved().assistant_name == ""
    assert saved().switched_off_tools == ["look_up", "write_down"]


def test_the_greeting_is_said_by_the_chat_and_its_preview(
    cast: Cast, login: Login, inside: Inside
) -> None:
    client = login(cast.owner)
    save(client, cast, greeting=" Hi <b>there</b> ")
    with inside():
        for kind in ("website", "preview"):
            assert Channel.of_kind(kind).greeting == "Hi <b>there</b>"
    assert "Hi &lt;b&gt;there&lt;/b&gt;" in page(client, cast)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("greeting", "  ", "Write what the chat says first."),
        ("greeting", "x" * 201, "This is too long: 200 characters fit."),
        ("assistant_name", "x" * 41, "A name may have 40 characters."),
        ("tone", "rude", "Choose one of the tones."),
        ("tone", "", "Choose one of the tones."),
        ("style_notes", "x" * 1001, "Your notes may have 1,000 characters."),
        ("never_say", "\n".join(f"line {n}" for n in range(31)), "Up to 30 lines fit."),
        ("never_say", "x" * 121, "is too long: a line may have 120 characters."),
        ("never_say", "a", "“a” is too short"),
        ("never_say", "---", "“---” is too short"),
        ("tools", ["drop_tables"], "is not a valid choice"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_changes(
    cast: Cast, login: Login, saved: Callable[[], AssistantSettings], *,
    field: str, value: Any, told: str,
) -> None:  # fmt: skip
    response = save(login(cast.owner), cast, **{"style_notes": "These stay typed.", field: value})
    assert response.status_code == 422
    assert told in response.text
    assert "These stay typed." in response.text or field == "style_notes"
    assert saved().tone == "warm"
    assert saved().style_notes == ""


def test_a_preview_shows_what_is_typed_and_saves_nothing(
    cast: Cast, login: Login, saved: Callable[[], AssistantSettings]
) -> None:
    typed = TYPED | {"greeting": "Hi <i>you</i>", "assistant_name": "x" * 50}
    response = login(cast.owner).post(f"/b/{cast.slug}/assistant/preview", data=typed)
    assert response.status_code == 200
    assert "Hi &lt;i&gt;you&lt;/i&gt;" in response.text
    formal = next(tone for tone in personas.TONES if tone.name == "formal")
    assert str(formal.sample) in response.text
    assert saved().tone == "warm"


def test_an_agent_looks_and_does_not_change(
    cast: Cast, login: Login, saved: Callable[[], AssistantSettings]
) -> None:
    client = login(cast.agent)
    assert "Your role may look at this" in page(client, cast)
    assert save(client, cast).status_code == 403
    assert saved().tone == "warm"


def test_a_neighbour_has_a_persona_of_their_own(
    cast: Cast, login: Login, saved: Callable[[], AssistantSettings]
) -> None:
    client = login(cast.neighbour)
    response = client.post(f"/b/{cast.neighbour_slug}/assistant/", data=TYPED)
    assert response.status_code == 303
    assert save(client, cast).status_code == 404
    assert saved().tone == "warm"


def test_a_draft_is_never_stored(inside: Inside, saved: Callable[[], AssistantSettings]) -> None:
    persona = personas.Persona.typed("Fern", "formal", "", "best price")
    for before in ("", "Ivy"):
        if before:
            with inside():
                personas.save(personas.Persona.typed(before, "plain", "", ""))
        with inside():
            draft = personas.draft(persona)
            db.session.flush()
            assert (draft.assistant_name, draft.never_say) == ("Fern", "best price")
        assert saved().assistant_name == before


def test_the_website_s_settings_say_where_the_greeting_is(cast: Cast, login: Login) -> None:
    shown = login(cast.owner).get(f"/b/{cast.slug}/settings/website").text
    assert f'href="/b/{cast.slug}/assistant/"' in shown


def test_the_tones_are_those_that_the_prompt_knows() -> None:
    assert {tone.name for tone in personas.TONES} == set(prompting.TONES)
