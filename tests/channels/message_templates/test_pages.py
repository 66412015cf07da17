"""Settings → Templates over HTTP: the list, writing one, what is refused and keeps what was typed."""

from dataclasses import replace
from io import BytesIO

import pytest

from app.channels.message_templates import listing
from app.channels.models import MessageTemplate
from app.extensions import db
from tests.channels.message_templates.conftest import DRAFT
from tests.channels.message_templates.test_asking import PNG

TYPED = {
    "account_id": "102290129340398", "title": "Order ready", "language": "en_GB", "category": "UTILITY",
    "header_kind": "", "body": DRAFT.body, "footer": "Test Shop",
    "buttons-0-kind": "URL", "buttons-0-text": "See it",
    "buttons-0-value": "https://shop.example/orders/{{1}}",
    "buttons-0-example": "https://shop.example/orders/7",
    "variables-0-name": "first_name", "variables-0-example": "Anna", "variables-0-fallback": "there",
    "variables-1-name": "number", "variables-1-example": "4711", "action": "save",
}  # fmt: skip


@pytest.fixture
def visit(cast, login):
    """The owner's browser on the templates' pages: `visit("/new", typed)`."""
    browser = login(cast.owner)

    def go(path="/", typed=None, **options):
        url = f"/b/{cast.slug}/settings/templates{path}"
        return (
            browser.post(url, data=typed, **options)
            if typed is not None
            else browser.get(url, **options)
        )

    return go


@pytest.fixture
def only_one(inside):
    def found():
        with inside():
            template = db.session.query(MessageTemplate).one()
            db.session.expunge(template)
            return template

    return found


def test_without_a_number_one_is_led_to_connect_it(visit):
    assert "No WhatsApp yet" in visit().text
    assert visit("/new").status_code == 303


def test_a_template_is_written_and_handed_in(account, visit, only_one, meta, run_jobs):
    made = visit("/new", TYPED | {"action": "submit"})
    assert made.status_code == 303
    assert "Being handed in" in visit().text
    run_jobs()
    template = only_one()
    assert (template.status, template.name, template.fallbacks) == (
        "PENDING", "order_ready", {"first_name": "there"},
    )  # fmt: skip
    assert template.components[-1]["buttons"][0]["example"] == ["https://shop.example/orders/7"]
    page = visit(f"/{template.id}").text
    assert "In review" in page
    assert "Hello Anna, your order 4711" in page


def test_a_draft_may_be_unfinished(account, visit, only_one):
    saved = visit(
        "/new", {"account_id": account, "title": "Later", "language": "de", "category": "UTILITY"}
    )
    assert saved.status_code == 303
    assert only_one().status == "DRAFT"
    refused = visit(f"/{only_one().id}/submission", {})
    assert refused.status_code == 422
    assert "Write the message" in refused.text


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [({"title": "!?"}, "title", "Give it a title"), ({"body": "x" * 1025}, "body", "too long by 1"),
     ({"category": ""}, "category", "Choose what it is for"),
     ({"buttons-0-value": "nowhere"}, "buttons-0-value", "no web address"),
     ({"variables-1-example": ""}, "variables-1-example", "Give an example"),
     ({"header_kind": "IMAGE"}, "header_file", "Choose a file"),
     ({"account_id": "another"}, "account_id", "Choose the account")],
)  # fmt: skip
def test_what_is_refused_keeps_what_was_typed(account, visit, changed, field, words):
    page = visit("/new", TYPED | changed | {"action": "submit"})
    assert page.status_code == 422
    assert words in page.text
    assert f'href="#{field}"' in page.text
    assert 'value="Test Shop"' in page.text
    assert 'value="See it"' in page.text


def test_the_same_title_twice_is_refused(account, visit):
    visit("/new", TYPED)
    again = visit("/new", TYPED)
    assert again.status_code == 422
    assert "There is a template of this title in English (UK) already" in again.text


def test_what_is_typed_is_checked_at_once(account, visit, inside):
    typed = TYPED | {"body": "Hi {{name}}", "footer": "x" * 61, "header_file": "[object File]"}
    checked = visit("/check", typed, headers={"HX-Request": "true"}).text
    assert "can’t end with a variable" in checked
    assert "61 of 60: too long" in checked
    assert 'value="name"' in checked, "another variable has a row of its own"
    assert '<fieldset class="template-rows" id="buttons"' in checked, "an empty row stands below"
    with inside():
        assert db.session.query(MessageTemplate).count() == 0
    again = visit("/check", TYPED | {"buttons-1-kind": ""}, headers={"HX-Request": "true"}).text
    assert "fieldset" not in again, "rows that fit are left as they are"
    assert "it can be handed in" in again


def test_a_change_of_an_approved_one(make, visit, load):
    template_id = make(status="APPROVED")
    assert "Change it" in visit(f"/{template_id}").text
    assert 'name="title"' not in visit(f"/{template_id}/edit").text
    saved = visit(f"/{template_id}/edit", TYPED | {"title": "Other", "category": "MARKETING"})
    assert saved.status_code == 303
    template = load(template_id)
    assert (template.name, template.category) == ("order_ready", "UTILITY")
    assert template.proposed["category"] == "UTILITY"
    assert "Hand in the change" in visit(f"/{template_id}").text
    visit(f"/{template_id}/change/discard", {})
    assert load(template_id).proposed is None


