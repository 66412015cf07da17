"""Trying a question: what the assistant would find and say, with its figures. Nothing is kept of it: question and
result live in Redis for some minutes, under the business and the member who asked."""

import json
import secrets
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from redis import RedisError
from sqlalchemy import select

from app.accounts.models import User
from app.businesses.models import Business
from app.core import heartbeat, realtime, tenancy
from app.core.errors import FrontdeskError
from app.core.jobs import enqueue
from app.extensions import db, redis
from app.knowledge import answering, confidence, explaining, retrieval
from app.knowledge.embeddings.current import encode
from app.knowledge.models import Document
from app.knowledge.retrieval import MAX_QUESTION, SearchResult
from app.knowledge.stems import MAX_TERM, stem
from app.lib.words import spans

KEEP_SECONDS = 600
LATE_SECONDS = 4  # a result takes some hundredths; after this something is said
PASSAGES = 10


class Away(FrontdeskError):
    status = 503
    code = "away"


@dataclass(frozen=True, slots=True)
class Trial:
    token: str
    question: str
    asked_at: float
    result: dict[str, Any] | None

    @property
    def is_late(self) -> bool:
        return time.time() - self.asked_at > LATE_SECONDS

    @property
    def is_nobody_there(self) -> bool:
        return heartbeat.problem("worker") is not None


def ask(question: str, by: User) -> Trial:
    """The worker looks it up after this commit and publishes `try-<token>`. Raises Away."""
    trial = Trial(secrets.token_urlsafe(9), _clean(question), time.time(), None)
    try:
        _keep(by.id, trial.token, {"question": trial.question, "asked_at": trial.asked_at})
    except RedisError as error:
        raise Away(_("This can’t be looked up just now. Try again in a moment.")) from error
    enqueue("knowledge.try", by.id, trial.token)
    return trial


def find(token: str, by: User) -> Trial | None:
    """None when it is another member's, or over. Raises Away."""
    try:
        kept = redis.client.get(_name(by.id, token))
    except RedisError as error:
        raise Away(_("This can’t be looked up just now. Try again in a moment.")) from error
    return Trial(token, **({"result": None} | json.loads(kept))) if kept else None


def run(user_id: int, token: str) -> None:
    """The job behind ask()."""
    kept = redis.client.get(_name(user_id, token))
    if not kept:
        return  # nobody waits for it any more
    trial = json.loads(kept)
    _keep(user_id, token, trial | {"result": look_up(trial["question"])})
    realtime.publish(f"business:{tenancy.current_business_id()}", name=f"try-{token}")


def look_up(question: str) -> dict[str, Any]:
    """What the assistant sees and would say, as JSON carries it."""
    began = time.perf_counter()
    business = db.session.get_one(Business, tenancy.current_business_id())
    result = retrieval.search(question, encode, limit=PASSAGES)
    found = answering.judge(question, result, PASSAGES, business.answer_from)
    return {
        "searched_for": found.searched_for,
        "band": found.band.value,
        "score": found.score,
        "threshold": _threshold(business),
        "said": found.answer,
        "suggestions": found.suggestions,
        "reasons": explaining.reasons(found.features),
        "passages": _passages(found, result),
        "milliseconds": round((time.perf_counter() - began) * 1000),
    }


def _threshold(business: Business) -> float:
    return confidence.ANSWER_FROM if business.answer_from is None else business.answer_from


def _passages(found: answering.KnowledgeAnswer, result: SearchResult) -> list[dict[str, Any]]:
    quoted = {citation.chunk_id for citation in found.citations}
    texts = [text for hit in found.passages for text in (hit.question, hit.text)]
    marked = iter(_marked(texts, result))
    return [
        {
            "chunk_id": hit.chunk_id,
            "source_id": hit.source_id,
            "document": hit.document,
            "heading": hit.heading,
            "page": hit.page,
            "is_qa": hit.kind == "qa",
            "is_quoted": hit.chunk_id in quoted,
            "question": next(marked),
            "text": next(marked),
            "score": hit.score,
            "cosine": hit.best_cosine,
            "coverage": hit.coverage,
        }
        for hit in found.passages
    ]


def _marked(texts: Sequence[str], result: SearchResult) -> list[list[tuple[str, bool]]]:
    """Each text in pieces: with whether a word of the question stands there, whatever its ending."""
    found = [list(spans(text)) for text in texts]
    vocabulary = {word for row in found for _start, _end, word in row}
    asked = {term for word, _weight in result.weights for term in word.terms}
    matching = _with_stems(vocabulary, asked) if vocabulary and asked else set()
    return [_pieces(text, row, matching) for text, row in zip(texts, found, strict=True)]


def _with_stems(vocabulary: Iterable[str], asked: Collection[str]) -> set[str]:
    """Those words that have one of these stems in a language of the business."""
    languages = db.session.scalars(select(Document.language).distinct()).all()
    return {
        word
        for code in languages
        for word, term in stem(vocabulary, code).items()
        if term[:MAX_TERM] in asked
    }


def _pieces(
    text: str, found: Sequence[tuple[int, int, str]], matching: Collection[str]
) -> list[tuple[str, bool]]:
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end, word in found:
        if word not in matching or end <= done:
            continue
        begin = max(start, done)
        pieces += [(text[done:begin], False)] if begin > done else []
        pieces.append((text[begin:end], True))
        done = end
    return [*pieces, (text[done:], False)] if done < len(text) else pieces


def _clean(question: str) -> str:
    return " ".join(question.replace("\x00", "").split())[:MAX_QUESTION]


def _keep(user_id: int, token: str, trial: dict[str, Any]) -> None:
    redis.client.set(_name(user_id, token), json.dumps(trial), ex=KEEP_SECONDS)


def _name(user_id: int, token: str) -> str:
    return f"frontdesk:try:{tenancy.current_business_id()}:{user_id}:{token}"
