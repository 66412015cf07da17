"""What is found by what, before the index has read it and after."""

import pytest
from sqlalchemy import update

from app.contacts.models import Company, Contact, ContactNote, ContactTag, Tag
from app.core.db import now
from app.extensions import db
from app.search import services
from tests.search.conftest import bodies, contact, index, member, names, says, talk

NAMES = {
    "Marta Ruiz": ("marta", "RUIZ mar", "mart"),
    "Zoë Núñez": ("zoe nunez", "Zoë", "nún"),
    "Łukasz Żak": ("lukasz zak",),
    "Анна Ёлкина": ("елкина",),
    "محمّد الأحمد": ("محمد", "الاحمد"),
    "王小明": ("小明", "王"),
    "देवी शर्मा": ("शर्मा",),
    "Jean-Pierre Groß": ("gross", "pierre jean"),
    "İpek Işık": ("isik", "ipek"),
    "Δημήτρης": ("δημητρης",),
}
ADA = (
    "+44 20 7946 0018",
    "020 7946 0018",
    "0018",
    "9460018",
    "ada@example.com",
    "ada@exam",
    "ADA",
    "garden",
)


def test_contacts_are_found_by_their_names_and_by_all_that_is_known_of_them(context, cast, settle):
    with cast.scope():
        for name in NAMES:
            contact(name)
        contact("Ada", note="Has a big garden", email="ada@example.com", phone="+442079460018")
        contact("Bob", email="bob@other.org", phone="+442079461234")
        settle()
        found = {typed: names(cast, typed) for each in NAMES.values() for typed in each}
        assert found == {typed: [name] for name, each in NAMES.items() for typed in each}
        assert {typed: names(cast, typed) for typed in ADA} == {typed: ["Ada"] for typed in ADA}
        assert names(cast, "ada bob") == []


def test_the_order_is_address_then_name_then_beginning_then_note(context, cast, settle):
    with cast.scope():
        contact("Annabel")
        contact("Ann")
        contact("Zed", note="A friend of Ann")
        contact("Annika")
        contact("Somebody", email="ann@example.com")
        contact("Else", note="Knows ann@example.com")
        settle()
        assert names(cast, "ann")[:1] == ["Ann"]
        assert names(cast, "ann")[1:3] == ["Annika", "Annabel"]
        assert names(cast, "ann@example.com") == ["Somebody", "Else"]


def test_a_slip_is_forgiven_where_nothing_has_the_word(context, cast):
    with cast.scope():
        contact("Maria Gonzalez")
        contact("Иван Смирнов")
        talk("Do you have tulips?")
        index()
        for typed, meant, kind in (
            ("mraia", "maria", "contacts"),
            ("gonzales mar", "gonzalez mar", "contacts"),
            ("смирноф", "смирнов", "contacts"),
            ("tulps", "tulips", "messages"),
        ):
            hits = services.find(typed, member(cast))
            assert (len(getattr(hits, kind)), hits.meant) == (1, meant)
        assert services.find("maria", member(cast)).meant == ""


def test_messages_are_found_by_their_words_newest_first(context, cast, settle):
    with cast.scope():
        talk("Do you deliver on Saturdays?", "Delivery to my café please", name="Mia")
        talk("We deliver daily", kind="note")
        talk("deliver this to nobody", is_preview=True)
        settle()
        assert bodies(cast, "deliver") == [
            "We deliver daily", "Delivery to my café please", "Do you deliver on Saturdays?",
        ]  # fmt: skip
        assert bodies(cast, "cafe deliv") == ["Delivery to my café please"]
        line = services.find("saturday", member(cast)).messages[0]
        assert line.pieces == [("Do you deliver on ", False), ("Saturdays", True), ("?", False)]


def test_a_long_message_is_shown_around_the_word(context, cast):
    with cast.scope():
        talk("word " * 100 + "needle " + "word " * 100)
        pieces = services.find("needle", member(cast)).messages[0].pieces
        assert [text for text, is_asked in pieces if is_asked] == ["needle"]
        assert sum(len(text) for text, _ in pieces) < services.SHOWN + 10
        assert (pieces[0][0], pieces[-1][0]) == ("… ", " …")


def test_older_messages_go_on_where_the_newer_ended(context, cast, settle):
    with cast.scope():
        talk(*(f"tulip number {number}" for number in range(7)))
        settle()
        pages, before = [], services.MAX_ID
        for _ in range(3):
            hits = services.find("tulip", member(cast), ["messages"], limit=3, before=before)
            pages.append([line.message.body[-1] for line in hits.messages])
            before = hits.messages[-1].message.id
        assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
        assert hits.more == set()


