"""Who is told of what, by which ways, and when not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.accounts.models import User
from app.channels import trouble
from app.channels.models import Channel
from app.conversations import mentioning, reading, services, snoozing
from app.core.access import Role
from app.extensions import db
from app.lib.quiet_hours import QuietHours
from app.notifications import mailing, notifying
from app.notifications.events import EVENTS
from app.notifications.models import Notification
from app.ratings.models import Rating

ALL_DAYS = [0, 1, 2, 3, 4, 5, 6]


def me(person):
    return db.session.get_one(User, person.id)


def test_a_hand_off_and_what_follows_is_told_to_all_who_may_answer(desk, waiting, cast):
    assert desk.rows(cast.owner) == desk.rows(cast.agent) == [("hand_off", 1, False)]
    waiting.visitor_says("Hello?")
    waiting.visitor_says("Is anybody there?")
    desk.run()
    assert desk.rows(cast.agent)[1:] == [("message_unassigned", 2, False)]
    assert desk.rows(cast.viewer) == desk.rows(cast.accountant) == []
    assert desk.rows(cast.neighbour) == []


def test_who_has_it_alone_is_told_and_never_who_did_it(desk, waiting, cast):
    desk.gives(waiting, cast.agent, cast.owner)
    waiting.visitor_says("Hello?")
    desk.run()
    assert desk.events(cast.owner) == ["hand_off"]
    assert desk.events(cast.agent) == ["hand_off", "assigned", "message_mine"]
    desk.gives(waiting, cast.owner, cast.owner)
    desk.run()
    assert desk.events(cast.owner) == ["hand_off"]


def test_the_assistant_s_own_conversations_tell_nobody_unless_wanted(desk, talk, cast):
    talk("Do you deliver?")
    desk.run()
    assert desk.events(cast.owner) == []
    desk.chooses(cast.owner, new_conversation=["page"])
    second = talk("Do you open on Sunday?")
    second.visitor_says("And on Monday?")
    talk("From the owner’s own preview", key="preview")
    desk.run()
    assert desk.rows(cast.owner) == [("new_conversation", 1, False)]


def test_reading_on_any_device_reads_what_was_told(desk, waiting, cast):
    with waiting.work():
        reading.mark_read(waiting.row(), me(cast.agent), waiting.row().position)
    assert desk.rows(cast.agent) == [("hand_off", 1, True)]
    assert desk.rows(cast.owner) == [("hand_off", 1, False)]
    waiting.visitor_says("Hello?")
    with waiting.work():  # read before the job came
        reading.mark_read(waiting.row(), me(cast.agent), waiting.row().position)
    desk.run()
    assert desk.events(cast.agent) == ["hand_off"]


def test_what_is_told_twice_is_told_once(desk, waiting, cast):
    for _ in range(2):
        with waiting.work():
            notifying.notify("rating", waiting.row(), position=3, text="Thanks")
        desk.run()
        with waiting.work():
            notifying.read_all(cast.owner.id)
    assert desk.rows(cast.owner) == [("hand_off", 1, True), ("rating", 1, True)]


def test_a_rating_is_told_to_who_had_the_conversation(desk, waiting, cast):
    desk.gives(waiting, cast.agent)
    waiting.do(services.resolve, cast.owner)
    with waiting.work():
        talk = waiting.row()
        rating = Rating(
            conversation_id=talk.id, channel_id=talk.channel_id, user_id=cast.agent.id,
            event_id=talk.newest_messages()[-1].id,
        )  # fmt: skip
        db.session.add(rating)
        db.session.flush()
        details = {"rating_id": rating.id, "stars": 4, "words": ""}
        services.post(talk, "event", "visitor", "rated", details=details)
    desk.run()
    assert desk.events(cast.agent)[-1] == "rating"
    assert "rating" not in desk.events(cast.owner)


def test_of_two_at_once_the_newer_counts(desk, waiting, cast):
    for position, words in ((9, "Newer"), (8, "Older")):
        with waiting.work():
            notifying.notify("message", waiting.row(), position=position, text=words)
        desk.run()
    assert desk.rows(cast.owner)[1:] == [("message_unassigned", 1, False)]
    with desk.inside():
        assert Notification.listed(cast.owner.id, 1)[0].text == "Newer"


def test_a_note_tells_whom_it_names_and_a_failed_message_its_writer_once(desk, waiting, cast):
    with waiting.work():
        body = f"@{cast.viewer.name}, @{cast.owner.name} and @{cast.agent.name}, look"
        mentioning.note(waiting.row(), me(cast.agent), body, "note-1")
        row = waiting.row().lock()
        services.post(row, "event", "system", "scheduled_dropped", by=me(cast.owner))
        mentioning.note_to(row, me(cast.owner), "your message for later wasn’t sent.")
    desk.run()
    assert desk.events(cast.viewer) == ["mention"]
    assert desk.events(cast.agent) == ["hand_off"]
    assert sorted(desk.events(cast.owner)) == ["hand_off", "mention", "scheduled_failed"]


@pytest.mark.parametrize("by_time", [True, False])
def test_who_snoozed_it_is_told_that_it_is_back(desk, talk, cast, by_time):
    found = talk()
    found.do(snoozing.snooze, cast.agent, None)
    if by_time:
        found.do(lambda row: services.awaken(row.lock(), "system"))
    else:
        found.visitor_says("Me again")
    desk.run()
    assert (desk.events(cast.agent), desk.events(cast.owner)) == (["woken"], [])


def test_a_broken_channel_is_told_to_those_who_lead_once(desk, cast, inside):
    for _ in range(2):
        with inside():
            channel = Channel.of_kind("website")
            trouble.break_channel(channel, "Connect it again.")
        desk.run()
    assert desk.rows(cast.owner) == [("channel_broken", 1, False)]
    assert desk.events(cast.agent) == []


def test_no_longer_handed_off_is_no_news(desk, talk, cast):
    found = talk()
    found.do(services.hand_off)
    found.do(services.give_back, cast.agent)
    desk.run()
    assert desk.events(cast.owner) == []


# By e-mail


def test_what_comes_while_an_e_mail_is_sent_is_told_by_the_next(
    desk, waiting, clock, mailbox, monkeypatch
):
    deliver = mailing.mail.deliver

    def slowly(*said, **more):
        monkeypatch.setattr(mailing.mail, "deliver", deliver)
        deliver(*said, **more)
        notifying.tell(replace(happened, position=happened.position + 1))

    desk.gives(waiting, desk.cast.agent)
    with waiting.work():
        reading.mark_read(waiting.row(), me(desk.cast.agent), waiting.row().position)
    waiting.visitor_says("Hello?")
    desk.run()
    position = waiting.look(lambda row: row.position)
    happened = notifying.Happened("message", "conversation", waiting.id, "", "More", position, None, None)  # fmt: skip
    monkeypatch.setattr(mailing.mail, "deliver", slowly)
    clock.at(2.1)
    clock.at(4.2)
    assert len(mailbox.mails) == 2


def test_a_burst_is_one_mail_and_what_was_read_none(desk, waiting, cast, clock, mailbox):
    desk.gives(waiting, cast.agent)
    with waiting.work():
        reading.mark_read(waiting.row(), me(cast.agent), waiting.row().position)
    for words in ("Hello?", "It is a fern"):
        waiting.visitor_says(words)
        desk.run()
    assert mailbox.mails == []
    clock.at(2.1)
    (mail,) = mailbox.mails
    assert mail["To"] == cast.agent.email
    said = mail.get_body(("plain",)).get_content()
    assert "Hello?" in said
    assert "It is a fern" in said
    assert f"/b/{cast.slug}/inbox/{waiting.id}" in said
    assert mail["Reply-To"] is None  # nothing is taken in here
    assert "Answer this e-mail" not in said
    waiting.visitor_says("Only this")
    desk.run()
    clock.at(4.5)
    assert "It is a fern" not in mailbox.mails[1].get_body(("plain",)).get_content()
    waiting.visitor_says("Never mind")
    desk.run()
    with waiting.work():
        reading.mark_read(waiting.row(), me(cast.agent), waiting.row().position)
    clock.at(30)
    assert len(mailbox.mails) == 2


def test_a_mail_that_the_server_refuses_comes_later(desk, waiting, cast, clock, mailbox):
    mailbox.answers = [{"rcpt": "451 later"}]
    desk.gives(waiting, cast.agent)
    desk.run()
    clock.at(2.1)
    assert mailbox.mails == []
    clock.at(3)
    (subject,) = mailbox.subjects
    assert subject.startswith("You have the conversation with Visitor")


def test_quiet_hours_hold_a_mail_until_they_end(desk, waiting, cast, clock, mailbox):
    desk.is_quiet(cast.agent, ALL_DAYS, 9 * 60, 11 * 60)  # it is ten
    desk.gives(waiting, cast.agent)
    desk.run()
    clock.at(59)
    assert mailbox.mails == []
    assert desk.events(cast.agent)[-1] == "assigned"
    clock.at(60.1)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("days", "begins", "ends", "at", "until"),
    [
        ([0], 1320, 420, "2026-11-23T22:00+00:00", "2026-11-24T07:00+00:00"),
        ([0], 1320, 420, "2026-11-24T06:59+00:00", "2026-11-24T07:00+00:00"),
        ([0], 1320, 420, "2026-11-24T07:00+00:00", None),
        ([0], 1320, 420, "2026-11-23T06:00+00:00", None),  # Sunday’s night
        ([5], 0, 0, "2026-11-28T23:59+00:00", "2026-11-29T00:00+00:00"),
        ([], 0, 0, "2026-11-28T23:59+00:00", None),
    ],
)
def test_quiet_hours(days, begins, ends, at, until):
    found = QuietHours(days, begins, ends, "UTC").until(datetime.fromisoformat(at))
    assert found == (datetime.fromisoformat(until) if until else None)


def test_quiet_hours_are_those_of_their_own_clock():
    hours = QuietHours([0], 22 * 60, 7 * 60, "Asia/Kolkata")
    assert hours.until(datetime(2026, 11, 23, 17, 0, tzinfo=UTC)) == datetime(
        2026, 11, 24, 1, 30, tzinfo=UTC
    )
    assert hours.until(datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) is None


def test_nobody_is_offered_what_they_may_not_see():
    of_accountant = {each.name for each in EVENTS.values() if each.is_for(Role.ACCOUNTANT)}
    assert of_accountant == {"channel_broken"}
    assert not EVENTS["message_unassigned"].default(Role.VIEWER)


# Pages


def test_the_list_and_the_bell(desk, waiting, cast, login):
    agent, base = login(cast.agent), f"/b/{cast.slug}/notifications"
    assert "waits for a person" in agent.get(f"{base}/").text
    assert "1 unread notification" in agent.get(f"/b/{cast.slug}/inbox/").text
    assert login(cast.viewer).post(f"{base}/999999/read").status_code == 404
    assert agent.post(f"{base}/read").status_code == 303
    assert desk.rows(cast.agent) == [("hand_off", 1, True)]
    assert desk.rows(cast.owner) == [("hand_off", 1, False)]


def test_one_signal_rings_the_bells_of_all_who_are_told(desk, waiting, cast, monkeypatch):
    """One for each would be written to each of a team's streams."""
    rung = []
    monkeypatch.setattr(notifying, "ring", rung.append)
    waiting.visitor_says("Hello?")
    desk.run()
    assert [sorted(each) for each in rung] == [sorted([cast.owner.id, cast.agent.id])]


def test_each_member_s_choices_are_their_own(desk, waiting, cast, login):
    agent, url = login(cast.agent), f"/b/{cast.slug}/settings/notifications/"
    assert 'name="message_mine-mail"' in agent.get(url).text
    assert 'name="hand_off-mail"' not in agent.get(url).text
    typed = {"begins": "25:00", "ends": "07:00", "time_zone": "", "rating-mail": "y", "days": ["0"]}
    refused = agent.post(url, data=typed)
    assert refused.status_code == 422
    assert "Type a time" in refused.text
    assert (
        'name="rating-mail" aria-label="A visitor rates a conversation: E-mail" checked'
        in refused.text
    )
    saved = agent.post(
        url, data=typed | {"begins": "22:00", "hand_off-mail": "y", "channel_broken-page": "y"}
    )
    assert saved.status_code == 303
    waiting.visitor_says("Hello?")
    desk.run()
    assert desk.events(cast.agent) == ["hand_off"]
    assert desk.events(cast.owner) == ["hand_off", "message_unassigned"]
    assert "checked" in agent.get(url).text
