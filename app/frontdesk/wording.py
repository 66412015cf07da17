"""An answer as its channel shows it. The website's chat has marks and a list of sources; a message elsewhere is its
words alone, so they are plain, and where they were found stands behind them."""

from typing import Any

from app.assistant.drafting import Draft
from app.channels import adapters
from app.channels.models.channels import OWN
from app.lib.plain_words import without_markdown


def fit(made: Draft, kind: str) -> None:
    """Of a draft for a channel of this kind. A mark whose place has moved is none; its source stays."""
    if kind in OWN:
        return
    plain = without_markdown(made.text)
    if plain != made.text:
        made.citations = [each | {"at": []} for each in made.citations]
    made.text = "\n\n".join([plain, *_links(made, kind)])


def _links(made: Draft, kind: str) -> list[str]:
    """The pages of the website that were cited, each once, and none that the words name already."""
    pages: dict[str, str] = {}
    for cited in made.citations:
        page = _page(cited)
        if page and page not in made.text:
            pages.setdefault(page, str(cited["url"]))
    links = list(pages.values())[: adapters.limits(kind).sources]
    return ["\n".join(links)] if links else []


def _page(cited: dict[str, Any]) -> str:
    return str(cited.get("url") or "").partition("#")[0]
