"""Settings → Consent, and its part beside a conversation: looking, noting, entering a list, blocking."""

import pytest

from app.channels import consents
from app.channels.models import Consent
from app.extensions import db
from tests.channels.reached import make_channel, reach
from tests.conversations.conftest import HTMX

WORDS = "Ticked the box on the sign-up form, May 2026"


@pytest.fixture
def mia(inside):
    """On WhatsApp; she has written “stop”."""
    with inside():
        person = reach(make_channel(), name="Mia <b>")
        consents.note_words(person.channel, person.visitor, person.writes("STOP"))
        return person


@pytest.fixture
def site(login, cast):
    """`site("settings/consent/")`, as the owner or somebody else."""

    def asking(path, person=None, data=None, **options):
        client, url = login(person or cast.owner), f"/b/{cast.slug}/{path}"
        return (
            client.get(url, **options) if data is None else client.post(url, data=data, **options)
        )

    return asking


def test_the_list_says_who_what_how_and_when(mia, site):
    text = site("settings/consent/").text
    assert "Mia &lt;b&gt;" in text
    assert "Wants no offers and news" in text
    assert "Wrote “STOP”" in text
    assert f"/inbox/{mia.conversation_id}" in text


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ("show=out", True), ("show=in", False), ("show=never", False), ("show=odd", True),
        ("kind=whatsapp", True), ("kind=sms", False), ("before=1", False), ("before=x", True),
    ],
)  # fmt: skip
def test_filters(mia, site, asked, is_there):
    assert ("Wrote “STOP”" in site(f"settings/consent/?{asked}").text) is is_there


def test_a_search_wants_the_whole_address(mia, site):
    spaced = f"{mia.phone[:3]} {mia.phone[3:7]} {mia.phone[7:]}"
    look = {"path": "settings/consent/", "query_string": {"q": spaced}}
    assert "Wrote “STOP”" in site(**look).text
    assert "Nothing here" in site("settings/consent/", query_string={"q": mia.phone[:-1]}).text


def test_an_export_holds_the_same_and_no_formula(mia, site, inside):
    with inside():
        mia.writes("hello")
        db.session.query(Consent).one().evidence = {"words": '=HYPERLINK("x")'}
        db.session.query(Consent).one().basis = "member"
    reply = site("settings/consent/export.csv")
    assert reply.mimetype == "text/csv"
    assert f"phone:{mia.phone}" in reply.text
    assert "'=HYPERLINK" in reply.text
    assert mia.phone not in site("settings/consent/export.csv?show=in").text


def test_a_neighbour_sees_none_of_it(mia, login, cast):
    client = login(cast.neighbour)
    for path in ("", "export.csv"):
        assert mia.phone not in client.get(f"/b/{cast.neighbour_slug}/settings/consent/{path}").text
    inbox = f"/b/{cast.neighbour_slug}/inbox/{mia.conversation_id}/consent"
    assert client.post(f"{inbox}/block").status_code == 404


# A list of people who agreed


def paste(site, people, words=WORDS, **more):
    return site(
        "settings/consent/", data={"kind": "whatsapp", "people": people, "words": words} | more
    )


def test_a_list_is_checked_then_kept_and_safe_to_repeat(site, inside, mia):
    people = f"+44 20 7946 0018\n\nabc\n+442079460018\n{mia.phone}\n"
    shown = paste(site, people).text
    assert "1 of 4 would be noted" in shown
    assert "It stands here twice." in shown
    assert "They said no" in shown
    assert "This is no telephone number" in shown
    for _ in range(2):
        assert paste(site, people, confirmed="1").status_code == 303
    with inside():
        kept = db.session.query(Consent).filter_by(basis="import").one()
        assert (kept.address, kept.evidence["words"]) == ("phone:+442079460018", WORDS)


