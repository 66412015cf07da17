"""Which language a page, an answer or an e-mail speaks (docs/languages.md).

Texts are marked where they stand: `{% trans %}…{% endtrans %}` and `_("…")` in templates, `gettext as _`,
`lazy_gettext as _l` (what is read once, as a module is loaded) and `ngettext` of flask_babel in Python. A sentence is
marked whole; what varies in it is a named placeholder.
"""

import json
from collections.abc import Container
from contextlib import AbstractContextManager
from functools import cache

import flask_babel
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_app_context, has_request_context, request
from flask.globals import _cv_app
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from app.config import ROOT
from app.core import kept_words
from app.extensions import babel
from app.lib import dates, marking, numbers

CATALOGUES = ROOT / "translations"
ENGLISH = "en"
NAMES = {
    "en": "English", "es": "Español", "pt": "Português", "fr": "Français", "de": "Deutsch",
    "hi": "हिन्दी", "ar": "العربية",
}  # fmt: skip
OF_VISITORS = tuple(NAMES)  # the chat and the public pages
OF_MEMBERS = ("en", "es")  # the dashboard
RIGHT_TO_LEFT = ("ar",)


def init_app(app: Flask) -> None:
    app.jinja_env.policies["ext.i18n.trimmed"] = True  # a line break in a template is a space
    babel.init_app(app, default_translation_directories=str(CATALOGUES), locale_selector=_chosen)
    babel.domain_instance = Texts()
    app.jinja_env.globals.update(_=_in_page, gettext=_in_page, ngettext=_count_in_page)
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.globals.update(language=language, direction=direction, script_words=script_words)
    app.jinja_env.filters.update(
        spoken=spoken, month=dates.month, day_and_month=dates.day_and_month, full_day=dates.full,
        grouped=numbers.grouped, decimal=numbers.decimal,
    )  # fmt: skip


def language() -> str:
    """`es`: what is spoken just now. English outside of any request, unless told."""
    return str(flask_babel.get_locale() or ENGLISH) if has_app_context() else ENGLISH


def direction() -> str:
    return "rtl" if language() in RIGHT_TO_LEFT else "ltr"


def speaking(language: str | None) -> AbstractContextManager[None]:
    """For what is written in another's language: `with speaking(user.language):`. None: English."""
    manager: AbstractContextManager[None] = flask_babel.force_locale(language or ENGLISH)
    return manager


@cache
def in_all(text: str) -> frozenset[str]:
    """A text in every language of visitors: to know it again among what was said."""
    return frozenset(_catalogue(each).gettext(text) for each in OF_VISITORS)


def speak(language: str) -> None:
    """From now on in this request: a door that knows its visitor says so."""
    g.language = language
    flask_babel.refresh()


def best(languages: Container[str]) -> str:
    """Of these, what the browser asks for; English when it asks for none of them. `es-MX` is Spanish before
    whatever stands behind it."""
    asked = (name.partition("-")[0].lower() for name in request.accept_languages.values())
    return next((name for name in asked if name in languages), ENGLISH)


def _chosen() -> str:
    """The door's word, the member's own choice, the browser's."""
    if not has_request_context():
        return str(g.get("language") or ENGLISH)
    return g.get("language") or g.get("members_language") or best(OF_MEMBERS)


def spoken(text: str | None) -> str:
    """What was kept in English, in today's language; as it is where no catalogue has it."""
    found = _spoken()
    if not text or found is _catalogue(ENGLISH):
        return str(text or "")
    return kept_words.said(found, str(text))


@pass_eval_context
def _in_page(mode: EvalContext, text: str, /, **values: object) -> str:
    """As Jinja's own, which takes three times as long; a page has some two hundred."""
    return _filled(mode, _spoken().gettext(text), values)


@pass_eval_context
def _count_in_page(mode: EvalContext, one: str, many: str, count: int, /, **values: object) -> str:
    return _filled(mode, _spoken().ngettext(one, many, count), {"num": count} | values)


def _filled(mode: EvalContext, said: str, values: dict[str, object]) -> str:
    if not values:
        said = said.replace("%%", "%")
        return Markup(said) if mode.autoescape else said  # noqa: S704  the source's or a catalogue's
    return (Markup(said) if mode.autoescape else said) % values  # noqa: S704


def script_words(*names: str) -> Markup:
    """For a page's head: what these of its scripts say (static/js). English stands in them."""
    return _script_words(language(), names) if language() != ENGLISH else Markup()


@cache
def _script_words(language: str, names: tuple[str, ...]) -> Markup:
    catalogue = _catalogue(language)
    sources = ((ROOT / "static" / "js" / f"{name}.js").read_text("utf-8") for name in names)
    words = {text: catalogue.gettext(text) for each in sources for text in marking.in_script(each)}
    said = escape(json.dumps(words, ensure_ascii=False))
    return Markup('<meta name="words" content="{}">').format(said) if words else Markup()


class Texts(flask_babel.Domain):
    """Flask-Babel's own asks for the locale's name at each text; this looks once a request."""

    def get_translations(self) -> NullTranslations:
        return _spoken()


def _spoken() -> NullTranslations:
    try:
        found = _cv_app.get().g._flask_babel.babel_translations
    except (LookupError, AttributeError):
        found = None
    return found or _remembered()


def _remembered() -> NullTranslations:
    if not has_app_context():
        return _catalogue(ENGLISH)
    found = _catalogue(language())
    g._flask_babel.babel_translations = found
    return found


@cache
def _catalogue(language: str) -> NullTranslations:
    """English is what stands in the source, and needs none."""
    file = CATALOGUES / language / "LC_MESSAGES" / "messages.mo"
    if language == ENGLISH or not file.exists():
        return NullTranslations()
    with file.open("rb") as words:
        return Translations(words)
