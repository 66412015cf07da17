"""An answer without a language model: the owner's own sentences, quoted exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.knowledge.asking import asked_kind
from app.knowledge.retrieval import SearchResult
from app.knowledge.scoring import Hit, Reading, ScoredSentence

PASSAGES = 3  # the right sentence is seldom in a later one
SENTENCES = 3
MAX_ANSWER = (
    700  # characters of an owner's answer that are given whole; a longer one is quoted in part
)
WORTH_ADDING = 0.8  # a further sentence must come this near the best one
CHUNK_WEIGHT = 1.0
KIND_WEIGHT = 0.05  # a figure where one asked how many, a name where one asked who


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
    chosen = _chosen(_candidates(result))
    quotes = tuple(
        quote for hit, sentences in _by_passage(chosen) for quote in _quotes(hit, sentences)
    )
    return Extract("\n".join(quote.text for quote in quotes), quotes)


def _score(question: str, sentence: ScoredSentence, hit: Hit) -> float:
    meaning = sentence.cosine if hit.reading != Reading.NONE else sentence.coverage
    return (
        (meaning + sentence.coverage) / 2
        + CHUNK_WEIGHT * hit.score
        + KIND_WEIGHT * asked_kind(question, sentence.text)
    )


def _candidates(result: SearchResult) -> list[_Candidate]:
    question = result.searched_for or result.question
    candidates = [
        _Candidate(_score(question, sentence, hit), hit, sentence)
        for hit in result.hits[:PASSAGES]
        for sentence in hit.sentences
        if sentence.position > 0
    ]
    return sorted(candidates, key=lambda each: -each.score)


def _chosen(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The best sentence, and those that come near it; the same words only once."""
    chosen: dict[str, _Candidate] = {}
    for each in candidates:
        if len(chosen) == SENTENCES or each.score < WORTH_ADDING * candidates[0].score:
            break
        chosen.setdefault(each.sentence.text, each)
    return list(chosen.values())


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
