"""What the assistant can't answer is grouped by meaning, counted, closed, and comes back."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from app.accounts.models import User
from app.assistant import gaps as services
from app.assistant import grouping
from app.assistant import services as assistant
from app.assistant.models import Answer, Gap, GapQuestion
from app.conversations import services as conversations
from app.core.errors import Conflict
from app.extensions import db
from app.knowledge import services as knowledge
from app.knowledge.embeddings.current import encode
from tests.assistant.conftest import Visitors
from tests.conftest import Cast, Inside

ASKED = "Do you sell chainsaws?"
SAME = ("have you got chain saws in stock", "can i buy a petrol chainsaw from you")
OTHER = "can i pay in bitcoin"
Gaps = Callable[[], list[Gap]]
Member = Callable[[], User]


def close(inside: Inside, gaps: Gaps, member: Member, words: str = "No, but we rent them.") -> None:
    with inside():
        services.answer(Gap.by_id(gaps()[0].id), ASKED, words, member())


def test_questions_of_one_meaning_are_one_gap(visitors: Visitors, gaps: Gaps) -> None:
    for words in (ASKED, OTHER, *SAME):
        visitors.ask(words)
    chainsaws, bitcoin = gaps()
    assert (chainsaws.asked_count, bitcoin.asked_count) == (3, 1)
    assert chainsaws.question in (ASKED, *SAME)
    assert bitcoin.question == OTHER
    assert chainsaws.last_asked_at > bitcoin.last_asked_at > chainsaws.first_asked_at


@pytest.mark.parametrize(
    ("asked", "same", "other"),
    [
        ("¿Hay piscina?", "¿tienen piscina?", "¿Hay gimnasio en el hotel?"),
        ("Gibt es ein Schwimmbad?", "Haben Sie ein Schwimmbad?", "Gibt es einen Fitnessraum?"),
        ("у вас есть бассейн?", "Есть ли бассейн?", "Вы чините велосипеды?"),
        ("هل يوجد مسبح؟", "هل لديكم مسبح؟", "هل تقبلون البيتكوين؟"),
    ],
    ids=["Spanish", "German", "Russian", "Arabic"],
)
def test_in_other_languages_the_words_have_a_say(
    visitors: Visitors, gaps: Gaps, asked: str, same: str, other: str
) -> None:
    for words in (asked, same, other):
        visitors.ask(words)
    assert [gap.asked_count for gap in gaps()] == [2, 1]


def test_the_question_shown_is_the_most_typical(visitors: Visitors, gaps: Gaps) -> None:
    for words in ("chainsaw??", ASKED, "do you sell chainsaws"):
        visitors.ask(words)
    (gap,) = gaps()
    assert gap.question == ASKED


def test_what_it_answers_and_small_talk_are_no_gaps(visitors: Visitors, gaps: Gaps) -> None:
    for words in ("When are you open?", "Hello", "how are you?", "tell me a joke", "thanks"):
        visitors.ask(words)
    assert gaps() == []
    visitors.ask(ASKED)
    assert len(gaps()) == 1


def test_the_owner_trying_it_out_is_no_visitor(visitors: Visitors, gaps: Gaps) -> None:
    visitors.ask(ASKED, kind="preview")
    assert gaps() == []


def test_one_question_counts_once_however_often_its_job_runs(
    visitors: Visitors, gaps: Gaps, inside: Inside
) -> None:
    message_id = visitors.answer_id(visitors.ask(ASKED))
    with inside():
        grouping.note(message_id)
    assert [gap.asked_count for gap in gaps()] == [1]


def test_a_badly_rated_answer_becomes_one_until_the_opinion_changes(
    visitors: Visitors, gaps: Gaps, inside: Inside, member: Member, run_jobs: Callable[[], int]
) -> None:
    message_id = visitors.answer_id(visitors.ask("When are you open?"))
    for rating, counts in (("up", []), ("down", [1]), ("down", [1]), ("up", [])):
        with inside():
            assistant.rate(Answer.of_message(message_id), member(), rating)
        run_jobs()
        assert [gap.asked_count for gap in gaps()] == counts
        if counts:
            with inside():
                assert GapQuestion.of_message(message_id).reason == "rated"


def test_an_answer_is_kept_and_found_by_the_next_who_asks(
    visitors: Visitors, gaps: Gaps, inside: Inside, member: Member, run_jobs: Callable[[], int]
) -> None:
    visitors.ask(ASKED)
    close(inside, gaps, member)
    run_jobs()
    (gap,) = gaps()
    assert (gap.status, gap.answered_by) == ("answered", gap.answered_by)
    assert gap.source_id
    talk = visitors.ask("Do you sell chainsaws at all?")
    assert ("assistant", "No, but we rent them.") in visitors.lines(talk)
    assert [(each.status, each.asked_count) for each in gaps()] == [("answered", 1)]


def test_the_answer_goes_to_the_chosen_visitors_alone_and_once(
    visitors: Visitors, gaps: Gaps, inside: Inside, member: Member
) -> None:
    waiting, other, stranger = visitors.ask(ASKED), visitors.ask(SAME[0]), visitors.ask(OTHER)
    visitors.wants_person(waiting)
    for _twice in range(2):
        with inside():
            gap = Gap.by_id(gaps()[0].id)
            answered = services.answer(gap, ASKED, "No.", member(), {waiting, stranger})
            assert answered.sent_count == 1
    assert visitors.lines(waiting).count(("member", "No.")) == 1
    assert ("member", "No.") not in visitors.lines(other) + visitors.lines(stranger)


def test_two_members_who_answer_at_once_are_told(
    visitors: Visitors, gaps: Gaps, inside: Inside, member: Member
) -> None:
    visitors.ask(ASKED)
    close(inside, gaps, member)
    with pytest.raises(Conflict, match="answered this meanwhile"):
        close(inside, gaps, member, "Yes, from £99.")
    with inside():
        assert gaps()[0].status == "answered"


def test_asked_again_after_an_answer_that_does_not_suffice_it_is_open_again(
    visitors: Visitors, gaps: Gaps, inside: Inside, member: Member, run_jobs: Callable[[], int]
) -> None:
    visitors.ask(ASKED)
    with inside():
        services.answer(Gap.by_id(gaps()[0].id), "Is there a café?", "Yes, upstairs.", member())
    run_jobs()
    with inside():
        Gap.by_id(gaps()[0].id).source.status = "embedding"
    visitors.ask(SAME[0])
    assert gaps()[0].status == "answered", "the answer is still being learnt"
    with inside():
        Gap.by_id(gaps()[0].id).source.status = "ready"
    visitors.ask(SAME[1])
    (gap,) = gaps()
    assert (gap.status, gap.reopened_from, gap.asked_count) == ("open", "answered", 3)


def test_an_answer_that_was_deleted_leaves_the_gap_to_come_back(
    visitors: Visitors, gaps: Gaps, inside: Inside, member: Member, run_jobs: Callable[[], int]
) -> None:
    visitors.ask(ASKED)
    close(inside, gaps, member)
    run_jobs()
    with inside():
        knowledge.remove(Gap.by_id(gaps()[0].id).source)
    assert [(gap.status, gap.source_id) for gap in gaps()] == [("answered", None)]
    visitors.ask(ASKED)
    assert [(gap.status, gap.reopened_from) for gap in gaps()] == [("open", "answered")]


def test_a_dismissed_one_comes_back_when_it_is_asked_three_more_times(
    visitors: Visitors, gaps: Gaps, inside: Inside, member: Member
) -> None:
    visitors.ask(ASKED)
    with inside():
        services.dismiss(Gap.by_id(gaps()[0].id), member())
    for left in (3, 2, 1):
        (gap,) = gaps()
        assert (gap.status, gap.more_to_return) == ("dismissed", left)
        visitors.ask(ASKED)
    (gap,) = gaps()
    assert (gap.status, gap.reopened_from) == ("open", "dismissed")


def test_a_dismissal_can_be_undone(
    visitors: Visitors, gaps: Gaps, inside: Inside, member: Member
) -> None:
    visitors.ask(ASKED)
    with inside():
        gap = Gap.by_id(gaps()[0].id)
        services.dismiss(gap, member())
        services.reopen(gap)
        services.reopen(gap)
    assert [(gap.status, gap.reopened_from) for gap in gaps()] == [("open", None)]


def test_a_reply_kept_as_knowledge_closes_what_it_replied_to(
    visitors: Visitors, gaps: Gaps, inside: Inside, member: Member
) -> None:
    visitors.ask(OTHER)
    talk = visitors.ask(ASKED)
    with inside():
        conversation = visitors._conversation(talk)
        reply = conversations.reply(conversation, member(), "No.", "key")
        source = knowledge.add_question(ASKED, "No.", member())
        services.answered_in_reply(reply, source.id, member())
        assert source.id
    assert [gap.status for gap in gaps()] == ["open", "answered"]


def test_a_wording_that_means_something_else_is_parted_and_stays_so(
    visitors: Visitors, gaps: Gaps, inside: Inside
) -> None:
    visitors.ask(ASKED)
    message_id = visitors.answer_id(visitors.ask("do you service chainsaws"))
    assert [gap.asked_count for gap in gaps()] == [2]
    for _twice in range(2):
        with inside():
            grouping.separate(GapQuestion.of_message(message_id))
        assert [(gap.question, gap.asked_count) for gap in gaps()] == [
            (ASKED, 1),
            ("do you service chainsaws", 1),
        ]
    visitors.ask("do you service chain saws")
    assert [gap.asked_count for gap in gaps()] == [1, 2]


def test_the_vectors_can_be_made_again_from_the_words(
    visitors: Visitors, gaps: Gaps, inside: Inside
) -> None:
    for words in (ASKED, OTHER):
        visitors.ask(words)
    with inside():
        for table in ("gaps", "gap_questions"):
            db.session.execute(
                text(f"UPDATE {table} SET embedding = array_fill(1, ARRAY[384])::halfvec")
            )
        grouping.embed_again(encode)
    visitors.ask(SAME[1])
    assert [gap.asked_count for gap in gaps()] == [2, 1]


def test_a_neighbour_has_gaps_of_its_own(visitors: Visitors, gaps: Gaps, cast: Cast, app) -> None:
    visitors.ask(ASKED)
    assert len(gaps()) == 1
    with app.app_context(), cast.neighbour_scope():
        assert db.session.scalars(select(Gap)).all() == []
        assert Gap.open_count() == 0
        assert Gap.by_id(gaps()[0].id) is None
