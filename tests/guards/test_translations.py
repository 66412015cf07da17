"""Every text that people see is in the catalogues, and the catalogues are whole."""

from functools import cache

from app.config import ROOT
from app.core import catalogues
from app.core.catalogues import Key, Text
from tests.guards import escaping

# Areas whose texts aren't marked yet. Mark them (docs/languages.md) and take them away.
NOT_YET = (
    "templates/contacts/",
    "templates/conversations/",
    "app/contact_data/reading/",  # words of the child that reads a file, as app/knowledge/parsing has them
    "app/contact_data/importing/settings.py",  # names that columns have in other people's files
)
# What no visitor and no member reads: models, operators, programmers.
NEVER = ("app/cli.py",)


@cache
def extracted() -> dict[Key, Text]:
    return catalogues.extracted()


def test_no_text_of_a_template_escapes():
    assert not _escaped("templates/", ".html", escaping.in_template)


def test_no_text_of_the_code_escapes():
    assert not _escaped("app/", ".py", escaping.in_python)


def _escaped(folder, ending, find):
    found = []
    for path in catalogues.source_files():
        name = str(path.relative_to(ROOT))
        if (
            name.startswith(folder)
            and name.endswith(ending)
            and not name.startswith(NOT_YET + NEVER)
        ):
            found += [f"{name}:{line}: {text.strip()[:80]}" for line, text in find(path)]
    return found
