"""Who somebody says to be: e-mail addresses, phone numbers and a name, found in their own words and checked.

Rather nothing than something wrong: what a library doesn't accept is left where it is.
"""

import re
from collections.abc import Sequence
from contextlib import suppress

from app.lib import emails

MAX_NAME_CHARACTERS = 60

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"“”]+@[^\s<>()\[\],;:\"“”@]+\.[^\s<>()\[\],;:\"“”@]+")
_ENDS = ".!?'’…"

_PART = r"(?=[^\W\d_a-z])[^\W\d_]+(?:['’-][^\W\d_]+)*"  # begins with a capital
_FULL = rf"(?P<full>{_PART}(?:\s+(?:(?:de|da|do|dos|das|del|la|van|von|der|den|di|du|le|bin|al)\s+){{0,2}}{_PART}){{0,3}})"
# Written small it is one only where nothing else can follow.
_SMALL = r"(?P<small>[^\W\d_]+(?:\s[^\W\d_]+)?)(?=\s*(?:[.,!;\n]|$|(?:and|y|und|et|e)\s))"
_LEADS = (
    r"my name(?:[’']?s| is)(?: also)?", r"i am called|i[’']m called",
    r"me llamo|mi nombre es",
    r"ich hei(?:ß|ss)e|mein name ist|mein name lautet",
    r"je m[’']appelle|mon nom est|je me nomme",
    r"(?:eu )?me chamo|chamo-me|(?:o )?meu nome é",
)  # fmt: skip
_NAMES_ITSELF = re.compile(rf"(?<!\w)(?i:{'|'.join(_LEADS)})\s+(?:{_FULL}|{_SMALL})")
_ASKS_NAME = re.compile(
    r"(?:your|full|last|first) name|who (?:am i|should i)|(?:tu|su) nombre|c[oó]mo te llamas|"
    r"(?:dein|ihr|eure)e?n? (?:vor|nach)?namen?|wie hei(?:ß|ss)|(?:votre|ton) (?:pr[eé])?nom|"
    r"(?:o )?(?:seu|teu) nome|como (?:se|te) chama",
    re.I,
)
_NAME_ALONE = re.compile(rf"^\s*{_FULL}\s*[.,!]?\s*$")
_NO_NAMES = frozenset(re.split(r"\s+", """
    yes no ok okay sure thanks thank please hello hi hey back later tomorrow maybe never none the a an and not why what who
    when where here on in for at still is spelled spelt wrong missing anonymous nobody private
    hola sí si gracias mal en con errado hallo ja nein danke noch nicht nur falsch bonjour oui non merci pas encore
    oi ola olá sim não nao obrigado obrigada""".strip()))  # fmt: skip


def emails_in(text: str) -> list[str]:
    """As they are compared, in their order."""
    found = []
    for match in _ADDRESS.finditer(text):
        with suppress(emails.NotEmail):
            found.append(emails.normal(match[0].strip(_ENDS)))
    return list(dict.fromkeys(found))


def phones_in(text: str, home: str | None) -> list[str]:
    """In E.164, in their order. `home` (GB, DE …) is where a number without +44 is from."""
    import phonenumbers

    international = phonenumbers.PhoneNumberFormat.E164
    matches = phonenumbers.PhoneNumberMatcher(_ADDRESS.sub(" ", text), home)
    found = [phonenumbers.format_number(match.number, international) for match in matches]
    return list(dict.fromkeys(found))


def name_in(texts: Sequence[tuple[str, str]]) -> str | None:
    """The last name that the visitor gave. Each of their messages comes with what was said to them before,
    since "Anna Smith" alone is a name only after it was asked for."""
    names = [name for asked, text in texts if (name := _name_in(text, asked))]
    return names[-1] if names else None


def _name_in(text: str, asked: str) -> str | None:
    if match := _NAMES_ITSELF.search(text):
        full = match["full"] or ""
        return _as_name(match["small"] or full) if not full[:1].islower() else None
    if _ASKS_NAME.search(asked) and (match := _NAME_ALONE.match(text)):
        return _as_name(match["full"])
    return None


def _as_name(words: str) -> str | None:
    name = " ".join(words.split())
    is_none = any(part.casefold() in _NO_NAMES for part in name.split())
    if is_none or not 2 <= len(name) <= MAX_NAME_CHARACTERS:
        return None
    return name.title() if name.islower() else name
