"""Which language is spoken, and that it is told from the request, the member and the door."""

import pytest
from flask import g, render_template_string
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core import translating
from app.core.translating import best, direction, language, speak, speaking


@pytest.fixture
def words(monkeypatch):
    """A catalogue of three texts in place of those of the files."""
    catalogue = {"": "", "Save": "Guardar", "Hello %(who)s": "Hola, %(who)s",
                 ("%(num)s day", 0): "%(num)s día", ("%(num)s day", 1): "%(num)s días"}  # fmt: skip
    spanish = translating.Translations()
    spanish._catalog, spanish.plural = catalogue, lambda n: int(n != 1)
    english = translating._catalogue("en")
    monkeypatch.setattr(translating, "_catalogue", {"es": spanish}.get)
    monkeypatch.setattr(
        translating, "_catalogue", lambda name: spanish if name == "es" else english
    )


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("", "en"), ("es-MX,en;q=0.5", "es"), ("fr, es;q=0.5", "es"), ("hi", "en"), ("en-GB", "en")],
)
def test_the_dashboard_speaks_what_the_browser_asks_for(app, asked, spoken):
    with app.test_request_context(headers={"Accept-Language": asked}):
        assert language() == spoken


def test_a_member_s_own_choice_goes_before_the_browser(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        g.members_language = "es"
        assert language() == "es"


def test_a_door_goes_before_both_and_knows_more_languages(app):
    with app.test_request_context(headers={"Accept-Language": "ar-EG"}):
        assert language() == "en"
        speak(best(translating.OF_VISITORS))
        assert (language(), direction()) == ("ar", "rtl")


def test_what_is_written_in_another_s_language(app, words):
    later = _l("Save")
    with app.app_context():
        assert [_("Save"), str(later)] == ["Save", "Save"]
        with speaking("es"):
            assert [_("Save"), str(later)] == ["Guardar", "Guardar"]
            assert ngettext("%(num)s day", "%(num)s days", 1) == "1 día"
            with speaking(None):
                assert ngettext("%(num)s day", "%(num)s days", 2) == "2 days"
            assert ngettext("%(num)s day", "%(num)s days", 2) == "2 días"
        assert _("Save") == "Save"


def test_templates_speak_it_and_escape_what_varies(app, words):
    said = "{% trans who='<b>' %}Hello {{ who }}{% endtrans %} {{ _('Save') }}"
    with app.app_context(), speaking("es"):
        assert render_template_string(said) == "Hola, &lt;b&gt; Guardar"


def test_nothing_marked_needs_an_app():
    assert _("Save") == "Save"
    assert language() == "en"


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("This file is empty.", "Este archivo está vacío."),
        ("Stopped at 1,000 pages: 12 more were found. Raise the limit to read them.\n"
         "3 addresses were left out; the list says why.",
         "Parado en 1,000 páginas: se encontraron 12 más. Sube el límite para leerlas.\n"
         "3 direcciones no se han incluido; la lista dice por qué."),
        ("This file's name ends in .pdf, but it is a picture. Check that it is the right file.",
         "El nombre de este archivo termina en .pdf, pero es una imagen. Comprueba que sea el archivo correcto."),
        ("Nobody has words for 3 of this.", "Nobody has words for 3 of this."),
    ],
)  # fmt: skip
def test_what_was_kept_in_english_is_known_again_with_its_values(app, kept, said):
    with app.app_context():
        assert translating.spoken(kept) == kept
        with speaking("es"):
            assert translating.spoken(kept) == said
