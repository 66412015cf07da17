"""Every type of Meta’s table as news, and whatever is odd as something that does no harm."""

import copy
import random

import pytest

from app.channels import border
from app.channels.border import Address, Hook, Line, Nothing
from app.channels.content import Unreadable, read
from app.channels.whatsapp import reading
from app.channels.whatsapp.understanding import understand
from tests.channels.whatsapp.samples import (
    AT,
    DISPLAY,
    MESSAGES,
    NOTICES,
    NUMBER,
    OTHER_FIELDS,
    PHONE,
    REFERRAL,
    STATUSES,
    USER,
    WABA,
    about_number,
    all_entries,
    batch,
    entry,
    message,
    of_messages,
    of_statuses,
    status,
)  # fmt: skip

LINE = Line(1, "whatsapp", NUMBER, {}, {})
BOTH = (Address("user", USER), Address("phone", f"+{PHONE}"))
INCOMING = {
    "text": {"type": "text", "body": "Hello there"},
    "image": {
        "type": "media", "kind": "image", "caption": "My roof", "mime": "image/jpeg", "name": "",
        "is_voice": False,
    },
    "audio": {
        "type": "media", "kind": "audio", "caption": "", "mime": "audio/ogg", "name": "", "is_voice": True,
    },
    "document": {
        "type": "media", "kind": "document", "caption": "", "mime": "application/pdf", "name": "a.pdf",
        "is_voice": False,
    },
    "location": {
        "type": "location", "latitude": 51.5, "longitude": -0.12, "name": "Shop", "address": "1 Road",
    },
    "contacts": {
        "type": "contacts", "is_own_number": False,
        "cards": [{
            "name": "Bob Builder", "phones": ["+447700900999"], "emails": ["bob@example.com"],
            "company": "Build Ltd",
        }],
    },
    "button_reply": {"type": "choice", "id": "b1", "title": "Yes", "description": "", "fields": {}},
    "list_reply": {
        "type": "choice", "id": "r1", "title": "Monday", "description": "9 o’clock", "fields": {},
    },
    "flow": {
        "type": "choice", "id": "flow", "title": "Sent", "description": "",
        "fields": {"flow_token": "t", "guests": 2},
    },
    "call_permission": {
        "type": "choice", "id": "call_permission:accept", "title": "You may call me", "description": "",
        "fields": {},
    },
    "button": {
        "type": "choice", "id": "STOP_PROMO", "title": "Stop offers", "description": "", "fields": {},
    },
    "order": {
        "type": "order", "text": "Please",
        "lines": [{"product": "sku", "quantity": 2, "price": "9.5", "currency": "GBP"}],
    },
    "unsupported": {"type": "unsupported", "what": "poll_creation"},
    "unknown": {"type": "unsupported", "what": "hologram"},
}  # fmt: skip


def understood(*entries):
    hook = Hook("POST", "", {}, {}, batch(*entries))
    return [news for each in reading.split(hook) for news in understand(each.payload, LINE)]


def one(*entries):
    (news,) = understood(*entries)
    return news


@pytest.mark.parametrize("kind", INCOMING)
def test_a_message_is_understood(kind):
    news = one(of_messages(message(kind)))
    assert isinstance(news, border.Incoming)
    assert news.content.as_json() == INCOMING[kind]
    assert read(news.content.as_json()) == news.content
    assert (news.external_id, news.occurred_at.timestamp()) == ("wamid.IN", int(AT))
    assert (news.person.addresses, news.person.name) == (BOTH, "Ann Example")
    assert not news.is_echo
    assert (news.is_automatic, news.lead, news.reply_to) == (False, None, None)


@pytest.mark.parametrize("kind", ["image", "video", "document", "audio", "sticker"])
def test_a_file_is_named_with_its_digest_in_hex(kind):
    (file,) = one(of_messages(message(kind))).files
    assert (file.kind, file.provider_ref) == (kind, MESSAGES[kind][kind]["id"])
    assert file.sha256 == "49f227634806293b0995459bc310b593e1400f41591efcf07e9bced335f41942"


