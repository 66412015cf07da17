"""What is found by what, before the index has read it and after."""

import pytest

from app.search import services
from tests.search.conftest import bodies, contact, member, names, talk


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Marta Ruiz", "marta"), ("Marta Ruiz", "RUIZ mar"), ("Zoë Núñez", "zoe nunez"),
        ("Zoe Nunez", "Zoë"), ("Łukasz Żak", "lukasz zak"), ("Анна Ёлкина", "елкина"),
        ("محمّد الأحمد", "محمد"), ("王小明", "小明"), ("देवी शर्मा", "शर्मा"), ("Jean-Pierre Groß", "gross"),
        ("İpek Işık", "isik"),
    ],
)  # fmt: skip
def test_a_contact_is_found_by_its_name(context, cast, settle, name, typed):
    with cast.scope():
        contact(name)
        contact("Somebody Else")
        settle()
        assert names(cast, typed) == [name]


@pytest.mark.parametrize(
    "typed",
    [
        "+44 20 7946 0018",
        "020 7946 0018",
        "0018",
        "9460018",
        "ada@example.com",
        "ada@exam",
        "ADA",
        "garden",
    ],
)
def test_a_contact_is_found_by_what_is_known_of_it(context, cast, settle, typed):
    with cast.scope():
        contact("Ada", note="Has a big garden", email="ada@example.com", phone="+442079460018")
        contact("Bob", email="bob@other.org", phone="+442079461234")
        settle()
        assert names(cast, typed) == ["Ada"]


def test_the_order_is_address_then_name_then_beginning(context, cast, settle):
    with cast.scope():
        contact("Annabel")
        contact("Ann")
        contact("Zed", note="A friend of Ann")
        contact("Annika")
        settle()
        assert names(cast, "ann") == ["Ann", "Annika", "Annabel", "Zed"]


@pytest.mark.parametrize(("typed", "meant"), [("mraia", "maria"), ("gonzales", "gonzalez")])
def test_a_slip_is_forgiven_where_nothing_has_the_word(context, cast, typed, meant):
    from tests.search.conftest import index

    with cast.scope():
        contact("Maria Gonzalez")
        index()
        hits = services.find(typed, member(cast))
        assert [each.name for each in hits.contacts] == ["Maria Gonzalez"]
        assert hits.meant == meant


def test_a_message_is_found_by_its_words_newest_first(context, cast, settle):
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


def test_a_conversation_is_found_by_who_is_in_it(context, cast, settle):
    with cast.scope():
        one = talk("Hello", name="Mia Moss")
        two = talk("Hi", name=None)
        two.visitor.contact_id, two.visitor.contact_link = contact("Mia Marsh").id, "confirmed"
        three = talk("Hey")
        three.visitor.contact_id, three.visitor.contact_link = contact("Mia Mole").id, "says"
        settle()
        found = services.find("mia", member(cast)).conversations
        assert {each.id for each in found} == {one.id, two.id}
        assert services.find(f"#{three.id}", member(cast)).conversations == [three]
