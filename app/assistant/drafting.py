"""From a question to the words that answer it: a language model with tools, or the passages quoted.

Nothing here is stored but the calls and the uses of tools: a conversation's turn and the owner's test bench
are the same. Each step commits, so that no transaction is open while a model writes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.assistant import calling, guarding, marks, prompting, tool_use
from app.assistant.calling import CallFor, NoModel
from app.assistant.language_models import chosen
from app.assistant.language_models.border import (
    LanguageModel,
    Part,
    Passage,
    Prompt,
    Reply,
    Round,
    Stop,
    ToolAnswer,
    ToolCall,
    Turn,
)
from app.assistant.marks import Marked
from app.assistant.models import AssistantSettings
from app.assistant.tool_use import Outcome
from app.core.tools import Call, Grant
from app.knowledge import answering
from app.knowledge.answering import KnowledgeAnswer
from app.knowledge.embeddings.current import encode
from app.knowledge.scoring import Hit
from app.lib.marking import N_

PASSAGES = 5  # that come with the question
MAX_ROUNDS = 5  # of tools in one turn; then the answer is what there is
UNTITLED, DONE = "Untitled", "Done."  # providers refuse what is empty
SORRY = N_("I couldn’t answer that just now, so I’ve asked a person to help you here.")

Hear = Callable[[Marked], None]  # told the answer so far; may raise Stopped


@dataclass(frozen=True, slots=True)
class Asked:
    """`granted` is all that this turn may ever do. Only a model needs `history` and `facts`, so they are read for one."""

    business: str
    question: str
    settings: AssistantSettings
    call: Call
    purpose: CallFor
    history: Callable[[], tuple[Turn, ...]] = tuple
    facts: Callable[[], str] = str
    granted: frozenset[Grant] = frozenset(Grant)
    commit: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Used:
    """A tool that was used."""

    name: str
    input: Any
    outcome: Outcome


@dataclass(slots=True)
class Draft:
    """`hand_off` is the reason to call a person; with `is_over` a tool has called one already. `trouble`
    says to the owner why no language model wrote this, `broken_rule` what they never say and this did."""

    found: KnowledgeAnswer
    text: str
    citations: list[dict[str, Any]]
    is_unsure: bool
    writer: str = "extractive"  # or the provider's name
    model: str | None = None
    passages: list[Hit] = field(default_factory=list)
    tools: list[Used] = field(default_factory=list)
    hand_off: str | None = None
    is_over: bool = False
    trouble: str | None = None
    broken_rule: str | None = None

    @property
    def why_quoted(self) -> str | None:
        """Why what a language model wrote isn't what was sent, for the receipt."""
        if self.broken_rule is None:
            return self.trouble
        return f"Held back: “{self.broken_rule}” stands under “Never say”"


def draft(asked: Asked, hear: Hear) -> Draft:
    """Lets Stopped through; everything that a provider can do wrong ends in an answer or a hand-off."""
    made = _draft(asked, hear)
    if made.is_over or made.hand_off:
        return made
    made.broken_rule = guarding.broken_rule(made.text, asked.settings)
    return _held_back(made, asked, hear) if made.broken_rule else made


def _held_back(made: Draft, asked: Asked, hear: Hear) -> Draft:
    """The passages instead of what breaks a rule of the owner's; a person where they break one too."""
    hear(Marked(""))
    quotes = quoted(made.found, lambda _marked: None)
    if quotes.is_unsure or guarding.broken_rule(quotes.text, asked.settings):
        made.text, made.citations, made.is_unsure = _(answering.NOT_FOUND), [], True
        return made
    hear(Marked(quotes.text))
    made.text, made.citations, made.writer = quotes.text, quotes.citations, quotes.writer
    return made


def _draft(asked: Asked, hear: Hear) -> Draft:
    found = answering.answer(asked.question, encode, top=PASSAGES)
    model = chosen.current(asked.settings)
    if model is None:
        return quoted(found, hear)
    try:
        return _Writing(asked, found, hear).by(model)
    except NoModel as error:
        made = quoted(found, hear)
        made.trouble = error.words
        if made.is_unsure:
            made.hand_off, made.text, made.citations = error.reason, _(SORRY), []
        return made


def quoted(found: KnowledgeAnswer, hear: Hear) -> Draft:
    """The best sentences in the owner's own words. Works with no key and costs nothing."""
    lines = found.answer.splitlines()
    for count in range(1, len(lines) + 1):
        hear(Marked("\n".join(lines[:count])))
    return Draft(
        found=found,
        text=found.answer,
        citations=marks.of_quotes(found),
        is_unsure=not found.confident,
        passages=list(found.passages),
    )


