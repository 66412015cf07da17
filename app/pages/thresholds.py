"""How sure the assistant must be: the levels to choose from, and what one would have done to real questions."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import IntegerField, RadioField
from wtforms.validators import InputRequired, Optional

from app.assistant.models import Answer
from app.businesses.models import Business
from app.businesses.services import LEAST_SURE, MOST_SURE
from app.conversations.models import Conversation, Message
from app.extensions import db
from app.knowledge import confidence
from app.knowledge.confidence import ANSWER_FROM, Band

RECEIPTS = 30  # of the last questions; more would not be read before a click


@dataclass(frozen=True, slots=True)
class Level:
    name: str
    percent: int
    title: str
    text: str


LEVELS = (
    Level("bold", 35, _l("Bold"), _l("Answers most questions by itself, and is wrong more often.")),
    Level(
        "balanced",
        50,
        _l("Balanced"),
        _l("What we advise, and what you have unless you change it."),
    ),
    Level("careful", 65, _l("Careful"), _l("Answers when it is clearly the right passage.")),
    Level("very_careful", 80, _l("Very careful"), _l("Answers only what is all but certain.")),
)
EXACT = "exact"
OURS = round(ANSWER_FROM * 100)
LEAST, MOST = round(LEAST_SURE * 100), round(MOST_SURE * 100)
_RANGE = _l("Type a whole number from %(least)s to %(most)s.", least=LEAST, most=MOST)


class ThresholdForm(FlaskForm):
    level = RadioField(
        _l("How sure must your assistant be?"),
        [InputRequired(_l("Choose one."))],
        choices=[(each.name, each.title) for each in LEVELS] + [(EXACT, _l("Exactly"))],
    )
    percent = IntegerField(_l("Per cent"), [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if self.level.data == EXACT and not LEAST <= (self.percent.data or 0) <= MOST:
            self.percent.errors = [_RANGE]
            return False
        return is_valid

    @property
    def chosen(self) -> int:
        """In per cent."""
        fixed = next((each.percent for each in LEVELS if each.name == self.level.data), None)
        return int(fixed if fixed is not None else self.percent.data or OURS)

    @property
    def answer_from(self) -> float | None:
        """None for what we advise: then it follows when our advice changes."""
        return None if self.level.data == "balanced" else self.chosen / 100

    @classmethod
    def of(cls, business: Business) -> "ThresholdForm":
        percent = percent_of(business)
        name = next((each.name for each in LEVELS if each.percent == percent), EXACT)
        return cls(formdata=None, level=name, percent=percent)


def percent_of(business: Business) -> int:
    return OURS if business.answer_from is None else round(business.answer_from * 100)


WORDS = {
    Band.ANSWER: (_l("Answered"), "green"),
    Band.SUGGEST: (_l("With a caution"), "amber"),
    Band.HAND_OVER: (_l("Offered a person"), "neutral"),
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A question that a visitor really asked: what came of its score, and what would."""

    message_id: int
    question: str
    score: float
    now: Band
    then: Band
    is_free: bool  # a language model answered, which judges the passages by itself

    @property
    def changes(self) -> bool:
        return self.now != self.then and not self.is_free


@dataclass(frozen=True, slots=True)
class Preview:
    percent: int
    is_saved: bool  # it is what the business has
    receipts: list[Receipt]

    @property
    def judged(self) -> list[Receipt]:
        return [each for each in self.receipts if not each.is_free]

    @property
    def changed(self) -> list[Receipt]:
        return [each for each in self.receipts if each.changes]

    def counts(self) -> list[tuple[str, str, int, int]]:
        """Of each outcome: its words, their tone, how many now and then."""
        return [
            (*WORDS[band],
             sum(each.now == band for each in self.judged),
             sum(each.then == band for each in self.judged))
            for band in Band
        ]  # fmt: skip


def preview(business: Business, percent: int) -> Preview:
    now = percent_of(business)
    rows = db.session.execute(
        select(Answer.message_id, Answer.question, Answer.score, Answer.writer)
        .join(Message, Message.id == Answer.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.is_preview.is_(False))
        .order_by(Answer.id.desc())
        .limit(RECEIPTS)
    )
    receipts = [
        Receipt(
            message_id=message_id,
            question=question,
            score=score,
            now=confidence.band(score, now / 100),
            then=confidence.band(score, percent / 100),
            is_free=writer != "extractive",
        )
        for message_id, question, score, writer in rows
    ]
    return Preview(percent, percent == now, receipts)
