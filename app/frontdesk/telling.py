"""What the front desk itself says on a provider's channel. The chat on the website shows events as they happen;
elsewhere each word is a message, and most cost: so it is one message, joined to an answer where there is one.
"""

from flask_babel import gettext as _
from sqlalchemy import select

from app.assistant.models import AssistantSettings
from app.channels import adapters
from app.channels.consents import CONFIRMATION
from app.channels.content import Button, Buttons, Unreadable
from app.conversations import services as conversations
from app.conversations import speech
from app.conversations.models import Conversation, Message
from app.core import translating
from app.core.db import now
from app.extensions import db
from app.frontdesk import expecting
from app.knowledge import answering, language
from app.lib.marking import N_

# Said by gettext, in the customer's language.
TO_A_PERSON = N_("Talk to a person")
CALLED = N_("I’ve asked a person from the team to help you here.")
OFFER = N_("If that isn’t it, write “person”, and somebody from the team will answer you.")
LEAVE_MESSAGE = N_(
    "The team can call or write to you then. If you like, tell me your name, your telephone number or e-mail, and when it suits you. You can also go on asking me."
)
NOBODY_CAME = N_(
    "I’m sorry, nobody from the team could come to the chat in time. If you like, they’ll call or write to you: tell me your name, your telephone number or e-mail, and when it suits you. You can also go on asking me."
)
RECENT = 20  # messages that tell the visitor's language
CANNOT_READ = {
    "en": "I’m sorry, I can’t read this kind of message. Please write it to me in words.",
    "de": "Diese Art von Nachricht kann ich leider nicht lesen. Bitte schreiben Sie es mir in Worten.",
    "es": "Lo siento, no puedo leer este tipo de mensaje. Escríbamelo con palabras, por favor.",
    "fr": "Désolé, je ne peux pas lire ce type de message. Écrivez-le-moi avec des mots, s’il vous plaît.",
    "it": "Mi dispiace, non riesco a leggere questo tipo di messaggio. Me lo scriva a parole, per favore.",
    "pt": "Desculpe, não consigo ler este tipo de mensagem. Por favor, escreva-me em palavras.",
    "hi": "माफ़ कीजिए, मैं इस तरह का संदेश नहीं पढ़ सकता। कृपया इसे शब्दों में लिखें।",
    "ar": "عذرًا، لا أستطيع قراءة هذا النوع من الرسائل. يرجى كتابتها لي بالكلمات.",
    "nl": "Sorry, dit soort bericht kan ik niet lezen. Schrijf het me alstublieft in woorden.",
}


def on_call(conversation: Conversation, *, is_said: bool = False) -> str:
    """What is said when a person is called; "" where the page shows it. `is_said`: the answer before it
    says already that one was called."""
    if conversation.channel.is_own:
        return ""
    with speech.to(conversation):
        wait = expecting.wait()
        if takes_message(wait):
            return f"{wait.words} {_(LEAVE_MESSAGE)}"
        return wait.words if is_said else f"{_(CALLED)} {wait.words}"


def offer(conversation: Conversation, text: str) -> Buttons | None:
    """A person at one tap beside an unsure answer, where the channel has buttons; the chat on the website
    always has one. Its title is what somebody would write."""
    channel = conversation.channel
    if channel.is_own or not adapters.limits(channel.kind).buttons:
        return None
    with speech.to(conversation):
        offered = Buttons(body=text, buttons=[Button(id="person", title=_(TO_A_PERSON))])
    return None if adapters.adapter(channel.kind).problems(offered) else offered


def offer_in_words(conversation: Conversation, text: str) -> str:
    """The same where there are no buttons; "" when `text` asks already."""
    channel = conversation.channel
    has_button = channel.is_own or adapters.limits(channel.kind).buttons
    if has_button or answering.offers_person(text):
        return ""
    with speech.to(conversation):
        return _(OFFER)


def asks_for_reach(said: str) -> bool:
    """These words of ours ask how the customer can be reached."""
    asking = translating.in_all(LEAVE_MESSAGE) | translating.in_all(NOBODY_CAME)
    return any(each in said for each in asking)


def joined(text: str, more: str) -> str:
    return f"{text}\n\n{more}" if more else text


def takes_message(wait: expecting.Wait) -> bool:
    """While nobody is there the assistant comes back at once and takes a message."""
    return wait.is_closed and AssistantSettings.current().out_of_hours == "take_message"


def confirm(conversation: Conversation, message: Message, words: str) -> None:
    """That somebody gets no more, or something again. It goes out whatever they have just said."""
    if words:
        key = f"consent-{message.id}"
        conversations.post(
            conversation, "outgoing", "assistant", words, client_key=key, category=CONFIRMATION
        )


def cannot_read(conversation: Conversation) -> None:
    """Politely, once a day. Whoever has the conversation sees for themselves."""
    key = f"cannot-read-{now():%Y-%m-%d}"
    if conversation.is_handed_off or _is_said(conversation, key):
        return
    unread = Unreadable().plain()
    said = "\n".join(each for each in conversation.visitor_words()[:RECENT] if each != unread)
    words = CANNOT_READ.get(language.detect(said), CANNOT_READ["en"])
    conversations.post(conversation, "outgoing", "assistant", words, client_key=key)


def _is_said(conversation: Conversation, key: str) -> bool:
    said = select(Message.id).where(
        Message.conversation_id == conversation.id, Message.client_key == key
    )
    return db.session.scalar(said) is not None
