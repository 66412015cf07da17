"""The settings of the hand-off."""

import pytest

from app.assistant.models import AssistantSettings
from tests.conftest import Cast

TYPED = {
    "minutes": "15", "topics": "Complaints\n\n wedding  flowers \nComplaints",
    "out_of_hours": "take_message",
}  # fmt: skip


@pytest.fixture
def save(login, cast):
    def saving(person=None, **changes):
        form = TYPED | {f"order-{place}": "0" for place in range(2)} | changes
        client = login(person or cast.owner)
        return client.post(f"/b/{cast.slug}/settings/hand-off", data=form)

    return saving


@pytest.fixture
def stored(app, cast):
    def read():
        with app.app_context(), cast.scope():
            found = AssistantSettings.current()
            return (
                found.hand_off_order, found.hand_off_minutes, found.hand_off_topics,
                found.out_of_hours,
            )  # fmt: skip

    return read


def page(login, cast: Cast, person=None) -> str:
    return login(person or cast.owner).get(f"/b/{cast.slug}/settings/hand-off").text


def test_everybody_who_may_answer_can_be_chosen(login, cast):
    text = page(login, cast)
    assert "an e-mail to Olivia Owner" in text
    assert "After 6 minutes:</b> an e-mail to Agent Person" in text
    assert "Viewer Person" not in text
    assert "Accountant Person" not in text
    assert "Nora Neighbour" not in text


def test_what_is_saved_holds_and_is_shown(login, save, stored, cast):
    order = {"order-0": str(cast.agent.id), "order-1": str(cast.owner.id)}
    assert save(**order).status_code == 303
    expected = ([cast.agent.id, cast.owner.id], 15, ["Complaints", "wedding flowers"])
    assert stored() == (*expected, "take_message")
    text = page(login, cast)
    assert "After 3 minutes:</b> an e-mail to Agent Person" in text
    assert "After 15 minutes" in text
    assert "wedding flowers" in text


def test_the_usual_order_is_not_kept(save, stored, cast):
    save(**{"order-0": str(cast.owner.id), "order-1": str(cast.agent.id)})
    assert stored()[0] == []


def test_one_alone_is_kept(save, stored, cast):
    save(**{"order-0": str(cast.owner.id)})
    assert stored()[0] == [cast.owner.id]


def test_other_settings_of_the_assistant_stay(app, save, cast):
    from app.core.unit_of_work import unit_of_work
    from app.extensions import db

    with app.app_context(), cast.scope(), unit_of_work():
        db.session.add(AssistantSettings(assistant_name="Flora"))
    save()
    with app.app_context(), cast.scope():
        assert AssistantSettings.current().assistant_name == "Flora"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"minutes": "6"}, "from 7 to 240"),
        ({"minutes": "soon"}, "Not a valid integer"),
        ({"minutes": ""}, "from 7 to 240"),
        ({"out_of_hours": "sleep"}, "Not a valid choice"),
        ({"topics": "x" * 81}, "80 characters"),
        ({"topics": "\n".join(map(str, range(31)))}, "30 topics fit; these are 31"),
    ],
)
def test_what_is_wrong_is_told_and_stays_typed(save, stored, changes, told):
    response = save(**changes)
    assert response.status_code == 422
    assert told in response.text
    assert "wedding  flowers" in response.text or "topics" in changes
    assert stored()[1] == 10


def test_somebody_twice_or_from_elsewhere_is_refused(save, stored, cast):
    response = save(**{"order-0": str(cast.agent.id), "order-1": str(cast.agent.id)})
    assert response.status_code == 422
    assert "Somebody stands here twice." in response.text
    for stranger in (cast.neighbour, cast.viewer):
        assert save(**{"order-0": str(stranger.id)}).status_code == 422
    assert stored()[0] == []


def test_an_agent_looks_and_does_not_change(login, save, stored, cast):
    assert "Your role may look at this" in page(login, cast, cast.agent)
    assert save(cast.agent).status_code == 403
    assert stored()[1] == 10


def test_a_server_without_mail_says_so(app, login, cast, monkeypatch):
    assert "written to the log" in page(login, cast)
    monkeypatch.setitem(app.config, "ENV", "production")
    assert "SMTP_URL is not set" in page(login, cast)
    notes = app.test_client().get("/readyz").json["notes"]
    assert "SMTP_URL is not set" in notes["mail"]
