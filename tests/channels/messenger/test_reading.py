"""What is cut out of a batch of Messenger's, and what each update means; whatever stands in it."""

import copy
import json
import random

import pytest

from app.channels.adapters import adapter
from app.channels.border import (
    Address,
    Came,
    Hook,
    HookRefused,
    Incoming,
    Line,
    Nothing,
    Reaction,
    Status,
)
from app.channels.content import Choice, Location, Media, Unreadable, Words

PAGE, MAYA, APP = "1048570001", "7700900123", "app-9"
LINE = Line(1, "messenger", PAGE, {"app_id": APP}, {})
AT = 1_795_255_200_000
CDN = "https://scontent.xx.fbcdn.net/v/tulips%20red.pdf?oh=1"
TOKEN = "0123456789abcdef" * 2


def event(**parts):
    return {"sender": {"id": MAYA}, "recipient": {"id": PAGE}, "timestamp": AT} | parts


def message(**parts):
    return event(message={"mid": "m_1", **parts})


def echo(**parts):
    said = message(is_echo=True, **parts)
    return said | {"sender": {"id": PAGE}, "recipient": {"id": MAYA}}


def file(kind, **payload):
    return {"type": kind, "payload": {"url": CDN, **payload}}


def split(*events, name="messaging"):
    body = {"object": "page", "entry": [{"id": PAGE, "time": AT, name: list(events)}]}
    return adapter("messenger").split(Hook("POST", "", {}, {}, json.dumps(body).encode()))


def understood(*events, **more):
    found = [adapter("messenger").understand(each.payload, LINE) for each in split(*events, **more)]
    return [news for several in found for news in several]


def one(each, **more):
    (news,) = understood(each, **more)
    return news


EVENTS = [
    message(
        text="Hello", reply_to={"mid": "m_0"}, referral={"ref": "spring", "source": "SHORTLINK"}
    ),
    message(text="Red", quick_reply={"payload": "red"}),
    message(attachments=[file("image"), file("image")]),
    message(attachments=[{"type": "location", "payload": {"coordinates": {"lat": 1, "long": 2}}}]),
    echo(text="By hand"),
    echo(text="By us", app_id=APP, metadata=TOKEN),
    event(postback={"mid": "m_2", "title": "Prices", "payload": "prices"}),
    event(delivery={"mids": ["m_3"], "watermark": AT}),
    event(read={"watermark": AT}),
    event(reaction={"mid": "m_1", "action": "react", "emoji": "❤"}),
    event(referral={"ref": "spring", "source": "ADS", "ad_id": "5"}),
    event(optin={"type": "notification_messages", "payload": "x"}),
]


def test_each_update_is_one_with_its_person():
    found = split(*EVENTS)
    assert {(each.account, each.person) for each in found} == {(PAGE, MAYA)}
    assert found[0].external_id == "m:m_1"
    assert found[0].occurred_at.timestamp() * 1000 == AT
    again = split(EVENTS[7], EVENTS[8], EVENTS[7])
    assert len({each.external_id for each in again}) == 2


def test_a_message_with_all_that_it_may_hold():
    said = one(EVENTS[0])
    assert said.person.addresses == (Address("page_user", MAYA),)
    assert (said.content, said.reply_to) == (Words(body="Hello"), "m_0")
    assert said.lead == {"ref": "spring", "source": "SHORTLINK"}
    assert one(EVENTS[1]).content == Choice(id="red", title="Red")
    assert one(EVENTS[6]).payload == "prices"


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        ("image", "image"), ("video", "video"), ("audio", "audio"), ("file", "document"),
        ("sticker", "sticker"), ("reel", "video"), ("ig_reel", "video"),
    ],
)  # fmt: skip
def test_files(kind, ours):
    said = one(message(attachments=[file(kind), file(kind)]))
    assert isinstance(said.content, Media)
    assert {(each.kind, each.provider_ref) for each in said.files} == {(ours, CDN)}
    assert (len(said.files), said.files[0].name) == (2, "tulips red.pdf")


def test_a_sticker_of_before_is_one_still():
    assert one(message(attachments=[file("image", sticker_id=369)])).content.kind == "sticker"


