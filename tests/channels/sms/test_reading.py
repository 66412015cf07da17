"""Twilio's webhooks: signatures, what is cut out, what it means."""

import pytest
from twilio.request_validator import RequestValidator

from app.channels.border import (
    THIS_CHANNEL,
    Hook,
    HookRefused,
    Incoming,
    Line,
    Nothing,
    Preference,
    Status,
)
from app.channels.content import Media, Unreadable, Words
from app.channels.sms import reading
from app.channels.sms.understanding import understand

TOKEN = "the-token"
URL = "https://desk.example/hooks/sms/1-abc"
OURS, THEIRS = "+442079460018", "+447700900123"
LINE = Line(1, "sms", OURS, {}, {})
SERVICE = Line(1, "sms", f"MG{0:032}", {}, {})


def hook(body="", url=URL, signature="", **args):
    headers = {"x-twilio-signature": signature}
    return Hook("POST", url, headers, args, body if isinstance(body, bytes) else body.encode())


def signed(form, body, url=URL, signed_url=URL, token=TOKEN):
    return hook(body, url, RequestValidator(token).compute_signature(signed_url, form))


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ({"Body": "Hi", "From": THEIRS}, f"Body=Hi&From=%2B{THEIRS[1:]}"),
        ({"Body": ""}, "Body="),
        ({"Body": "Grüße 🌷 & = +"}, "Body=Gr%C3%BC%C3%9Fe+%F0%9F%8C%B7+%26+%3D+%2B"),
        ({}, ""),
    ],
)
def test_what_twilio_signs_passes(form, body):
    assert reading.check_signature(signed(form, body), {"auth_token": TOKEN}) is None


@pytest.mark.parametrize("port", ["https://desk.example:443", "https://desk.example"])
def test_with_and_without_the_port(port):
    url = URL.replace("https://desk.example", port)
    assert reading.check_signature(signed({}, "", signed_url=url), {"auth_token": TOKEN}) is None


def test_the_address_s_query_is_signed_too():
    url = f"{URL}?token=t-1"
    fine = signed({}, "", url, url)
    assert reading.check_signature(fine, {"auth_token": TOKEN}) is None
    with pytest.raises(HookRefused):
        reading.check_signature(signed({}, "", f"{URL}?token=t-2", url), {"auth_token": TOKEN})


@pytest.mark.parametrize(
    ("refused", "credentials"),
    [
        (hook("Body=Hi"), {"auth_token": TOKEN}),
        (hook("Body=Hi", signature="é\udce9"), {"auth_token": TOKEN}),
        (signed({"Body": "Hi"}, "Body=Ho"), {"auth_token": TOKEN}),
        (signed({"Body": "Hi"}, "Body=Hi", token="another"), {"auth_token": TOKEN}),
        (signed({}, "", token=""), {}),
        (signed({}, "", URL, URL.replace("https", "http")), {"auth_token": TOKEN}),
    ],
)
def test_a_wrong_signature_is_refused(refused, credentials):
    with pytest.raises(HookRefused) as why:
        reading.check_signature(refused, credentials)
    assert why.value.status == 401


def test_a_message_is_cut_out():
    (update,) = reading.split(hook(f"MessageSid=SM1&From=%2B{THEIRS[1:]}&To=%2B{OURS[1:]}&Body=Hi"))
    assert (update.account, update.external_id) == (THIS_CHANNEL, "SM1")
    assert (update.person, update.payload["Body"]) == (THEIRS, "Hi")


def test_a_report_is_cut_out_each_status_for_itself():
    body = f"MessageSid=SM1&MessageStatus=sent&To=%2B{THEIRS[1:]}"
    (update,) = reading.split(hook(body, token="t-1"))
    assert (update.external_id, update.person) == ("SM1:sent", THEIRS)
    assert update.payload["_token"] == "t-1"


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"Body=Hi", b"a&" * 600])
def test_what_is_no_form_of_twilio_s_is_refused(body):
    with pytest.raises(HookRefused) as why:
        reading.split(hook(body))
    assert why.value.status == 400


def news(line=LINE, **form):
    return understand({"MessageSid": "SM1", "From": THEIRS, "To": OURS} | form, line)


def test_words():
    (said,) = news(Body="Do you have tulips?", NumMedia="0")
    assert isinstance(said, Incoming)
    assert said.content == Words(body="Do you have tulips?")
    assert (said.person.addresses[0].kind, said.person.addresses[0].value) == ("phone", THEIRS)
    assert not said.is_automatic


def test_pictures_with_words():
    (said,) = news(
        Body="This one", NumMedia="2", MediaUrl0="https://a/0", MediaContentType0="image/jpeg",
        MediaUrl1="https://a/1", MediaContentType1="text/x-vcard",
    )  # fmt: skip
    assert isinstance(said.content, Media)
    assert (said.content.kind, said.content.caption) == ("image", "This one")
    assert [each.kind for each in said.files] == ["image", "document"]
    assert said.files[0].provider_ref == "https://a/0"


@pytest.mark.parametrize(
    "form", [{}, {"Body": "  "}, {"Body": 7}, {"NumMedia": "x"}, {"NumMedia": "3"}]
)
def test_what_holds_nothing_is_said_to(form):
    (said,) = news(**form)
    assert isinstance(said, Incoming)
    assert isinstance(said.content, Unreadable) or form.get("Body") == 7


@pytest.mark.parametrize("sender", ["88811", "MYBANK", "+123", "whatsapp:+447700900123"])
def test_a_machine_has_no_number_and_gets_no_answer(sender):
    (said,) = news(From=sender, Body="Your code is 1234")
    assert said.is_automatic
    assert said.person.addresses[0].kind == "sender"


def test_a_message_to_another_number_is_nothing():
    assert isinstance(news(To="+442079460099", Body="Hi")[0], Nothing)
    assert isinstance(news(SERVICE, To="+442079460099", Body="Hi")[0], Incoming)
    assert isinstance(news(From="")[0], Nothing)


@pytest.mark.parametrize(
    ("kind", "body", "state"), [("STOP", "Arrêtez-vous", "out"), ("START", "Ja bitte", "in")]
)
def test_what_twilio_takes_for_an_opt_out(kind, body, state):
    said, told = news(Body=body, OptOutType=kind)
    assert said.is_automatic
    assert isinstance(told, Preference)
    assert (told.purpose, told.state) == ("all", state)


def test_a_word_that_we_know_is_told_once():
    assert len(news(Body="STOP", OptOutType="STOP")) == 1
    assert news(Body="HELP", OptOutType="HELP")[0].is_automatic


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("accepted", "sent"), ("queued", "sent"), ("sending", "sent"), ("sent", "sent"),
        ("delivered", "delivered"), ("read", "read"), ("undelivered", "failed"), ("failed", "failed"),
    ],
)  # fmt: skip
def test_reports(said, status):
    (told,) = news(MessageStatus=said, _token="t-1")
    assert isinstance(told, Status)
    assert (told.status, told.provider_id, told.token) == (status, "SM1", "t-1")


@pytest.mark.parametrize(
    ("code", "trouble"), [("30003", "permanent"), ("21610", "opted_out"), ("30034", "billing"),
                          ("99999", "permanent"), ("", "permanent"), ("x", "permanent")],
)  # fmt: skip
def test_a_report_of_failure_says_why(code, trouble):
    (told,) = news(MessageStatus="undelivered", ErrorCode=code)
    assert told.failure.trouble == trouble
    assert told.failure.message


def test_an_unknown_status_is_nothing():
    assert isinstance(news(MessageStatus="dreaming")[0], Nothing)
