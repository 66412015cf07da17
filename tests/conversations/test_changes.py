"""Replies, notes, taking over, giving back, resolving, reopening."""

import pytest

from app.conversations import services

ADDRESSES = ("assignment", "hand-back", "resolution", "reopening")


def test_a_reply_takes_the_conversation_over(owner, cast, talk):
    conversation = talk()
    response = owner.write(conversation, "Yes, on Saturdays")
    assert response.status_code == 303
    assert response.location.endswith(f"/inbox/{conversation.id}?view=all")
    assert conversation.lines()[1:] == [("event", "taken_over"), ("outgoing", "Yes, on Saturdays")]
    assert conversation.look(lambda row: row.assignee_id) == cast.owner.id


def test_a_second_persons_reply_leaves_the_conversation_with_the_first(owner, cast, talk):
    conversation = talk()
    conversation.do(services.take_over, cast.agent)
    owner.write(conversation, "I may add")
    assert conversation.look(lambda row: row.assignee_id) == cast.agent.id


def test_taking_over_works_from_a_colleague_too(owner, cast, talk):
    conversation = talk()
    conversation.do(services.take_over, cast.agent)
    owner.post(f"/{conversation.id}/assignment")
    assert conversation.look(lambda row: row.assignee_id) == cast.owner.id


def test_a_note_is_no_reply(owner, talk):
    conversation = talk()
    owner.write(conversation, "She is a club member", kind="note")
    assert conversation.lines()[1:] == [("note", "She is a club member")]
    assert conversation.look(lambda row: row.state) == "assistant"


def test_sent_twice_is_stored_once(owner, talk):
    conversation = talk()
    for _ in range(2):
        assert owner.write(conversation, "Yes", key="the-same-key").status_code == 303
    assert [body for kind, body in conversation.lines() if kind == "outgoing"] == ["Yes"]


def test_htmx_gets_what_is_new_and_the_header(owner, talk):
    conversation = talk()
    fragment = owner.write(conversation, "Yes", htmx=True, after="1", key="k").text
    assert 'data-client-key="k"' in fragment
    assert "You have this conversation" in fragment
    assert "Do you deliver?" not in fragment
    assert "<html" not in fragment


@pytest.mark.parametrize(
    ("body", "words"),
    [("   \r\n ", "Write something first."), ("x" * 10_001, "10,000 characters fit")],
)
def test_a_refused_message_keeps_its_text(owner, talk, body, words):
    conversation = talk()
    page = owner.write(conversation, body)
    assert page.status_code == 422
    assert words in page.text
    assert "<html" in page.text
    assert body.strip() in page.text
    fragment = owner.write(conversation, body, htmx=True)
    assert fragment.status_code == 422
    assert words in fragment.text
    assert "<html" not in fragment.text
    assert len(conversation.lines()) == 1


def test_ten_thousand_characters_fit_however_the_lines_end(owner, talk):
    conversation = talk()
    body = "\r\n".join(["x" * 99] * 100)
    assert owner.write(conversation, body).status_code == 303
    assert conversation.lines()[-1] == ("outgoing", body.replace("\r\n", "\n"))


def test_an_unknown_kind_or_key_is_refused(owner, talk):
    conversation = talk()
    assert owner.write(conversation, "hi", kind="event").status_code == 422
    assert owner.write(conversation, "hi", key="not a key!").status_code == 422
    assert len(conversation.lines()) == 1


def test_give_back_lets_the_assistant_answer_again(owner, talk):
    conversation = talk()
    owner.post(f"/{conversation.id}/assignment")
    assert conversation.look(lambda row: row.state) == "person"
    owner.post(f"/{conversation.id}/hand-back")
    assert conversation.look(lambda row: row.state) == "assistant"


def test_resolve_and_reopen(owner, talk):
    conversation = talk()
    assert "Resolved by you" in owner.post(f"/{conversation.id}/resolution", htmx=True).text
    assert conversation.look(lambda row: row.status) == "resolved"
    assert (
        "The assistant is answering" in owner.post(f"/{conversation.id}/reopening", htmx=True).text
    )
    assert conversation.look(lambda row: row.status) == "open"


def test_delete_undoes_as_the_plain_forms_do(owner, talk):
    conversation = talk()
    owner.post(f"/{conversation.id}/resolution")
    owner.client.delete(f"{owner.base}/{conversation.id}/resolution")
    owner.post(f"/{conversation.id}/assignment")
    owner.client.delete(f"{owner.base}/{conversation.id}/assignment")
    assert [body for kind, body in conversation.lines() if kind == "event"] == [
        "resolved", "reopened", "taken_over", "given_back",
    ]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_done_twice_is_done_once(owner, talk, address):
    conversation = talk()
    before = {"hand-back": "assignment", "reopening": "resolution"}.get(address)
    if before:
        owner.post(f"/{conversation.id}/{before}")
    owner.post(f"/{conversation.id}/{address}")
    once = conversation.lines()
    owner.post(f"/{conversation.id}/{address}")
    assert conversation.lines() == once
    assert once[-1][0] == "event"


@pytest.mark.parametrize("address", [*ADDRESSES, "messages"])
def test_a_viewer_changes_nothing(inbox, cast, talk, address):
    conversation = talk()
    response = inbox(cast.viewer).post(f"/{conversation.id}/{address}", body="x", client_key="k")
    assert response.status_code == 403
    assert len(conversation.lines()) == 1


@pytest.mark.parametrize("position", ["", "x", "-1", "9" * 40])
def test_a_reading_position_must_be_one(owner, talk, position):
    response = owner.post(f"/{talk().id}/read", position=position)
    assert response.status_code in (204, 400)
    assert (response.status_code == 204) == (position == "9" * 40)


def test_every_reply_reaches_only_this_business(owner, inbox, cast, talk):
    """A forged number of another conversation is a 404, and the other one is untouched."""
    conversation = talk()
    assert owner.write(conversation, "hello").status_code == 303
    missing = owner.post(
        f"/{conversation.id + 10**9}/messages", body="x", client_key="k", kind="reply"
    )
    assert missing.status_code == 404
