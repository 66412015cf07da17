"""What somebody typed, as sets of words that a text must have one each of."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import text

from app.extensions import db
from app.lib.edits import one_edit_away
from app.search import words
from app.search.models import MESSAGE
from app.search.texts import KINDS

NUMBER = re.compile(r"#(\d{1,18})")  # a conversation's
MAX_TYPED = 200  # characters
MAX_ASKED = 8  # words
MOST_WORDS = 40  # that a beginning stands for, the commonest of them
MIN_RESPELLED, MAX_RESPELLED = 4, 24  # characters
MOST_RESPELLED = 3  # words that a mistyped one stands for
_ABOVE = "\U0010ffff"  # behind every word that begins so
_JUST = "\x01"  # behind that word alone

_KNOWN = text("""
    SELECT asked.number, found.word, found.total
      FROM unnest(CAST(:numbers AS int[]), CAST(:starts AS text[]), CAST(:ends AS text[]))
           AS asked (number, start, finish)
     CROSS JOIN LATERAL (
           SELECT w.word, CAST(sum(w.documents) OVER () AS bigint) AS total
             FROM search_words AS w
            WHERE w.kind = :kind AND w.word >= asked.start AND w.word < asked.finish
            ORDER BY w.word = asked.start DESC, w.documents DESC LIMIT :most) AS found""")
_NEAR = text("""
    SELECT w.word FROM search_words AS w
     WHERE w.kind = :kind AND w.word = ANY (CAST(:words AS text[]))
     ORDER BY left(w.word, 1) = :first DESC, w.documents DESC LIMIT :most""")


@dataclass(frozen=True, slots=True)
class Asked:
    """One word of the question: what it may stand for in the index, and in how many texts that is."""

    word: str
    is_start: bool  # of a longer one, too
    known: tuple[str, ...] = ()
    total: int = 0
    respelled: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Every word of the index that it may stand for is in `known`."""
        return len(self.known) < MOST_WORDS

    def fits(self, word: str) -> bool:
        """A word of a text. A telephone number is found by its end."""
        return (
            word == self.word
            or word in self.respelled
            or (self.is_start and word.startswith(self.word))
            or (self.word.isdecimal() and words.is_phone(word) and word.endswith(self.word))
        )

    def exactly(self) -> "Asked":
        """Without longer words; a telephone number stays what it is."""
        known = tuple(word for word in self.known if word == self.word or word[0] == "#")
        return replace(self, is_start=False, known=known)

    def may_be_in(self, folded: str) -> bool:
        """Asked of the text before it is taken apart. Figures are written in too many ways to say."""
        return not self.word.isalpha() or any(
            word in folded for word in (self.word, *self.respelled)
        )

    def is_in(self, text_words: Iterable[str]) -> bool:
        return any(self.fits(word) for word in text_words)


def clean(typed: str) -> str:
    return " ".join(typed.replace("\x00", "").split())[:MAX_TYPED]


def is_too_short(typed: str) -> bool:
    """Nothing, punctuation, or a single letter of a script that has words."""
    if NUMBER.fullmatch(typed):
        return False
    found = words.in_order(typed)
    return not any(len(word) > 1 or not _has_words(word) for word in found)


def _has_words(word: str) -> bool:
    return word[0] < "\u0e00"  # what comes after is written without spaces, mostly


def read(kind: int, typed: str) -> list[Asked]:
    """The words asked for, with what the index knows of each."""
    number = words.typed_number(typed) if kind != MESSAGE else None
    found = [number] if number else list(dict.fromkeys(words.in_order(typed)))[:MAX_ASKED]
    asked = [Asked(word, _is_start(kind, word)) for word in found]
    return _looked_up(kind, asked)


def _is_start(kind: int, word: str) -> bool:
    return len(word) >= KINDS[kind].shortest or not _has_words(word)


def _looked_up(kind: int, asked: Sequence[Asked]) -> list[Asked]:
    ranges = [
        (number, start, start + (_ABOVE if is_start else _JUST))
        for number, each in enumerate(asked)
        for start, is_start in _ranges(kind, each)
    ]
    numbers, starts, ends = (list(column) for column in zip(*ranges, strict=True))
    rows = db.session.execute(
        _KNOWN,
        {"kind": kind, "numbers": numbers, "starts": starts, "ends": ends, "most": MOST_WORDS},
    ).all()
    return [
        replace(
            each,
            known=tuple(row.word for row in rows if row.number == number),
            total=sum(
                {row.word[:1] == "#": row.total for row in rows if row.number == number}.values()
            ),
        )
        for number, each in enumerate(asked)
    ]


def _ranges(kind: int, asked: Asked) -> list[tuple[str, bool]]:
    found = [(asked.word, asked.is_start)]
    if kind != MESSAGE and asked.word.isdecimal() and len(asked.word) >= words.TAIL:
        found.append((words.tail(asked.word), False))
    return found


def respelled(kind: int, asked: Sequence[Asked]) -> list[Asked]:
    """Words that nothing has, else all of them, with the business's own words that they may be slips of."""
    unknown = [each for each in asked if not each.known]
    wanted = unknown or asked
    return [_respelled(kind, each) if each in wanted else each for each in asked]


def _respelled(kind: int, asked: Asked) -> Asked:
    if not (MIN_RESPELLED <= len(asked.word) <= MAX_RESPELLED and asked.word.isalpha()):
        return asked
    values = {
        "kind": kind, "words": sorted(one_edit_away(asked.word)), "first": asked.word[0],
        "most": MOST_RESPELLED,
    }  # fmt: skip
    near = tuple(db.session.scalars(_NEAR, values))
    if not near:
        return asked
    again = _looked_up(kind, [Asked(word, is_start=False) for word in near])
    return replace(
        asked,
        known=(*asked.known, *near),
        total=asked.total + sum(each.total for each in again),
        respelled=near,
    )
