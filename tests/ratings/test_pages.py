"""Inbox → Ratings and Settings → Ratings."""

import re

import pytest

from app.ratings import answering
from app.ratings.models import Rating, RatingSettings


@pytest.fixture
def rated(helped):
    """Two customers were asked on two channels; one has answered."""
    talks = [helped("website"), helped("sms")]
    for talk in talks:
        talk.resolve()
    with talks[0].inside():
        answering.rate(Rating.by_id(talks[0].ratings()[0].id), 4, "Kind & quick")
    return talks


def test_the_page_counts_and_leads_to_each(rated, cast, login):
    member = login(cast.viewer)
    page = member.get(f"/b/{cast.slug}/inbox/ratings/").text
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "4.0 of 5 stars" in words
    assert "1 rating · 2 times asked · 50% answered" in words
    assert "Kind &amp; quick" in page
    assert page.count('class="ratings-row"') == 2


@pytest.mark.parametrize(
    ("query", "rows"),
    [("stars=4", 1), ("stars=1", 0), ("answer=no", 1), ("channel=sms", 1), ("member=999", 0),
     ("stars=x&days=7&member=9999999999999999999999&channel=fax", 2)],
)  # fmt: skip
def test_the_list_behind_a_number(rated, cast, login, query, rows):
    listed = login(cast.viewer).get(f"/b/{cast.slug}/inbox/ratings/rows?{query}").text
    assert listed.count('class="ratings-row"') == rows


def test_the_thread_shows_it(rated, cast, login):
    path = f"/b/{cast.slug}/inbox/{rated[0].reached.conversation_id}"
    page = login(cast.agent).get(path).text
    assert "The visitor gave 4 of 5 stars: “<bdi>Kind &amp; quick</bdi>”" in page


def test_a_neighbour_counts_nothing_of_it(rated, cast, login):
    page = login(cast.neighbour).get(f"/b/{cast.neighbour_slug}/inbox/ratings/").text
    assert "Nobody was asked yet" in page


def test_the_owner_decides(cast, login, inside):
    path = f"/b/{cast.slug}/settings/ratings/"
    owner = login(cast.owner)
    assert 'value="website" checked' in owner.get(path).text
    refused = owner.post(path, data={"delay_minutes": "7", "question": "Well?", "is_on": "y"})
    assert refused.status_code == 422
    assert "Well?" in refused.text
    saved = owner.post(path, data={"delay_minutes": "30", "question": " All\nwell? "})
    assert saved.status_code == 303
    with inside():
        kept = RatingSettings.current()
        found = (kept.is_on, kept.channels, kept.delay_minutes, kept.question)
        assert found == (False, [], 30, "All well?")
    assert login(cast.agent).post(path, data={"delay_minutes": "0"}).status_code == 403