@pytest.mark.parametrize("digest", [None, "x", "abc=", 7, "A" * 63])
def test_a_digest_that_is_none_is_left_out(digest):
    media = MESSAGES["image"]["image"] | {"sha256": digest}
    (file,) = one(of_messages(message("image", image=media))).files
    assert file.sha256 == ""


def test_a_tapped_button_carries_its_payload():
    assert one(of_messages(message("button"))).payload == "STOP_PROMO"
    assert one(of_messages(message("button_reply"))).payload == "b1"


def test_a_reply_names_what_it_quotes_and_an_advertisement_is_a_lead():
    news = one(of_messages(message(referral=REFERRAL, context={"id": "wamid.OLD"})))
    assert news.reply_to == "wamid.OLD"
    assert news.lead["ctwa_clid"] == "clid"
    assert news.lead["welcome"] == "Hi!"


def test_somebody_without_a_number_is_somebody():
    hidden = {"user_id": USER, "profile": {"username": "ann"}}
    news = one(of_messages(message() | {"from": None}, contacts=[hidden]))
    assert news.person == border.Person((Address("user", USER),), "@ann")


def test_a_message_without_contacts_is_somebodys():
    bare = message()
    del bare["from_user_id"]
    assert one(of_messages(bare, contacts=[])).person.addresses == BOTH[1:]


def test_a_number_that_was_asked_for_is_the_person_s_own():
    news = one(
        of_messages(message("contacts", origin="contact_request") | {"from": None}, contacts=[])
    )
    assert news.content.is_own_number
    assert news.person.addresses == (BOTH[0], Address("phone", "+447700900999"))


def test_nobodys_message_is_nothing():
    nobodys = message() | {"from": None, "from_user_id": "not an id"}
    assert isinstance(one(of_messages(nobodys, contacts=[])), Nothing)


def test_a_group_s_message_waits_for_no_answer():
    assert one(of_messages(message(group_id="g"))).is_automatic


def test_reactions_edits_and_revocations_are_about_other_messages():
    reaction, taken_back, edit, revoke = understood(
        of_messages(
            message("reaction", "1"),
            message("reaction", "2", reaction={"message_id": "wamid.OLD"}),
            message("edit", "3"),
            message("revoke", "4"),
        )
    )
    assert (reaction.external_id, reaction.emoji, taken_back.emoji) == ("wamid.OLD", "👍", "")
    assert (edit.external_id, edit.content.plain()) == ("wamid.OLD", "Hello, better")
    assert revoke == border.Revoked("wamid.OLD", revoke.occurred_at)


def test_a_new_number_is_told_of_each_address_that_was():
    new = (Address("user", "GB.999"), Address("phone", "+447700900777"))
    found = understood(of_messages(message("changed_number"), contacts=[]))
    assert [(each.old, each.new) for each in found] == [(BOTH[0], new), (BOTH[1], new)]
    known_by_number = message("changed_user_id") | {"from_user_id": None}
    (news,) = understood(of_messages(known_by_number, contacts=[]))
    assert (news.old, news.new) == (BOTH[1], (Address("user", "GB.888"),))


def test_a_first_look_at_the_chat_is_nothing():
    assert isinstance(one(of_messages(message("request_welcome"))), Nothing)


@pytest.mark.parametrize("kind", [kind for kind in STATUSES if kind != "failed"])
def test_a_status_is_understood(kind):
    news = one(of_statuses(status(kind)))
    assert (news.status, news.provider_id, news.token) == (kind, "wamid.OUT", "token")
    assert news.person.addresses == BOTH
    assert (news.pricing is not None) is (kind == "sent")
    assert news.failure is None


def test_a_failure_says_why():
    news = one(of_statuses(status("failed") | {"recipient_id": None, "recipient_user_id": None}))
    assert (news.status, news.person) == ("failed", None)
    assert news.failure.trouble in border.TROUBLES
    assert news.failure.message


