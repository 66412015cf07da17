"""A garden centre whose assistant is Claude: the real library, over HTTP, to the stand-in."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from flask import Flask
from pydantic import Field

from app.core import tools
from app.core.errors import Invalid
from app.core.tools import Asked, Call, Grant, ToolResult, tool
from app.core.unit_of_work import unit_of_work
from tests.conftest import Cast
from tests.frontdesk.scripted.desk import Desk
from tests.knowledge.teaching import qa, teach
from tests.standins import claude as stand_in

FACTS = {
    "Do you deliver, and what does it cost?": "We deliver to Ashcombe on Tuesdays and Fridays for £4.95.",
    "Are dogs allowed?": "Dogs on a lead are welcome everywhere but the café.",
    "How long is a gift voucher valid?": "A gift voucher is valid for 24 months.",
    "Is there a guarantee on plants?": "Hardy plants are guaranteed for five years.",
    "Where can I park?": "There are 60 free parking spaces behind the greenhouse.",
    "What does the café serve?": "The café serves scones, soup and coffee until 16:00.",
    "When are roses pruned?": "Roses are pruned in late February.",
    "Do you sell Christmas trees?": "Christmas trees are sold from 28 November, from £35.",
    "Can I take part in a workshop?": "A wreath workshop costs £45 and lasts three hours.",
    "Do you have wheelchairs?": "Two wheelchairs can be borrowed free at the entrance.",
}
SECRET = "The neighbour’s safe opens with 4711."


@pytest.fixture
def claude(with_claude: stand_in.Claude) -> Iterator[stand_in.Claude]:
    """At the end nothing may have been refused: what we send is what the API takes."""
    yield with_claude
    assert with_claude.refused == []


@pytest.fixture
def desk(
    app: Flask, context: None, cast: Cast, run_jobs: Callable[[], int], claude: stand_in.Claude
) -> Desk:
    with cast.scope(), unit_of_work():
        teach("Good to know", *(qa(question, answer) for question, answer in FACTS.items()))
    with cast.neighbour_scope(), unit_of_work():
        teach("Secrets", qa("What opens the safe?", SECRET))
    return Desk(app, cast, run_jobs, claude)


class HoldTable(Asked):
    day: Literal["friday", "saturday"]
    people: int = Field(ge=1, le=8)


@pytest.fixture
def held() -> Iterator[list[tuple[Call, HoldTable]]]:
    """A tool such as a domain adds: it writes, its input has limits, and it refuses Saturdays."""
    done: list[tuple[Call, HoldTable]] = []

    @tool("hold_table", "Hold a table in the café", grant=Grant.MESSAGE_WRITE, writes=True)
    def hold_table(call: Call, asked: HoldTable) -> ToolResult:
        """Hold a table in the café."""
        if asked.day == "saturday":
            raise Invalid("The café is full on Saturday. Friday is free.")
        if not call.is_dry_run:
            done.append((call, asked))
        return ToolResult(f"A table for {asked.people} is held on {asked.day}.")

    yield done
    tools.registry.pop("hold_table")
