"""Companies, tags and the business's own fields: their pages, and what they refuse."""

import pytest
from sqlalchemy import select

from app.contacts import fields, tags
from app.contacts.models import Company, ContactField, Tag
from app.conversations.models import ConversationTag
from app.core.errors import Conflict, Invalid
from app.extensions import db


def ids(inside, model):
    with inside():
        return {each.name: each.id for each in db.session.scalars(select(model))}


def test_a_company_is_one_in_whatever_spelling_and_has_a_page(owner, inside):
    first = owner.add("Anna", company="Café  Rosa")
    owner.add("Ben", company="CAFE ROSA")
    (company,) = ids(inside, Company).values()
    page = owner.get(f"/companies/{company}").text
    assert "2 contacts" in page
    assert "Anna" in page
    assert "Café Rosa" in owner.get("/companies/?q=cafe").text
    assert "No company is called so" in owner.get("/companies/?q=rosa").text
    changed = {"name": "Rosa & Co", "domain": "https://www.Rosa.example/shop", "note": "Closed on Mondays"}  # fmt: skip
    assert owner.post(f"/companies/{company}", **changed).status_code == 303
    page = owner.get(f"/companies/{company}").text
    assert "rosa.example" in page
    assert "Closed on Mondays" in page
    assert owner.post(f"/companies/{company}/deletion").status_code == 303
    assert owner.get(f"/companies/{company}").status_code == 404
    assert owner.get(f"/{first}").status_code == 200


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": " "}, "Write the company’s name"),
        ({"name": "rosa"}, "There is a company “Rosa” already"),
        ({"name": "B", "domain": "no domain"}, "This is no web address"),
        ({"name": "B", "note": "x" * 2001}, "2,000 characters"),
    ],
)
def test_what_no_company_can_be(owner, typed, words):
    assert owner.post("/companies/", name="Rosa").status_code == 303
    answer = owner.post("/companies/", **typed)
    assert answer.status_code == 422
    assert words in answer.text


def test_tags_are_renamed_coloured_counted_merged_and_deleted(owner, inside, guest):
    anna, ben, talk = owner.add("Anna"), owner.add("Ben"), guest()
    for contact, tag in ((anna, "VIP"), (anna, " vip "), (anna, "Gold"), (ben, "Gold")):
        assert owner.post(f"/{contact}/tags", tag=tag).status_code == 303
    there = ids(inside, Tag)
    assert set(there) == {"VIP", "Gold"}
    with inside():
        db.session.add(ConversationTag(conversation_id=talk.conversation_id, tag_id=there["Gold"]))
    page = owner.get("/tags/").text
    assert f'tag={there["Gold"]}">2</a>' in page
    renamed = {"name": "Regular", "colour": "green"}
    assert owner.post(f"/tags/{there['VIP']}", **renamed).status_code == 303
    assert "badge--green" in owner.get(f"/{anna}").text
    taken = owner.post(f"/tags/{there['VIP']}", name="gold", colour="green")
    assert "There is a tag “Gold” already" in taken.text
    assert "Choose the tag that stays" in owner.post(f"/tags/{there['Gold']}/merge", into="x").text
    owner.post(f"/tags/{there['Gold']}/merge", into=there["VIP"])
    with inside():
        assert tags.counts() == {there["VIP"]: {"contact_tags": 2, "conversation_tags": 1}}
    owner.post(f"/{ben}/tags/{there['VIP']}/removal")
    assert owner.names(f"?tag={there['VIP']}") == ["Anna"]
    owner.post(f"/tags/{there['VIP']}/deletion")
    assert "No tags yet" in owner.get("/tags/").text
    assert "needs a name" in owner.post("/tags/", name=" ").text


def test_fields_are_ordered_archived_and_brought_back(login, cast, owner, inside):
    client, base = login(cast.owner), f"/b/{cast.slug}/settings/contact-fields"
    for label in ("Plate", "Plate 2", "Skin type"):
        assert client.post(f"{base}/", data={"label": label, "kind": "text"}).status_code == 303
    again = client.post(f"{base}/", data={"label": "PLATE", "kind": "text"})
    assert again.status_code == 422
    assert "There is a field “Plate” already" in again.text
    with inside():
        made = {each.label: each.id for each in ContactField.all()}
        assert [each.key for each in ContactField.all()] == ["plate", "plate_2", "skin_type"]
    client.post(f"{base}/{made['Skin type']}/up")
    client.post(f"{base}/{made['Plate']}/up")
    with inside():
        assert [each.label for each in ContactField.all()] == ["Plate", "Skin type", "Plate 2"]
    client.post(f"{base}/{made['Plate']}/archive")
    assert 'name="custom_plate"' not in owner.get("/new").text
    client.post(f"{base}/{made['Plate']}/restoration")
    assert 'name="custom_plate"' in owner.get("/new").text
    client.post(f"{base}/{made['Plate']}", data={"label": "Number plate"})
    assert "Number plate" in owner.get("/new").text
    assert login(cast.agent).post(f"{base}/{made['Plate']}/archive").status_code == 403


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("", "text"), "label"), (("x" * 61, "text"), "label"), (("A", "file"), "kind"),
        (("A", "choice", ["One"]), "choices"), (("A", "choice", ["One", "one "]), "choices"),
    ],
)  # fmt: skip
def test_what_no_field_can_be(inside, given, code):
    with inside(), pytest.raises(Invalid) as refusal:
        fields.create(*given)
    assert refusal.value.code == code


def test_there_is_a_most_of_fields(inside):
    with inside():
        for number in range(fields.MOST):
            fields.create(f"Field {number}", "text")
        with pytest.raises(Conflict):
            fields.create("One more", "text")
        assert len({each.key for each in ContactField.all()}) == fields.MOST
