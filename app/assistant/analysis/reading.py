"""What a conversation was about, by rules: no language model, no cost. One may say it better (asking.py)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from app.assistant.analysis import telling
from app.assistant.analysis.collecting import Collected, collected
from app.assistant.analysis.intents import SMALL_TALK
from app.assistant.analysis.talks import Line, Talk
from app.assistant.models import Gap, GapQuestion
from app.extensions import db
from app.lib import mood

MAX_ASKED_CHARACTERS = 200
MAX_TOPIC_CHARACTERS = 120
MOST_TOPICS = 12  # to choose from


@dataclass(frozen=True, slots=True)
class Reading:
    """`topics` are those to choose from, the best guess first. `model` is the language model that told it."""

    intent: str
    topics: Sequence[str]
    mood: str
    collected: Collected
    questions: Sequence[Line] = field(default_factory=list)  # more than small talk
    model: str | None = None

    @property
    def topic(self) -> str | None:
        return self.topics[0] if self.topics else None

    @property
    def asked(self) -> str:
        """The first question, as the ledger's line; empty when there was none."""
        first = self.questions[0].body if self.questions else ""
        return " ".join(first.split())[:MAX_ASKED_CHARACTERS]


def by_rules(talk: Talk) -> Reading:
    intents = telling.intents_of(talk.texts)
    pairs = zip(talk.from_visitor, intents, strict=True)
    questions = [line for line, intent in pairs if intent != SMALL_TALK]
    return Reading(
        intent=telling.main_intent(intents),
        topics=_topics(talk),
        mood=mood.last_mood(talk.texts),
        collected=collected(talk),
        questions=questions,
    )


def _topics(talk: Talk) -> list[str]:
    """What the assistant cited most; where it found nothing, the gaps that the questions fell into."""
    cited = Counter(
        title
        for line in talk.lines
        for citation in line.citations
        if (title := citation.get("heading") or citation.get("title"))
    )
    known = [title for title, _count in cited.most_common(MOST_TOPICS)]
    return [topic[:MAX_TOPIC_CHARACTERS] for topic in (known + _gaps(talk))[:MOST_TOPICS]]


def _gaps(talk: Talk) -> list[str]:
    found = (
        select(Gap.question)
        .join(GapQuestion, GapQuestion.gap_id == Gap.id)
        .where(GapQuestion.conversation_id == talk.conversation_id)
        .order_by(GapQuestion.id.desc())
        .limit(MOST_TOPICS)
    )
    return list(dict.fromkeys(db.session.scalars(found)))
