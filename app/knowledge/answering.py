"""A question to what the business knows, answered without a language model."""

from dataclasses import asdict, dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.businesses.models import Business
from app.core import tenancy, translating
from app.extensions import db
from app.knowledge import confidence, extractive, retrieval
from app.knowledge.confidence import Band
from app.knowledge.indexing import Encode
from app.knowledge.scoring import Hit
from app.lib.marking import N_

NOT_FOUND = N_("I couldn't find an answer to that. Would you like to talk to a person?")
NOT_SURE = N_("I'm not sure this is what you mean:")
SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Citation:
    chunk_id: int
    document_id: int
    source_id: int
    title: str
    heading: str
    page: int | None
    anchor: str
    url: str | None  # of a page of a website
    text: str  # exactly as it stands in the document

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, hit: Hit, text: str) -> "Citation":
        return cls(
            chunk_id=hit.chunk_id,
            document_id=hit.document_id,
            source_id=hit.source_id,
            title=hit.document,
            heading=hit.heading,
            page=hit.page,
            anchor=hit.anchor,
            url=f"{hit.url}#{hit.anchor}" if hit.url and hit.anchor else hit.url,
            text=text,
        )


@dataclass(frozen=True, slots=True)
class KnowledgeAnswer:
    """`answer` is what to say. Unless `confident`, it says that it is unsure, or offers a person."""

    question: str
    answer: str
    confident: bool
    score: float
    band: Band
    searched_for: str | None = None
    citations: list[Citation] = field(default_factory=list)
    passages: list[Hit] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    features: dict[str, float] = field(default_factory=dict)  # what the score was made of

    def as_dict(self) -> dict[str, Any]:
        """What `flask knowledge ask` prints."""
        return {
            "question": self.question,
            "searched_for": self.searched_for,
            "answer": self.answer,
            "confident": self.confident,
            "score": round(self.score, 4),
            "citations": [citation.as_dict() for citation in self.citations],
            "passages": [hit.as_dict() for hit in self.passages],
        }


def answer(
    question: str, encode: Encode, top: int = 5, threshold: float | None = None
) -> KnowledgeAnswer:
    """`threshold` is the score from which an answer is given, in place of the business's own or ours."""
    threshold = own_threshold() if threshold is None else threshold
    result = retrieval.search(question, encode, limit=max(top, SUGGESTIONS))
    return judge(question, result, top, threshold)


def judge(
    question: str, result: retrieval.SearchResult, top: int = 5, threshold: float | None = None
) -> KnowledgeAnswer:
    """What to say with this search's result."""
    score = confidence.score(result)
    band = confidence.band(score, threshold)
    extract = extractive.answer(result)
    found = band != Band.HAND_OVER
    return KnowledgeAnswer(
        question=question,
        answer=_said(band, extract.text),
        confident=band == Band.ANSWER,
        score=score,
        band=band,
        searched_for=result.searched_for,
        citations=[Citation.of(quote.hit, quote.text) for quote in extract.quotes] if found else [],
        passages=list(result.hits[:top]),
        suggestions=_suggestions(result.hits) if band == Band.SUGGEST else [],
        features=confidence.features(result) if result.hits else {},
    )


def own_threshold() -> float | None:
    """What the business in scope has chosen; None: ours."""
    return db.session.get_one(Business, tenancy.current_business_id()).answer_from


def _said(band: Band, quoted: str) -> str:
    if band == Band.ANSWER:
        return quoted
    return f"{_(NOT_SURE)}\n{quoted}" if band == Band.SUGGEST else _(NOT_FOUND)


def offers_person(said: str) -> bool:
    """These words of ours say that nothing was found, and offer a person, in whatever language."""
    return any(each in said for each in translating.in_all(NOT_FOUND))


def _suggestions(hits: tuple[Hit, ...]) -> list[str]:
    """What the visitor may have meant, as something to click on: each passage's question or subject."""
    named = [hit.question or hit.heading or hit.document for hit in hits]
    return list(dict.fromkeys(named))[:SUGGESTIONS]