@pytest.mark.parametrize(
    ("people", "words", "problem"),
    [
        ("", WORDS, "Paste at least one"),
        ("+442079460018", "yes", "Say how and when"),
        ("+442079460018", "x" * 501, "too long"),
        ("x\n" * 501, WORDS, "500 lines fit"),
    ],
)
def test_a_bad_list_keeps_what_was_typed(site, people, words, problem):
    reply = paste(site, people, words, confirmed="1")
    assert reply.status_code == 422
    assert problem in reply.text
    assert words in reply.text
    assert people.strip() in reply.text.replace("\r\n", "\n")


def test_an_unknown_channel_is_refused(site):
    assert paste(site, "+442079460018", kind="pigeon").status_code == 422


def test_who_may_only_read_enters_nothing(site, cast):
    assert "Enter a list" not in site("settings/consent/", cast.viewer).text
    assert site("settings/consent/new", cast.viewer).status_code == 403


@pytest.mark.parametrize("page", ["", "export.csv", "blocked"])
def test_an_accountant_sees_nobody_s_number(mia, site, cast, page):
    assert site(f"settings/consent/{page}", cast.accountant).status_code == 403
    assert "settings/consent" not in site("settings/channels/", cast.accountant).text


# Beside the conversation


def test_the_contact_s_pane_says_what_may_be_written(mia, site):
    text = site(f"inbox/{mia.conversation_id}").text
    assert "No offers and news" in text
    assert "Wrote “STOP”" in text


def test_the_website_s_visitors_have_no_such_pane(site, inside, cast):
    from uuid import uuid4

    from app.channels.models import Channel
    from app.conversations import services

    with inside():
        message, _ = services.receive(Channel.of_kind("website"), uuid4(), "hello", "k")
        conversation_id = message.conversation_id
    assert "What you may write" not in site(f"inbox/{conversation_id}").text
    assert site(f"inbox/{conversation_id}/consent/block", data={}).status_code == 404


def note(site, mia, what, words, *, person=None, headers=HTMX):
    path = f"inbox/{mia.conversation_id}/consent/"
    return site(path, person, data={"what": what, "words": words}, headers=headers)


def test_a_member_notes_a_yes_with_its_evidence(mia, site, inside, cast):
    told = note(site, mia, "in", "Said so at the till", person=cast.agent)
    assert "Offers and news" in told.text
    with inside():
        kept = db.session.query(Consent).filter_by(basis="member").one()
        assert (kept.state, kept.user_id) == ("in", cast.agent.id)
        assert consents.refusal("whatsapp", mia.addresses(), "marketing") is None


@pytest.mark.parametrize(
    ("what", "words", "problem"),
    [("in", "ok", "Say how"), ("odd", WORDS, "Choose what"), ("in", "x" * 501, "too long")],
)
def test_a_note_without_evidence_is_refused_and_kept(mia, site, what, words, problem):
    reply = note(site, mia, what, words)
    assert reply.status_code == 422
    assert problem in reply.text
    assert words in reply.text


def test_without_scripts_it_works_too(mia, site):
    assert note(site, mia, "never", "", headers={}).status_code == 303
    assert "Do not contact" in site("settings/consent/?show=never").text


def test_a_viewer_notes_and_blocks_nothing(mia, site, cast):
    assert note(site, mia, "in", WORDS, person=cast.viewer).status_code == 403
    assert "Note what they told you" not in site(f"inbox/{mia.conversation_id}", cast.viewer).text


def test_blocked_and_unblocked(mia, site):
    told = site(f"inbox/{mia.conversation_id}/consent/block", data={}, headers=HTMX)
    assert "Blocked" in told.text
    assert "Mia &lt;b&gt;" in site("settings/consent/blocked").text
    assert "You blocked this person" in site(f"inbox/{mia.conversation_id}").text
    undone = site(f"settings/consent/blocked/{mia.visitor_id}/undo", data={})
    assert undone.status_code == 303
    assert "Nobody is blocked" in site("settings/consent/blocked").text
