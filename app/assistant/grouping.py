"""A question joins the gap that asks the same, whatever became of that gap, or opens a new one; and leaves it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text

from app.assistant import gaps, likeness
from app.assistant.models import Answer, Gap, GapQuestion
from app.assistant.small_talk import ASIDES
from app.conversations.models import Message
from app.core import tenancy
from app.extensions import db
from app.knowledge import reembedding
from app.knowledge.embeddings.current import encode, held_model
from app.knowledge.indexing import Encode, halfvec_texts
from app.knowledge.services import MAX_QUESTION_CHARACTERS

ASIDE = 0.45  # cosine with small talk from which a question is none (bench/same_question.py)
COMPARED = 50  # newest questions of a gap that its most typical one is chosen from
BATCH = 64

_TYPICAL = text("""
    WITH newest AS (SELECT id, words, embedding FROM gap_questions
                     WHERE gap_id = :gap_id ORDER BY id DESC LIMIT :compared),
         typical AS (SELECT one.id FROM newest AS one, newest AS other GROUP BY one.id
                      ORDER BY avg(one.embedding <=> other.embedding), one.id LIMIT 1)
    UPDATE gaps SET question = left(newest.words, :length), embedding = newest.embedding
      FROM newest JOIN typical USING (id) WHERE gaps.id = :gap_id""")

_ALL = {
    "gap_questions": (
        text("SELECT id, words FROM gap_questions ORDER BY id"),
        text("UPDATE gap_questions SET embedding = CAST(:vector AS halfvec) WHERE id = :id"),
    ),
    "gaps": (
        text("SELECT id, question AS words FROM gaps ORDER BY id"),
        text("UPDATE gaps SET embedding = CAST(:vector AS halfvec) WHERE id = :id"),
    ),
}


def note(message_id: int) -> None:
    """The question that this message of the assistant answered joins a gap or leaves its gap, as its
    receipt says now. Safe to repeat."""
    answer = Answer.of_message(message_id)
    said = db.session.get(Message, (tenancy.current_business_id(), message_id))
    if answer is None or said is None or said.conversation.is_preview:
        return  # the owner trying it out is no visitor
    known = GapQuestion.of_message(message_id)
    if answer.is_lacking and known is None:
        _take_in(answer, said)
    elif known is not None and not answer.is_lacking:
        leave(known)


def separate(question: GapQuestion) -> None:
    """A member says that it means something else: a gap of its own, which others join from now on. Safe to
    repeat, for a gap's only question stays where it is."""
    _one_at_a_time()
    gap = Gap.by_id(question.gap_id)
    if gap is None or gap.lock().asked_count < 2 or not gap.is_open:
        return
    alone = _open(question.words, question.asked_at, question.embedding)
    alone.asked_count, question.gap_id = 1, alone.id
    gap.asked_count -= 1
    _choose_typical(gap)
    gaps.announce()


@reembedding.followed_by
def embed_again(encode: Encode) -> None:
    """At a change of the model: every vector of the business's gaps anew, from the words beside it."""
    for select_all, update_one in _ALL.values():
        rows = db.session.execute(select_all).all()
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            vectors = halfvec_texts(encode([row.words for row in part]))
            pairs = zip(part, vectors, strict=True)
            db.session.execute(update_one, [{"id": row.id, "vector": each} for row, each in pairs])


def _take_in(answer: Answer, said: Message) -> None:
    words = " ".join(answer.question.split())
    vector, *asides = encode([words, *ASIDES], held_model())
    if not answer.is_rated_down and max(float(vector @ aside) for aside in asides) >= ASIDE:
        return
    _one_at_a_time()
    if GapQuestion.of_message(said.id) is not None:
        return
    gap = likeness.nearest(words, vector) or _open(words, said.created_at, vector)
    gap.asked_count += 1
    gap.last_asked_at = max(gap.last_asked_at, said.created_at)
    db.session.add(
        GapQuestion(
            gap_id=gap.id,
            message_id=said.id,
            conversation_id=said.conversation_id,
            words=words,
            reason="rated" if answer.is_confident else "unsure",
            asked_at=said.created_at,
            embedding=vector,
        )
    )
    _come_back(gap, said)
    _choose_typical(gap)
    gaps.announce()


def _one_at_a_time() -> None:
    """Until the transaction ends: two equal questions at once don't open two gaps, and the model stays."""
    held_model()
    of_business = f"gaps {tenancy.current_business_id()}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(of_business, 0))))


def _open(words: str, asked_at: datetime, vector: Any) -> Gap:
    gap = Gap(
        question=words[:MAX_QUESTION_CHARACTERS],
        asked_count=0,
        first_asked_at=asked_at,
        last_asked_at=asked_at,
        status="open",
        embedding=vector,
    )
    db.session.add(gap)
    db.session.flush()
    return gap


def _come_back(gap: Gap, said: Message) -> None:
    if gap.status == "dismissed" and gap.more_to_return == 0:
        gap.status, gap.reopened_from = "open", "dismissed"
    elif gap.status == "answered" and _answer_was_known(gap, said):
        gap.status, gap.reopened_from = "open", "answered"


def _answer_was_known(gap: Gap, said: Message) -> bool:
    """When the assistant said this. One that is still being learnt may yet do."""
    if gap.answered_at is None or said.created_at < gap.answered_at:
        return False
    source = gap.source
    if source is None or source.ready_at is None:
        return source is None or not source.is_at_work
    return not source.is_at_work and source.ready_at < said.created_at


def _choose_typical(gap: Gap) -> None:
    """The question shown is the one nearest to all the others."""
    db.session.flush()
    db.session.execute(
        _TYPICAL, {"gap_id": gap.id, "compared": COMPARED, "length": MAX_QUESTION_CHARACTERS}
    )
    db.session.expire(gap, ["question", "embedding"])


def leave(known: GapQuestion) -> None:
    """A gap that nobody asks any more goes with it."""
    gap = Gap.by_id(known.gap_id)
    db.session.delete(known)
    if gap is None:
        return
    gap.lock().asked_count -= 1
    if gap.asked_count == 0 and gap.is_open:
        db.session.delete(gap)
    gaps.announce()