def test_a_picture_above_the_words(account, visit, only_one):
    typed = TYPED | {"header_kind": "IMAGE", "header_file": (BytesIO(PNG), "shop.png")}
    assert visit("/new", typed).status_code == 303
    template_id = only_one().id
    shown = visit(f"/{template_id}/file")
    assert (shown.data, shown.mimetype) == (PNG, "image/png")
    refused = visit(f"/{template_id}/file", {"header_file": (BytesIO(b"MZ"), "shop.png")})
    assert (refused.status_code, "isn’t what its name says" in refused.text) == (422, True)
    assert visit(f"/{template_id}/file", {}).status_code == 422


def test_the_price_of_another_category_is_said(make, visit):
    template_id = make(status="APPROVED", category="MARKETING", asked_category="UTILITY")
    page = visit(f"/{template_id}").text
    assert "WhatsApp has made it marketing; you asked for utility" in page
    assert "A marketing message costs more than a utility one" in page


def test_deleting_wants_the_title_typed(make, visit, inside):
    template_id = make()
    assert visit(f"/{template_id}/deletion", {"title": "Order"}).status_code == 422
    assert visit(f"/{template_id}/deletion", {"title": "order ready"}).status_code == 303
    with inside():
        assert MessageTemplate.by_id(template_id) is None


def test_a_language_more(make, visit, inside):
    template_id = make(status="APPROVED")
    assert visit(f"/{template_id}/languages", {"language": ""}).status_code == 422
    assert visit(f"/{template_id}/languages", {"language": "de"}).status_code == 303
    assert visit(f"/{template_id}/languages", {"language": "de"}).status_code == 422
    assert "German" in visit(f"/{template_id}").text


def test_what_is_said_instead(make, visit, load):
    template_id = make(status="APPROVED")
    assert visit(f"/{template_id}/fallbacks", {"fallback-first_name": "you"}).status_code == 303
    assert load(template_id).fallbacks == {"first_name": "you"}
    refused = visit(f"/{template_id}/fallbacks", {"fallback-first_name": "a     b"})
    assert refused.status_code == 422
    assert "more than four spaces" in refused.text
    assert 'value="a     b"' in refused.text


def test_the_list_is_filtered_and_paged(make, visit):
    make(status="APPROVED")
    make(replace(DRAFT, name="angebot", language="de", category="MARKETING"))
    assert "Order ready" in visit("/?show=approved").text
    assert "Angebot" not in visit("/?show=approved").text
    assert "Angebot" in visit("/?language=de&category=MARKETING").text
    assert "None of this kind" in visit("/?show=stopped").text
    assert visit("/?show=nonsense&page=x").status_code == 200


def test_a_list_costs_the_same_however_long_it_is(make, visit, count_queries):
    make()
    visit()
    with count_queries() as few:
        visit()
    for number in range(5):
        make(replace(DRAFT, name=f"t{number}"))
    with count_queries() as many:
        visit()
    assert len(many) == len(few)


def test_paused_and_asked_for(make, visit, load, meta, run_jobs):
    template_id = make(status="PAUSED", reason="People reported it.")
    assert "People reported it." in visit(f"/{template_id}").text
    visit(f"/{template_id}/resumption", {})
    assert "Being resumed" in visit(f"/{template_id}").text
    assert visit(f"/{template_id}/edit", TYPED).status_code == 409
    run_jobs()
    assert load(template_id).status == "APPROVED"


def test_one_that_we_cant_write_is_shown_as_it_is(make, visit, inside):
    sealed = [{"type": "BODY", "text": "Look"}, {"type": "CAROUSEL", "cards": []}]
    template_id = make(status="APPROVED", components=sealed)
    page = visit(f"/{template_id}").text
    assert "WhatsApp Manager" in page
    assert "Change it</" not in page
    assert visit(f"/{template_id}/edit", TYPED).status_code == 409


def test_the_account_is_looked_through_by_hand(account, visit, meta, run_jobs):
    visit("/looking", {})
    visit("/looking", {})
    run_jobs()
    assert [what for what, _ in meta.asked] == ["listed"]
    assert "Last compared with WhatsApp" in visit().text


@pytest.mark.parametrize("who", ["agent", "viewer"])
def test_who_may_only_look_sees_no_way_to_change(make, cast, login, who):
    template_id = make(status="APPROVED")
    browser = login(getattr(cast, who))
    base = f"/b/{cast.slug}/settings/templates"
    assert "Your role may look at this" in browser.get(f"{base}/{template_id}").text
    assert browser.get(f"{base}/new").status_code == 403
    assert browser.post(f"{base}/{template_id}/deletion", data={"title": "x"}).status_code == 403


def test_a_neighbour_finds_no_such_template(make, cast, login):
    template_id = make(status="APPROVED")
    browser = login(cast.neighbour)
    for path in (f"{template_id}", f"{template_id}/edit", f"{template_id}/file"):
        url = f"/b/{cast.neighbour_slug}/settings/templates/{path}"
        assert browser.get(url).status_code == 404


@pytest.mark.parametrize(("status", "words"), listing.WORDS.items())
def test_each_state_has_its_words(make, visit, status, words):
    template_id = make(status=status)
    assert str(words[0]) in visit(f"/{template_id}").text
    assert str(words[0]) in visit().text
