"""What a mail means: a person's words, a machine's, or one of ours that came back."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from app.channels.border import Incoming, Line, Nothing, Status
from app.channels.content import Media, Words
from app.channels.email.reading import update_of
from app.channels.email.understanding import understand

SHOP = "desk@shop.example"
LINE = Line(1, "email", SHOP, {"name": "Shop"}, {})


def mail(body="Do you deliver?", subject="A question", html=None, **headers) -> EmailMessage:
    message = EmailMessage()
    message["From"] = headers.pop("sender", "Anna Schmidt <Anna@Example.com>")
    message["To"] = SHOP
    message["Subject"] = subject
    message["Message-ID"] = "<one@example.com>"
    message["Date"] = "Fri, 20 Nov 2026 10:00:00 +0100"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if body is not None:
        message.set_content(body)
    if html is not None and body is None:
        message.set_content(html, subtype="html")
    elif html is not None:
        message.add_alternative(html, subtype="html")
    return message


def news_of(message):
    raw = message if isinstance(message, bytes) else bytes(message)
    (said,) = understand(update_of(raw, "").payload, LINE)
    return said


def test_a_first_mail_says_its_subject_too():
    said = news_of(mail("Do you deliver\nto Ashcombe?"))
    assert isinstance(said, Incoming)
    assert said.content == Words(
        body="A question\n\nDo you deliver\nto Ashcombe?", subject="A question"
    )
    assert [(each.kind, each.value) for each in said.person.addresses] == [
        ("email", "anna@example.com")
    ]
    assert (said.person.name, said.person.is_attested) == ("Anna Schmidt", False)
    assert said.occurred_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert (said.external_id, said.reply_to, said.is_automatic) == (
        "<one@example.com>",
        None,
        False,
    )


def test_a_reply_says_its_words_alone_and_what_it_answers():
    said = news_of(
        mail(
            "Two, please.\n\nOn Fri, 20 Nov 2026, Shop <desk@shop.example> wrote:\n> How many?\n",
            "Re: AW: A question", In_Reply_To="<ours@shop.example>",
        )
    )  # fmt: skip
    assert (said.content, said.reply_to) == (
        Words(body="Two, please.", subject="A question"),
        "<ours@shop.example>",
    )


def test_a_page_without_a_plain_part_is_read_without_what_it_quotes():
    page = (
        "<html><head><style>p {color: red}</style></head><body><p>Hello,</p><p>do&nbsp;you <b>deliver</b>?</p>"
        '<div class="gmail_quote">On Friday you wrote:<blockquote>Old</blockquote></div></body></html>'
    )
    said = news_of(mail(None, "Re: x", html=page))
    assert said.content.body == "Hello,\n\ndo you deliver?"


def test_files_come_along_and_a_signature_s_picture_does_not():
    message = mail("See the plan.", "Re: garden")
    message.add_attachment(
        b"%PDF-1.7 plan", maintype="application", subtype="pdf", filename="../plan.pdf"
    )
    message.add_attachment(b"logo", maintype="image", subtype="png", filename="logo.png", cid="<l>", disposition="inline")  # fmt: skip
    said = news_of(message)
    assert [(each.kind, each.name, each.mime, each.body) for each in said.files] == [
        ("document", ".._plan.pdf", "application/pdf", b"%PDF-1.7 plan")
    ]


def test_a_file_without_a_word_is_a_medium():
    message = mail("", "")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="rose.png")
    assert news_of(message).content == Media(kind="image", mime="image/png", name="rose.png")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.com>"},
        {"X_Auto_Response_Suppress": "All"},
        {"Return_Path": "<>"},
        {"sender": "no-reply@shop.example.com"},
        {"sender": "MAILER-DAEMON@example.com"},
    ],
)
def test_nobody_waits_for_an_answer_to_a_machine(headers):
    assert news_of(mail(**headers)).is_automatic is True


def test_auto_submitted_no_is_a_person():
    assert news_of(mail(Auto_Submitted="no")).is_automatic is False


@pytest.mark.parametrize(
    "headers", [{"sender": f"Shop <{SHOP.upper()}>"}, {"X_Frontdesk_Channel": "7"}]
)
def test_our_own_mail_is_nobody_s(headers):
    assert isinstance(news_of(mail(**headers)), Nothing)


def test_a_form_s_mail_is_answered_to_whom_it_is_written_for():
    said = news_of(mail(sender="Web form <form@host.example>", Reply_To="Ben <ben@example.com>"))
    assert said.person.addresses[0].value == "ben@example.com"


BOUNCE = b"""From: Mail Delivery <mailer-daemon@example.com>
To: desk@shop.example
Subject: Undelivered
Date: Fri, 20 Nov 2026 10:00:00 +0000
Message-ID: <bounce@example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; example.com

Final-Recipient: rfc822; anna@example.com
Action: %s
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Subject: Re: A question
Message-ID: <abc123@shop.example>

--b--
"""


def test_a_mail_that_comes_back_is_a_failure_of_the_one_that_went_out():
    said = news_of(BOUNCE % b"failed")
    assert isinstance(said, Status)
    assert (said.status, said.provider_id) == ("failed", "<abc123@shop.example>")
    assert "550 5.1.1 no such user" in str(said.failure)
    assert said.failure.trouble == "permanent"


def test_a_mail_that_is_late_is_no_failure():
    assert isinstance(news_of(BOUNCE % b"delayed"), Nothing)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00garbage",
        b"From: \r\n\r\n",
        b"From: a@example.com\nContent-Type: multipart/mixed\n\nno boundary",
        b"From: a@example.com\nContent-Type: text/plain; charset=nonsense\nDate: yesterday\n\n\xe9t\xe9",
        b"From: =?utf-8?b?broken\nMessage-ID: [<x@y>]\nSubject: =?x?q?=\n\nHi",
        b"From: a@example.com\nContent-Type: message/rfc822\n\n",
        b"From: a@example.com\nContent-Transfer-Encoding: base64\n\n!!!!",
    ],
)
def test_whatever_somebody_sends_is_no_error(raw):
    assert len(understand(update_of(raw, "").payload, LINE)) == 1


def test_a_mail_from_tomorrow_was_written_now():
    message = mail()
    del message["Date"]
    message["Date"] = (datetime.now(UTC) + timedelta(days=3)).strftime(
        "%a, %d %b %Y %H:%M:%S +0000"
    )
    assert news_of(message).occurred_at <= datetime.now(UTC)


def test_the_same_mail_is_the_same_update():
    raw = bytes(mail())
    without_id = raw.replace(b"Message-ID: <one@example.com>\n", b"")
    assert update_of(raw, "").external_id == "m:<one@example.com>"
    assert update_of(without_id, "").external_id == update_of(without_id, "").external_id
    assert update_of(without_id, "").external_id != update_of(without_id + b"!", "").external_id
