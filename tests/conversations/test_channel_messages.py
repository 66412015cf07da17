"""What a provider's channel brings, as members see it: every kind of message, files, how far ours got."""

import re

import pytest

from app.accounts.models import User
from app.channels.content import Choice, Media, Template, Words
from app.extensions import db
from tests.conversations import seeded
from tests.conversations.seeded import comes, file_of, goes, talk_on
from tests.conversations.test_conversation import MAX_QUERIES

OF_CHANNELS = 7  # queries: files, how far messages got, what the person agreed to (3), whether anything may go out (2)


@pytest.fixture
def on(inside, owner, cast):
    """`page, reached = on(lambda reached, by: …)`: the conversation's page after that was done in it."""

    def look(do=lambda reached, by: None, **channel):
        with inside():
            reached = talk_on(**channel)
            do(reached, db.session.get_one(User, cast.owner.id))
        return owner.get(f"/{reached.conversation_id}").text, reached

    return look


@pytest.fixture
def everything(inside, owner, cast):
    with inside():
        reached = seeded.everything(db.session.get_one(User, cast.owner.id))
    return owner.get(f"/{reached.conversation_id}").text


SAID = (
    "openstreetmap.org/?mlat=51.5074&amp;mlon=-0.1278", "1 High Street, London", "48.85, 2.35",
    'href="tel:+447700900777"', 'href="mailto:ada@example.com"', "Engines Ltd",
    "Shared their own number", ">Tapped<", "Filled in a form", ">guests</dt>", "TULIP-20",
    "18.00 GBP", "In red, please", "can’t be shown here (poll)",
    "These ones", "Invoice &lt;7&gt;.pdf", "Being fetched", "It was too old.",
    "Which day suits you?", ">Friday<", "Bouquets", ">20 stems<", "See the shop",
    'href="https://shop.example/bouquets"', ">Send location<", ">Share your number<",
    "Template “order_ready”", "I’ll come today", "From the phone", ">edited<",
    "Mia Moss took this message back", "A message that was taken back", "❤️",
    "Came from an ad", "Spring bouquets", "every morning &lt;3",
)  # fmt: skip


def test_every_kind_is_said(everything):
    assert [words for words in SAID if words not in everything] == []


def test_nothing_is_loaded_from_elsewhere(everything):
    loaded = re.findall(
        r'<(?:img|audio|video|iframe|script|link)[^>]+(?:src|href)="([^"]+)"', everything
    )
    assert loaded
    assert [each for each in loaded if not each.startswith("/")] == []
    assert "never-loaded" not in everything


@pytest.mark.parametrize(
    ("kind", "mime", "tag"),
    [
        ("image", "image/jpeg", '<a class="picture"'),
        ("sticker", "image/webp", "picture--sticker"),
        ("audio", "audio/ogg; codecs=opus", '<audio class="sound" controls preload="none"'),
        ("video", "video/mp4", '<video class="film" controls'),
        ("document", "application/pdf", '<a class="attachment"'),
        ("image", "image/svg+xml", '<a class="attachment"'),
        ("document", "text/html", '<a class="attachment"'),
    ],
)
def test_a_file_is_shown_as_what_it_is(on, cast, kind, mime, tag):
    page, _ = on(lambda r, by: file_of(comes(r, Media(kind=kind)), kind, mime, "x.y"))
    assert tag in page
    assert re.search(rf'(src|href)="/b/{cast.slug}/inbox/files/\d+"', page)


def test_a_picture_keeps_its_place_and_has_words(on):
    page, _ = on(
        lambda r, by: file_of(comes(r, Media(kind="image")), "image", "image/png", "a.png")
    )
    assert 'alt="Picture from Mia Moss: a.png" width="240" height="180" loading="lazy"' in page


@pytest.mark.parametrize(
    "part", [Choice(id="x", title="<b>Yes</b>"), Words(body="", subject="<b>Yes</b>")]
)
def test_what_people_sent_is_never_markup(on, part):
    page, _ = on(lambda r, by: comes(r, part, "<script>alert(1)</script>"))
    assert "&lt;b&gt;Yes" in page
    assert "<b>Yes" not in page
    assert "<script>alert" not in page


