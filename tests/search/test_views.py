"""The search page and the palette's rows, as a browser gets them."""

import pytest

from app.search import views
from tests.search.conftest import contact, index, talk


@pytest.fixture
def found(inside, cast):
    with inside():
        contact("Maria <b>Ruiz</b>", email="maria@example.com")
        talk("Maria asked & got <i>tulips</i>", name="Maria Moss")
        index()


def _get(login, cast, path: str, person: str = "owner", **headers: str):
    return login(getattr(cast, person)).get(f"/b/{cast.slug}/search{path}", headers=headers)


def test_the_page_shows_each_kind_and_escapes_it(cast, login, found):
    page = _get(login, cast, "/?q=maria").text
    for heading in ("found-contacts", "found-conversations", "found-messages"):
        assert f'id="{heading}"' in page
    assert "Maria &lt;b&gt;Ruiz&lt;/b&gt;" in page
    assert "<mark>Maria</mark> asked &amp; got &lt;i&gt;tulips" in page
    assert 'value="maria"' in page


def test_one_kind_and_what_a_role_may_not_read(cast, login, found):
    page = _get(login, cast, "/?q=maria&kind=messages").text
    assert "found-messages" in page
    assert "found-contacts" not in page
    page = _get(login, cast, "/?q=maria&kind=messages", "accountant").text
    assert "found-contacts" in page
    assert "found-messages" not in page
    assert "tulips" not in page


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "What are you looking for?"),
        ("a", "Type a little more"),
        ("...%20!!", "Type a little more"),
        ("%00", "What are you looking for?"),
        ("zzzzqqqq", "Nothing was found"),
        ("x" * 5000, "Nothing was found"),
        ("%27%22%5C%25_(%26%7C", "Type a little more"),
        ("maria%27%20OR%201%3D1", "Nothing was found"),
        ("%D9%85%D8%AD%D9%85%D8%AF", "Nothing was found"),
        ("%F0%9F%8C%B7%F0%9F%8C%B7", "Type a little more"),
        ("99999999999999999999999999", "Nothing was found"),
        ("tulips&kind=messages&before=1", "No more messages"),
        ("tulips&kind=nonsense&before=-4", "found-messages"),
        ("tulips&kind=messages&before=99999999999999999999999", "found-messages"),
    ],
)  # fmt: skip
def test_whatever_is_typed_is_answered(cast, login, found, query, says):
    response = _get(login, cast, f"/?q={query}")
    assert response.status_code == 200
    assert says in response.text


def test_htmx_gets_the_results_alone(cast, login, found):
    page = _get(login, cast, "/?q=maria", **{"HX-Request": "true"}).text
    assert page.lstrip().startswith("<div")
    assert "<html" not in page
    assert "Shown: 1 contacts, 1 conversations, 1 messages." in page


def test_a_slip_says_what_was_looked_for(cast, login, found):
    page = _get(login, cast, "/?q=mraia").text
    assert "Nothing has “<bdi>mraia</bdi>”" in page
    assert "q=maria" in page


def test_more_leads_on(cast, login, inside):
    with inside():
        talk(*(f"tulip {number}" for number in range(views.OF_ONE + 1)))
    assert "kind=messages" in _get(login, cast, "/?q=tulip").text
    page = _get(login, cast, "/?q=tulip&kind=messages").text
    assert 'rel="next"' in page
    assert page.count("search-row-words") == views.OF_ONE


def test_the_palette_gets_options_by_kind(cast, login, found):
    rows = _get(login, cast, "/palette?q=maria").text
    assert (
        rows.count('role="group"') == rows.count('role="option"') == 4
    )  # and one to the whole page
    assert "<html" not in rows
    assert _get(login, cast, "/palette?q=zzzz").text.strip() == ""
    assert _get(login, cast, "/palette").text.strip() == ""


def test_a_search_asks_a_bounded_number_of_questions(cast, login, found, count_queries):
    """However much is found; three of them open the door."""
    client = login(cast.owner)
    with count_queries() as statements:
        client.get(f"/b/{cast.slug}/search/palette?q=maria")
    asked = [each for each in statements if not each.startswith("SELECT set_config")]
    assert len(asked) <= 17, asked