@pytest.mark.parametrize(
    ("attachments", "text", "body"),
    [
        ([{"type": "fallback", "title": "Our shop", "url": CDN}], "", f"Our shop\n{CDN}"),
        ([{"type": "fallback", "title": "Our shop", "url": CDN}], f"Look: {CDN}", f"Look: {CDN}"),
        ([file("ig_post", title="Tulips")], "", f"Tulips\n{CDN}"),
        ([{"type": "template", "payload": {"title": "Roses"}}], "", "Roses"),
    ],
)
def test_what_was_shared_is_its_link(attachments, text, body):
    said = one(message(attachments=attachments, text=text))
    assert (said.content, said.files) == (Words(body=body), ())


def test_a_place_and_what_nobody_knows():
    place = one(EVENTS[3]).content
    assert isinstance(place, Location)
    assert (place.latitude, place.longitude) == (1, 2)
    for odd in ({"attachments": [{"type": "appointment_booking"}]}, {"attachments": "x"}, {}):
        assert isinstance(one(message(**odd)).content, Unreadable)


@pytest.mark.parametrize(
    "said",
    [{}, {"app_id": "263902037430900"}, {"app_id": 7, "metadata": TOKEN}, {"metadata": "hi"}],
)
def test_an_echo_of_another_is_a_person_s(said):
    news = one(echo(text="By hand", **said))
    assert isinstance(news, Incoming)
    assert news.is_echo
    assert news.person.addresses == (Address("page_user", MAYA),)


@pytest.mark.parametrize("said", [{"app_id": APP}, {}])
def test_our_own_echo_says_that_it_was_sent(said):
    news = one(echo(text="By us", metadata=TOKEN, **said))
    assert isinstance(news, Status)
    assert (news.status, news.token, news.provider_id) == ("sent", TOKEN, "m_1")


def test_statuses_are_of_all_until_then():
    for each, status in ((EVENTS[7], "delivered"), (EVENTS[8], "read")):
        news = one(each)
        assert (news.status, news.upto.timestamp() * 1000) == (status, AT)
        assert news.person is not None


def test_reactions_come_and_go():
    assert one(EVENTS[9]).emoji == "❤"
    assert one(event(reaction={"mid": "m_1", "action": "unreact"})).emoji == ""
    assert isinstance(one(event(reaction={"mid": "m_1", "action": "react"})), Nothing)


def test_who_came_by_an_advertisement():
    news = one(EVENTS[10])
    assert isinstance(news, Came)
    assert news.lead["source_id"] == "5"


def test_who_begins_says_so_in_any_language():
    begun = event(postback={"title": "Los geht’s", "payload": "get_started"})
    assert one(begun).content.title == "Get started"
    assert isinstance(one(event(postback={"referral": {"ref": "x"}})), Came)


def test_beside_another_app_we_only_listen():
    assert one(message(text="Hello"), name="standby").is_automatic
    assert one(echo(text="By another"), name="standby").is_echo


@pytest.mark.parametrize(
    "odd", [{}, {"account_linking": {"status": "linked"}}, {"optin": {"a": 1}}]
)
def test_what_is_of_no_use_is_nothing(odd):
    assert isinstance(one(event(**odd)), Nothing)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 5000, b"\xff"])
def test_what_is_no_batch_is_refused(body):
    with pytest.raises(HookRefused) as refused:
        adapter("messenger").split(Hook("POST", "", {}, {}, body))
    assert refused.value.status == 400


ODD = (
    None,
    True,
    7,
    -1.5,
    10**30,
    "",
    "x",
    "\u0000",
    [],
    [None],
    {},
    {"a": 1},
    "http://[",
    "é" * 300,
)


def _places(value, path=()):
    yield path
    children = value.items() if isinstance(value, dict) else ()
    children = enumerate(value) if isinstance(value, list) else children
    for key, child in children:
        yield from _places(child, (*path, key))


def _spoil(value, dice):
    *above, last = dice.choice([each for each in _places(value) if each])
    for key in above:
        value = value[key]
    value[last] = copy.deepcopy(dice.choice(ODD))


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_is_odd_is_ever_a_failure(seed):
    dice, kinds = random.Random(seed), set()
    for sound in EVENTS:
        for _ in range(40):
            spoiled = copy.deepcopy(sound)
            for _ in range(dice.randint(1, 4)):
                _spoil(spoiled, dice)
            kinds |= {type(each) for each in understood(spoiled)}
    assert kinds >= {Incoming, Status, Reaction, Came, Nothing}
