"""The same passage under several sources or pages is one hit, so that copies neither crowd out what else is
known nor make the best hit look unsure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from app.knowledge.scoring import QA_BONUS, Hit
from app.lib.words import words as words_of

SAME_FROM = 0.9  # of the shorter one's pairs of neighbouring words: in 100 words four may differ
AS_LONG_FROM = 0.6  # of the longer one: a copy may stand among a page's own lines
NEAR_COSINE = 0.15  # copies are about as near to any question, so others needn't be compared
SHORT = 8  # words; "Closed." under "Monday" and under "Sunday" are two things
# A copy that says the contrary is none.
NEGATIONS = frozenset(  # "t" is what is left of "don't"
    [
        "not",
        "no",
        "never",
        "none",
        "without",
        "cannot",
        "t",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "nie",
        "ohne",
        "pas",
        "jamais",
        "sans",
        "aucun",
        "aucune",
        "nunca",
        "sin",
        "não",
        "nem",
        "sem",
    ]
)


def collapse(hits: Sequence[Hit], limit: int | None = None) -> list[Hit]:
    """Best first, as they come. Of copies the owner's own answer stays, else the one that fits better,
    else the newest; it keeps the place of the best. Nothing behind the last of `limit` is looked at."""
    groups: list[list[_Passage]] = []
    for hit in hits:
        passage = _Passage(hit)
        group = next((group for group in groups if passage.is_copy_of(group[0])), None)
        if group is None:
            if len(groups) == limit:
                break
            groups.append([passage])
        else:
            group.append(passage)
    return [_one([passage.hit for passage in group]) for group in groups]


def _one(copies: list[Hit]) -> Hit:
    if len(copies) == 1:
        return copies[0]
    best = copies[0]
    near = [hit for hit in copies if hit.score >= best.score - QA_BONUS]
    answers = [hit for hit in copies if hit.kind == "qa"]
    kept = answers[0] if answers else max(near, key=_age)
    return replace(
        kept,
        score=best.score,
        leads_by_meaning=any(hit.leads_by_meaning for hit in copies),
        leads_by_words=any(hit.leads_by_words for hit in copies),
    )


def _age(hit: Hit) -> tuple[float, int]:
    return (hit.written_at.timestamp() if hit.written_at else 0.0, hit.chunk_id)


@dataclass
class _Passage:
    hit: Hit

    def is_copy_of(self, other: "_Passage") -> bool:
        if abs(self.hit.cosine - other.hit.cosine) > NEAR_COSINE:
            return False
        if self._is_told_by_its_place or other._is_told_by_its_place:
            return self._whole == other._whole
        if self.hit.kind == other.hit.kind == "qa" and self.hit.question != other.hit.question:
            return False
        return self._figures == other._figures and _is_same(self._pairs, other._pairs)

    @cached_property
    def _words(self) -> list[str]:
        return words_of(self.hit.text)

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(pairwise(self._words))

    @cached_property
    def _figures(self) -> tuple[str, ...]:
        """What no copy may change: amounts and times, and whether it is denied."""
        return tuple(
            word for word in self._words if word in NEGATIONS or any(map(str.isdigit, word))
        )

    @property
    def _is_told_by_its_place(self) -> bool:
        return len(self._words) < SHORT

    @cached_property
    def _whole(self) -> list[str]:
        return words_of(f"{self.hit.heading} {self.hit.question} {self.hit.text}")


def _is_same(left: frozenset[tuple[str, str]], right: frozenset[tuple[str, str]]) -> bool:
    shorter, longer = sorted((len(left), len(right)))
    return shorter >= AS_LONG_FROM * longer and len(left & right) >= SAME_FROM * shorter
