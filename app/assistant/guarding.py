"""What the business never says: looked for in what was written, whatever the model was told."""

import re
import unicodedata

from app.assistant.models import AssistantSettings

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_ALIKE = str.maketrans("‘’‚‛“”„‟‐‑‒–—−", "''''\"\"\"\"------")
# Scripts without spaces between words: there a phrase may begin and end anywhere.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_LETTER = re.compile(rf"(?![{_UNSPACED}])\w")
_BEGINS = r"(?<!\w)(?<!\d[.,:])"  # "95" is no part of "4.95"
_ENDS = r"(?!\w)(?![.,:]\d)"


def lines(never_say: str) -> list[str]:
    return [line for each in never_say.splitlines() if (line := each.strip())]


def broken_rule(text: str, settings: AssistantSettings) -> str | None:
    """The first line of “never say” that stands in the text; None when it holds to all of them. Capitals,
    spaces and the shape of quotes and dashes make no difference; a part of a longer word is no match."""
    if not settings.never_say:
        return None
    written = _plain(text)
    return next((line for line in lines(settings.never_say) if _says(written, _plain(line))), None)


def _says(written: str, phrase: str) -> bool:
    if not phrase:
        return False
    begins = _BEGINS if _LETTER.match(phrase[0]) else ""
    ends = _ENDS if _LETTER.match(phrase[-1]) else ""
    return re.search(begins + re.escape(phrase) + ends, written) is not None


def _plain(text: str) -> str:
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_ALIKE)
    return " ".join(text.casefold().split())
