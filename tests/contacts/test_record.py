"""The list of contacts and a person's record, over HTTP: what is shown, what is refused, what two do at once."""

import io
import re

import pytest

from app.contacts import fields
from app.contacts.models import Contact, ContactField
from app.core.db import now
from app.extensions import db

EMAIL, PHONE = "anna@example.com", "+442079460018"


@pytest.fixture
def anna(owner):
    return owner.add("Anna Schmidt", EMAIL, "+44 20 7946 0018", company="Café Rosa", note="Likes <b>roses</b>")  # fmt: skip


def test_a_new_one_stands_in_the_list_and_has_a_page(owner, anna):
    page = owner.get().text
    assert "Anna Schmidt" in page
    assert "Café Rosa" in page
    assert "1 contact" in page
    record = owner.get(f"/{anna}").text
    assert EMAIL in record
    assert "+44 20 7946 0018" in record
    assert "Likes &lt;b&gt;roses" in record
    assert "Became a contact" in record


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ("q=anna", True), ("q=AÑNA+sch", True), ("q=schmidt", False), ("q=anna@exa", True),
        ("q=%2B44+20+7946+0018", True), ("q=x", False), ("has=email", True), ("has=phone", True),
        ("has=odd", True), ("tag=1", False), ("company=1", False), ("archived=1", False),
        ("sort=name", True), ("sort=newest", True), ("after=x", True), ("tag=" + "9" * 40, True),
        ("sort=name&after=1-b", False), ("sort=name&after=1-a", True), ("after=1-1", False),
    ],
)  # fmt: skip
def test_filters(owner, anna, asked, is_there):
    assert (owner.names(f"?{asked}") == ["Anna Schmidt"]) is is_there


@pytest.mark.parametrize("sort", ["", "name", "newest"])
def test_the_list_pages_by_key_with_few_queries(owner, inside, count_queries, sort):
    with inside():
        db.session.add_all([Contact(name=f"Person {number:03}") for number in range(53)])
    with count_queries() as statements:
        first = owner.get(f"/?sort={sort}").text
    assert len([each for each in statements if not each.startswith("SELECT set_config")]) <= 14
    assert "53 contacts" in first
    on = re.search(r'rel="next" href="[^"]*/contacts/(\?[^"]*)"', first).group(1)
    second = owner.get("/" + on.replace("&amp;", "&")).text
    names = [set(re.findall(r"Person \d{3}", each)) for each in (first, second)]
    assert [len(each) for each in names] == [50, 3]
    assert not names[0] & names[1]


