"""In which language the chat and the public pages speak, and what of it the frame's scripts need."""

from functools import lru_cache

from flask import request
from flask_babel import gettext

from app.channels.website import WebsiteSettings
from app.channels.website_texts import FALLBACK, spoken
from app.lib import marking
from app.widget import loader


def of_page(settings: WebsiteSettings, *, by_link: bool = False) -> str:
    """The owner's choice, else the browser's language, else that of the page around, `lang`. In the address of a
    page of our own somebody chose it, so `by_link` it comes before the browser's."""
    around = request.args.get("lang")
    return spoken(settings.language, around if by_link else None, *_browsers(), around)


def of_call() -> str:
    """The frame says with each call in which language it is."""
    return spoken(*_browsers())


def words(language: str) -> dict[str, str]:
    """What the frame's scripts say, by its English. English needs none."""
    if language == FALLBACK:
        return {}
    return {text: gettext(text) for text in texts()}


@lru_cache(maxsize=1)
def texts() -> tuple[str, ...]:
    """All that the frame's scripts say, as they are marked there."""
    return tuple(dict.fromkeys(marking.in_script(loader.packed(loader.FRAME))))


def _browsers() -> list[str]:
    return [tag for tag, _quality in request.accept_languages]
