"""One person is one contact; anybody can type anybody's address, and gains nothing by it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.businesses.models import Business
from app.contacts import services
from app.contacts.models import Contact
from app.core.errors import Conflict, Invalid
from app.extensions import db

ANNA, PHONE, OTHER_PHONE = "anna@example.com", "+442079460018", "+442079460019"


@pytest.fixture
def anna(guest):
    """A contact whom a member has checked."""
    anna = guest()
    anna.member_writes("Anna Schmidt", ANNA, PHONE)
    return anna


def test_a_name_alone_makes_no_contact(guest, count_contacts):
    visitor = guest()
    visitor.says(name="Anna")
    assert visitor.looks() == {"link": None, "title": "Anna"}
    assert count_contacts() == (0, 0)


def test_an_address_makes_a_contact_with_all_that_was_said_before(guest):
    visitor = guest()
    visitor.says(name="Anna")
    visitor.says(email="Anna@Example.com")
    found = visitor.looks()
    assert found.pop("contact")
    assert found == {"link": "own", "title": "Anna", "name": ("Anna", True), "email": (ANNA, True)}


def test_saying_it_again_changes_nothing(guest, count_contacts):
    visitor = guest()
    for _ in range(3):
        visitor.says(name="Anna", email=ANNA, phone="+44 20 7946 0018")
    assert count_contacts() == (1, 2)


def test_a_visitor_corrects_its_own_words(guest, count_contacts):
    visitor = guest()
    visitor.says(name="Ana", email="anna@example.con")
    visitor.says(name="Anna", email=ANNA)
    assert visitor.looks()["email"] == (ANNA, True)
    assert visitor.looks()["name"] == ("Anna", True)
    assert count_contacts() == (1, 1)


def test_a_first_name_takes_no_surname_away(guest):
    visitor = guest()
    visitor.says(name="Anna Schmidt", email=ANNA)
    visitor.says(name="anna")
    assert visitor.looks()["name"] == ("Anna Schmidt", True)
    visitor.says(name="Anna Schmidt-Meier")
    assert visitor.looks()["title"] == "Anna Schmidt-Meier"


def test_the_same_address_in_another_browser_is_the_same_person(guest, count_contacts):
    first, second = guest(), guest()
    first.says(name="Anna", email=ANNA)
    second.says(email=ANNA, phone=PHONE)
    assert second.looks()["contact"] == first.looks()["contact"]
    assert second.looks()["link"] == "says"
    assert first.looks()["phone"] == (PHONE, True)
    assert count_contacts() == (1, 2)


def test_the_email_counts_before_the_phone(guest):
    by_phone, by_email, both = guest(), guest(), guest()
    by_phone.says(phone=PHONE)
    by_email.says(email=ANNA)
    both.says(phone=PHONE, email=ANNA)
    assert both.looks()["contact"] == by_email.looks()["contact"]
    assert "phone" not in both.looks()  # it is the other contact's
    with both.work():
        assert both.row().phone == PHONE  # and isn't forgotten


def test_a_claim_changes_nothing_that_is_known(guest, anna):
    before = anna.looks()
    impostor = guest()
    impostor.says(name="Mallory", email=ANNA, phone=OTHER_PHONE)
    assert anna.looks() == before
    assert impostor.looks()["link"] == "says"
    assert impostor.looks()["title"] == "Mallory"  # not Anna


def test_a_claim_without_a_name_is_shown_by_what_was_said(guest, anna):
    impostor = guest()
    impostor.says(email=ANNA)
    assert impostor.looks()["title"] == ANNA


def test_a_claim_corrects_nobody_else_s_words(guest):
    first, second = guest(), guest()
    first.says(name="Anna", email=ANNA, phone=PHONE)
    second.says(name="Mallory", email=ANNA, phone=OTHER_PHONE)
    assert first.looks()["phone"] == (PHONE, True)
    assert first.looks()["name"] == ("Anna", True)


def test_a_claim_fills_what_is_empty_and_is_marked(guest):
    anna, second = guest(), guest()
    anna.member_writes(email=ANNA)
    second.says(name="Anna", email=ANNA, phone=PHONE)
    found = anna.looks()
    assert (found["name"], found["email"]) == (("Anna", True), (ANNA, False))
    assert found["phone"] == (PHONE, True)


def test_an_answer_to_a_visitor_holds_its_own_words_alone(guest, anna):
    impostor = guest()
    impostor.says(email=ANNA)
    with impostor.work():
        assert services.said_by(impostor.row()) == services.Details(email=ANNA)


def test_a_member_says_that_it_is_somebody_else(guest, anna):
    with anna.work():
        services.change(
            anna.row(), services.Details("Anna Schmidt", ANNA), "", anna.conversation_id
        )
    impostor = guest()
    impostor.says(email=ANNA, phone=OTHER_PHONE)
    assert anna.looks()["phone"] == (OTHER_PHONE, True)
    impostor.do(services.refuse)
    assert "phone" not in anna.looks()
    assert impostor.looks() == {"link": "refused", "title": ANNA}
    impostor.says(email=ANNA, phone=OTHER_PHONE)  # and it stays so
    assert impostor.looks()["link"] == "refused"
    impostor.do(services.refuse)
    impostor.do(services.confirm)  # after all
    assert impostor.looks()["title"] == "Anna Schmidt"
    assert impostor.looks()["contact"] == anna.looks()["contact"]


def test_a_member_says_that_it_is_her(guest, anna):
    second = guest()
    second.says(email=ANNA)
    second.do(services.confirm)
    second.do(services.confirm)
    assert second.looks()["link"] == "confirmed"
    assert second.looks()["title"] == "Anna Schmidt"
    second.do(services.refuse)  # too late: that was a question about a claim
    assert second.looks()["link"] == "confirmed"


def test_nobody_is_known_by_what_was_not_said(guest, anna):
    stranger = guest()
    stranger.do(services.confirm)
    assert stranger.looks()["link"] is None


def test_a_member_s_writing_takes_the_mark_away(guest):
    visitor = guest()
    visitor.says(name="Anna", email=ANNA)
    visitor.member_writes("Anna Schmidt", ANNA, "+44 20 7946 0018")
    found = visitor.looks()
    assert (found["name"], found["email"]) == (("Anna Schmidt", False), (ANNA, False))
    assert found["phone"] == (PHONE, False)
    visitor.says(name="Anni", email="else@example.com")
    assert visitor.looks()["email"] == (ANNA, False)
    assert visitor.looks()["title"] == "Anna Schmidt"


def test_a_member_empties_a_field(guest, count_contacts):
    visitor = guest()
    visitor.says(name="Anna", email=ANNA, phone=PHONE)
    visitor.member_writes("Anna", phone=PHONE)
    assert "email" not in visitor.looks()
    visitor.says(name="Anna")  # what it said before doesn't come back by itself
    assert "email" not in visitor.looks()


def test_a_member_who_types_a_known_address_finds_the_person(guest, anna):
    visitor = guest()
    visitor.member_writes("A. S.", ANNA)
    assert visitor.looks()["contact"] == anna.looks()["contact"]
    assert visitor.looks()["title"] == "Anna Schmidt"


def test_a_member_can_t_give_one_address_to_two(guest, anna):
    bob = guest()
    bob.member_writes("Bob", "bob@example.com")
    with pytest.raises(Conflict, match="belongs to Anna Schmidt") as refused:
        bob.member_writes("Bob", ANNA)
    assert refused.value.code == "email"
    assert bob.looks()["email"] == ("bob@example.com", False)


def test_a_claim_is_decided_before_it_is_written_over(guest, anna):
    impostor = guest()
    impostor.says(email=ANNA)
    with pytest.raises(Conflict, match="Say first whether"):
        impostor.member_writes("Mallory")


@pytest.mark.parametrize(
    ("typed", "code"),
    [({"email": "anna@"}, "email"), ({"phone": "12"}, "phone"), ({"name": "1"}, "name")],
)
def test_bad_details_are_refused(guest, typed, code):
    visitor = guest()
    with pytest.raises(Invalid) as refused:
        visitor.says(**typed)
    assert refused.value.code == code


def test_a_note_has_a_limit(guest):
    with pytest.raises(Invalid, match="2,000"):
        guest().member_writes("Anna", note="a" * 2001)


def test_a_number_without_its_country_is_asked_back(guest, cast):
    visitor = guest()
    with pytest.raises(Invalid, match="Which country"):
        visitor.says(phone="020 7946 0018")
    with visitor.work():
        db.session.get_one(Business, cast.business_id).time_zone = "Europe/London"
    visitor.says(phone="020 7946 0018")
    assert visitor.looks()["phone"] == (PHONE, True)


def test_another_business_knows_other_people(app, cast, guest, anna):
    with app.app_context(), cast.neighbour_scope():
        assert Contact.by_identity("email", ANNA) is None


def test_two_at_once_make_one(guest, count_contacts):
    guests = [guest() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: one.says(name="Anna", email=ANNA, phone=PHONE), guests))
    assert count_contacts() == (1, 2)
    assert len({one.looks()["contact"] for one in guests}) == 1
    assert sorted(one.looks()["link"] for one in guests) == ["own"] + 5 * ["says"]


def test_one_visitor_twice_at_once_is_one(guest, count_contacts):
    visitor = guest()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: visitor.says(name="Anna", email=ANNA), range(4)))
    assert count_contacts() == (1, 1)
    assert visitor.looks()["link"] == "own"


def test_two_who_say_to_be_one_add_one_address(guest):
    anna, guests = guest(), [guest() for _ in range(4)]
    anna.member_writes("Anna", phone=PHONE)
    with ThreadPoolExecutor(4) as pool:
        emails = [f"anna{number}@example.com" for number in range(4)]
        list(pool.map(lambda one, email: one.says(phone=PHONE, email=email), guests, emails))
    with anna.work():
        kinds = [each.kind for each in anna.row().contact.identities]
    assert sorted(kinds) == ["email", "phone"]
