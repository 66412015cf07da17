"""Opt-in and opt-out: by words, button, preference, error and by a member; what may then be sent."""

from datetime import timedelta

import pytest

from app.channels import consents
from app.channels.border import Address, Person, Preference
from app.channels.models import Consent, Delivery
from app.core.db import now
from app.extensions import db
from tests.channels.reached import make_channel, reach


@pytest.fixture
def mia(context, cast):
    """On WhatsApp, known by her number and a user id. Inside the business's scope."""
    with cast.scope():
        yield reach(make_channel(), user="GB.13491208655302741918")


@pytest.fixture
def sam(context, cast):
    """On SMS."""
    with cast.scope():
        yield reach(make_channel("sms"))


def says(person, text, content=None):
    return consents.note_words(person.channel, person.visitor, person.writes(text, content))


def agrees(person, purpose="marketing", state="in"):
    consents.record(
        person.channel.kind, [consents.key_of(person.addresses()[0])], purpose=purpose, state=state,
        basis="member", evidence={"words": "At the till"},
    )  # fmt: skip


def refused(person, category):
    return consents.refusal(person.channel.kind, person.addresses(), category)


def test_who_said_nothing_gets_answers_and_no_offers(mia):
    assert refused(mia, "service") is None
    assert refused(mia, "UTILITY") is None
    assert refused(mia, "MARKETING") == consents.NO_EVIDENCE


def test_a_yes_with_evidence_lets_offers_through(mia):
    agrees(mia)
    assert refused(mia, "marketing") is None


def test_stop_ends_offers_and_not_answers(mia):
    agrees(mia)
    told = says(mia, "STOP")
    assert told.startswith("You won’t get offers and news")
    assert refused(mia, "marketing") == consents.OUT
    assert refused(mia, "utility") is None
    assert refused(mia, "service") is None


@pytest.mark.parametrize(
    ("word", "begins"), [("Baja", "Ya no"), ("Abmelden", "Sie bekommen"), ("إيقاف", "لن تصلك")]
)
def test_the_confirmation_is_in_the_word_s_language(mia, word, begins):
    assert says(mia, word).startswith(begins)


def test_it_is_confirmed_once(mia):
    assert says(mia, "stop")
    assert says(mia, "STOP!") == ""
    assert db.session.query(Consent).count() == 2  # one for each of her two addresses


def test_one_message_noted_twice_is_kept_once(mia):
    message = mia.writes("stop")
    assert consents.note_words(mia.channel, mia.visitor, message)
    assert consents.note_words(mia.channel, mia.visitor, message) == ""
    assert db.session.query(Consent).count() == 2


def test_it_holds_by_each_address_and_number_of_the_business(mia):
    says(mia, "stop")
    for address in mia.addresses():
        assert consents.current("whatsapp", [address], "marketing").state == "out"
    assert consents.refusal("whatsapp", [Address("phone", mia.phone)], "marketing") == consents.OUT
    assert consents.current("sms", mia.addresses(), "marketing") is None


def test_do_not_contact_stops_everything_but_its_confirmation(mia):
    agrees(mia)
    assert "won’t write to you here" in says(mia, "Do not contact me again")
    for category in ("service", "utility", "marketing", "authentication"):
        assert refused(mia, category) == consents.NEVER
    assert refused(mia, consents.CONFIRMATION) is None


def test_start_takes_back_what_was_said(mia):
    says(mia, "stop all")
    says(mia, "stop")
    assert says(mia, "start").startswith("Thank you")
    assert refused(mia, "service") is None
    assert refused(mia, "marketing") is None


def test_start_from_somebody_who_is_in_is_talk(mia):
    assert says(mia, "start") is None
    assert says(mia, "Hello!") is None
    assert says(mia, "help") is None
    assert db.session.query(Consent).count() == 0


def test_subscribe_is_a_yes(mia):
    assert says(mia, "subscribe").startswith("Thank you")
    assert refused(mia, "marketing") is None
    assert says(mia, "subscribe") == ""


def test_a_template_s_button(mia):
    tapped = {"type": "choice", "id": "STOP_PROMOTIONS", "title": "No, thanks"}
    assert says(mia, "No, thanks", tapped)
    kept = consents.current("whatsapp", mia.addresses(), "marketing")
    assert (kept.state, kept.basis) == ("out", "button")
    assert kept.evidence["words"] == "No, thanks"


