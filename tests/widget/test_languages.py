"""The chat speaks the owner's choice, else the browser's language, else that of the page around."""

import html
import json
import re

import pytest

from app.assistant import small_talk
from app.businesses import hours, hours_said
from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.config import ROOT
from app.contacts.models import Visitor as VisitorRow
from app.conversations import speech
from app.conversations.models import Message
from app.core import translating
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import telling
from app.knowledge import answering
from app.lib.hours import Range
from app.widget import loader, speaking
from app.widget.views import WISH_FOR_PERSON
from tests.guards import escaping

OTHERS = [each for each in translating.OF_VISITORS if each != "en"]


def told(page):
    return json.loads(html.unescape(re.search(r'data-told="([^"]*)"', page)[1]))


@pytest.mark.parametrize(
    "case",
    [
        ("", "fr-CA,fr;q=0.9", "de", "fr"),
        ("", "nl", "de", "de"),
        ("", "nl,es;q=0.5", "de", "es"),
        ("", "nl", "ja", "en"),
        ("ar", "fr", "de", "ar"),
    ],
)
def test_it_is_chosen(app, cast, client, case):
    owner, browser, around, spoken = case
    with app.app_context(), cast.scope(), unit_of_work():
        channel = Channel.of_kind("website")
        WebsiteSettings(language=owner).keep_in(channel)
    asked = client.get(
        f"/w/{cast.website_key}?lang={around}", headers={"Accept-Language": browser}
    ).text
    direction = "rtl" if spoken == "ar" else "ltr"
    assert f'<html lang="{spoken}" dir="{direction}"' in asked
    words = told(asked)["words"]
    assert ("Sending…" in words) is (spoken != "en")


def test_an_opened_chat_carries_its_own_language_alone(cast, client):
    page = client.get(f"/w/{cast.website_key}", headers={"Accept-Language": "de"}).text
    words = told(page)["words"]
    assert words["Sending…"] == "Wird gesendet…"
    assert "Mit jemandem reden" in page
    assert "Hablar" not in page
    assert set(words) == set(speaking.texts())


def test_what_the_server_says_is_said_in_it_too_and_kept(app, cast, visitor, run_jobs):
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    visitor.say("Xyzzy plugh?")
    run_jobs()
    assert "No he encontrado una respuesta" in visitor.sees()
    visitor.post("/hand-off")
    assert "Ha pedido hablar con una persona." in visitor.sees()
    empty = visitor.say("  ", "k9")
    assert (empty.status_code, empty.json["error"]["message"]) == (422, "Escriba algo primero.")
    with app.app_context(), cast.scope():
        assert db.session.query(VisitorRow).one().language == "es"


def test_a_yes_to_what_was_offered_in_it_calls_a_person(visitor, run_jobs):
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    visitor.say("Xyzzy plugh?")
    run_jobs()
    visitor.say("Oui", "k2")
    run_jobs()
    assert 'data-state="waiting"' in visitor.sees()


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_offered_is_understood(app, language):
    """A button's title comes back as words; “write …” names words that call a person."""
    with app.app_context(), translating.speaking(language):
        said = [
            translating._spoken().gettext(each) for each in (telling.TO_A_PERSON, WISH_FOR_PERSON)
        ]
        offered = translating._spoken().gettext(telling.OFFER)
    assert len(said[0]) <= 20  # what WhatsApp's buttons hold
    quoted = re.search(r"[«“„]\s*(.+?)\s*[»”“]", offered)[1]
    assert [small_talk.wants_person(each) for each in (*said, quoted)] == [True] * 3
    with app.app_context():
        assert answering.offers_person(
            f"… {translating._catalogue(language).gettext(answering.NOT_FOUND)}"
        )


def test_each_text_of_the_scripts_stands_in_a_plain_call():
    """A call that isn't read here would stay English for everybody."""
    source = loader.packed(loader.FRAME)
    calls = len(re.findall(r"(?<![\w$.])_\(", source))
    assert calls == len(list(speaking.marking.in_script(source)))


def test_hours_are_said_in_it(app, cast):
    with app.app_context(), cast.scope(), unit_of_work():
        hours.change_week(dict.fromkeys(range(5), (Range(9 * 60, 17 * 60),)))
        known = hours.current()
        with translating.speaking("de"):
            assert hours_said.week(known, hours.today()) == [
                "Montag – Freitag: 9:00–17:00",
                "Samstag – Sonntag: geschlossen",
            ]


def test_the_public_pages_speak_it(cast, client):
    page = client.get(f"/chat/{cast.slug}?lang=ar", headers={"Accept-Language": "fr"}).text
    assert '<html lang="ar" dir="rtl">' in page
    gone = client.get(f"/w/{cast.website_key}/sources/1", headers={"Accept-Language": "pt-BR"}).text
    assert "Esta fonte já não existe" in gone


def test_another_tongue_is_answered_in_the_words_language(app, cast, visitor):
    """Where no chat says what it speaks, what was written does."""
    visitor.say("¿Cuándo abren los domingos y qué días está cerrado el taller por las mañanas?")
    with app.app_context(), cast.scope(), unit_of_work():
        message = db.session.query(Message).first()
        message.conversation.visitor.language = None
        assert speech.language_of(message.conversation) == "es"


BARE = re.compile(r"""(?<!_\()(["'`])((?!Bearer )[A-Z][^"'`\n]* [^"'`\n]*)\1""")


def test_no_sentence_of_the_frame_escapes():
    """A sentence in a script stands in a call; the frame's page is looked at as templates are."""
    plain = re.sub(r'_\(\s*"(?:[^"\\]|\\.)*"', "", loader.packed(loader.FRAME))
    assert BARE.findall(plain) == []
    assert list(escaping.in_template(ROOT / "widget/frame.html")) == []
