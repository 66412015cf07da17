"""Why the assistant said what it said: its page, what members think of it, and a reply kept for next time."""

import re
import secrets
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.assistant import services as opinions
from app.assistant.models import Answer
from app.channels.models import Channel
from app.conversations import services as conversations
from app.conversations.models import Message
from app.core import jobs
from app.core.jobs import OutboxJob
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.knowledge import cases, checking
from app.knowledge import services as knowledge
from app.knowledge.embeddings.current import encode
from app.knowledge.models import RegressionCase, Source

FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."
ASKED = "How much is delivery to Ashcombe?"


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


def test_the_page_marks_the_words_with_what_they_stand_on(cast, login, ask, inside):
    message_id = ask(ASKED)
    with inside():
        message = db.session.get_one(Message, (cast.business_id, message_id))
        message.citations = [message.citations[0] | {"at": [len(message.body)]}]
        source_id = message.citations[0]["source_id"]
    page = login(cast.viewer).get(_url(cast, message_id)).text
    marked = re.findall(r'<sup class="mark"><a href="([^"]+)".+?>(\d)</a></sup></p>', page)
    assert marked == [(f"/b/{cast.slug}/knowledge/{source_id}", "1")]


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


# Asked again


def _correct(client, cast, message_id, answer, question=ASKED):
    headers = {"HX-Request": "true"}
    data = {"question": question, "answer": answer}
    return client.post(_url(cast, message_id, "/correction"), data=data, headers=headers)


def test_a_correction_is_asked_again_and_stands_beside_the_old_answer(cast, login, ask, run_jobs):
    message_id, owner = ask(ASKED), login(cast.owner)
    asking = _correct(owner, cast, message_id, "Delivery to Ashcombe is £6.50.")
    assert asking.status_code == 200
    assert "Asking the question again" in asking.text
    assert 'hx-trigger="case-' in asking.text
    run_jobs()
    outcome = owner.get(_url(cast, message_id, "/outcome")).text
    assert "Your answer is now what visitors get" in outcome
    assert outcome.index(FACT) < outcome.index("Delivery to Ashcombe is £6.50.")
    assert outcome.count("% sure") == 2
    assert "From “How much is delivery to Ashcombe?”" in outcome
    page = login(cast.viewer).get(_url(cast, message_id)).text
    assert "Your answer is now what visitors get" in page
    assert "Type another answer" not in page


def test_the_answer_is_read_by_the_job_that_asks_again(cast, login, ask, inside, app):
    """However long the bulk queue is: no other job has to run first."""
    message_id = ask(ASKED)
    _correct(login(cast.owner), cast, message_id, "Delivery to Ashcombe is £6.50.")
    with inside():
        asks_again = select(OutboxJob).where(
            OutboxJob.business_id == cast.business_id, OutboxJob.name == "knowledge.correct"
        )
        job = db.session.scalars(asks_again).one()
        assert job.queue == "interactive"
        job_id = job.id
    with app.app_context():
        assert jobs.perform(job_id)
    with inside():
        assert db.session.scalars(select(RegressionCase.is_green)).one() is True


def test_a_correction_that_does_not_win_says_which_passage_does(cast, login, ask, run_jobs, inside):
    message_id, owner = ask(ASKED), login(cast.owner)
    _correct(owner, cast, message_id, "On Sundays only.", question="May I bring my dog along?")
    run_jobs()
    with inside():  # the visitor's words stay what is asked
        case = db.session.scalars(select(RegressionCase)).one()
        case.question, case.is_green = ASKED, None
        cases.ask(case, encode)
    outcome = owner.get(_url(cast, message_id, "/outcome")).text
    assert "Still not" in outcome
    assert "Another passage wins, from “Do you deliver, and what does it cost?”" in outcome
    assert "Change your answer" in outcome
    assert "Open “Do you deliver, and what does it cost?”" in outcome


def test_a_second_correction_takes_the_place_of_the_first(cast, login, ask, run_jobs, inside):
    message_id, owner = ask(ASKED), login(cast.owner)
    for answer in ("Delivery to Ashcombe is £6.50.", "Delivery to Ashcombe is £7.20."):
        _correct(owner, cast, message_id, answer)
        run_jobs()
    assert "£7.20" in owner.get(_url(cast, message_id, "/outcome")).text
    with inside():
        assert len(list(db.session.scalars(select(RegressionCase)))) == 1
        answers_there = select(Source.answer).where(Source.question == ASKED)
        assert list(db.session.scalars(answers_there)) == ["Delivery to Ashcombe is £7.20."]


