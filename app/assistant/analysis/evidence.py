"""From a conversation to the facts that the rule looks at."""

from sqlalchemy import select

from app.assistant.analysis import again
from app.assistant.analysis.reading import Reading
from app.assistant.analysis.rule import Facts
from app.assistant.analysis.talks import Line, Talk
from app.assistant.models import Answer
from app.conversations.models import Callback, HandOff, Message
from app.extensions import db
from app.lib.marking import kept

_DID = {
    "taken_over": kept("%(who)s took it over."),
    "given_back": kept("%(who)s gave it back to the assistant."),
    "reopened": kept("%(who)s reopened it."),
    "snoozed": kept("%(who)s snoozed it."),
    "assigned": kept("%(who)s assigned it."),
}
_DID_SOMETHING = kept("%(who)s had a hand in it.")
_FILING = ("resolved", "tagged", "untagged", "prioritised", "undone")
_CALLED = {
    "person_asked": kept("The visitor asked for a person."),
    "handed_off": kept("The assistant called a person."),
    "assistant_back": kept("A person was called, and nobody came."),
}


def facts(talk: Talk, reading: Reading) -> Facts:
    said = [line for line in talk.lines if line.is_from_assistant]
    return Facts(
        question_count=len(reading.questions),
        answer_count=len(said),
        open_question=_open_question(talk),
        touched=_touched(talk),
        handed_off=_handed_off(talk),
        request=_request(talk),
        is_unsure=_is_unsure(talk, reading),
        rated_down_by=_rated_down_by(talk),
        repeated=again.repeated([(line.body, line.at) for line in reading.questions]),
        intent=reading.intent,
        mood=reading.mood,
    )


def _is_unsure(talk: Talk, reading: Reading) -> bool:
    """Of the last question: what is said to a good-bye afterwards doesn't count."""
    since = reading.questions[-1].position if reading.questions else 0
    answers = [line for line in talk.lines if line.is_from_assistant and line.position > since]
    return bool(answers) and answers[0].is_unsure


def _open_question(talk: Talk) -> str | None:
    """What came after the assistant's last word, or came too late for it; or what it was stopped at."""
    unanswered = [line for line in talk.from_visitor if line.position > talk.answered_position]
    left: Line | None = None
    newest: Line | None = None
    for line in talk.lines:
        if line.is_from_visitor:
            newest = line
            left = left or line
        elif line.is_from_assistant:
            left = None
        elif line.kind == "event" and line.body == "answer_stopped":
            left = newest
    left = unanswered[0] if unanswered else left
    return left.body if left else None


def _touched(talk: Talk) -> str | None:
    """Resolving and labelling is filing away what is done; everything else a member does is having a hand in it."""
    for line in talk.lines:
        if line.author != "member" or (line.kind == "event" and line.body in _FILING):
            continue
        who = line.by or kept("A former member")
        if line.kind == "event":
            return kept(_DID.get(line.body, _DID_SOMETHING), who=who)
        wrote = (
            kept("%(who)s left a note.") if line.kind == "note" else kept("%(who)s wrote in it.")
        )
        return kept(wrote, who=who)
    return None


def _handed_off(talk: Talk) -> str | None:
    """Its hand-offs say why. A conversation older than they are has only its events."""
    found = select(HandOff).where(HandOff.conversation_id == talk.conversation_id)
    hand_off = db.session.scalars(found.order_by(HandOff.id.desc()).limit(1)).first()
    if hand_off is not None:
        return str(hand_off.reason_in_words)
    events = (_CALLED.get(line.body) for line in talk.lines if line.kind == "event")
    return next(filter(None, events), None)


def _request(talk: Talk) -> str | None:
    found = select(Callback).where(Callback.conversation_id == talk.conversation_id)
    left = db.session.scalars(found.order_by(Callback.id.desc()).limit(1)).first()
    return (left.message or left.phone or left.email) if left else None


def _rated_down_by(talk: Talk) -> str | None:
    found = (
        select(Answer.visitor_rating)
        .join(Message, Message.id == Answer.message_id)
        .where(
            Message.conversation_id == talk.conversation_id,
            (Answer.visitor_rating == "down") | (Answer.rating == "down"),
        )
    )
    ratings = db.session.scalars(found).all()
    if not ratings:
        return None
    return kept("the visitor") if "down" in ratings else kept("your team")
