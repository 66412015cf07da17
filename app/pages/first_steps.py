"""The first ten minutes: three steps, each ticked by what has really happened."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.conversations.models import Conversation
from app.knowledge.models import Source


@dataclass(frozen=True, slots=True)
class Step:
    """`signals` are those after which it may be done."""

    name: str
    number: int
    title: str
    text: str
    done_text: str
    signals: tuple[str, ...]
    check: Callable[[], bool]

    @property
    def is_done(self) -> bool:
        return self.check()

    @property
    def trigger(self) -> str:
        return ", ".join(f"{name} from:body" for name in (*self.signals, "live:connected"))


STEPS = (
    Step(
        "knowledge",
        1,
        _l("Add knowledge"),
        _l(
            "Drop what you already have: a price list, opening hours, a page of your website. Or type a question and its answer."
        ),
        _l("Your assistant has something to answer from. Add more whenever you like."),
        ("sources",),
        Source.is_any_ready,
    ),
    Step(
        "preview",
        2,
        _l("Try it"),
        _l("Ask in the chat what a customer would ask."),
        _l("It answers. When it couldn’t, add that answer as knowledge."),
        ("preview",),
        lambda: Conversation.is_any_answered(is_preview=True),
    ),
    Step(
        "website",
        3,
        _l("Put it on your site"),
        "Paste this line into every page, before </body>. "
        "This step is ticked when the first visitor writes.",
        _l("Visitors are writing from your site. Their conversations are in your inbox."),
        ("inbox",),
        lambda: Conversation.is_any_of(is_preview=False),
    ),
)


def step(name: str) -> Step | None:
    return next((each for each in STEPS if each.name == name), None)
