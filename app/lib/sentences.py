"""Sentences of plain text in many languages, each an exact piece of it."""

import re
from collections.abc import Iterator

MAX_LENGTH = 600  # characters; a longer "sentence" is a list or a law, and is cut at its best joint


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


ABBREVIATIONS = (
    _set(
        "mr mrs ms mx dr prof rev hon st sr jr gen col sgt capt lt gov sen rep messrs mme mlle sra"
    )
    | _set("srta dra ing lic hr fr frau herr")
    | _set(
        "no nos nr vol ed eds fig figs sec art ch p pp par para ref cf ca approx min max tel ext"
    )
    | _set("fax est inc ltd co corp dept univ assn ave blvd rd bldg apt mt ft vs v al etc viz resp")
    | _set("incl excl op bzw usw evtl ggf inkl zzgl str abs pág págs núm av ej aprox c/ ud uds vd")
    | _set("vds n° réf env jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu")
    | _set("thur thurs fri sat sun")
)
# After these a sentence may still end ("… and so on etc. The shop …", "open until 5 p.m. We …").
ENDS_TOO = _set("etc inc ltd co corp al sat sun mon tue wed thu fri st rd ave")
STARTERS = _set(
    "the a an this that these those it we you they he she i if in on at for from our your there when "
    "all any please no not but and or as to by with after before most some"
)

_BOUNDARY = re.compile(
    r"""(?P<mark>[.!?…‼⁇⁈⁉؟۔।॥]+)(?P<close>["'”’»)\]]*)(?=\s)   # Latin, Arabic, Devanagari: then a space
      | [。！？｡]+[」』”’）】]*                                 # Chinese, Japanese: no space needed
      | \n""",
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«]+$")
_NEXT_WORD = re.compile(r"\s*[\"'“‘«(\[¿¡]*([^\s.,;:!?]+)")
_ORDINAL = re.compile(r"^\d{1,3}$")
_DOTTED = re.compile(r"^(?:[^\W\d_]\.)+[^\W\d_]?$")  # p.m, e.g, U.S, a.k.a
_JOINTS = (re.compile(r"[;:]\s|\s[–—-]\s"), re.compile(r",\s|、|，"), re.compile(r"\s"))


def split(text: str) -> list[str]:
    return [piece for sentence in _sentences(text) for piece in _cut(sentence)]


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for match in _BOUNDARY.finditer(text):
        if match["mark"] and not _ends(text, start, match):
            continue
        sentence = text[start : match.end()].strip()
        if sentence:
            yield sentence
        start = match.end()
    if rest := text[start:].strip():
        yield rest


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    following = _NEXT_WORD.match(text, match.end())
    if following is None:
        return True
    word = following[1]
    if match["mark"] != ".":
        trails_off = match["close"] or match["mark"] in "…..."  # "Stop!" he said; and so on … until
        return not (trails_off and word[0].islower())
    if word[0].islower():
        return (
            False  # "approx. two hours", "9 a.m. to 5 p.m."; a list's next item comes by a newline
        )
    return _dot_ends(text[start : match.start()], bool(match["close"]), word)


def _dot_ends(before: str, closed: bool, following: str) -> bool:
    """Whether a single full stop after `before`, followed by a capital, figure or other sign, ends."""
    before = before.lstrip()
    last = _LAST_WORD.search(before)
    if last is None:
        return False  # a numbered item: "1. " has nothing before it but the number
    word = last[0]
    lowered = word.lower()
    starts_well = following.lower() in STARTERS
    if _ORDINAL.match(word):
        return last.start() > 0 and not _is_ordinal(before[: last.start()], following)
    if lowered in ABBREVIATIONS and not closed:
        return lowered in ENDS_TOO and starts_well
    if _DOTTED.match(word) and len(word) > 1:
        return starts_well
    if len(word) == 1 and word.isalpha() and word.isupper() and word != "I":
        return starts_well and following[0].isupper() and len(following) > 1
    return True


def _is_ordinal(before: str, following: str) -> bool:
    """German "am 3. Mai": a figure, a dot and a word that is no sentence's first."""
    return bool(re.search(r"\b(?:am|der|den|dem|die|das|vom|zum|bis|im)\s$", before, re.I)) and (
        following.lower() not in STARTERS
    )


def _cut(sentence: str) -> Iterator[str]:
    while len(sentence) > MAX_LENGTH:
        end = _joint(sentence)
        yield sentence[:end].rstrip()
        sentence = sentence[end:].lstrip()
    if sentence:
        yield sentence


def _joint(sentence: str) -> int:
    """The last good place to cut: between clauses, else at a comma, else at a space, else anywhere."""
    for joint in _JOINTS:
        ends = [m.end() for m in joint.finditer(sentence, MAX_LENGTH // 3, MAX_LENGTH)]
        if ends:
            return ends[-1]
    return MAX_LENGTH
