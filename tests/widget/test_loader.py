"""What goes over the wire: small, readable on the owner's colour, and nothing but a colour."""

import gzip
import json
import re
from typing import Any

import pytest

from app.channels.models import DEFAULT_COLOUR, Channel
from app.channels.website import Proactive, WebsiteSettings
from app.channels.website_texts import LANGUAGES
from app.lib.colour import ink_on
from app.widget import loader
from app.widget.shown import Shown
from app.widget.squeezing import squeezed

LOADER_LIMIT = 3 * 1024
# Below the 40 KB that it may have: its own words in another language come to it, and headers.
CHAT_LIMIT = 29 * 1024


BASE = "https://frontdesk.example.com/w/123-0123456789abcdef"


def channel(**given: object) -> Channel:
    values = {
        "public_key": "123-0123456789abcdef",
        "name": "Fern & Fable",
        "colour": "#0f7a55",
        "kind": "website",
    }
    return Channel(**(values | given))


def script(settings: WebsiteSettings | None = None, **given: object) -> str:
    chosen = settings or WebsiteSettings()
    return loader.script(Shown.of(channel(settings=chosen.model_dump(mode="json"), **given)), BASE)


def settings_in(script: str) -> dict[str, Any]:
    found = re.search(r"const config=(.*?);const name=", script)
    assert found
    settings: dict[str, Any] = json.loads(found.group(1))
    return settings


def test_the_loader_stays_under_three_kilobytes() -> None:
    plain = script(name="A business with quite a long name, as some have")
    assert len(gzip.compress(plain.encode(), 9)) <= LOADER_LIMIT


def test_everything_the_opened_chat_loads_stays_small() -> None:
    sizes = [len(loader.gzipped(loader.packed(name).encode())) for name in loader.FILES]
    page = len(gzip.compress((loader.FOLDER / "frame.html").read_bytes(), 9))
    assert sum(sizes) + page <= CHAT_LIMIT


def test_the_loader_is_squeezed_around_its_strings_alone() -> None:
    source = """// it's a comment with "quotes
    const a = "https://x // y, { z }"; // and 'this
    const css = `
      b { color: ${a}; margin: 0 1px }
      @media print { b { top: 0 } }
    `;
    if (a) f(b, `1 : ${a}`);"""
    assert squeezed(source) == (
        'const a="https://x // y, { z }";const css=`\n      b{color:${a};margin:0 1px}'
        "@media print{b{top:0}}`;if(a)f(b,`1 : ${a}`);"
    )


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
    settings = settings_in(script())
    assert settings["base"] == BASE
    assert settings["label"]["en"] == "Chat with Fern & Fable"


def test_a_name_with_quotes_and_script_stays_a_text() -> None:
    name = '"};alert(1);//</script>'
    assert settings_in(script(name=name))["label"]["en"].endswith(name)
    assert "</script>" not in script(name=name)


def test_each_language_has_its_own_words_or_the_owners() -> None:
    own = WebsiteSettings(texts={"de": {"launcher": "Fragen?"}})  # type: ignore[dict-item]
    labels = settings_in(script(own))["label"]
    assert set(labels) == set(LANGUAGES)
    assert (labels["de"], labels["es"]) == ("Fragen?", "Chatear con Fern & Fable")


@pytest.mark.parametrize(
    ("page", "path", "is_meant"),
    [
        ("/*", "/", True),
        ("/shop/*", "/shop/plants", True),
        ("/shop/*", "/blog/shop/", False),
        ("/a.b", "/a.b", True),
        ("/a.b", "/axb", False),
        ("*/(x)+$", "/en/(x)+$", True),
        ("/geschäft/*", "/gesch%C3%A4ft/1", True),
    ],
)
def test_a_message_stands_on_the_pages_that_its_pattern_means(
    page: str, path: str, is_meant: bool
) -> None:
    rule = Proactive(page=page, texts={"de": "Hallo"})
    [[expression, seconds, for_visitor, texts]] = settings_in(
        script(WebsiteSettings(proactive=[rule]))
    )["rules"]
    assert bool(re.search(expression, path)) is is_meant
    assert (seconds, for_visitor, texts) == (10, 0, {"en": "Hallo", "de": "Hallo"})


def test_a_message_speaks_the_language_of_the_chat_where_it_has_one() -> None:
    rule = Proactive(texts={"de": "Hallo", "es": "Hola"})
    made = settings_in(script(WebsiteSettings(proactive=[rule], language="es")))
    assert made["rules"][0][3] == {"en": "Hola"}


def test_the_greeting_may_stand_beside_the_launcher() -> None:
    [rule] = settings_in(script(WebsiteSettings(bubble_seconds=3), greeting="Hi there"))["rules"]
    assert rule == ["", 3, 0, {"en": "Hi there"}]


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
    assert ink_on(colour) == ink


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#000000;}*{display:none", ""])
def test_what_is_no_plain_colour_becomes_the_default(colour: str) -> None:
    assert Shown.of(channel(colour=colour)).colours[0] == DEFAULT_COLOUR


def test_the_host_header_can_not_lead_visitors_elsewhere(client, cast):
    response = client.get(f"/w/{cast.website_key}/loader.js", headers={"Host": "evil.example"})
    assert "evil.example" not in response.text
    assert f"/w/{cast.website_key}" in response.text
