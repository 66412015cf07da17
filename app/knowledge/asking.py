"""What kind of thing an English question asks for. In other languages nothing matches, and nothing is decided."""

import re

from app.lib.words import words

_FIGURE = re.compile(r"\d")
_NAME = re.compile(r"(?<=\S )[^\W\d_a-z][\w’'-]+")  # a capitalised word that is not the first
_ASKS_FIGURE = re.compile(
    r"\b(?:how (?:many|much|long|old|far|big|often|late|early|tall|high|deep|soon|quick|fast)"
    r"|when|what (?:time|year|date|day|price|age)|price|cost|fee|hours)\b",
    re.IGNORECASE,
)
_ASKS_NAME = re.compile(
    r"\b(?:who|whom|whose|where|which (?:city|country|street|place|person))\b", re.IGNORECASE
)
_NUMBER_WORD = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
    r"|hundred|thousand|million|billion|half|once|twice|dozen|free|daily|weekly|monthly"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|noon|midnight)\b",
    re.IGNORECASE,
)


def asked_kind(question: str, sentence: str) -> float:
    """1 when the sentence holds the kind of thing asked for, -1 when it doesn't, 0 when unclear."""
    if _ASKS_FIGURE.search(question):
        return 1.0 if _FIGURE.search(sentence) or _NUMBER_WORD.search(sentence) else -1.0
    if _ASKS_NAME.search(question):
        return 1.0 if _NAME.search(sentence) else -1.0
    return 0.0


def figures(question: str) -> list[str]:
    return [word for word in words(question) if _FIGURE.search(word)]


def names(question: str) -> list[str]:
    return [word for name in _NAME.findall(question) for word in words(name)]