def test_a_correction_that_would_break_another_check_waits(cast, login, ask, run_jobs, inside):
    with inside():
        by = db.session.get_one(User, cast.owner.id)
        knowledge.correct("Delivery to Ashcombe, how much is it?", "£4.95, as ever.", by)
    run_jobs()
    message_id, owner = ask("Delivery to Ashcombe: how much is it, please?"), login(cast.owner)
    asked = "Delivery to Ashcombe how much is it?"
    _correct(owner, cast, message_id, "£6.50.", question=asked)
    run_jobs()
    with inside():
        source = db.session.scalars(select(Source).where(Source.question == asked)).one()
        assert source.status == "held"
    outcome = owner.get(_url(cast, message_id, "/outcome")).text
    assert "Your answer waits for you" in outcome
    assert "turn 1 check red" in outcome


def test_a_job_that_fails_for_good_says_so(cast, login, ask, inside):
    message_id, owner = ask(ASKED), login(cast.owner)
    _correct(owner, cast, message_id, "Delivery to Ashcombe is £6.50.")
    with inside():
        case = db.session.scalars(select(RegressionCase)).one()
        source = Source.by_id(case.source_id)
        checking.fail_correction(case.id, source.id, source.revision, "OSError")
    outcome = owner.get(_url(cast, message_id, "/outcome")).text
    assert "Your answer isn’t used yet" in outcome
    assert "Nothing was lost" in outcome


def test_the_inbox_opens_the_form_in_place_for_who_may_write(cast, login, ask, inside):
    message_id = ask(ASKED)
    with inside():
        conversation_id = db.session.get_one(
            Message, (cast.business_id, message_id)
        ).conversation_id
    inbox, form = f"/b/{cast.slug}/inbox/{conversation_id}", _url(cast, message_id, "/correction")
    assert f'hx-get="{form}"' in login(cast.owner).get(inbox).text
    assert f'hx-get="{form}"' not in login(cast.agent).get(inbox).text
    opened = login(cast.owner).get(form, headers={"HX-Request": "true"}).text
    assert f'value="{ASKED}"' in opened
    assert login(cast.owner).get(form).location.endswith(f"/answers/{message_id}#correction")
    refused = _correct(login(cast.owner), cast, message_id, " ")
    assert refused.status_code == 422
    assert "Write the answer your customers should get." in refused.text


# What the visitor thinks


def _rate_as_visitor(inside, message_id, rating, reason=""):
    with inside():
        opinions.rate_as_visitor(Answer.of_message(message_id), rating, reason)


def test_the_visitor_s_opinion_stands_on_the_page_and_in_the_inbox(cast, login, ask, inside):
    message_id, viewer = ask(ASKED), login(cast.viewer)
    assert "The visitor hasn’t said." in viewer.get(_url(cast, message_id)).text
    _rate_as_visitor(inside, message_id, "down", "It was <b>£5</b>")
    part = viewer.get(_url(cast, message_id, "/opinions")).text
    assert "Didn’t help the visitor" in part
    assert "It was &lt;b&gt;£5&lt;/b&gt;" in part
    with inside():
        conversation_id = db.session.get_one(
            Message, (cast.business_id, message_id)
        ).conversation_id
    inbox = viewer.get(f"/b/{cast.slug}/inbox/{conversation_id}").text
    assert "Didn’t help" in inbox
    marks = f"/b/{cast.slug}/answers/of/{conversation_id}"
    assert f'hx-get="{marks}?view=all"' in inbox
    assert f'id="opinion-{message_id}" hx-swap-oob="true"' in viewer.get(marks).text
    _rate_as_visitor(inside, message_id, None)
    cleared = viewer.get(marks).text
    assert f'id="opinion-{message_id}"' in cleared
    assert "Didn’t help" not in cleared


def test_another_business_s_marks_are_not_there(cast, login, ask, inside):
    message_id = ask(ASKED)
    _rate_as_visitor(inside, message_id, "down")
    with inside():
        conversation_id = db.session.get_one(
            Message, (cast.business_id, message_id)
        ).conversation_id
    neighbour = login(cast.neighbour)
    own_door = f"/b/{cast.neighbour_slug}/answers"
    assert "opinion-" not in neighbour.get(f"{own_door}/of/{conversation_id}").text
    for part in ("opinions", "outcome", "correction"):
        assert neighbour.get(f"{own_door}/{message_id}/{part}").status_code == 404


def test_marked_wrong_leads_to_where_the_right_answer_is_typed(cast, login, ask):
    message_id = ask(ASKED)
    response = login(cast.owner).post(_url(cast, message_id, "/rating"), data={"rating": "down"})
    assert response.location.endswith("#correction")
