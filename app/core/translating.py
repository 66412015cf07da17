"""Which language a page, an answer or an e-mail speaks, and where its catalogue is.

Texts are marked where they stand: `{% trans %}…{% endtrans %}` and `_("…")` in templates, `gettext as _`,
`lazy_gettext as _l` (what is read once, as a module is loaded) and `ngettext` of flask_babel in Python. A sentence is
marked whole; what varies in it is a named placeholder.
"""

from flask import Flask

from app.config import ROOT
from app.extensions import babel

CATALOGUES = ROOT / "translations"


def init_app(app: Flask) -> None:
    app.jinja_env.policies["ext.i18n.trimmed"] = True  # a line break in a template is a space
    babel.init_app(
        app,
        default_translation_directories=str(CATALOGUES),
        locale_selector=language,
    )


def language() -> str:
    return "en"
