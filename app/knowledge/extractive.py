"""An answer without a language model: the owner's own sentences, quoted exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.knowledge.retrieval import SearchResult
from app.knowledge.scoring import Hit, Reading, ScoredSentence

PASSAGES = 3  # the right sentence is seldom in a later one
MAX_ANSWER = (
    700  # characters of an owner's answer that are given whole; a longer one is quoted in part
)
SECOND_SHARE = 0.7  # a second sentence must come this near the first
CHUNK_WEIGHT = 0.25


@dataclass(frozen=True, slots=True)
class Quote:
    text: str
    hit: Hit


@dataclass(frozen=True, slots=True)
class Extract:
    text: str
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    score: float
    hit: Hit
    sentence: ScoredSentence


def answer(result: SearchResult) -> Extract:
    """One to three sentences, each with the passage it stands in; empty when nothing was found."""
    if not result.hits:
        return Extract("")
    best = result.hits[0]
    if best.kind == "qa" and len(best.text) <= MAX_ANSWER:
        return Extract(best.text, (Quote(best.text, best),))
    chosen = _chosen(_candidates(result.hits[:PASSAGES]))
    quotes = tuple(
        quote for hit, sentences in _by_passage(chosen) for quote in _quotes(hit, sentences)
    )
    return Extract("\n".join(quote.text for quote in quotes), quotes)


def sentence_score(sentence: ScoredSentence, hit: Hit) -> float:
    meaning = sentence.cosine if hit.reading != Reading.NONE else sentence.coverage
    return (meaning + sentence.coverage) / 2 + CHUNK_WEIGHT * hit.score


def _candidates(hits: Sequence[Hit]) -> list[_Candidate]:
    candidates = [
        _Candidate(sentence_score(sentence, hit), hit, sentence)
        for hit in hits
        for sentence in hit.sentences
        if sentence.position > 0
    ]
    return sorted(candidates, key=lambda each: -each.score)


def _chosen(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    if not candidates:
        return []
    best, *others = candidates
    chosen = [best]
    for other in others:
        is_new = other.sentence.text != best.sentence.text
        if is_new and other.score >= SECOND_SHARE * best.score:
            return [*chosen, other]
    return chosen


def _by_passage(chosen: Sequence[_Candidate]) -> list[tuple[Hit, list[ScoredSentence]]]:
    """In the order of their best sentence, and inside a passage as the owner wrote them."""
    grouped: dict[int, tuple[Hit, list[ScoredSentence]]] = {}
    for each in chosen:
        grouped.setdefault(each.hit.chunk_id, (each.hit, []))[1].append(each.sentence)
    for _hit, sentences in grouped.values():
        sentences.sort(key=lambda sentence: sentence.position)
    return list(grouped.values())


def _quotes(hit: Hit, sentences: Sequence[ScoredSentence]) -> Iterator[Quote]:
    """Neighbours are one quote, with whatever stands between them; others a quote each."""
    run = [sentences[0]]
    for sentence in sentences[1:]:
        if sentence.position != run[-1].position + 1:
            yield Quote(_slice(hit.text, run), hit)
            run = []
        run.append(sentence)
    yield Quote(_slice(hit.text, run), hit)


def _slice(text: str, run: Sequence[ScoredSentence]) -> str:
    start = text.index(run[0].text)
    end = text.index(run[-1].text, start) + len(run[-1].text)
    return text[start:end]
