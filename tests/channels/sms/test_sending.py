"""Text messages through Twilio's real client."""

import pytest

from app.channels.border import Address, Outgoing, SendFailed
from app.channels.content import Button, Buttons, Media, Words
from app.channels.models import Delivery
from app.core.storage import File, digest, store
from app.extensions import db
from tests.channels.sms.conftest import THEIRS
from tests.standins.twilio.twilio import PNG


def out(content, to=THEIRS, token="t-1"):
    content = Words(body=content) if isinstance(content, str) else content
    return Outgoing((Address("user", "x"), Address("phone", to)), content, token)


@pytest.fixture
def send(inside, texting):
    def sending(content="Yes, red ones.", **more):
        with inside():
            return texting.adapter.send(texting.line, out(content, **more))

    return sending


def refused(send, *args, **more):
    with pytest.raises(SendFailed) as failed:
        send(*args, **more)
    return failed.value


def test_a_text(send, twilio, texting):
    sent = send()
    (taken,) = twilio.sent
    assert sent.provider_id == taken.sid
    assert (taken.one("To"), taken.one("From")) == (THEIRS, texting.number.phone)
    assert taken.one("Body") == "Yes, red ones."
    assert taken.one("StatusCallback").endswith("?token=t-1")


def test_buttons_are_words(send, twilio):
    send(Buttons(body="Which?", buttons=[Button(id="1", title="Red")]))
    assert twilio.sent[0].one("Body").startswith("Which?")


def test_a_messaging_service_chooses_the_number(send, twilio, texting, inside):
    service = twilio.service(texting.account, texting.number)
    with inside():
        texting.channel.external_id = service.sid
    send()
    assert twilio.sent[0].one("MessagingServiceSid") == service.sid


@pytest.mark.parametrize(
    ("code", "status", "trouble"),
    [
        (21211, 400, "permanent"), (21614, 400, "permanent"), (21408, 403, "permanent"),
        (21610, 400, "opted_out"), (20429, 429, "retry"), (14107, 429, "retry"),
        (20003, 401, "reconnect"), (20005, 403, "billing"), (21659, 400, "reconnect"),
        (30034, 400, "billing"), (99999, 400, "permanent"), (20500, 500, "unknown"),
        (20503, 503, "retry"),
    ],
)  # fmt: skip
def test_refusals_by_the_table(send, twilio, code, status, trouble):
    twilio.fails(code, status)
    failed = refused(send)
    assert failed.trouble == trouble
    assert failed.message.endswith(".")
    assert twilio.sent == []


def test_the_real_refusals(send, twilio, texting):
    assert refused(send, to="+12").code == "21211"
    assert refused(send, to=texting.number.phone).code == "21266"
    assert refused(send, "x" * 1601).code == "21617"
    twilio.writes(texting.account, THEIRS, texting.number, "STOP")
    assert refused(send).trouble == "opted_out"


def test_an_answer_that_never_came_is_unknown_and_sent_once(send, twilio):
    twilio.breaks()
    assert refused(send).trouble == "unknown"
    assert len(twilio.sent) == 1


def test_nobody_there_is_tried_again(app, send, monkeypatch):
    monkeypatch.setitem(app.config, "TWILIO_BASE_URL", "http://127.0.0.1:9")
    assert refused(send).trouble == "retry"


def test_a_wrong_token_wants_a_new_one(send, texting, inside):
    with inside():
        texting.channel.credentials = {"auth_token": "old"}
    failed = refused(send)
    assert failed.trouble == "reconnect"
    assert "old" not in failed.message


def test_without_a_number_nothing_goes_out(inside, texting, twilio):
    with inside(), pytest.raises(SendFailed):
        texting.adapter.send(
            texting.line, Outgoing((Address("sender", "88811"),), Words(body="Hi"), "t")
        )
    assert twilio.sent == []


