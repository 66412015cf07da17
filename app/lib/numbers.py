"""Numbers as the language that is spoken writes them, without a library of locales."""

from flask_babel import get_locale

# What parts thousands, and what comes before the fraction; English where nothing stands.
_SIGNS = {"es": ".,", "pt": ".,", "de": ".,", "fr": "\u202f,"}
_ENGLISH = ",."


def grouped(number: float) -> str:
    """`12,300`, `12.300`"""
    return written(f"{number:,}")


def decimal(number: float, places: int = 1) -> str:
    """`4.5`, `4,5`"""
    return written(f"{number:,.{places}f}")


def written(english: str) -> str:
    """`1,234.50` with the signs of the language."""
    locale = get_locale()
    signs = _SIGNS.get(locale.language, _ENGLISH) if locale else _ENGLISH
    if signs == _ENGLISH:
        return english
    return english.translate(str.maketrans(_ENGLISH, signs))
