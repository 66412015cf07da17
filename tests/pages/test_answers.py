"""Why the assistant said what it said: its page, what members think of it, and a reply kept for next time."""

import re
import secrets
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.assistant.models import Answer
from app.channels.models import Channel
from app.conversations import services as conversations
from app.conversations.models import Message
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.knowledge import services as knowledge

FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."
ASKED = "How much is delivery to Ashcombe?"


@pytest.fixture
def inside(app, cast):
    """`with inside():` is the business's scope in a context of its own, which no request sees."""

    @contextmanager
    def opened():
        with app.app_context(), cast.scope(), unit_of_work():
            yield

    return opened


@pytest.fixture
def ask(inside, run_jobs):
    """`ask("…")` gives the id of what the assistant answered to a visitor."""
    with inside():
        knowledge.add_question("Do you deliver, and what does it cost?", FACT, None)
    run_jobs()

    def asking(text):
        with inside():
            website = Channel.of_kind("website")
            frontdesk.receive(website, uuid4(), text, secrets.token_hex(8))
        run_jobs()
        with inside():
            by_assistant = select(Message.id).where(Message.author == "assistant")
            return db.session.scalar(by_assistant.order_by(Message.id.desc()).limit(1))

    return asking


@pytest.fixture
def check(app, cast):
    """`check()` runs the business's checks from the command line."""

    def checking():
        return app.test_cli_runner().invoke(args=["knowledge", "check", "--business", cast.slug])

    return checking


def _url(cast, message_id, rest=""):
    return f"/b/{cast.slug}/answers/{message_id}{rest}"


def _rated(inside, message_id):
    with inside():
        answer = Answer.of_message(message_id)
        db.session.expunge(answer)
        return answer


def test_the_page_shows_passages_and_why_it_was_sure(cast, login, ask):
    page = login(cast.viewer).get(_url(cast, ask(ASKED))).text
    assert ASKED in page
    assert FACT in page
    assert "sure enough to answer</dd>" in page
    assert "Your own sentences, quoted" in page
    assert "Other passages fit almost as well." not in page
    assert "fits clearly better" in page


def test_an_unsure_answer_says_what_was_missing(cast, login, ask):
    page = login(cast.viewer).get(_url(cast, ask("Is zorbing insured by Quillfeather?"))).text
    assert "not sure enough to answer alone" in page
    assert "words that stand nowhere in your knowledge" in page


def test_a_greeting_has_nothing_behind_it(cast, login, ask):
    page = login(cast.viewer).get(_url(cast, ask("Hello")))
    assert page.status_code == 200
    assert "without looking anything up" in page.text


def test_the_inbox_leads_to_it(cast, login, ask, inside):
    message_id = ask(ASKED)
    with inside():
        message = db.session.get_one(Message, (cast.business_id, message_id))
        inbox = f"/b/{cast.slug}/inbox/{message.conversation_id}"
    assert f'href="{_url(cast, message_id)}"' in login(cast.viewer).get(inbox).text


def test_a_neighbour_does_not_find_it(cast, login, ask):
    message_id = ask(ASKED)
    assert login(cast.viewer).get(_url(cast, message_id)).status_code == 200
    neighbour = login(cast.neighbour)
    assert neighbour.get(_url(cast, message_id)).status_code == 404
    own_door = f"/b/{cast.neighbour_slug}/answers/{message_id}"
    assert neighbour.get(own_door).status_code == 404


def test_an_opinion_is_kept_with_who_and_when_and_the_newest_counts(cast, login, ask, inside):
    message_id = ask(ASKED)
    rating = _url(cast, message_id, "/rating")
    assert login(cast.viewer).post(rating, data={"rating": "up"}).status_code == 403
    login(cast.owner).post(rating, data={"rating": "up"})
    response = login(cast.agent).post(rating, data={"rating": "down", "reason": "It is £5 now"})
    assert response.status_code == 303
    answer = _rated(inside, message_id)
    assert (answer.rating, answer.rating_reason) == ("down", "It is £5 now")
    assert answer.rated_by == cast.agent.id
    assert answer.rated_at > answer.created_at
    assert "It is £5 now" in login(cast.viewer).get(_url(cast, message_id)).text


@pytest.mark.parametrize(
    "data", [{}, {"rating": "sideways"}, {"rating": "up", "reason": "x" * 501}]
)
def test_an_opinion_that_is_none_is_refused(cast, login, ask, inside, data):
    message_id = ask(ASKED)
    response = login(cast.agent).post(_url(cast, message_id, "/rating"), data=data)
    assert response.status_code == 422
    assert _rated(inside, message_id).rating is None


def test_the_right_answer_can_be_typed_there_by_who_may(cast, login, ask):
    message_id = ask(ASKED)
    form = f'action="{_url(cast, message_id, "/correction")}"'
    assert form in login(cast.owner).get(_url(cast, message_id)).text
    assert form not in login(cast.agent).get(_url(cast, message_id)).text


def test_a_reply_becomes_a_proposal_with_the_visitor_s_question(cast, login, ask, inside):
    asked, said = "Is zorbing insured by Quillfeather?", "Yes, Quillfeather insures zorbing."
    answer_id = ask(asked)
    with inside():
        conversation = db.session.get_one(Message, (cast.business_id, answer_id)).conversation
        owner = db.session.get_one(User, cast.owner.id)
        reply_id = conversations.reply(conversation, owner, said, "key").id
    url = _url(cast, reply_id, "/proposal")
    page = login(cast.owner).get(url).text
    assert f'value="{asked}"' in page
    assert said in page
    assert login(cast.agent).get(url).status_code == 403
    assert login(cast.owner).get(_url(cast, answer_id, "/proposal")).status_code == 404


def test_a_correction_is_answered_next_time_and_kept_as_a_check(cast, login, ask, run_jobs, check):
    asked, right = "Is zorbing insured by Quillfeather?", "Yes, Quillfeather insures zorbing."
    correction = _url(cast, ask(asked), "/correction")
    for _again in range(2):
        login(cast.owner).post(correction, data={"question": asked, "answer": right})
    run_jobs()
    assert right in login(cast.viewer).get(_url(cast, ask(asked))).text
    result = check()
    assert (result.exit_code, result.output) == (0, f"green  {asked}\n")


def test_a_check_asks_for_what_its_owner_says_now_and_goes_with_the_source(
    cast, login, ask, run_jobs, check
):
    asked = "Is zorbing insured by Quillfeather?"
    correction = _url(cast, ask(asked), "/correction")
    login(cast.owner).post(correction, data={"question": asked, "answer": "Yes, it is."})
    run_jobs()
    page = login(cast.owner).get(f"/b/{cast.slug}/knowledge/?q=zorbing").text
    source_id = re.search(r'id="source_(\d+)"', page)[1]
    source = f"/b/{cast.slug}/knowledge/{source_id}"
    login(cast.owner).post(f"{source}/edit", data={"question": asked, "answer": "No longer."})
    assert (check().exit_code, check().output) == (1, f"red    {asked}\n")  # not embedded yet
    run_jobs()
    assert (check().exit_code, check().output) == (0, f"green  {asked}\n")
    login(cast.owner).post(f"{source}/deletion")
    assert (check().exit_code, check().output) == (0, "")


def test_an_empty_correction_is_refused(cast, login, ask, check):
    correction = _url(cast, ask(ASKED), "/correction")
    response = login(cast.owner).post(correction, data={"question": ASKED, "answer": " "})
    assert response.status_code == 422
    assert "Write the answer your customers should get." in response.text
    assert check().output == ""
