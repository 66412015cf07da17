"""The contact beside a conversation: what members see of who writes, change and decide."""

import re

import pytest

from app.contacts.services import Details
from app.conversations import people
from app.conversations.models import Callback
from app.core import realtime
from app.extensions import db
from tests.conversations.conftest import HTMX

ANNA = Details("Anna Schmidt", "anna@example.com", "+442079460018")
MARK = ">says<span"


@pytest.fixture
def said(talk):
    """`said(name="Anna")`: a visitor who has said this of itself."""

    def begin(**details):
        conversation = talk()
        conversation.do(people.introduce, None, Details(**details))
        return conversation

    return begin


@pytest.fixture
def anna(talk):
    """A contact whom a member has checked."""
    conversation = talk("About my roses")
    conversation.do(people.change, None, ANNA, "Likes roses.")
    return conversation


def card(owner, conversation):
    return owner.get(f"/{conversation.id}/contact/", headers=HTMX).text


def save(browser, conversation, htmx=True, **typed):
    data = {"name": "", "email": "", "phone": "", "note": ""} | typed
    return browser.post(f"/{conversation.id}/contact/", htmx, **data)


def test_who_has_said_nothing_is_a_visitor(owner, talk):
    page = owner.get(f"/{talk().id}").text
    assert "Has not said a name yet." in page
    assert "Add details" in page
    assert MARK not in page


def test_what_is_only_said_is_marked(owner, said):
    page = owner.get(f"/{said(name='Anna', email=ANNA.email, phone=ANNA.phone).id}").text
    assert page.count(MARK) == 3
    assert 'href="mailto:anna@example.com"' in page
    assert 'href="tel:+442079460018"' in page
    assert "+44 20 7946 0018" in page


def test_the_name_stands_in_the_list_once_it_is_known(owner, said):
    said(name="Anna Schmidt")
    assert '<span class="truncate" dir="auto">Anna Schmidt</span>' in owner.get("/").text


def test_what_a_member_wrote_has_no_mark(owner, anna):
    page = card(owner, anna)
    assert MARK not in page
    assert "Likes roses." in page


def test_a_member_writes_the_card(owner, talk):
    conversation = talk()
    form = owner.get(f"/{conversation.id}/contact/edit", headers=HTMX).text
    assert 'name="phone"' in form
    assert "hx-trigger" not in form  # a live change leaves what is being typed alone
    saved = save(owner, conversation, name="Anna", phone="+44 20 7946 0018", note="VIP")
    assert saved.status_code == 200
    assert "Saved." in saved.headers["HX-Trigger"]
    assert "VIP" in saved.text
    assert conversation.look(lambda row: row.title) == "Anna"


def test_without_htmx_saving_leads_back_to_the_card(owner, talk):
    conversation = talk()
    saved = save(owner, conversation, htmx=False, name="Anna")
    assert saved.status_code == 303
    assert saved.location.endswith(f"/inbox/{conversation.id}?pane=contact")
    page = owner.get(f"/{conversation.id}/contact/edit").text
    assert 'data-pane="contact"' in page
    assert 'value="Anna"' in page


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"email": "anna@"}, "This is no e-mail address"),
        ({"phone": "020 7946 0018"}, "Which country is this number of?"),
        ({"name": "12"}, "This is no name."),
        ({"note": "a" * 2001}, "This is too long: 2,000 characters fit."),
    ],
)
def test_bad_input_stays_and_says_why(owner, talk, typed, why, htmx):
    conversation = talk()
    refused = save(owner, conversation, htmx, **({"name": "Anna"} | typed))
    assert refused.status_code == 422
    assert why in refused.text
    assert next(iter(typed.values())) in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert conversation.look(lambda row: row.visitor.contact_id) is None


def test_an_address_of_somebody_else_is_refused(owner, anna, talk):
    other = talk()
    save(owner, other, name="Bob")
    refused = save(owner, other, name="Bob", email=ANNA.email)
    assert refused.status_code == 422
    assert "anna@example.com belongs to Anna Schmidt already." in refused.text
    assert other.look(lambda row: row.title) == "Bob"


def test_an_address_adds_nothing_to_the_mail_that_it_opens(owner, said):
    page = card(owner, said(email="a?cc=b&c@example.com"))
    assert 'href="mailto:a%3Fcc%3Db%26c@example.com"' in page


def test_an_empty_form_makes_nobody(owner, talk):
    conversation = talk()
    refused = save(owner, conversation)
    assert refused.status_code == 422
    assert "Fill in at least one of the fields." in refused.text
    assert conversation.look(lambda row: row.visitor.contact_id) is None


def test_a_claim_is_a_question_to_the_member(owner, anna, said):
    claim = said(email=ANNA.email, name="Mallory")
    page = owner.get(f"/{claim.id}").text
    assert 'Says to be <b dir="auto">Anna Schmidt</b>' in page
    assert '<span dir="auto">Mallory</span>' in page.partition("Says differently here")[2]
    assert "/contact/edit" not in page
    assert '<h2 class="conversation-title truncate">Mallory</h2>' in page


