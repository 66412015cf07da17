"""The same passage in several places is one hit: the owner's own answer, else what fits better, else the newest."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.extensions import db
from app.knowledge import confidence, retrieval
from app.knowledge.collapsing import collapse
from app.knowledge.embeddings.current import encode
from app.knowledge.scoring import Hit
from tests.conftest import Cast
from tests.knowledge.teaching import paragraph, qa, teach

SAID = "Plants can be brought back to the shop within 30 days if they are still alive."


def hit(text: str = SAID, number: int = 1, **changes: object) -> Hit:
    made = Hit(
        chunk_id=number,
        document_id=number,
        source_id=number,
        document="Page",
        kind="prose",
        heading="",
        question="",
        text=text,
        page=None,
        anchor="",
        score=1 - number / 1000,
        cosine=0.6,
        written_at=datetime(2026, 1, number, tzinfo=UTC),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def kept(*hits: Hit) -> list[int]:
    return [each.chunk_id for each in collapse(hits)]


def test_of_equal_copies_the_newest_stays_in_the_place_of_the_best() -> None:
    other = hit("We deliver within 20 km of the shop, and further away by parcel.", 2)
    hits = collapse([hit(), other, hit(number=3)])
    assert [each.chunk_id for each in hits] == [3, 2]
    assert hits[0].score == hit().score


def test_the_owners_own_answer_stays_before_a_newer_page() -> None:
    answer = hit(number=2, kind="qa", question="May I bring it back?")
    assert kept(hit(), answer, hit(number=3)) == [2]


def test_a_copy_that_fits_better_stays_before_a_newer_one() -> None:
    assert kept(hit(heading="Ferns"), hit(number=2, score=0.9)) == [1]


@pytest.mark.parametrize(
    "copy",
    [
        SAID.upper(),
        f"Back to the overview. {SAID}",
        SAID.replace("still alive", "still  alive"),
    ],
)
def test_nearly_the_same_is_the_same(copy: str) -> None:
    assert kept(hit(), hit(copy, 2)) == [2]


@pytest.mark.parametrize(
    "other",
    [
        SAID.replace("30", "14"),
        SAID.replace("can be", "can not be"),
        SAID.replace("can be", "can't be"),
        SAID.replace("Plants", "Gift cards").replace("still alive", "not used"),
        f"{SAID} Bring the receipt, and the pot if you still have it, as we use it for another plant.",
    ],
)
def test_another_figure_a_denial_or_more_text_is_another_passage(other: str) -> None:
    assert kept(hit(), hit(other, 2)) == [1, 2]


def test_short_texts_are_told_by_their_headings() -> None:
    closed = [hit("Closed.", 1, heading="Christmas Day"), hit("Closed.", 2, heading="Boxing Day")]
    assert kept(*closed) == [1, 2]
    assert kept(closed[0], hit("Closed.", 3, heading="Christmas Day")) == [3]


def test_the_same_answer_to_another_question_is_another_entry() -> None:
    first, second = (hit(number=number, kind="qa", question=f"Why {number}?") for number in (1, 2))
    assert kept(first, second) == [1, 2]


def test_what_a_copy_led_by_counts_for_the_one_that_stays() -> None:
    (one,) = collapse([hit(leads_by_meaning=True), hit(number=2, leads_by_words=True)])
    assert (one.leads_by_meaning, one.leads_by_words) == (True, True)


class TestInASearch:
    @pytest.fixture(autouse=True)
    def scope(self, context: None, cast: Cast) -> Iterator[None]:
        with cast.scope():
            teach("Delivery", paragraph("We deliver within 20 km of the shop. It costs 4.95 euro."))
            teach("Hours", paragraph("The garden centre is open from 9:00 to 18:00."))
            yield
            db.session.rollback()

    def test_copies_on_many_pages_leave_room_for_what_else_is_known(self) -> None:
        for number in range(40):
            teach(f"Page {number}", paragraph(SAID))
        result = retrieval.search("Can I bring a plant back?", encode)
        assert [each.text for each in result.hits].count(SAID) == 1
        assert len(result.hits) == 3

    def test_a_business_that_says_a_thing_twice_is_no_less_sure(self) -> None:
        teach("Returns", paragraph(SAID))
        once = confidence.score(retrieval.search("Can I bring a plant back?", encode))
        teach("The same page again", paragraph(SAID))
        twice = confidence.score(retrieval.search("Can I bring a plant back?", encode))
        assert twice == pytest.approx(once, abs=0.03)

    def test_the_owners_answer_is_shown_and_not_the_page_that_repeats_it(self) -> None:
        teach("Returns", paragraph(SAID))
        teach("Answer", qa("Can I bring a plant back?", SAID))
        teach("Newer page", paragraph(SAID))
        best = retrieval.search("Can I bring a plant back?", encode).hits[0]
        assert best.document == "Answer"