def test_a_quote_leads_to_what_it_quotes(on, owner):
    def talk(reached, by):
        first = comes(reached, body="The first")
        for number in range(70):
            comes(reached, body=f"message {number}")
        goes(reached, by, "About that", reply_to_id=first.id)

    page, _ = on(talk)
    href, jump = re.search(
        r'class="message-quote" href="([^"]+)" data-jump="([^"]+)"', page
    ).groups()
    assert f'id="{jump}"' not in page
    assert f'id="{jump}"' in owner.client.get(href.replace("&amp;", "&")).text
    assert ">The first<" in page


def test_a_quote_of_what_isnt_here_says_so(on):
    assert "isn’t kept here" in on(lambda r, by: comes(r, body="and?", reply_to_id=10**12))[0]


def test_content_of_another_version_is_shown_by_its_words(on):
    def odd(reached, by):
        comes(reached, body="plain words").content = {"type": "hologram", "x": 1}

    assert ">plain words<" in on(odd)[0]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("queued", 'aria-label="Waiting"'), ("sending", 'aria-label="Sending"'),
        ("sent", 'aria-label="Sent"'), ("delivered", 'aria-label="Delivered"'),
        ("read", 'aria-label="Read"'), ("played", 'aria-label="Played"'),
        ("unknown", ">Send again<"), ("failed", ">Retry<"), ("dropped", ">Retry<"),
    ],
)  # fmt: skip
def test_how_far_a_message_got(on, status, words):
    page, _ = on(lambda r, by: goes(r, by, "Hello", status=status))
    assert words in page


def test_a_failure_says_why_and_what_to_do(on, inbox, cast):
    why = {"error": "They don’t use WhatsApp.", "next_step": "Call them instead."}
    page, reached = on(lambda r, by: goes(r, by, "Hello", status="failed", delivery=why))
    assert "Not delivered:" in page
    assert "They don’t use WhatsApp. <span" in page
    assert "Call them instead." in page
    viewer = inbox(cast.viewer).get(f"/{reached.conversation_id}").text
    assert "Call them instead." in viewer
    assert ">Retry<" not in viewer


def test_only_what_isnt_settled_is_asked_for_again(on, owner):
    page, reached = on(
        lambda r, by: [goes(r, by, each, status=each) for each in ("read", "sent", "failed")]
    )
    ids = re.findall(r'name="ids" value="(\d+)"', page)
    assert len(ids) == 2
    fragment = owner.get(
        f"/{reached.conversation_id}/deliveries?ids={ids[0]}&ids={ids[1]}&ids=x"
    ).text
    assert re.findall(r'id="delivery_(\d+)" hx-swap-oob="outerMorph"', fragment) == ids


def test_another_conversations_marks_are_not_told(on, owner):
    _, theirs = on(lambda r, by: goes(r, by, "secret", status="failed"))
    _, ours = on()
    with_theirs = "&".join(f"ids={number}" for number in range(1, 100))
    assert "delivery_" not in owner.get(f"/{ours.conversation_id}/deliveries?{with_theirs}").text
    assert owner.get(f"/{theirs.conversation_id}/deliveries").text.strip() == ""


def test_sending_again(on, owner, inside, inbox, cast):
    page, reached = on(lambda r, by: goes(r, by, "Hello", status="failed"))
    number = int(re.search(r'id="delivery_(\d+)"', page)[1])
    path = f"/{reached.conversation_id}/messages/{number}/delivery"
    assert inbox(cast.viewer).post(path).status_code == 403
    fragment = owner.post(path, htmx=True).text
    assert 'aria-label="Waiting"' in fragment
    assert owner.post(path, htmx=True).status_code == 409
    assert owner.post(f"/{reached.conversation_id}/messages/{10**30}/delivery").status_code == 404