def test_nobody_yet_is_said_with_the_first_step(owner, records, cast):
    assert "No contacts yet" in owner.get().text
    assert "Add the first one" in owner.get().text
    assert "Add the first one" not in records(cast.viewer).get().text


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"name": " "}, "name", "Write a name, an e-mail address or a phone number."),
        ({"name": "x" * 81}, "name", "80 characters"),
        ({"email": "anna"}, "email", "This is no e-mail address"),
        ({"phone": "12"}, "phone", "Which country"),
        ({"name": "A", "birthday": "yesterday"}, "birthday", "Choose a day"),
        ({"name": "A", "birthday": "2999-01-01"}, "birthday", "lies in the past"),
        ({"name": "A", "language": "xx"}, "language", "Choose one of the languages"),
        ({"name": "A", "company": "x" * 121}, "company", "120"),
    ],
)
def test_what_is_wrong_is_said_there_and_nothing_typed_is_lost(owner, typed, field, words):
    answer = owner.post("/", **{"note": "Keeps bees", "version": "", **typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'href="#{field}"' in answer.text
    assert "Keeps bees" in answer.text
    assert "No contacts yet" in owner.get().text


def test_an_address_that_is_somebody_s_names_them(owner, anna):
    answer = owner.post("/", name="Ann", email="ANNA@example.com")
    assert answer.status_code == 422
    assert "belongs to Anna Schmidt already" in answer.text
    assert f"/contacts/{anna}" in answer.text


def test_fifty_who_make_the_same_at_once_make_one(app, cast, owner, member, count_contacts):
    from concurrent.futures import ThreadPoolExecutor

    from app.contacts import records, services
    from app.core.errors import Conflict
    from app.core.unit_of_work import unit_of_work

    def make(number):
        try:
            with app.app_context(), cast.scope(), unit_of_work():
                typed = records.read(name=f"Anna {number}")
                records.create(member(), typed, services.read(email=EMAIL))
        except Conflict as refusal:
            return refusal.message
        return "made"

    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(make, range(50)))
    assert told.count("made") == 1
    assert all("belongs to Anna" in each for each in told if each != "made")
    assert count_contacts() == (1, 1)


def test_the_second_of_two_who_write_at_once_is_told_and_loses_nothing(owner, records, cast, anna):
    version = re.search(r'name="version"[^>]*value="(\d+)"', owner.get(f"/{anna}/edit").text).group(1)  # fmt: skip
    first = {"name": "Anna Schmidt-Meier", "note": "", "version": version}
    assert records(cast.agent).post(f"/{anna}", **first).status_code == 303
    answer = owner.post(f"/{anna}", name="Anna S.", note="Typed by me", version=version)
    assert answer.status_code == 409
    assert "Somebody else has changed this contact" in answer.text
    assert "Anna Schmidt-Meier" in answer.text
    assert "Typed by me" in answer.text
    newer = re.search(r'name="version"[^>]*value="(\d+)"', answer.text).group(1)
    assert owner.post(f"/{anna}", name="Anna S.", note="Typed by me", version=newer).status_code == 303  # fmt: skip
    record = owner.get(f"/{anna}").text
    assert "Typed by me" in record
    assert "Anna Schmidt-Meier" in record  # in the timeline


def test_a_record_asks_few_questions(owner, anna, count_queries):
    for number in range(5):
        owner.post(f"/{anna}/notes", body=f"Note {number}")
        owner.post(f"/{anna}/tags", tag=f"tag {number}")
    with count_queries() as statements:
        assert owner.get(f"/{anna}").status_code == 200
    assert len([each for each in statements if not each.startswith("SELECT set_config")]) <= 25


def test_archived_ones_leave_the_list_and_come_back(owner, anna):
    owner.post(f"/{anna}/archive")
    assert owner.names() == []
    assert owner.names("?archived=1") == ["Anna Schmidt"]
    assert "stands in no list" in owner.get(f"/{anna}").text
    owner.post(f"/{anna}/restoration")
    assert owner.names() == ["Anna Schmidt"]


def test_addresses_are_added_used_first_and_removed(owner, inside, anna):
    assert owner.post(f"/{anna}/identities", kind="email", value="a2@example.com").status_code == 303  # fmt: skip
    assert owner.post(f"/{anna}/identities", kind="email", value="a2@example.com").status_code == 303  # fmt: skip
    with inside():
        second = Contact.by_identity("email", "a2@example.com").identities[1]
        assert (second.source, second.value) == ("member", "a2@example.com")
        second_id = second.id
    owner.post(f"/{anna}/identities/{second_id}/primary")
    with inside():
        assert Contact.by_id(anna).identities[0].value == "a2@example.com"
    owner.post(f"/{anna}/identities/{second_id}/removal")
    assert owner.post(f"/{anna}/identities/{second_id}/removal").status_code == 404
    with inside():
        assert [each.value for each in Contact.by_id(anna).identities] == [EMAIL, PHONE]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("email", "ben@example.com", "belongs to Ben already"),
        ("email", "nothing", "This is no e-mail address"),
        ("phone", "", "Write the address or number"),
        ("whatsapp", "x", "Choose what it is"),
    ],
)
def test_an_address_that_can_t_be_added_stays_typed(owner, anna, kind, value, words):
    owner.add("Ben", "ben@example.com")
    answer = owner.post(f"/{anna}/identities", kind=kind, value=value)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{value}"' in answer.text


def test_a_note_is_its_writer_s(owner, records, cast, anna):
    assert "Write the note first" in owner.post(f"/{anna}/notes", body=" ").text
    too_long = owner.post(f"/{anna}/notes", body="x" * 5001)
    assert "5,001" in too_long.text
    owner.post(f"/{anna}/notes", body="Comes\non Mondays")
    note = int(re.search(r'id="note-(\d+)"', owner.get(f"/{anna}").text).group(1))
    agent = records(cast.agent)
    assert agent.post(f"/{anna}/notes/{note}", body="Mine now").status_code == 403
    assert agent.post(f"/{anna}/notes/{note}/deletion").status_code == 403
    owner.post(f"/{anna}/notes/{note}", body="Comes on Tuesdays")
    page = agent.get(f"/{anna}").text
    assert "Comes on Tuesdays" in page
    assert "edited" in page
    assert "Mondays" not in page
    owner.post(f"/{anna}/notes/{note}/deletion")
    page = owner.get(f"/{anna}").text
    assert "Tuesdays" not in page
    assert "Mondays" not in page
    assert "Note deleted" in page


