"""A hand-off that cannot be forgotten: three minutes, six minutes, the limit, and whatever comes between."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app import create_core
from app.assistant.models import AssistantSettings
from app.businesses.models import Membership
from app.conversations import services
from app.core.jobs import OutboxJob
from app.extensions import db
from app.frontdesk import hand_off_clock, hand_off_settings, handing_off, team_mail
from tests.frontdesk.conftest import Waiting


def mailed(mailbox):
    return [mail["To"] for mail in mailbox.mails]


def settings(waiting, order=(), minutes=10, out_of_hours="call"):
    with waiting.work():
        hand_off_settings.change(list(order), minutes, [], out_of_hours)


def test_the_whole_clock(waiting, clock, mailbox, cast):
    clock.at(2.9)
    assert mailed(mailbox) == []
    clock.at(3)
    assert mailed(mailbox) == [cast.owner.email]
    clock.at(5.9)
    assert len(mailbox.mails) == 1
    clock.at(6)
    assert mailed(mailbox) == [cast.owner.email, cast.agent.email]
    clock.at(9.9)
    assert waiting.state() == "waiting"
    clock.at(10)
    assert waiting.state() == "assistant"
    assert waiting.lines()[-2] == ("event", "assistant_back")
    assert waiting.last_words() == hand_off_clock.NOBODY_CAME
    hand_off = waiting.hand_off()
    assert (hand_off.outcome, hand_off.step) == ("returned", hand_off_clock.BACK)
    clock.at(600)
    assert len(mailbox.mails) == 2
    assert waiting.last_words() == hand_off_clock.NOBODY_CAME


def test_one_person_alone_is_mailed_twice(waiting, clock, mailbox, cast):
    settings(waiting, [cast.agent.id])
    clock.at(3)
    clock.at(6)
    assert mailed(mailbox) == [cast.agent.email] * 2


def test_the_order_of_the_settings_holds(waiting, clock, mailbox, cast):
    settings(waiting, [cast.agent.id, cast.owner.id])
    clock.at(3)
    clock.at(6)
    assert mailed(mailbox) == [cast.agent.email, cast.owner.email]


def test_who_left_or_may_not_answer_is_passed_over(waiting, clock, mailbox, cast):
    settings(waiting, [cast.viewer.id, cast.neighbour.id, cast.agent.id])
    clock.at(3)
    assert mailed(mailbox) == [cast.agent.email]
    with waiting.work():
        db.session.delete(Membership.of(cast.agent.id, cast.slug))
    clock.at(6)
    assert mailed(mailbox) == [cast.agent.email, cast.owner.email]


def test_who_has_the_conversation_comes_first(waiting, clock, mailbox, cast):
    waiting.look(lambda row: setattr(row, "assignee_id", cast.agent.id))
    clock.at(3)
    clock.at(6)
    assert mailed(mailbox) == [cast.agent.email, cast.owner.email]


@pytest.mark.parametrize("minutes", [0, 1, 4, 7])
@pytest.mark.parametrize(
    ("does", "outcome"),
    [
        (lambda talk, who: talk.do(services.take_over, who), "answered"),
        (lambda talk, who: talk.do(services.reply, who, "I’m here.", "k"), "answered"),
        (lambda talk, who: talk.do(services.give_back, who), "given_back"),
        (lambda talk, who: talk.do(services.resolve, who), "resolved"),
    ],
    ids=["taken over", "replied", "given back", "resolved"],
)
def test_somebody_stops_it_at_any_time(waiting, clock, mailbox, cast, does, outcome, minutes):  # noqa: PLR0917
    clock.at(minutes)
    sent = len(mailbox.mails)
    does(waiting, cast.agent)
    lines = waiting.lines()
    for later in (3, 6, 10, 60):
        clock.at(max(later, minutes))
    assert len(mailbox.mails) == sent
    assert waiting.lines() == lines
    assert waiting.hand_off().outcome == outcome


def test_it_is_answered_by_the_first_reply_not_by_taking_over(waiting, clock, cast):
    waiting.do(services.take_over, cast.agent)
    assert waiting.hand_off().answered_at is None
    clock.at(4)
    waiting.do(services.reply, cast.owner, "Hello", "k1")
    clock.at(5)
    waiting.do(services.reply, cast.owner, "Again", "k2")
    hand_off = waiting.hand_off()
    assert hand_off.answered_at == clock.start + timedelta(minutes=4)
    assert hand_off.answered_by == cast.agent.id


@pytest.mark.parametrize(
    ("minutes", "expected"), [(4, (1, "waiting")), (8, (1, "waiting")), (70, (0, "assistant"))]
)
def test_a_worker_that_was_away_catches_up_to_the_right_step(
    waiting, clock, mailbox, minutes, expected
):
    clock.at(minutes)
    assert (len(mailbox.mails), waiting.state()) == expected


def test_a_step_done_twice_is_done_once(waiting, clock, mailbox):
    clock.at(3)
    for _ in range(3):
        with waiting.work():
            hand_off_clock.advance(waiting.hand_off().id)
        clock.run_jobs()
    assert len(mailbox.mails) == 1
    clock.at(10)
    lines = waiting.lines()
    with waiting.work():
        hand_off_clock.advance(waiting.hand_off().id)
    assert waiting.lines() == lines


def test_a_mail_that_was_held_up_is_dropped_once_somebody_came(waiting, clock, mailbox, cast):
    mailbox.answers = [{"mail": "451 later"}]
    clock.at(3)
    waiting.do(services.take_over, cast.agent)
    clock.at(4)
    assert mailbox.mails == []


def test_a_changed_limit_holds_for_who_waits(waiting, clock):
    settings(waiting, minutes=7)
    for minutes in (3, 6, 6.9):
        clock.at(minutes)
        assert waiting.state() == "waiting"
    clock.at(7)
    assert waiting.state() == "assistant"


def test_a_longer_limit_is_waited_for(waiting, clock):
    clock.at(6)
    settings(waiting, minutes=20)
    clock.at(10)
    assert waiting.state() == "waiting"
    clock.at(20)
    assert waiting.state() == "assistant"


def test_asked_for_again_after_nobody_came_the_clock_begins_anew(waiting, clock, mailbox):
    clock.at(10)
    waiting.ask_for_person()
    assert waiting.state() == "waiting"
    clock.at(13)
    assert len(mailbox.mails) == 1
    clock.at(20)
    assert waiting.state() == "assistant"


def test_asked_for_twice_it_is_one_hand_off(waiting, clock):
    waiting.ask_for_person()
    with waiting.work():
        assert handing_off.call_person(waiting.row(), "anger") is None
    assert [body for kind, body in waiting.lines() if kind == "event"] == ["person_asked"]


def test_after_nobody_came_a_member_may_still_write(waiting, clock, cast):
    clock.at(10)
    waiting.do(services.reply, cast.owner, "Sorry, I’m here now.", "k")
    assert waiting.state() == "person"
    assert waiting.hand_off().outcome == "returned"


def test_what_was_written_meanwhile_is_not_answered_later(waiting, clock):
    waiting.visitor_says("Hello? Anybody?")
    clock.at(10)
    assert waiting.look(lambda row: row.unanswered()) == []


def test_an_owners_own_preview_calls_nobody(app, cast, clock, mailbox):
    preview = Waiting(app, cast, "Person please", key="preview")
    preview.ask_for_person()
    clock.at(3)
    clock.at(10)
    assert mailbox.mails == []
    assert preview.state() == "assistant"


def test_the_mail_tells_why_and_leads_to_the_conversation(app, waiting, clock, mailbox, cast):
    with waiting.work():
        hand_off = db.session.merge(waiting.hand_off())
        hand_off.summary = hand_off.summary | {
            "known": {"Telephone": "+442079460018"},
            "tried": ["Returns <b>"],
        }
    clock.at(3)
    (mail,) = mailbox.mails
    assert mail["Subject"] == "A visitor has been waiting for a person for 3 minutes"
    text = mail.get_body(("plain",)).get_content()
    link = f"{app.config['PUBLIC_URL']}/b/{cast.slug}/inbox/{waiting.id}"
    for words in ("The visitor asked for a person.", "Wanted: Can I bring a plant back?",
                  "Known already: Telephone.", "Tried: Returns <b>", link):  # fmt: skip
        assert words in text
    html = mail.get_body(("html",)).get_content()
    assert f'href="{link}"' in html
    assert "Returns &lt;b&gt;" in html
    assert "+442079460018" not in text + html


def test_the_worker_which_knows_no_pages_writes_the_same_mail(config, waiting, clock, mailbox):
    clock.travel.shift(timedelta(minutes=3))
    worker = create_core(replace(config, SMTP_URL=mailbox.url, MAIL_FROM="desk@example.com"))
    with worker.app_context(), waiting.cast.scope():
        team_mail.hand_off(waiting.hand_off().id, waiting.cast.agent.id, 1)
    text = mailbox.mails[0].get_body(("plain",)).get_content()
    assert "for 3 minutes. Nobody has come yet." in text


def test_two_businesses_call_their_own_people(waiting, clock, mailbox, cast):
    with waiting.app.app_context(), cast.neighbour_scope():
        assert AssistantSettings.current().hand_off_order == []
        assert [user.email for user in hand_off_clock.colleagues.in_order()] == [
            cast.neighbour.email
        ]
    clock.at(3)
    assert cast.neighbour.email not in mailed(mailbox)


def test_nothing_is_left_waiting_in_the_outbox_once_it_is_over(waiting, clock, cast):
    for minutes in (3, 6, 10):
        clock.at(minutes)
    with waiting.work():
        open_jobs = db.session.query(OutboxJob).filter(
            OutboxJob.business_id == cast.business_id, OutboxJob.done_at.is_(None)
        )
        assert [job.name for job in open_jobs] == ["conversations.end"]  # in two hours


def test_a_business_without_anybody_who_may_answer_still_comes_back(waiting, clock, mailbox, cast):
    with waiting.work():
        for person in (cast.owner, cast.agent):
            db.session.delete(Membership.of(person.id, cast.slug))
    for minutes in (3, 6, 10):
        clock.at(minutes)
    assert mailbox.mails == []
    assert waiting.state() == "assistant"


def at_once(*works):
    """Each in a thread and a session of its own."""
    with ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(work) for work in works]:
            done.result(timeout=30)


def test_eight_workers_at_one_step_mail_one_person(waiting, clock, mailbox):
    hand_off_id = waiting.hand_off().id

    def advance():
        with waiting.work():
            hand_off_clock.advance(hand_off_id)

    clock.travel.shift(timedelta(minutes=3))
    at_once(*[advance] * 8)
    clock.run_jobs()
    assert len(mailbox.mails) == 1


def test_at_the_limit_a_member_and_the_clock_do_not_cross(waiting, clock, cast):
    hand_off_id = waiting.hand_off().id

    def advance():
        with waiting.work():
            hand_off_clock.advance(hand_off_id)

    clock.travel.shift(timedelta(minutes=10))
    at_once(advance, lambda: waiting.do(services.take_over, cast.owner), advance)
    events = [body for kind, body in waiting.lines() if kind == "event"]
    assert events in (
        ["person_asked", "taken_over"], ["person_asked", "assistant_back", "taken_over"],
    )  # fmt: skip
    assert waiting.state() == "person"
