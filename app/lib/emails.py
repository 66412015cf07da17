"""E-mail addresses as they are compared: one address is one spelling."""

import re
from collections.abc import Iterable
from functools import lru_cache

from flask_babel import gettext as _

MAX_CHARACTERS = 254  # RFC 5321
# What stands before the @ of nearly all: nothing about it depends on what stands behind.
_PLAIN = re.compile(r"(?=.{1,64}$)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
# Between the words of a sentence; what ends one isn't part of an address either.
_BETWEEN = re.compile(r"[\s<>()\[\]{},;:\"“”„«»|]+")
_AROUND = ".!?'’‘*_"


class NotEmail(ValueError):
    """Says what is wrong, in words for whoever typed it."""


def normal(typed: str) -> str:
    """In small letters: mail servers that tell `Anna@` from `anna@` are not met in practice, people
    who write both are. Nothing is looked up. Raises NotEmail."""
    typed = typed.strip()[: MAX_CHARACTERS + 1]
    before, at, domain = typed.partition("@")
    if at and len(typed) <= MAX_CHARACTERS and _PLAIN.fullmatch(before):
        return before.lower() + _of_domain(domain)
    return _checked(typed)


@lru_cache(maxsize=1024)  # in a file of customers most have one of a few
def _of_domain(domain: str) -> str:
    """“@example.com”. Raises NotEmail."""
    return _checked(f"a@{domain}")[1:]


def _checked(typed: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(typed, check_deliverability=False)
    except EmailNotValidError as problem:
        raise NotEmail(_("This is no e-mail address. One is hello@example.com.")) from problem
    return str(found.normalized).lower()


def is_said(email: str, texts: Iterable[str]) -> bool:
    """Whether one of the texts holds this address, whole."""
    return any(email in _found_in(text) for text in texts)


def _found_in(text: str) -> set[str]:
    found = set()
    for word in _BETWEEN.split(text):
        if "@" not in word:
            continue
        for each in (word, word.strip(_AROUND)):
            try:
                found.add(normal(each))
            except NotEmail:
                continue
    return found