def test_a_file_is_kept_and_only_ever_saved(owner, anna, inside):
    page = io.BytesIO(b"<script>alert(1)</script>")
    kept = owner.post(f"/{anna}/files/", file=(page, "../evil.html"))
    assert kept.status_code == 303
    link = re.search(r'/contacts(/\d+/files/\d+)"', owner.get(f"/{anna}").text).group(1)
    got = owner.get(link)
    assert got.data == b"<script>alert(1)</script>"
    assert got.headers["Content-Disposition"] == "attachment; filename=evil.html"
    assert got.mimetype == "application/octet-stream"
    assert "is empty" in owner.post(f"/{anna}/files/", file=(io.BytesIO(), "a.txt")).text
    assert "Choose a file first" in owner.post(f"/{anna}/files/").text
    owner.post(f"{link}/deletion")
    assert owner.get(link).status_code == 404


def test_too_large_a_file_is_refused(owner, anna):
    large = io.BytesIO(b"x" * (27 * 1024 * 1024))
    assert owner.post(f"/{anna}/files/", file=(large, "film.mp4")).status_code == 413


def test_own_fields_are_typed_checked_and_shown(owner, inside, anna):
    with inside():
        fields.create("Skin type", "choice", ["Dry", "Oily"])
        fields.create("Visits", "number")
        fields.create("Site", "link")
        fields.create("Joined", "date")
        fields.create("Regular", "yes_no")
    right = {"custom_skin_type": "Dry", "custom_visits": "1,200.5", "custom_site": "example.com/a",
             "custom_joined": "2026-05-31", "custom_regular": "yes"}  # fmt: skip
    wrong = {"custom_skin_type": "Wet", "custom_visits": "many", "custom_site": "javascript:alert(1)",
             "custom_joined": "soon", "custom_regular": "perhaps"}  # fmt: skip
    for name, value in wrong.items():
        answer = owner.post(f"/{anna}", name="Anna", version="1", **(right | {name: value}))
        assert answer.status_code == 422, name
        assert f'href="#{name}"' in answer.text
    assert owner.post(f"/{anna}", name="Anna", version="1", **right).status_code == 303
    with inside():
        assert Contact.by_id(anna).custom == {
            "skin_type": "Dry", "visits": 1200.5, "site": "https://example.com/a",
            "joined": "2026-05-31", "regular": True,
        }  # fmt: skip
        db.session.query(ContactField).filter_by(key="visits").one().archived_at = now()
    record = owner.get(f"/{anna}").text
    assert "31 May 2026" in record
    assert 'href="https://example.com/a"' in record
    assert "1,200.5</dd>" not in record
    owner.post(f"/{anna}", name="Anna", version="2", **right)
    with inside():
        assert Contact.by_id(anna).custom["visits"] == 1200.5  # archived, and kept


def test_the_timeline_shows_earlier_and_one_kind_alone(owner, anna, count_queries):
    for number in range(35):
        owner.post(f"/{anna}/notes", body=f"Note number {number}.")
    page = owner.get(f"/{anna}/timeline", headers={"HX-Request": "true"}).text
    assert page.count("timeline-item") == 30
    on = re.search(r'hx-get="[^"]*(/timeline\?before=[^"]*)"', page).group(1)
    with count_queries() as statements:
        rest = owner.get(f"/{anna}{on}", headers={"HX-Request": "true"}).text
    assert "Became a contact" in rest
    assert len([each for each in statements if "FROM activities" in each]) == 1
    notes = owner.get(f"/{anna}/timeline?show=notes", headers={"HX-Request": "true"}).text
    assert "Became a contact" not in notes
    assert owner.get(f"/{anna}/timeline?show=odd").status_code == 200


@pytest.mark.parametrize("path", ["/{}", "/{}/edit", "/{}/timeline"])
def test_what_isn_t_there_isn_t_found(owner, cast, login, anna, path):
    assert owner.get(path.format(2**63)).status_code == 404
    neighbour = login(cast.neighbour)
    assert neighbour.get(f"/b/{cast.neighbour_slug}/contacts{path.format(anna)}").status_code == 404


def test_who_may_only_read_sees_no_form(records, cast, owner, anna):
    page = records(cast.accountant).get(f"/{anna}").text
    assert EMAIL in page
    assert "Add note" not in page
    assert 'name="tag"' not in page


def test_a_search_of_names_leads_on_to_everything(owner, anna):
    assert "/search/?q=anna" in owner.get("/?q=anna").text
    assert "/search/?q=roses" in owner.get("/?q=roses").text  # where nobody is called that
    assert "/search/" not in owner.get().text
