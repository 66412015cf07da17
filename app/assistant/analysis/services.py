"""A conversation has ended: its outcome is written; and what an owner thinks of an outcome."""

from dataclasses import replace

from flask_babel import gettext as _

from app.accounts.models import User
from app.assistant.analysis import asking, reading, rule, talks
from app.assistant.analysis.evidence import facts
from app.assistant.analysis.reading import Reading
from app.assistant.analysis.talks import Talk
from app.assistant.models import ConversationOutcome
from app.conversations import ending, joining
from app.conversations.models import Conversation
from app.core import jobs, realtime, tenancy
from app.core.db import now
from app.core.errors import Invalid
from app.extensions import db

MAX_REASON_CHARACTERS = 500


@ending.followed_by
def analyse(conversation: Conversation) -> None:
    """Write its outcome, or write it anew. Nothing to do when nothing happened since."""
    known = ConversationOutcome.of_conversation(conversation.id)
    if known is not None and known.position == conversation.position:
        return
    talk = talks.read(conversation)
    if talk is None:
        return
    jobs.commit_step()  # the visitor can write while this is read
    read = _read(talk, known)
    if conversation.lock().position != talk.position:
        ending.look_again(conversation)
        return
    _keep(talk, read)


@joining.moved_by
def _join_outcomes(stays: Conversation, goes: Conversation) -> None:
    """One counts once: the one that stays is analysed again at its end. What an owner rejected stays rejected."""
    gone = ConversationOutcome.of_conversation(goes.id)
    kept = ConversationOutcome.of_conversation(stays.id)
    if gone is None:
        return
    if kept is None:
        gone.conversation_id = stays.id
    else:
        if gone.is_rejected and not kept.is_rejected:
            kept.rejected_at, kept.rejected_by = gone.rejected_at, gone.rejected_by
            kept.rejected_reason = gone.rejected_reason
        db.session.delete(gone)
    db.session.flush()


def judge_again(conversation_id: int) -> None:
    """Something that the rule looks at has changed without a new message. What was read stays."""
    known = ConversationOutcome.of_conversation(conversation_id)
    key = (tenancy.current_business_id(), conversation_id)
    conversation = db.session.get(Conversation, key)
    if known is None or conversation is None or conversation.lock().position != known.position:
        return  # it goes on, and is analysed when it ends
    talk = talks.read(conversation)
    if talk is not None:
        _keep(talk, _as_known(reading.by_rules(talk), known))


def look_into(conversation_id: int) -> None:
    """Whenever an answer is rated: the worker judges its conversation again, if it has ended."""
    if ConversationOutcome.of_conversation(conversation_id) is not None:
        jobs.enqueue("assistant.judge_again", conversation_id, queue="bulk")


def reject(outcome: ConversationOutcome, by: User, reason: str) -> None:
    """It doesn't count as resolved, whatever the rule says and however often it is analysed. Raises Invalid."""
    outcome.rejected_reason = _clean(reason)
    outcome.rejected_at, outcome.rejected_by = now(), by.id
    _announce(outcome, is_verdict=True)


def restore(outcome: ConversationOutcome) -> None:
    """Take a rejection back: the rule decides again. Safe to repeat."""
    outcome.rejected_at = outcome.rejected_by = None
    outcome.rejected_reason = ""
    _announce(outcome, is_verdict=True)


def _read(talk: Talk, known: ConversationOutcome | None) -> Reading:
    read = reading.by_rules(talk)
    if known is not None and known.heard_position == talk.heard_position:
        return _as_known(read, known)
    return asking.improved(read, talk)


def _as_known(read: Reading, known: ConversationOutcome) -> Reading:
    """The visitor said nothing since: a language model is not paid twice."""
    if known.model is None:
        return read
    return replace(
        read,
        intent=known.intent,
        topics=[known.topic] if known.topic else [],
        mood=known.mood,
        collected=known.collected,
        model=known.model,
    )


def _keep(talk: Talk, read: Reading) -> None:
    """A rejection stays."""
    judged = rule.judge(facts(talk, read))
    outcome = ConversationOutcome.of_conversation(talk.conversation_id)
    outcome = outcome or ConversationOutcome(conversation_id=talk.conversation_id)
    outcome.position, outcome.heard_position = talk.position, talk.heard_position
    outcome.ended_at, outcome.asked = talk.ended_at, read.asked
    outcome.intent, outcome.topic, outcome.mood = read.intent, read.topic, read.mood
    outcome.collected, outcome.model = read.collected, read.model
    outcome.conditions, outcome.is_resolved = judged, rule.is_resolved(judged)
    db.session.add(outcome)
    _announce(outcome)


def _clean(reason: str) -> str:
    reason = "".join(c for c in reason if c == "\n" or c.isprintable()).strip()
    if not reason:
        raise Invalid(_("Say why it doesn’t count, so that your team knows."), code="empty")
    if len(reason) > MAX_REASON_CHARACTERS:
        raise Invalid(
            _("A reason may have %(most)s characters.", most=MAX_REASON_CHARACTERS), code="too_long"
        )
    return reason


def _announce(outcome: ConversationOutcome, *, is_verdict: bool = False) -> None:
    """A verdict also to the part of a row that is open: by anything less, what is typed there stays."""
    db.session.flush()
    members = f"business:{tenancy.current_business_id()}"
    realtime.publish(members, name="outcomes")
    realtime.publish(members, name=f"outcome-{outcome.conversation_id}")
    if is_verdict:
        realtime.publish(members, name=f"verdict-{outcome.id}")
