"""Browser push, to a stand-in that opens it as a browser does: encrypted, signed, and to known services alone."""

import pytest

from app.core import crypto
from app.core.errors import Invalid
from app.core.jobs import OutboxJob
from app.extensions import db
from app.notifications import pushing
from app.notifications.models import NotificationChoice, PushSubscription
from tests.standins import push as standin


@pytest.fixture(scope="module")
def service():
    with standin.running() as service:
        yield service


@pytest.fixture
def browser(app, cast, inside, service):
    """The agent’s, added."""
    with inside():
        made = service.browser(pushing.server_key())
        pushing.subscribe(cast.agent.id, made.subscription, "Firefox on Linux")
    return made


def subscriptions(inside, person):
    with inside():
        return [each.id for each in PushSubscription.of_users([person.id])]


def test_a_message_reaches_the_browser_without_its_words(desk, waiting, browser, cast):
    waiting.visitor_says("My secret")
    desk.run()
    (note,) = browser.notes
    assert note["title"].endswith("wrote, and nobody has the conversation")
    assert "secret" not in str(note)
    assert note["url"] == f"/b/{cast.slug}/inbox/{waiting.id}"
    assert note["tag"] == f"conversation {waiting.id}"
    assert browser.headers[0]["urgency"] == "normal"
    assert len(browser.headers[0]["topic"]) == 32


def test_its_words_where_the_member_wants_them(desk, waiting, browser, cast, inside):
    desk.chooses(cast.agent)
    with inside():
        NotificationChoice.of(cast.agent.id).shows_text = True
    waiting.visitor_says("Is it dead?")
    desk.run()
    assert browser.notes[0]["body"] == "Is it dead?"


def test_who_looks_isn_t_called(desk, waiting, browser, cast):
    from app.conversations import presence

    with waiting.work():
        presence.note(waiting.row(), cast.agent.id, "looking")
    waiting.visitor_says("Hello?")
    desk.run()
    assert browser.notes == []
    assert desk.events(cast.agent)[-1] == "message_unassigned"


def test_quiet_hours_hold_all_but_what_is_urgent(desk, waiting, browser, cast):
    from app.notifications import notifying

    desk.is_quiet(cast.agent, [0, 1, 2, 3, 4, 5, 6], 0, 0)
    waiting.visitor_says("Hello?")
    desk.run()
    assert browser.notes == []
    with waiting.work():
        row = waiting.row()
        notifying.notify("hand_off_late", row, position=row.position, to=[cast.agent.id])
    desk.run()
    assert [each["title"].endswith("it is your turn") for each in browser.notes] == [True]
    assert browser.headers[0]["urgency"] == "high"


@pytest.mark.parametrize("status", [404, 410, 403])
def test_a_browser_that_has_gone_is_forgotten(desk, waiting, browser, status):
    browser.answers = [status]
    waiting.visitor_says("Hello?")
    desk.run()
    assert subscriptions(desk.inside, desk.cast.agent) == []


@pytest.mark.parametrize(
    ("status", "is_over"), [(503, False), (429, False), (400, True), (307, True)]
)
def test_what_the_service_can_t_take_comes_again(desk, waiting, browser, status, is_over):
    browser.answers = [status]
    waiting.visitor_says("Hello?")
    desk.run()
    assert browser.notes == []
    with desk.inside():
        job = (
            db.session.query(OutboxJob)
            .filter_by(name="notifications.push", business_id=desk.cast.business_id)
            .one()
        )
        assert (job.failed_at is not None) == is_over
        assert str(status) in job.error
    assert len(subscriptions(desk.inside, desk.cast.agent)) == 1


def test_a_changed_secret_keeps_browsers_while_the_old_one_is_known(
    app, desk, waiting, browser, monkeypatch
):
    old = app.config["SECRET_KEYS"]
    monkeypatch.setitem(app.extensions, "keys", crypto.KeyRing(["n" * 40, *old]))
    waiting.visitor_says("Hello?")
    desk.run()
    assert len(browser.notes) == 1
    monkeypatch.setitem(app.extensions, "keys", crypto.KeyRing(["n" * 40]))
    with desk.inside():
        assert pushing.server_key() != browser.server_key
    waiting.visitor_says("Are you there?")
    desk.run()
    assert subscriptions(desk.inside, desk.cast.agent) == []


def test_adding_trying_and_removing(desk, login, service):
    cast, inside = desk.cast, desk.inside
    agent, base = login(cast.agent), f"/b/{cast.slug}/settings/notifications/browsers"
    with inside():
        browser = service.browser(pushing.server_key())
    for _ in range(2):  # the second time it is the same
        assert agent.post(f"{base}/", json=browser.subscription).status_code == 201
    (number,) = subscriptions(inside, cast.agent)
    assert agent.post(f"{base}/{number}/test").status_code == 303
    desk.run()
    assert browser.notes[0]["title"] == "It works"
    assert login(cast.owner).post(f"{base}/{number}/test").status_code == 404
    assert login(cast.owner).post(f"{base}/{number}/deletion").status_code == 404
    login(cast.viewer).post(
        f"{base}/", json=browser.subscription
    )  # another logs in at the same browser
    assert subscriptions(inside, cast.agent) == []
    assert subscriptions(inside, cast.viewer) == [number]
    assert login(cast.viewer).post(f"{base}/{number}/deletion").status_code == 303
    assert subscriptions(inside, cast.viewer) == []


GOOD = {
    "p256dh": standin.Browser("", "").subscription["keys"]["p256dh"],
    "auth": "MDEyMzQ1Njc4OWFiY2RlZg",
}


@pytest.mark.parametrize(
    ("endpoint", "keys"),
    [
        ("http://127.0.0.1/x", {"p256dh": "AAAA", "auth": GOOD["auth"]}),
        ("http://127.0.0.1/x", {"p256dh": GOOD["p256dh"], "auth": "AA"}),
        ("https://evil.example/x", GOOD),
        ("https://fcm.googleapis.com.evil.example/x", GOOD),
        ("https://fcm.googleapis.com@evil.example/x", GOOD),
        ("https://fcm.googleapis.com:8443/x", GOOD),
        ("http://fcm.googleapis.com/x", GOOD),
        ("http://169.254.169.254/latest", GOOD),
        ("https://[/x", GOOD),
        (None, None),
    ],
)
def test_what_no_browser_says_is_refused(context, endpoint, keys):
    with pytest.raises(Invalid):
        pushing.subscribe(1, {"endpoint": endpoint, "keys": keys}, "Firefox")


def test_a_refusal_is_told(cast, login):
    agent, base = login(cast.agent), f"/b/{cast.slug}/settings/notifications/browsers/"
    for sent in ({"endpoint": "https://evil.example/x", "keys": GOOD}, [], "x"):
        answer = agent.post(base, json=sent)
        assert answer.status_code == 422
        assert answer.json["message"]
    assert agent.post(base, data="{").status_code == 422


@pytest.mark.parametrize(
    ("endpoint", "is_known"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/x", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=x", True),
        ("https://web.push.apple.com/x", True),
        ("http://127.0.0.1:8000/x", False),
    ],
)
def test_the_makers_services_alone_are_known_outside_of_tests(
    app, context, monkeypatch, endpoint, is_known
):
    monkeypatch.setitem(app.config, "ENV", "production")
    assert pushing._is_allowed(endpoint) is is_known


def test_the_worker_script_is_never_stale(client):
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.cache_control.no_cache
    assert (
        client.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    )
