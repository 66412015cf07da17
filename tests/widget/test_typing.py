"""The visitor's typing: told to members while a person has the conversation, and stored nowhere."""

from app.core import realtime
from app.core.jobs import OutboxJob
from app.extensions import db


def test_members_hear_of_it_while_a_person_has_the_conversation(visitor, cast, app, monkeypatch):
    told = []
    monkeypatch.setattr(
        realtime, "publish_now", lambda _topic, *_rest, **data: told.append(data.get("name"))
    )
    assert (
        visitor.post("/typing").status_code == 204
    )  # before the first message there is nobody to tell
    visitor.say("Hello")
    told.clear()
    visitor.post("/typing")
    assert told == []
    visitor.post("/hand-off")
    told.clear()
    with app.app_context():
        before = db.session.query(OutboxJob).count()
    assert visitor.post("/typing").status_code == 204
    assert [name.rstrip("0123456789") for name in told] == ["customer-types-"]
    with app.app_context():
        assert db.session.query(OutboxJob).count() == before


def test_a_stranger_s_is_refused(visitor):
    visitor.token = "nonsense"
    assert visitor.post("/typing").status_code == 401