@pytest.mark.parametrize(
    "fields", [{"status": "deleted"}, {"id": "", "biz_opaque_callback_data": None}]
)
def test_a_status_that_says_nothing_is_nothing(fields):
    assert isinstance(one(of_statuses(status("sent") | fields)), Nothing)


def test_what_the_owner_wrote_on_their_phone_is_an_echo():
    echo = {"from": DISPLAY, "to": PHONE, "id": "wamid.E", "timestamp": AT} | MESSAGES["text"]
    news = one(entry("smb_message_echoes", about_number(message_echoes=[echo])))
    assert (news.is_echo, news.person.addresses, news.content.plain()) == (
        True,
        BOTH[1:],
        "Hello there",
    )
    revoked = echo | MESSAGES["revoke"]
    news = one(entry("smb_message_echoes", about_number(message_echoes=[revoked])))
    assert isinstance(news, border.Revoked)


@pytest.mark.parametrize(("value", "state"), [("stop", "out"), ("resume", "in")])
def test_a_preference_is_about_marketing_alone(value, state):
    preference = {
        "wa_id": PHONE,
        "category": "marketing_messages",
        "value": value,
        "timestamp": int(AT),
    }
    news = one(entry("user_preferences", about_number(user_preferences=[preference])))
    assert (news.purpose, news.state, news.person.addresses) == ("marketing", state, BOTH[1:])
    assert news.evidence["category"] == "marketing_messages"


def test_each_field_of_an_account_is_a_notice():
    found = understood(*(entry(field, value) for field, value in NOTICES.items()))
    assert [each.kind for each in found] == [
        "template_status", "template_quality", "template_category", "number_quality", "capability",
        "account", "alert", "review", "security",
    ]  # fmt: skip
    assert found[0].about == NOTICES["message_template_status_update"] | {"account": WABA}


def test_errors_that_belong_to_no_message_are_an_alert():
    errors = [{"code": 130429}]
    news = one(entry("messages", about_number(errors=errors)))
    assert (news.kind, news.about) == ("alert", {"errors": errors})


@pytest.mark.parametrize("field", OTHER_FIELDS)
def test_fields_that_are_left_out_are_nothing(field):
    assert isinstance(one(entry(field, OTHER_FIELDS[field])), Nothing)


# Whatever may come

ODD = (None, True, 7, -1.5, 10**30, "", "x", "\u0000", [], [None], {}, {"a": 1}, [[[]]], "é" * 300)


def _places(value, path=()):
    """Every place inside, so that each can be taken away or changed."""
    yield path
    children = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, child in children:
        yield from _places(child, (*path, key))


def _spoil(value, path, dice):
    *above, last = path
    for key in above:
        value = value[key]
    if dice.random() < 0.4:
        del value[last]
    else:
        value[last] = copy.deepcopy(dice.choice(ODD))


@pytest.mark.parametrize("seed", range(8))
def test_nothing_that_is_odd_is_ever_a_failure(seed):
    dice, kinds = random.Random(seed), set()
    for entry_ in all_entries():
        for _ in range(25):
            spoiled = copy.deepcopy(entry_)
            for _ in range(dice.randint(1, 4)):
                path = dice.choice([each for each in _places(spoiled) if each])
                _spoil(spoiled, path, dice)
                if not spoiled:
                    break
            kinds |= {type(each) for each in understood(spoiled)}
    assert kinds >= {border.Incoming, border.Status, border.Notice, Nothing}


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("kind", INCOMING)
def test_a_message_stays_one_whatever_it_holds(kind, odd):
    spoiled = message(kind)
    spoiled[spoiled["type"]] = odd
    news = one(of_messages(spoiled))
    assert isinstance(news, border.Incoming)
    assert news.content.plain()
    assert isinstance(news.content, Unreadable) or odd
