"""How well a passage meets the question: pure arithmetic over what the search statement returns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.knowledge.language import Reading
from app.knowledge.spelling import Word

COVERAGE_WEIGHT = 0.25
LATIN_COSINE, LATIN_BM25 = 0.7, 0.3
QA_BONUS = 0.02  # at near equality the owner's own answer goes first

Weights = Sequence[tuple[Word, float]]


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    position: int  # 0 is a qa's question
    text: str
    cosine: float
    coverage: float  # of the question's words, by their rarity


@dataclass(frozen=True, slots=True)
class Hit:
    chunk_id: int
    document_id: int
    source_id: int
    document: str  # its title
    kind: str  # prose, qa
    heading: str
    question: str
    text: str
    page: int | None
    anchor: str
    score: float
    url: str | None = None
    written_at: datetime | None = None
    language: str = "en"
    reading: Reading = Reading.ENGLISH
    cosine: float = 0.0
    coverage: float = 0.0
    bm25: float = 0.0  # share of the best passage's
    leads_by_meaning: bool = False  # nearest of all the business's passages
    leads_by_words: bool = False
    sentences: tuple[ScoredSentence, ...] = field(default=(), repr=False)

    @property
    def best_cosine(self) -> float:
        return max((each.cosine for each in self.sentences), default=self.cosine)

    def as_dict(self) -> dict[str, Any]:
        """For receipts and the command line: what was found, and how good it seemed."""
        whole = f"{self.question}\n{self.text}" if self.question else self.text
        return {
            "chunk_id": self.chunk_id,
            "document": self.document,
            "heading": self.heading,
            "text": whole,
            "score": round(self.score, 4),
        }


def rank(rows: Sequence[Any], weights: Weights) -> list[Hit]:
    hits = [_hit(row, weights) for row in rows]
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))


def _hit(row: Any, weights: Weights) -> Hit:
    sentences = tuple(
        ScoredSentence(position, text, cosine, _coverage(terms, weights))
        for position, text, cosine, terms in row.sentences or ()
    )
    return Hit(
        chunk_id=row.chunk_id,
        document_id=row.document_id,
        source_id=row.source_id,
        document=row.title,
        kind=row.kind,
        heading=row.heading,
        question=row.question,
        text=row.text,
        page=row.page,
        anchor=row.anchor,
        url=row.url,
        written_at=row.written_at,
        language=row.language,
        score=_score(row, sentences),
        reading=Reading(row.reading),
        cosine=row.cosine,
        coverage=row.coverage,
        bm25=row.bm25,
        leads_by_meaning=row.leads_by_meaning,
        leads_by_words=row.leads_by_words,
        sentences=sentences,
    )


def _score(row: Any, sentences: Sequence[ScoredSentence]) -> float:
    bonus = QA_BONUS if row.kind == "qa" else 0.0
    if row.reading == Reading.NONE:
        return float(row.bm25) + bonus
    best = max((each.cosine for each in sentences), default=row.cosine)
    meaning = (row.cosine + best) / 2
    if row.reading == Reading.ENGLISH:
        return float(meaning + COVERAGE_WEIGHT * row.coverage + bonus)
    return float(LATIN_COSINE * meaning + LATIN_BM25 * row.bm25 + bonus)


def _coverage(terms: Sequence[str], weights: Weights) -> float:
    present = set(terms)
    total = sum(weight for _word, weight in weights)
    matched = sum(weight for word, weight in weights if word.terms & present)
    return matched / total if total else 0.0
