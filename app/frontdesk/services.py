"""The conductor: an incoming message goes to the assistant or to a person. Never silence."""

import logging
import time
from uuid import UUID

from app.assistant import gaps, small_talk
from app.assistant.models import Answer
from app.assistant.writers import Extractive, Turn, Written, current_writer
from app.businesses.models import Business
from app.channels.models import Channel
from app.conversations import services as conversations
from app.conversations.models import Message
from app.core import realtime, tenancy, unit_of_work
from app.core.errors import OutsideError
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge import answering
from app.knowledge import services as knowledge
from app.knowledge.embeddings.current import encode

logger = logging.getLogger(__name__)

SORRY = "I couldn’t answer that just now, so I’ve asked a person to help you here."


def receive(
    channel: Channel, visitor_uuid: UUID, body: str, client_key: str, page: str | None = None
) -> tuple[Message, bool]:
    """Store a visitor's message (once per client key) and have it answered."""
    message, is_new = conversations.receive(channel, visitor_uuid, body, client_key, page)
    if is_new and not message.conversation.is_handed_off:
        enqueue("frontdesk.respond", message.id, key=f"respond-{message.id}")
    return message, is_new


def respond(message_id: int) -> None:
    """Answer one message of a visitor, unless a person has the conversation."""
    began = time.perf_counter()
    question = db.session.get_one(Message, (tenancy.current_business_id(), message_id))
    if question.conversation.is_handed_off:
        return
    if small_talk.wants_person(question.body):
        conversations.request_person(question.conversation)
        return
    business = db.session.get_one(Business, tenancy.current_business_id())
    courtesy = small_talk.reply_to(question.body, business.name)
    if courtesy:
        conversations.answer(question, courtesy, [], is_unsure=False)
        return
    found = answering.answer(question.body, encode)
    written = _write(business.name, question, found)
    message = conversations.answer(
        question, written.text, written.citations, is_unsure=written.is_unsure
    )
    if message is not None:
        _keep_receipt(message, found, written, began)
        if not message.conversation.is_preview:
            knowledge.note_citations(message.id, [each["chunk_id"] for each in written.citations])


def give_up(message_id: int, _reason: str) -> None:
    """The job failed for good: say so and call a person."""
    question = db.session.get_one(Message, (tenancy.current_business_id(), message_id))
    conversations.answer(question, SORRY, [], is_unsure=True)
    conversations.hand_off(question.conversation)


def _write(business: str, question: Message, found: answering.KnowledgeAnswer) -> Written:
    """Claude where there is a key; without one, when it fails, or when nothing was found: the passages."""
    topic = conversations.visitor_topic(question.conversation.visitor.uuid)

    def on_text(text: str) -> None:
        realtime.publish_now(topic, "text", text=text)

    writer = current_writer()
    if not found.passages:
        writer = Extractive()
    if isinstance(writer, Extractive):
        return writer.write(business, found, [], on_text)
    history = _history(question)
    unit_of_work.commit()  # no connection is held while Claude writes
    try:
        written = writer.write(business, found, history, on_text)
    except OutsideError as error:
        logger.warning("answering from the passages instead: %s", error.message)
        return Extractive().write(business, found, [], on_text)
    if written.is_unsure:
        written.text = answering.NOT_FOUND
    return written


def _history(question: Message) -> list[Turn]:
    before = question.conversation.newest_messages(limit=20, before=question.position)
    return [
        Turn("user" if message.kind == "incoming" else "assistant", message.body)
        for message in before
        if message.kind in ("incoming", "outgoing")
    ]


def _keep_receipt(
    message: Message, found: answering.KnowledgeAnswer, written: Written, began: float
) -> None:
    receipt = Answer(
        message_id=message.id,
        question=found.question,
        searched_for=found.searched_for,
        passages=[hit.as_dict() for hit in found.passages],
        score=found.score,
        features=found.features,
        is_confident=not written.is_unsure,
        writer=written.writer,
        model=written.model,
        prompt_version=written.prompt_version,
        input_tokens=written.input_tokens,
        output_tokens=written.output_tokens,
        cost_micros=written.cost_micros,
        latency_ms=round((time.perf_counter() - began) * 1000),
    )
    db.session.add(receipt)
    if receipt.is_lacking:
        gaps.look_into(receipt)
