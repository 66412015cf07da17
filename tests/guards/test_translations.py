"""Every text that people see is in the catalogues, and the catalogues are whole."""

import re
from functools import cache

import pytest

from app.config import ROOT
from app.core import catalogues
from app.core.catalogues import Key, Text
from app.core.translating import ENGLISH, OF_VISITORS
from tests.guards import escaping

# Areas whose texts aren't marked yet. Mark them (docs/languages.md) and take them away.
NOT_YET = (
    "app/pages/website",
    "templates/contacts/",
    "templates/pages/website",
    # what is said to customers
    "app/assistant/drafting.py", "app/channels/opt_replies.py", "app/channels/website_texts.py",
    "app/frontdesk/turns.py", "app/lib/hours_words.py",
    "app/contact_data/reading/",  # words of the child that reads a file, as app/knowledge/parsing has them
    # what a job finds and keeps: it is shown as it was written, in English
    "app/assistant/analysis/evidence.py", "app/assistant/analysis/rule.py",
    "app/assistant/budgets.py", "app/assistant/calling.py", "app/assistant/language_models/",
    "app/assistant/model_trial.py", "app/channels/border.py", "app/channels/breaks.py",
    "app/channels/checks.py", "app/channels/connecting.py", "app/channels/consents.py",
    "app/channels/content.py", "app/channels/email/", "app/channels/graph", "app/channels/messenger/",
    "app/channels/meta_files.py", "app/channels/notices.py", "app/channels/pictures.py",
    "app/channels/refusing.py", "app/channels/sending.py", "app/channels/sms/",
    "app/channels/statuses.py", "app/channels/token_findings.py", "app/channels/whatsapp/",
    "app/channels/message_templates/asking.py", "app/channels/message_templates/drafts.py",
    "app/channels/message_templates/languages.py", "app/channels/message_templates/pr",
    "app/channels/message_templates/reasons.py", "app/channels/message_templates/syncing.py",
    "app/contacts/moving.py", "app/core/addresses.py",
    "app/core/http.py", "app/core/mail", "app/core/pinned.py", "app/frontdesk/bench",
    "app/frontdesk/checking.py", "app/frontdesk/handing_off.py", "app/frontdesk/racing.py",
    "app/knowledge/checking.py", "app/knowledge/crawl", "app/knowledge/importing.py",
    "app/knowledge/learning.py", "app/knowledge/parsing/", "app/knowledge/reembedding.py",
    "app/knowledge/syncing.py", "app/knowledge/website/",
)  # fmt: skip
# Whose words are missing still.
WORDLESS: tuple[str, ...] = ()
# What no visitor and no member reads: models, operators, programs; and what is known in several languages by itself.
NEVER = (
    "app/assistant/analysis/asking.py", "app/assistant/analysis/intents.py", "app/assistant/prompting.py",
    "app/assistant/small_talk.py", "app/assistant/tool_use.py", "app/businesses/tools.py",
    "app/channels/hooks.py", "app/channels/meta_hooks.py", "app/channels/models/",
    "app/channels/opt_words.py", "app/channels/people.py", "app/cli.py", "app/config.py", "app/conversations/merging.py",
    "app/conversations/people.py", "app/conversations/tools.py",
    "app/core/catalogues.py", "app/core/crypto.py", "app/core/embedded.py", "app/core/heartbeat.py",
    "app/contact_data/importing/settings.py",  # names that columns have in other people's files
    "app/core/jobs.py", "app/core/migrations.py", "app/core/translating.py", "app/core/web.py",
    "app/demo/", "app/frontdesk/facts.py", "app/frontdesk/own_records.py", "app/frontdesk/telling.py",
    "app/frontdesk/tools.py", "app/widget/attributes.py", "app/widget/identity.py", "app/widget/requests.py",
    "app/knowledge/embeddings/", "app/knowledge/language.py", "app/knowledge/tools.py",
    "app/knowledge/upkeep/", "app/lib/dates_said.py", "app/lib/mood.py", "app/lib/said.py",
    "app/lib/sentences.py", "app/pages/health.py",
)  # fmt: skip
# Names, and the beginnings of what a program writes.
NAMES = {
    "noopener nofollow ugc",
    "OutsideError: ",
    "Anna",
    "Anna Berg",
    "https://",
    "Messenger",
    "Ogg",
    "Word",
    "Excel",
}


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
        is_ours = name.startswith(folder) and name.endswith(ending)
        if is_ours and not name.startswith(NOT_YET + NEVER):
            found += [
                f"{name}:{line}: {text.strip()[:80]}"
                for line, text in find(path)
                if text not in NAMES
            ]
    return found


@pytest.mark.parametrize("language", [each for each in OF_VISITORS if each != ENGLISH])
def test_the_catalogue_has_words_for_each_text_and_no_other(language):
    texts = extracted()
    for file in catalogues.files_of(language):
        catalogue = catalogues.read(file, language)
        said = {message.id: message for message in catalogue if message.id}
        assert set(said) == {text.key for text in catalogues.texts_of(file, texts)}, (
            f"{file}: run bin/translate"
        )
        if language not in WORDLESS:
            assert not [key for key in said if not _is_whole(said[key], catalogue.num_plurals)]


def _is_whole(message, plural_count):
    """Words for each form, made out by a person, with the places of the English."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    if message.fuzzy or not all(forms) or (message.pluralizable and len(forms) != plural_count):
        return False
    ids = message.id if message.pluralizable else (message.id,)
    allowed = [_places(each) for each in ids]
    return all(_fits(_places(form), allowed) for form in forms)


def _fits(places, allowed):
    """A form for one may leave the figure out: “once”."""
    return places in allowed or places == allowed[-1] - {"%(num)s", "%(count)s", "%(number)s"}


def _places(text):
    return set(re.findall(r"%\(\w+\)s|%%|<[^>]+>", text))
