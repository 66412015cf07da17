"""Colleagues named in notes."""

import pytest

from app.accounts.models import User
from app.conversations import mentioning
from app.conversations.models import Mention
from app.extensions import db


def unseen(talk, person):
    return talk.look(lambda row: Mention.unseen_count(person.id))


def test_a_note_names_a_colleague_who_has_seen_it_by_reading_on(owner, inbox, cast, talk):
    conversation = talk()
    owner.write(conversation, "@Agent Person, can you look? (cc @viewer person)", kind="note")
    assert [unseen(conversation, each) for each in (cast.agent, cast.viewer, cast.owner)] == [
        1,
        1,
        0,
    ]
    agent = inbox(cast.agent)
    page = agent.get(f"/{conversation.id}").text
    assert '<span class="mention is-me">@Agent Person</span>, can you look?' in page
    assert '<span class="mention">@Viewer Person</span>)' in page
    agent.post(f"/{conversation.id}/read", position=1)
    assert unseen(conversation, cast.agent) == 1
    agent.post(f"/{conversation.id}/read", position=2)
    assert (unseen(conversation, cast.agent), unseen(conversation, cast.viewer)) == (0, 1)


@pytest.mark.parametrize(
    "words",
    [
        "@Accountant Person",  # may not read the inbox
        "@Nora Neighbour",  # another business's
        "@Olivia Owner",  # oneself
        "agent person",
        "mail@Agent Person",
        "@Agent Personnel",
    ],
)
def test_who_isn_t_named(owner, cast, talk, words):
    conversation = talk()
    owner.write(conversation, words, kind="note")
    assert conversation.look(lambda row: db.session.query(Mention).count()) == 0
    assert 'class="mention' not in owner.get(f"/{conversation.id}").text


def test_a_reply_names_nobody(owner, cast, talk):
    conversation = talk()
    owner.write(conversation, "@Agent Person will help you")
    assert unseen(conversation, cast.agent) == 0


def test_a_rename_is_followed_and_a_repeat_told_once(owner, cast, talk, monkeypatch):
    told = []
    monkeypatch.setattr(mentioning, "_tellers", [lambda each: told.append(each.user_id)])
    conversation = talk()
    for _ in range(2):
        owner.write(conversation, "@Agent Person <b>", kind="note", key="k")
    assert told == [cast.agent.id]
    with conversation.work():
        db.session.get_one(User, cast.agent.id).name = "Ana Ruiz"
    page = owner.get(f"/{conversation.id}").text
    assert '<span class="mention">@Ana Ruiz</span> &lt;b&gt;' in page


def test_two_of_one_name_are_told_apart(owner, cast, talk):
    conversation = talk()
    with conversation.work():
        db.session.get_one(User, cast.viewer.id).name = cast.agent.name
    offered = owner.get(f"/{conversation.id}/people").text
    assert f"@Agent Person ({cast.agent.email}) " in offered
    assert "Olivia" not in offered
    owner.write(conversation, f"@Agent Person ({cast.viewer.email}), please", kind="note")
    assert [unseen(conversation, each) for each in (cast.agent, cast.viewer)] == [0, 1]


@pytest.mark.parametrize(
    ("name", "said"),
    [("Jörg Groß", "@jörg groß"), ("İpek Işık", "@İpek Işık"), ("Irina", "@İrina")],
)
def test_letters_of_other_alphabets_name_too(owner, cast, talk, name, said):
    conversation = talk()
    with conversation.work():
        db.session.get_one(User, cast.agent.id).name = name
    owner.write(conversation, f"{said}, look", kind="note")
    assert unseen(conversation, cast.agent) == 1
    assert f'<span class="mention">@{name}</span>, look' in owner.get(f"/{conversation.id}").text
