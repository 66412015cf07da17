"""A mailbox as a channel, over real SMTP and IMAP: fetched, answered in the thread, never twice."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.channels.border import Address, ConnectRefused, Outgoing, OutgoingFile, SendFailed
from app.channels.content import Button, Buttons, Media, Words
from app.channels.email import connecting, fetching
from app.channels.email.adapter import Email
from app.channels.email.sending import send
from app.channels.models import ChannelUpdate, Delivery
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.channels.email.conftest import SECRET
from tests.channels.email.test_letters import mail
from tests.standins import mail as standin


def said_in(message):
    return message.get_content().replace("\r\n", "\n")


ANNA = (Address("email", "anna@example.com"),)


def sending(desk, content, **more):
    with desk.app.app_context():
        from app.core.tenancy import business_scope

        with business_scope(desk.business_id):
            line = desk.line()
        outgoing = Outgoing(ANNA, content, uuid4().hex, **more)
        return outgoing.token, send(line, outgoing)


# Out


def test_an_answer_stands_in_the_thread_and_no_machine_answers_it(desk):
    token, sent = sending(
        desk, Words(body="Yes, we do.", subject="Re: A question"), reply_to="<one@example.com>"
    )
    (came,) = desk.outbox.to("anna@example.com")
    assert came["Message-ID"] == sent.provider_id == f"<{token}@shop.example>"
    assert (came["Subject"], came["In-Reply-To"], came["References"]) == (
        "Re: A question", "<one@example.com>", "<one@example.com>",
    )  # fmt: skip
    assert str(came["From"]) == f"Test Shop <{desk.address}>"
    assert came["X-Auto-Response-Suppress"] == "All"
    assert came["X-Frontdesk-Channel"] == str(desk.channel_id)
    assert said_in(came) == "Yes, we do.\n\n-- \nTest Shop, 12 Mill Lane\n"


def test_a_file_goes_along_and_buttons_are_read(desk):
    sending(
        desk,
        Media(kind="document", caption="The plan"),
        file=OutgoingFile("plan.pdf", "application/pdf", b"%PDF"),
    )
    sending(
        desk,
        Buttons(body="Which?", buttons=[Button(id="a", title="Red"), Button(id="b", title="Blue")]),
    )
    plan, buttons = desk.outbox.mails
    assert [(part.get_filename(), part.get_content()) for part in plan.iter_attachments()] == [
        ("plan.pdf", b"%PDF")
    ]
    assert plan["Subject"] == "Your message to Test Shop"
    assert said_in(buttons).startswith("Which?\n– Red\n– Blue\n")


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ({"rcpt": "550 5.1.1 no such user"}, "permanent"),
        ({"rcpt": "451 greylisted"}, "retry"),
        ({"mail": "553 not your address"}, "permanent"),
        ({"data": "554 spam"}, "permanent"),
        ({"data": "452 full"}, "retry"),
        ({"data": "250 taken", "hangs_up": True}, "unknown"),
    ],
)
def test_what_a_server_says_is_told_as_it_is(desk, answer, trouble):
    desk.outbox.answers.append(answer)
    with pytest.raises(SendFailed) as failed:
        sending(desk, Words(body="Hi"))
    assert failed.value.trouble == trouble


def test_a_server_that_is_away_is_tried_again(desk):
    with desk.app.app_context():
        from app.core.tenancy import business_scope

        with business_scope(desk.business_id), unit_of_work():
            channel = desk.row()
            channel.settings = channel.settings | {"smtp_host": "127.0.0.1:9"}
    with pytest.raises(SendFailed) as failed:
        sending(desk, Words(body="Hi"))
    assert failed.value.trouble == "retry"


# In


def fetch(desk, cast):
    with desk.app.app_context(), cast.scope(), unit_of_work():
        fetching.fetch(desk.channel_id)


def lines_of(cast):
    with cast.scope():
        return [
            (each.kind, each.author, each.body)
            for each in db.session.scalars(select(Message).order_by(Message.id))
        ]


def test_new_mail_is_fetched_once_and_what_was_there_before_is_left_alone(
    desk, cast, context, run_jobs
):
    desk.inbox.take(bytes(mail("An old one", "Old")))
    fetch(desk, cast)
    desk.inbox.take(bytes(mail("Do you deliver?", "Delivery")))
    fetch(desk, cast)
    fetch(desk, cast)
    run_jobs()
    incoming = [body for kind, _, body in lines_of(cast) if kind == "incoming"]
    assert incoming == ["Delivery\n\nDo you deliver?"]
    assert not any("STORE" in asked or "BODY[" in asked for asked in desk.inbox.asked)


def test_a_mailbox_made_anew_brings_nothing_twice(desk, cast, context):
    fetch(desk, cast)
    desk.inbox.take(bytes(mail()))
    fetch(desk, cast)
    desk.inbox.validity += 1
    fetch(desk, cast)
    with cast.scope():
        assert len(db.session.scalars(select(ChannelUpdate)).all()) == 1


def test_a_large_mail_keeps_its_words(desk, cast, context, monkeypatch):
    monkeypatch.setattr(fetching, "MAX_BYTES", 50_000)
    monkeypatch.setattr(fetching, "BEGINNING", 2_000)
    fetch(desk, cast)
    large = mail("See the film.", "Film")
    large.add_attachment(b"x" * 60_000, maintype="video", subtype="mp4", filename="film.mp4")
    desk.inbox.take(bytes(large))
    fetch(desk, cast)
    with cast.scope():
        (update,) = db.session.scalars(select(ChannelUpdate)).all()
    assert len(update.payload["mail"]) < 4_000


def test_a_password_that_is_wrong_by_now_breaks_the_channel_loudly(desk, cast, context):
    desk.inbox.is_locked = True
    fetch(desk, cast)
    with cast.scope():
        channel = desk.row()
        assert channel.state == "broken"
        assert "password" in channel.trouble


def test_an_inbox_that_is_away_is_no_reason(desk, cast, context):
    with cast.scope(), unit_of_work():
        channel = desk.row()
        channel.settings = channel.settings | {"imap_host": "127.0.0.1:9"}
    fetch(desk, cast)
    with cast.scope():
        assert desk.row().state == "active"


FORM = b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n%b\r\n--b--\r\n'
ENVELOPES = {
    "message/rfc822": lambda raw: raw,
    "application/json": lambda raw: json.dumps({"From": "x", "RawEmail": raw.decode()}).encode(),
    "multipart/form-data; boundary=b": lambda raw: FORM % raw,
}


@pytest.mark.parametrize("kind", ENVELOPES)
def test_a_provider_posts_mail_in_its_own_envelope(desk, cast, client, run_jobs, kind):
    body = ENVELOPES[kind](bytes(mail("Do you deliver?", "Delivery")))
    for _ in range(2):
        posted = client.post(desk.url, data=body, content_type=kind, headers=desk.headers)
        assert posted.status_code == 200
    run_jobs()
    with desk.app.app_context():
        said = [body for kind, _, body in lines_of(cast) if kind == "incoming"]
    assert said == ["Delivery\n\nDo you deliver?"]


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic eDp3cm9uZw=="}, {"Authorization": "Bearer x"}]
)
def test_nobody_else_posts_mail(desk, cast, client, context, headers):
    assert client.post(desk.url, data=bytes(mail()), headers=headers).status_code == 401
    with cast.scope():
        assert db.session.scalars(select(ChannelUpdate)).all() == []


def test_a_reply_comes_into_the_same_conversation_and_is_answered_in_the_thread(
    desk, cast, client, context, run_jobs
):
    def post(message):
        assert client.post(desk.url, data=bytes(message), headers=desk.headers).status_code == 200
        run_jobs()

    post(mail("Do you deliver?", "Delivery"))
    with cast.scope(), unit_of_work():
        (conversation,) = db.session.scalars(select(Conversation)).all()
        from app.accounts.models import User

        conversations.reply(
            conversation, db.session.get_one(User, cast.agent.id), "Yes, on Fridays.", "k1"
        )
    run_jobs()
    ours = next(
        each for each in desk.outbox.to("anna@example.com") if "Fridays" in each.get_content()
    )
    assert (ours["Subject"], ours["In-Reply-To"]) == ("Re: Delivery", "<one@example.com>")
    reply = mail("Great!", "Re: Delivery", In_Reply_To=ours["Message-ID"])
    del reply["Message-ID"]
    reply["Message-ID"] = "<two@example.com>"
    post(reply)
    with cast.scope():
        assert len(db.session.scalars(select(Conversation)).all()) == 1
        answer = db.session.scalars(select(Message).where(Message.body == "Yes, on Fridays.")).one()
        came = db.session.scalars(select(Message).where(Message.body == "Great!")).one()
        assert came.reply_to_id == answer.id


def test_a_machine_s_mail_is_kept_and_not_answered(desk, cast, client, context, run_jobs):
    client.post(
        desk.url,
        data=bytes(mail("I am away.", "Away", Auto_Submitted="auto-replied")),
        headers=desk.headers,
    )
    run_jobs()
    assert [(kind, author) for kind, author, _ in lines_of(cast)] == [("incoming", "visitor")]
    assert desk.outbox.mails == []


def test_what_comes_back_is_shown_as_not_delivered(desk, cast, client, context, run_jobs):
    from tests.channels.email.test_letters import BOUNCE

    client.post(desk.url, data=bytes(mail("Do you deliver?", "Delivery")), headers=desk.headers)
    run_jobs()
    with cast.scope():
        delivery = db.session.scalars(select(Delivery).order_by(Delivery.id)).first()
        assert delivery.status == "sent"
        delivery_id = delivery.id
        bounce = (BOUNCE % b"failed").replace(
            b"<abc123@shop.example>", delivery.provider_id.encode()
        )
    client.post(desk.url, data=bounce, headers=desk.headers)
    run_jobs()
    with cast.scope():
        db.session.rollback()
        assert db.session.get_one(Delivery, (cast.business_id, delivery_id)).status == "failed"


# Connecting


def values(desk, **more):
    return {
        "address": "Desk@Shop.example", "name": "Shop", "smtp_host": desk.outbox.url.removeprefix("smtp://"),
        "imap_host": desk.inbox.host, "user": standin.USER, "password": standin.PASSWORD, "signature": "", "secret": "",
    } | more  # fmt: skip


def test_servers_are_tried_before_anything_is_kept(desk, context):
    with pytest.raises(ConnectRefused) as refused:
        connecting.connect(values(desk, smtp_host="127.0.0.1:9", address="desk"))
    assert list(refused.value.problems) == ["address"]
    with pytest.raises(ConnectRefused) as refused:
        connecting.connect(values(desk, smtp_host="127.0.0.1:9", imap_host=""))
    assert sorted(refused.value.problems) == ["imap_host", "smtp_host"]


def test_a_wrong_password_is_said_at_its_field(desk, context):
    """Which says that it is the same for both."""
    with pytest.raises(ConnectRefused) as refused:
        connecting.connect(values(desk, password="wrong"))
    assert sorted(refused.value.problems) == ["password"]


def test_a_private_address_is_no_mail_server_in_production(desk, app, context, monkeypatch):
    monkeypatch.setitem(app.config, "ENV", "production")
    with pytest.raises(ConnectRefused) as refused:
        connecting.connect(values(desk))
    assert all("private network" in words for words in refused.value.problems.values())


def test_a_check_says_what_works(desk, cast, context):
    desk.inbox.is_locked = True
    with cast.scope():
        checked = Email().check(desk.line())
    assert [(each.key, each.state) for each in checked.findings] == [
        ("smtp", "good"),
        ("imap", "bad"),
    ]
    assert checked.is_broken


# The installation's own door


@pytest.fixture
def our_domain(app, monkeypatch):
    monkeypatch.setitem(app.config, "INBOUND_MAIL_DOMAIN", "in.frontdesk.example")
    monkeypatch.setitem(app.config, "INBOUND_MAIL_SECRET", SECRET)


def test_mail_that_is_forwarded_to_us_finds_its_business(desk, cast, client, our_domain, run_jobs):
    raw = bytes(
        mail("Do you deliver?", "Delivery", Delivered_To=f"{desk.public_key}@in.frontdesk.example")
    )
    assert client.post("/hooks/email", data=raw, headers=desk.headers).status_code == 200
    run_jobs()
    with desk.app.app_context():
        assert ("incoming", "visitor", "Delivery\n\nDo you deliver?") in lines_of(cast)


@pytest.mark.parametrize("key", ["1-0000", "x", ""])
def test_mail_to_nobody_is_dropped_and_the_provider_thanked(desk, cast, client, our_domain, key):
    raw = bytes(mail(Delivered_To=f"{key}@in.frontdesk.example"))
    assert client.post("/hooks/email", data=raw, headers=desk.headers).status_code == 200
    with desk.app.app_context(), cast.scope():
        assert db.session.scalars(select(ChannelUpdate)).all() == []