def test_yes_it_is_the_same_person(owner, anna, said):
    claim = said(email=ANNA.email)
    path = f"/{claim.id}/contact/confirmation"
    assert "Says to be" not in owner.post(path, htmx=True).text
    assert owner.post(path).status_code == 303  # again, without htmx
    assert claim.look(lambda row: row.title) == "Anna Schmidt"


def test_no_it_is_somebody_else_and_the_decision_can_be_taken_back(owner, anna, said):
    claim = said(email=ANNA.email, phone="+442079460019")
    refused = owner.post(f"/{claim.id}/contact/refusal", htmx=True).text
    assert 'Your team decided that this isn’t <b dir="auto">Anna Schmidt</b>' in refused
    form = owner.get(f"/{claim.id}/contact/edit", headers=HTMX).text
    assert f'value="{ANNA.email}"' not in form  # it would make her Anna again
    owner.post(f"/{claim.id}/contact/confirmation", htmx=True)
    assert claim.look(lambda row: row.title) == "Anna Schmidt"


def test_what_belongs_to_a_third_person_is_said(owner, anna, said, talk):
    other = talk()
    other.do(people.change, None, Details("Bob", "bob@example.com"), "")
    claim = said(email="bob@example.com", phone=ANNA.phone)
    assert 'of <b dir="auto">Anna Schmidt</b>' in card(owner, claim)


def test_other_conversations_of_the_same_person(owner, anna, said):
    claim = said(email=ANNA.email)
    page = card(owner, claim)
    assert "About my roses" in page
    assert f"/inbox/{anna.id}" in page
    assert f"/inbox/{claim.id}?" not in page.partition("Other conversations")[2]


def test_messages_that_were_left_stand_on_the_card(owner, talk):
    conversation = talk()
    with conversation.work():
        db.session.add(
            Callback(conversation_id=conversation.id, phone=ANNA.phone, message="Call me <b>")
        )
    page = card(owner, conversation)
    assert "Call me &lt;b&gt;" in page
    assert "Open · left" in page


def test_everybody_who_looks_is_told(owner, talk, monkeypatch):
    conversation, told = talk(), []
    monkeypatch.setattr(realtime, "publish", lambda topic, **data: told.append(data["name"]))
    save(owner, conversation, name="Anna")
    assert told == [f"contact-{conversation.id}", f"conversation-{conversation.id}", "inbox"]


def test_a_viewer_looks_and_has_nothing_to_press(inbox, cast, anna, said):
    viewer, claim = inbox(cast.viewer), said(email=ANNA.email)
    page = viewer.get(f"/{claim.id}").text
    assert "Says to be" in page
    assert "/contact/confirmation" not in page
    assert "/contact/edit" not in viewer.get(f"/{anna.id}").text
    assert save(viewer, anna, name="X").status_code == 403
    assert viewer.post(f"/{claim.id}/contact/refusal").status_code == 403
    assert anna.look(lambda row: row.title) == "Anna Schmidt"


def test_a_neighbour_finds_nobody(login, cast, anna):
    neighbour = login(cast.neighbour)
    for slug in (cast.slug, cast.neighbour_slug):
        path = f"/b/{slug}/inbox/{anna.id}/contact/"
        assert neighbour.get(path, headers=HTMX).status_code == 404
        assert neighbour.post(path, data={"name": "X"}).status_code == 404
    assert anna.look(lambda row: row.title) == "Anna Schmidt"


def test_a_preview_makes_nobody_s_contact(talk):
    preview = talk(key="preview")
    preview.do(people.introduce, None, ANNA)
    assert preview.look(lambda row: row.visitor.contact_id) is None
    assert preview.look(lambda row: row.title) == "Anna Schmidt"


def test_a_list_of_known_people_costs_no_query_more(owner, said, count_queries):
    said(name="Anna", email="anna@example.com")
    with count_queries() as one:
        owner.get("/")
    for number in range(5):
        said(name=f"Guest {number}", email=f"guest{number}@example.com")
    with count_queries() as six:
        assert "Guest 4" in owner.get("/").text
    assert len(six) == len(one)


@pytest.mark.parametrize("by", ["member", "visitor"])
def test_a_conversation_is_locked_before_its_visitor(owner, talk, count_queries, by):
    """As by a message that comes at the same moment: else each would wait for the other."""
    conversation = talk()
    with count_queries() as statements:
        if by == "member":
            save(owner, conversation, email="anna@example.com")
        else:
            conversation.do(people.introduce, None, ANNA)
    locks = re.compile(r"FROM (conversations|visitors) .*FOR |^UPDATE (visitors) ", re.S)
    order = [found[1] or found[2] for each in statements if (found := locks.search(each))]
    assert (order[0], "visitors" in order) == ("conversations", True)
