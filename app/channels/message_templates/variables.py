"""The gaps in a template's words, {{first_name}}, that are filled when it is sent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

NAMED = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")
ANY = re.compile(r"\{\{([a-z][a-z0-9_]*|[1-9]\d?)\}\}")
BRACES = re.compile(r"\{\{.*?\}\}|\{\{|\}\}", re.S)

# Those that we fill ourselves: what each says, and an example for the provider.
KNOWN = {
    "first_name": (_l("The customer’s first name"), "Anna"),
    "name": (_l("The customer’s name"), "Anna Berg"),
    "phone": (_l("The customer’s number"), "+44 20 7946 0018"),
    "email": (_l("The customer’s e-mail address"), "anna@example.com"),
    "business_name": (_l("Your business’s name"), ""),
    "business_phone": (_l("Your business’s number"), "+44 20 7946 0018"),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """`name` is its key among the values. `where`: header, body or button; "fallback" is said when nothing is
    known."""

    name: str
    where: str
    example: str
    fallback: str
    label: str


def names_in(text: str) -> list[str]:
    """In their order, each once."""
    return list(dict.fromkeys(ANY.findall(text)))


def odd_ones(text: str) -> list[str]:
    """What looks like a variable and is none: {{First name}}, {{."""
    return [found for found in BRACES.findall(text) if not ANY.fullmatch(found)]


def filled(text: str, values: dict[str, str], prefix: str = "") -> str:
    """Those without a value stay as they are."""
    return ANY.sub(lambda found: values.get(prefix + found[1], found[0]), text)


def button_key(index: int) -> str:
    return f"button:{index}"


def header_prefix(parameter_format: str) -> str:
    """A numbered variable counts anew in the header; a named one is the same everywhere."""
    return "" if parameter_format == "named" else "header:"


def label_of(name: str) -> str:
    if name in KNOWN:
        return KNOWN[name][0]
    number = name.removeprefix("header:")
    if number.isdigit():
        if number != name:
            return _("Variable %(number)s of the header", number=number)
        return _("Variable %(number)s", number=number)
    return name.replace("_", " ").capitalize()


def example_of(name: str, business_name: str = "") -> str:
    return business_name if name == "business_name" else KNOWN.get(name, ("", ""))[1]


def distinct(found: Iterable[Variable]) -> list[Variable]:
    return list({each.name: each for each in reversed(list(found))}.values())[::-1]