@pytest.mark.parametrize(
    ("content", "is_fine"),
    [
        (Words(body="x" * 1600), True),
        (Words(body="x" * 1601), False),
        (Words(body=" "), False),
        (Media(kind="image", mime="image/png"), True),
        (Media(kind="image", mime="image/webp"), False),
        (Media(kind="audio", mime="audio/ogg"), False),
    ],
)
def test_what_it_wouldn_t_take(texting, content, is_fine):
    assert (texting.adapter.problems(content) == []) is is_fine


def test_what_it_costs_is_said(texting):
    hint = texting.adapter.hint
    assert hint(Words(body="Yes")) == ""
    assert "2 text messages" in hint(Words(body="x" * 161))
    assert "🌷" in hint(Words(body="🌷" + "x" * 80))


# Pictures


@pytest.fixture
def picture(inside):
    """The id of a stored file."""
    from io import BytesIO

    with inside():
        stream = BytesIO(PNG)
        return store(stream, "tulips.png", *digest(stream)).id


def test_a_picture_goes_out_by_an_address_that_twilio_can_fetch(send, twilio, picture, client):
    send(Media(kind="image", mime="image/png", caption="These?", file_id=picture))
    (taken,) = twilio.sent
    assert taken.one("Body") == "These?"
    path = "/hooks/" + taken.one("MediaUrl").partition("/hooks/")[2]
    fetched = client.get(path)
    assert (fetched.data, fetched.mimetype) == (PNG, "image/png")
    assert client.get(path[:-2]).status_code == 404


def test_a_picture_that_is_gone(send, picture, inside, twilio, client):
    assert refused(send, Media(kind="image", mime="image/png")).trouble == "permanent"
    for kind, mime in (("image", "text/html"), ("video", "video/mp4")):
        wrong = Media(kind=kind, mime=mime, file_id=picture)
        assert refused(send, wrong).trouble == "permanent"
    assert twilio.sent == []
    send(Media(kind="image", mime="image/png", file_id=picture))
    with inside():
        db.session.query(File).filter_by(id=picture).delete()
    path = "/hooks/" + twilio.sent[0].one("MediaUrl").partition("/hooks/")[2]
    assert client.get(path).status_code == 404


def fetch(texting, inside, url, most=10_000):
    with inside():
        return texting.adapter.download(texting.line, url, most)


def pictured(twilio, texting):
    from urllib.parse import parse_qs

    hook = twilio.writes(texting.account, THEIRS, texting.number, "", media=1)
    return parse_qs(hook.body.decode())["MediaUrl0"][0]


def test_a_picture_comes_in_and_the_other_host_gets_no_credentials(twilio, texting, inside):
    assert fetch(texting, inside, pictured(twilio, texting)) == (PNG, "image/png")


def test_a_picture_that_can_t_be_had(twilio, texting, inside):
    url = pictured(twilio, texting)
    for wrong, trouble in (("https://evil.example/1", "permanent"), (f"{url}x", "permanent")):
        with pytest.raises(SendFailed) as failed:
            fetch(texting, inside, wrong)
        assert failed.value.trouble == trouble
    with pytest.raises(SendFailed):
        fetch(texting, inside, url, most=10)


# All the way


def test_an_answer_whose_reply_was_lost_is_resolved_by_its_report(
    twilio, texting, inside, run_jobs
):
    from app.conversations import services
    from tests.channels.reached import reach

    with inside():
        person = reach(texting.channel)
        services.post(person.conversation.lock(), "outgoing", "member", "Yes, red ones.")
    twilio.breaks()
    run_jobs()
    with inside():
        delivery = db.session.query(Delivery).one()
        assert delivery.status == "unknown"
    (taken,) = twilio.sent
    for status in ("delivered", "sent", "delivered"):
        assert texting.post(twilio.reports(taken, status)).status_code == 200
    run_jobs()
    with inside():
        delivery = db.session.query(Delivery).one()
        assert (delivery.status, delivery.provider_id) == ("delivered", taken.sid)
    assert len(twilio.sent) == 1