def test_what_may_have_arrived_is_sent_again_only_by_choice(on, owner):
    page, reached = on(lambda r, by: goes(r, by, "Hello", status="unknown"))
    number = re.search(r'id="delivery_(\d+)"', page)[1]
    assert 'name="despite" value="1"' in page
    path = f"/{reached.conversation_id}/messages/{number}/delivery"
    assert owner.post(path).status_code == 409
    assert owner.post(path, despite="1").status_code == 303


def test_a_changed_message_takes_its_own_place(on, owner, inside):
    _, reached = on(lambda r, by: [comes(r, body="one"), comes(r, body="two")])
    with inside():
        last = reached.conversation.newest_messages()[-1]
        number = last.id
    fragment = owner.get(f"/{reached.conversation_id}/messages/{number}").text
    assert fragment.count("<article") == 1
    assert f'class="message message--visitor is-same" id="message_{number}"' in fragment
    assert 'hx-swap-oob="outerMorph"' in fragment
    first = owner.get(f"/{reached.conversation_id}/messages/{number - 2}").text
    assert "is-same" not in first
    assert owner.get(f"/{reached.conversation_id}/messages/{10**30}").status_code == 404


def test_a_message_of_another_conversation_is_not_there(on, owner, inside):
    _, theirs = on()
    _, ours = on()
    with inside():
        number = theirs.conversation.newest_messages()[-1].id
    assert owner.get(f"/{ours.conversation_id}/messages/{number}").status_code == 404


def test_the_order_is_that_in_which_was_written(on):
    def late(reached, by):
        second = comes(reached, body="written second")
        comes(reached, body="written first", sent_at=second.sent_at.replace(year=2020))

    page, _ = on(late)
    assert page.index("written first") < page.index("written second")
    assert 'value="3" data-cursor' in page


def test_the_list_and_the_header_name_the_channel(on, owner, talk):
    talk()
    page, reached = on()
    assert 'aria-label="WhatsApp"><use' in page
    assert re.search(r'class="conversation-channel">.+<span>WhatsApp</span>', page)
    only = owner.get("/?channel=whatsapp").text
    assert f'id="conversation_{reached.conversation_id}"' in only
    assert "Do you deliver?" not in only
    assert "Do you deliver?" in owner.get("/rows?channel=website").text
    assert "Do you deliver?" in owner.get("/").text


def test_without_another_channel_there_is_nothing_to_narrow(owner, talk):
    talk()
    assert 'class="inbox-channels"' not in owner.get().text


def test_a_hundred_messages_cost_as_few_queries_as_one(on, owner, count_queries):
    def talk(reached, by):
        first = comes(reached, body="first")
        for number in range(50):
            message = comes(reached, Media(kind="image"), reply_to_id=first.id)
            file_of(message, "image", "image/png", f"{number}.png")
            goes(reached, by, f"reply {number}", status="sent")

    _, reached = on(talk)
    with count_queries() as statements:
        page = owner.get(f"/{reached.conversation_id}").text
    assert page.count("delivery-mark") >= 25
    assert len(statements) <= MAX_QUERIES + OF_CHANNELS, statements
    with count_queries() as statements:
        owner.get(f"/{reached.conversation_id}/deliveries?ids=1&ids=2")
    assert len(statements) <= 9, statements


def test_the_template_is_named_at_its_message(on):
    part = Template(
        template_id=1, name="ready", language="en", category="UTILITY", components=[], body="B"
    )
    assert "Template “ready”" in on(lambda r, by: goes(r, by, "B", part))[0]


def test_a_message_of_nobodys_is_no_members(on):
    page, _ = on(lambda r, by: goes(r, None, "Hi from here", external_id="wamid.1"))
    assert "From the phone" in page
    assert re.search(r'id="delivery_\d', page) is None


def test_a_neighbour_sees_none_of_it(on, login, cast):
    _, reached = on(lambda r, by: goes(r, by, "Hello", status="failed"))
    neighbour = login(cast.neighbour)
    base = f"/b/{cast.neighbour_slug}/inbox/{reached.conversation_id}"
    assert [
        neighbour.get(f"{base}/{path}").status_code
        for path in ("deliveries", "composer", "messages/1")
    ] == [404] * 3
    assert neighbour.post(f"{base}/messages/1/delivery").status_code == 404
