"""That it is an AI who answers: the chat on the website shows it beside each message, elsewhere it has to be said.

With the first answer, after a long silence, and when the assistant answers again after a person did; several
countries' laws ask for it.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from app.assistant.models import AssistantSettings
from app.businesses.models import Business
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.core import tenancy
from app.core.db import now
from app.extensions import db
from app.frontdesk import telling
from app.knowledge import language

LONG = timedelta(days=7)
RECENT = 5  # messages that tell the visitor's language
# By language: with the assistant's name, and without one.
WORDS = {
    "en": ("I’m {name}, the AI assistant of {business}.", "I’m the AI assistant of {business}."),
    "de": ("Ich bin {name}, der KI-Assistent von {business}.", "Ich bin der KI-Assistent von {business}."),
    "es": ("Soy {name}, asistente de IA de {business}.", "Soy el asistente de IA de {business}."),
    "fr": ("Je suis {name}, l’assistant IA de {business}.", "Je suis l’assistant IA de {business}."),
    "it": ("Sono {name}, l’assistente IA di {business}.", "Sono l’assistente IA di {business}."),
    "pt": ("Sou {name}, assistente de IA de {business}.", "Sou o assistente de IA de {business}."),
    "hi": ("मैं {name} हूँ, {business} का AI सहायक।", "मैं {business} का AI सहायक हूँ।"),
    "ar": ("أنا {name}، مساعد الذكاء الاصطناعي في {business}.", "أنا مساعد الذكاء الاصطناعي في {business}."),
    "nl": ("Ik ben {name}, de AI-assistent van {business}.", "Ik ben de AI-assistent van {business}."),
}  # fmt: skip


def answer(
    question: Message,
    text: str,
    citations: list[dict[str, Any]],
    *,
    is_unsure: bool,
    offers_person: bool = False,
    first_words: str = "",
) -> Message | None:
    """As conversations.answer(), with who answers before it where that isn't known by now. `first_words`: what the
    visitor said, where that is all that was ever said."""
    said = _introduction(question.conversation, first_words)
    shift = len(telling.joined(said, text)) - len(text) if said else 0
    moved = [each | {"at": [at + shift for at in each.get("at", [])]} for each in citations]
    text = telling.joined(said, text) if said else text
    offer = telling.offer(question.conversation, text) if offers_person else None
    return conversations.answer(question, text, moved, is_unsure=is_unsure, content=offer)


def _introduction(conversation: Conversation, first_words: str) -> str:
    if conversation.channel.is_own or (not first_words and _is_known(conversation)):
        return ""
    business = db.session.get_one(Business, tenancy.current_business_id())
    name = AssistantSettings.current().assistant_name
    words = first_words or "\n".join(conversation.visitor_words()[:RECENT])
    named, unnamed = WORDS.get(language.detect(words), WORDS["en"])
    return (named if name else unnamed).format(name=name, business=business.name)


def _is_known(conversation: Conversation) -> bool:
    """The last who answered was the assistant, and not long ago."""
    answers = or_(Message.author == "member", Message.client_key.startswith("answer-"))
    last = db.session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.kind == "outgoing", answers)
        .order_by(Message.position.desc())
        .limit(1)
    )
    return last is not None and last.author == "assistant" and now() - last.created_at < LONG