class _Writing:
    """One answer being written by a model, round by round."""

    def __init__(self, asked: Asked, found: KnowledgeAnswer, hear: Hear) -> None:
        self.asked = asked
        self.found = found
        self.hear = hear
        self.passages: list[Passage] = []
        self.used: list[Used] = []
        self.offered = prompting.offered(asked.granted, asked.settings.switched_off_tools)
        self.prompt = Prompt(
            system=prompting.system(asked.business, asked.settings),
            tools=prompting.specs(self.offered),
            history=asked.history(),
            passages=self._numbered(found.passages),
            facts=asked.facts(),
            question=asked.question,
            version=prompting.VERSION,
        )

    def by(self, model: LanguageModel) -> Draft:
        """A second, dearer model is asked when the first doesn't know what the search is sure of."""
        reply, is_over = self._rounds(model)
        stronger = chosen.escalation(self.asked.settings)
        is_lost = not is_over and reply.stop != Stop.REFUSED and _is_unsure(reply)
        if is_lost and self.found.confident and stronger is not None:
            reply, is_over = self._rounds(stronger)
        return self._drafted(model.provider, reply, is_over=is_over)

    def _rounds(self, model: LanguageModel) -> tuple[Reply, bool]:
        """The last reply, and whether a tool has ended the turn."""
        rounds: list[Round] = []
        self.passages = list(self.prompt.passages)
        while True:
            reply = calling.call(model, self.prompt, rounds, self._heard, self.asked.purpose)
            if reply.stop != Stop.TOOLS or len(rounds) == MAX_ROUNDS:
                return reply, False
            self._heard(())  # what was written beside a call isn't the answer
            answers = [self._use(each) for each in reply.calls]
            self.asked.commit()
            if any(each.outcome.result.ends_turn for each in self.used):
                return reply, True
            rounds.append(Round(reply, tuple(answers)))

    def _use(self, wanted: ToolCall) -> ToolAnswer:
        names = {tool.name for tool in self.offered}
        outcome = tool_use.perform(
            wanted.name, wanted.input, self.asked.call, self.asked.granted, names
        )
        self.used.append(Used(wanted.name, wanted.input, outcome))
        new = self._numbered(outcome.result.passages)
        text = outcome.result.text.strip() or DONE
        if outcome.result.passages and not new:
            text = "Nothing new was found: see the search results above."
        return ToolAnswer(wanted.id, text, new, outcome.is_error)

    def _numbered(self, hits: Sequence[Hit]) -> tuple[Passage, ...]:
        """Those that this turn hasn't seen, with the next numbers."""
        seen = {each.chunk_id for each in self.passages}
        made = [
            Passage(
                len(self.passages) + count,
                hit.chunk_id,
                hit.document.strip() or UNTITLED,
                hit.as_dict()["text"],
                hit,
            )
            for count, hit in enumerate((hit for hit in hits if hit.chunk_id not in seen), start=1)
        ]
        self.passages += made
        return tuple(made)

    def _heard(self, parts: Sequence[Part]) -> None:
        """Without what may yet turn out to be the word for “I don't know”, and what is never said."""
        marked = marks.of_parts(parts)
        if parts and prompting.may_be_unsure(marked.text):
            return
        if guarding.broken_rule(marked.text, self.asked.settings) is None:
            self.hear(marked)

    def _drafted(self, provider: str, reply: Reply, *, is_over: bool) -> Draft:
        marked = marks.of_parts(reply.parts)
        is_refused = reply.stop == Stop.REFUSED
        is_unsure = is_refused or _is_unsure(reply)
        text = _(answering.NOT_FOUND) if is_unsure else marked.text
        return Draft(
            found=self.found,
            text=_(SORRY) if is_refused else text,
            citations=[] if is_unsure else marks.citations(marked, self.passages),
            is_unsure=is_unsure,
            writer=provider,
            model=reply.model,
            passages=[each.hit for each in self.passages],
            tools=self.used,
            hand_off="refusal" if is_refused else None,
            is_over=is_over,
        )


def _is_unsure(reply: Reply) -> bool:
    """Also when it wrote nothing, or still wants tools after the last round."""
    is_done = reply.stop in (Stop.DONE, Stop.LENGTH)
    return not is_done or not reply.text or prompting.UNSURE in reply.text
