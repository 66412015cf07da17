"""Every text that people see is in the catalogues, and the catalogues are whole."""

import re
from functools import cache

import pytest

from app.config import ROOT
from app.core import catalogues
from app.core.catalogues import Key, Text
from app.core.translating import ENGLISH, OF_VISITORS
from tests.guards import escaping

# Whose words are missing still.
WORDLESS: tuple[str, ...] = ()
# What no visitor and no member reads: models, operators, programs; and what is known in several languages by itself.
NEVER = (
    "app/assistant/analysis/asking.py", "app/assistant/analysis/intents.py", "app/assistant/prompting.py",
    "app/assistant/drafting.py", "app/frontdesk/turns.py",  # what they tell a model; the rest is marked
    "app/channels/opt_replies.py", "app/channels/website_texts.py",  # in all languages by themselves
    "app/lib/hours_words.py",  # passages of the knowledge, as answers quote them
    "app/assistant/language_models/openai_prompt.py", "app/assistant/language_models/openai_stream.py",
    "app/channels/email/letters.py", "app/channels/email/reading.py", "app/channels/sms/reading.py",
    "app/channels/sms/understanding.py",  # names of headers and fields
    "app/channels/message_templates/languages.py",  # Babel says them in other languages
    "app/frontdesk/checking.py",  # a command’s
    "app/assistant/trial_questions.py", "app/assistant/small_talk.py", "app/assistant/tool_use.py", "app/businesses/tools.py",
    "app/channels/hooks.py", "app/channels/meta_hooks.py", "app/channels/models/",
    "app/channels/opt_words.py", "app/channels/people.py", "app/cli.py", "app/config.py", "app/conversations/merging.py",
    "app/conversations/people.py", "app/conversations/tools.py",
    "app/core/catalogues.py", "app/core/crypto.py", "app/core/embedded.py", "app/core/heartbeat.py",
    "app/contact_data/importing/settings.py",  # names that columns have in other people's files
    "app/core/jobs.py", "app/core/migrations.py", "app/core/translating.py", "app/core/web.py",
    "app/demo/", "app/frontdesk/facts.py", "app/frontdesk/own_records.py", "app/frontdesk/telling.py",
    "app/frontdesk/tools.py", "app/widget/attributes.py", "app/widget/identity.py", "app/widget/requests.py",
    "app/knowledge/parsing/",  # names within files, what a log gets; the rest is `kept`
    "app/knowledge/website/opening.py",  # its user agent
    "app/knowledge/embeddings/", "app/knowledge/language.py", "app/knowledge/tools.py",
    "app/knowledge/upkeep/", "app/lib/dates_said.py", "app/lib/mood.py", "app/lib/said.py",
    "app/lib/sentences.py", "app/lib/times_said.py", "app/pages/health.py",
)  # fmt: skip
# Names, and the beginnings of what a program writes.
NAMES = {
    "noopener nofollow ugc", "OutsideError:", "SendFailed:", "Anna", "Anna Berg", "Python", "Ruby", "Java", "WordPress", "Shopify",
    "Wix", "Squarespace", "Google Tag Manager", "Tag Manager", "CSV", "WhatsApp", "Messenger", "https://www.example.com",
    "https://", "Ogg", "Word", "Excel", "Meta", "Twilio", "WhatsApp …",
    "Need a hand choosing?",  # an example for a text in English
}  # fmt: skip


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
        if is_ours and not name.startswith(NEVER):
            found += [
                f"{name}:{line}: {text.strip()[:80]}"
                for line, text in find(path)
                if text.strip() not in NAMES
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


def test_what_looks_like_a_tag_in_a_text_is_one():
    """A marked text isn't escaped in a page: “t=<seconds>” would show nothing."""
    tags = {tag for key in extracted() for tag in re.findall(r"</?(\w+)", str(key))}
    assert tags <= {"a", "b", "bdi", "code", "kbd", "label", "q", "span", "strong", "time"}


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
