"""What goes over the wire: small, readable on the owner's colour, and nothing but a colour."""

import gzip
import json
import re

import pytest

from app.channels.models import DEFAULT_COLOUR, Channel
from app.widget import loader

LOADER_LIMIT = 3 * 1024
CHAT_LIMIT = 16 * 1024  # far below the 40 KB that it may have: kept small while it is easy


def channel(**given: object) -> Channel:
    values = {"public_key": "7-abc", "name": "Fern & Fable", "colour": "#0f7a55", "kind": "website"}
    return Channel(**(values | given))


def settings_in(script: str) -> dict[str, str]:
    found = re.search(r"^const config = (.*);$", script, re.M)
    assert found
    settings: dict[str, str] = json.loads(found.group(1))
    return settings


def test_the_loader_stays_under_three_kilobytes() -> None:
    script = loader.script(
        channel(name="A business with quite a long name, as some have"), "https://h/w/7-abc"
    )
    assert len(gzip.compress(script.encode(), 9)) <= LOADER_LIMIT


def test_everything_the_opened_chat_loads_stays_small() -> None:
    sizes = [len(loader.gzipped(loader.packed(name).encode())) for name in loader.files()]
    page = len(gzip.compress((loader.FOLDER / "frame.html").read_bytes(), 9))
    assert sum(sizes) + page <= CHAT_LIMIT


def test_packing_takes_comments_and_indents_away_and_nothing_else() -> None:
    source = (loader.FOLDER / "frame" / "outbox.js").read_text()
    assert "\n// " in source
    packed = loader.packed("frame/outbox.js")
    assert not re.search(r"^\s|^//|^/\*", packed, re.M)
    code = [
        line.strip() for line in source.splitlines() if not line.strip().startswith(("//", "/*"))
    ]
    assert packed.splitlines() == [line for line in code if line]


def test_the_loader_carries_the_address_of_its_frame() -> None:
    settings = settings_in(loader.script(channel(), "https://desk.example/w/7-abc"))
    assert settings["frame"] == "https://desk.example/w/7-abc"
    assert settings["origin"] == "https://desk.example"
    assert settings["label"] == "Chat with Fern & Fable"


def test_a_name_with_quotes_and_script_stays_a_text() -> None:
    name = '"};alert(1);//</script>'
    assert settings_in(loader.script(channel(name=name), "https://h/w/7-abc"))["label"].endswith(
        name
    )


@pytest.mark.parametrize(
    ("colour", "ink"),
    [
        ("#0f7a55", "#ffffff"),
        ("#000000", "#ffffff"),
        ("#ffd400", "#000000"),
        ("#ffffff", "#000000"),
        ("#767676", "#ffffff"),  # the lightest grey that white can be read on
        ("#777777", "#000000"),
    ],
)
def test_text_on_the_owners_colour_can_be_read(colour: str, ink: str) -> None:
    assert loader.ink_on(colour) == ink


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#000000;}*{display:none", ""])
def test_what_is_no_plain_colour_becomes_the_default(colour: str) -> None:
    assert loader.colours(channel(colour=colour))[0] == DEFAULT_COLOUR


def test_the_host_header_can_not_lead_visitors_elsewhere(client, cast):
    response = client.get(f"/w/{cast.website_key}/loader.js", headers={"Host": "evil.example"})
    assert "evil.example" not in response.text
    assert f"/w/{cast.website_key}" in response.text
