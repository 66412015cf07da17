"""The loader without what only its readers need: it stands before anything of a business's page.

For a script like ours alone: each statement ends with a semicolon, and there are no regular expressions.
"""

import re

PIECE = re.compile(
    r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)|/\*.*?\*/|//[^\n]*""", re.S
)
PLACE = "\0"  # of a string, while the code around it is squeezed
LINES = re.compile(r"\s*\n\s*")
SPACES = re.compile(r"\s*([{}();,:=<>?&|!])\s*")
STYLE = re.compile(r"\s*([{;,])\s*|(:)\s+|\s+(?=\})|(?<=\})\s*\n\s*")


def squeezed(script: str) -> str:
    """Strings stay as they are; those of several lines are style sheets."""
    strings: list[str] = []

    def take_out(found: re.Match[str]) -> str:
        if found[1] is None:
            return ""
        strings.append(STYLE.sub(_kept, found[1]) if "\n" in found[1] else found[1])
        return PLACE

    code = SPACES.sub(r"\1", LINES.sub("\n", PIECE.sub(take_out, script)))
    rest = iter(strings)
    return re.sub(PLACE, lambda _: next(rest), code).strip()


def _kept(found: re.Match[str]) -> str:
    return found[1] or found[2] or ""