def test_a_conversation_is_found_by_who_is_in_it(context, cast, settle):
    with cast.scope():
        one, two, three, four = talk("Hello", name="Mia Moss"), talk("Hi"), talk("Hey"), talk("Ho")
        for each, name, link in ((two, "Mia Marsh", "confirmed"), (three, "Mia Mole", "says")):
            each.visitor.contact_id, each.visitor.contact_link = contact(name).id, link
        four.visitor.blocked_at, four.visitor.name = now(), "Mia Mint"
        settle()
        found = services.find("mia", member(cast)).conversations
        assert {each.id for each in found} == {one.id, two.id, four.id}
        assert services.find(f"#{three.id}", member(cast)).conversations == [three]


def test_changed_words_are_found_and_old_ones_are_not(context, cast, settle):
    with cast.scope():
        anna, talked = contact("Anna", phone="+442079460018"), talk("tulips please")
        index()
        db.session.execute(update(Contact).where(Contact.id == anna.id).values(name="Berta"))
        says(talked, "roses please")
        talked.messages_after(0)[0].body = "lilies please"
        settle()
        assert (names(cast, "anna"), names(cast, "berta"), names(cast, "0018")) == (
            [],
            ["Berta"],
            ["Berta"],
        )
        assert (bodies(cast, "tulips"), bodies(cast, "lilies")) == ([], ["lilies please"])


def test_a_contact_is_found_by_what_members_wrote_about_it(context, cast, settle):
    with cast.scope():
        anna, berta = contact("Anna"), contact("Berta")
        note = ContactNote(contact_id=anna.id, body="Allergic to peanuts")
        db.session.add(note)
        db.session.flush()
        settle()
        assert names(cast, "peanut") == ["Anna"]
        note.contact_id = berta.id
        settle()
        assert names(cast, "peanut") == ["Berta"]


@pytest.mark.parametrize("column", ["archived_at", "merged_into_id"])
def test_who_is_out_of_the_lists_is_not_found(context, cast, settle, column):
    with cast.scope():
        gone, kept = contact("Anna Away", email="anna@example.com"), contact("Anna There")
        index()
        setattr(gone, column, now() if column == "archived_at" else kept.id)
        settle()
        assert names(cast, "anna") == ["Anna There"]
        assert names(cast, "anna@example.com") == []
        setattr(gone, column, None)
        settle()
        assert names(cast, "away") == ["Anna Away"]


def test_the_same_words_of_another_business_stay_there(context, cast, settle):
    with cast.neighbour_scope():
        contact("Maria Secret", email="maria@example.com", phone="+442079460018")
        hers = talk("the secret delivery").id
        settle()
    with cast.scope():
        contact("Maria Mine")
        settle()
        assert names(cast, "maria") == ["Maria Mine"]
        for typed in ("secret", "maria@example.com", "0018", "sceret", f"#{hers}"):
            assert services.find(typed, member(cast)).is_empty, typed


def test_only_kinds_that_the_role_may_read_are_searched(context, cast):
    with cast.scope():
        contact("Maria")
        talk("Maria was here", name="Maria")
        hits = services.find("maria", member(cast, "accountant"))
        assert (len(hits.contacts), hits.conversations, hits.messages) == (1, [], [])


def test_a_contact_is_found_by_company_own_fields_and_tags(context, cast, settle):
    with cast.scope():
        anna, vip = contact("Anna"), Tag(name="Vip", name_key="vip")
        firm = Company(name="Ashcombe Gardens")
        db.session.add_all([vip, firm])
        db.session.flush()
        anna.company_id, anna.custom = firm.id, {"plot": "Orchard", "number": 4711, "dog": True}
        db.session.add(ContactTag(contact_id=anna.id, tag_id=vip.id))
        settle()
        for typed in ("ashcombe", "orchard", "4711", "vip anna"):
            assert names(cast, typed) == ["Anna"], typed
        firm.name, vip.name, anna.custom = "Bramley Gardens", "Regular", {"plot": "Meadow"}
        settle()
        for typed in ("bramley", "regular", "meadow"):
            assert names(cast, typed) == ["Anna"], typed
        for typed in ("ashcombe", "vip", "orchard", "4711"):
            assert names(cast, typed) == [], typed