def test_another_button_says_nothing(mia):
    assert (
        says(mia, "Tulips", {"type": "choice", "id": "stop_by_tomorrow", "title": "Tulips"}) is None
    )


@pytest.mark.parametrize("word", ["STOP", "Cancel", "END", "stopall"])
def test_a_carrier_s_word_stops_everything_and_the_carrier_answers(sam, word):
    assert says(sam, word) == ""
    assert refused(sam, "service") == consents.NEVER


def test_a_word_that_no_carrier_knows_is_confirmed_by_us(sam):
    assert "Write START" in says(sam, "Stop texting me")
    assert refused(sam, "service") == consents.NEVER


def test_yes_is_an_answer_until_the_carrier_has_stopped(sam):
    assert says(sam, "Yes") is None
    says(sam, "STOP")
    assert says(sam, "Yes") == ""
    assert refused(sam, "service") is None


def test_a_carrier_answers_help(sam):
    assert says(sam, "HELP") == ""
    assert db.session.query(Consent).count() == 0


def preference(person, state, at, addresses=None):
    consents.note_preference(
        person.channel,
        Preference(
            Person(addresses or (Address("phone", person.phone),)), "marketing", state, at,
            {"value": "stop"},
        ),
    )  # fmt: skip


def test_a_preference_told_twice_is_kept_once(mia):
    at = now()
    preference(mia, "out", at)
    preference(mia, "out", at)
    assert refused(mia, "marketing") == consents.OUT
    kept = db.session.query(Consent).one()
    assert (kept.visitor_id, kept.basis) == (mia.visitor_id, "preference")


def test_what_was_said_later_counts_whichever_comes_first(mia):
    preference(mia, "in", now())
    preference(mia, "out", now() - timedelta(hours=1))
    assert refused(mia, "marketing") is None


def test_a_preference_of_somebody_unknown_is_kept(mia):
    stranger = (Address("user", "GB.0"),)
    preference(mia, "out", now(), stranger)
    assert consents.refusal("whatsapp", stranger, "marketing") == consents.OUT
    assert db.session.query(Consent).one().visitor_id is None


@pytest.mark.parametrize(("kind", "stopped"), [("whatsapp", "marketing"), ("sms", "all")])
def test_the_provider_s_refusal_is_an_opt_out(context, cast, kind, stopped):
    with cast.scope():
        person = reach(make_channel(kind))
        delivery = _delivery(person)
        consents.note_error(person.channel, person.visitor, delivery, "21610")
        consents.note_error(person.channel, person.visitor, delivery, "21610")
        kept = db.session.query(Consent).one()
        assert (kept.purpose, kept.state, kept.evidence["code"]) == (stopped, "out", "21610")


def test_the_website_knows_no_such_words(context, cast, mia):
    from app.channels.models import Channel

    website = Channel.of_kind("website")
    assert consents.note_words(website, mia.visitor, mia.writes("stop")) is None


def test_another_business_s_stay_its_own(context, cast, mia):
    says(mia, "stop")
    db.session.commit()
    address = Address("phone", mia.phone)
    with cast.neighbour_scope():
        db.session.rollback()
        assert consents.current("whatsapp", [address], "marketing") is None


def test_plain_talk_costs_no_query(mia, count_queries):
    channel, visitor, message = mia.channel, mia.visitor, mia.writes("Do you have roses?")
    db.session.flush()
    with count_queries() as statements:
        assert consents.note_words(channel, visitor, message) is None
    assert statements == []


def _delivery(person):
    delivery = Delivery(
        channel_id=person.channel_id, visitor_id=person.visitor_id, token=person.phone,
        conversation_id=person.conversation_id, content={"type": "text", "body": "Hi"},
        category="service", available_at=now(),
    )  # fmt: skip
    db.session.add(delivery)
    db.session.flush()
    return delivery


def test_a_mail_s_no_counts_and_its_yes_does_not(context, cast):
    """Anybody can write anybody's sender."""
    with cast.scope():
        ina = reach(make_channel("email"))
        agrees(ina)
        assert says(ina, "STOP").startswith("You won’t get")
        assert says(ina, "START") is None
        assert refused(ina, "marketing") == consents.OUT
