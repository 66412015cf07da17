"""The page of the resolved ledger: the rate, the rule, each row's why, rejecting, and who may."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.assistant.analysis import ledger
from app.assistant.analysis.rule import CONDITIONS
from app.assistant.models import ConversationOutcome
from app.conversations.models import Conversation
from app.core.db import now
from app.extensions import db
from tests.assistant.analysis.conftest import Time
from tests.assistant.conftest import Visitors
from tests.conftest import Cast, Inside, Person

HTMX = {"HX-Request": "true"}
KNOWN, UNKNOWN = "When are you open?", "Do you sell chainsaws?"
Login = Callable[[Person], FlaskClient]


def url(cast: Cast, path: object = "") -> str:
    return f"/b/{cast.slug}/inbox/ledger/{path}"


def listed(cast: Cast, path: str = "", **chosen: str) -> str:
    """Of 30 days, so that the first hours of a month are no other matter."""
    return url(cast, f"{path}?{urlencode({'period': '30'} | chosen)}")


@pytest.fixture
def resolved(visitors: Visitors, time: Time, inside: Inside) -> ConversationOutcome:
    """One conversation that the assistant resolved; another that it didn't."""
    for words in (UNKNOWN, KNOWN):
        time.passes(visitors.ask(words))
    with inside():
        found = db.session.scalars(
            select(ConversationOutcome).where(ConversationOutcome.is_resolved)
        ).one()
        db.session.expunge(found)
        return found


def test_an_empty_page_says_what_will_be_here_and_prints_the_rule(cast: Cast, login: Login) -> None:
    page = login(cast.viewer).get(url(cast)).text
    assert "No conversation has ended yet" in page
    for condition in CONDITIONS:
        assert str(condition.words) in page
    assert "%" not in re.sub(r"<head>.*</head>", "", page, flags=re.S)


def test_the_rate_is_counted_from_the_rows_and_opens_them(
    cast: Cast, login: Login, resolved: ConversationOutcome
) -> None:
    client = login(cast.viewer)
    page = client.get(listed(cast)).text
    assert "50 %" in page
    assert re.search(
        r"resolved <a [^>]*show=resolved[^>]*>1</a> of <a [^>]*>2 conversations</a>", page
    )
    assert page.count('class="gap"') == 2
    assert "The assistant wasn’t sure, and offered a person." in page
    rows = client.get(listed(cast, show="resolved"), headers=HTMX).text
    assert KNOWN in rows
    assert UNKNOWN not in rows
    assert UNKNOWN in client.get(listed(cast, show="other")).text
    assert "Nothing here" in client.get(listed(cast, show="rejected")).text
    assert "Nothing here" in client.get(listed(cast, mood="angry")).text
    by_intent = client.get(listed(cast, intent="opening_hours"), headers=HTMX).text
    assert (KNOWN in by_intent, UNKNOWN in by_intent) == (True, False)


@pytest.mark.parametrize("query", ["?period=x&show=x&intent=x&mood=x&before=x", "?before=99-1"])
def test_filters_that_are_none_do_no_harm(cast: Cast, login: Login, query: str) -> None:
    assert login(cast.owner).get(url(cast, query)).status_code == 200
    assert login(cast.owner).get(url(cast, f"rows{query}")).status_code == 200
    assert login(cast.owner).get(url(cast, f"figures{query}")).status_code == 200


def test_a_row_says_why_condition_by_condition(
    cast: Cast, login: Login, resolved: ConversationOutcome
) -> None:
    part = login(cast.viewer).get(url(cast, resolved.id), headers=HTMX).text
    assert part.count('class="is-held"') == len(CONDITIONS)
    assert "All of the rule holds" in part
    assert f"/inbox/{resolved.conversation_id}" in part
    assert "Opening hours" in part
    assert "rejection" not in part  # a viewer only looks


def test_a_rejection_changes_the_rate_at_once_and_is_undone(
    cast: Cast, login: Login, resolved: ConversationOutcome
) -> None:
    client = login(cast.owner)
    told = client.post(
        url(cast, f"{resolved.id}/rejection"), data={"reason": "She called us."}, headers=HTMX
    )
    assert told.status_code == 200
    assert "Rejected by Olivia Owner" in told.text
    undo = url(cast, f"{resolved.id}/restoration")
    assert f'"undo": "{undo}"' in told.headers["HX-Trigger"]
    assert '"outcomes"' in told.headers["HX-Trigger"]
    figures = client.get(listed(cast, "figures"), headers=HTMX).text
    assert ">0 %<" in figures
    assert "1 rejected" in figures
    assert "She called us." in client.get(url(cast, resolved.id)).text
    assert KNOWN in client.get(listed(cast, show="rejected"), headers=HTMX).text
    assert client.post(undo, headers=HTMX).status_code == 200
    assert ">50 %<" in client.get(listed(cast, "figures"), headers=HTMX).text


def test_without_scripts_it_leads_to_the_conversation_s_own_page(
    cast: Cast, login: Login, resolved: ConversationOutcome
) -> None:
    client = login(cast.owner)
    data = {"reason": "She called us."}
    page = client.post(url(cast, f"{resolved.id}/rejection"), data=data, follow_redirects=True)
    assert "It doesn’t count as resolved any more." in page.text
    page = client.post(url(cast, f"{resolved.id}/restoration"), follow_redirects=True)
    assert "The rule decides again." in page.text


@pytest.mark.parametrize("reason", ["", "   ", "y" * 501])
def test_a_rejection_without_a_reason_is_refused_and_keeps_what_was_typed(
    cast: Cast, login: Login, resolved: ConversationOutcome, reason: str
) -> None:
    client = login(cast.owner)
    for headers in (HTMX, {}):
        told = client.post(
            url(cast, f"{resolved.id}/rejection"), data={"reason": reason}, headers=headers
        )
        assert told.status_code == 422
        assert 'aria-invalid="true"' in told.text
        assert f'value="{reason}"' in told.text
    assert ">50 %<" in client.get(listed(cast, "figures"), headers=HTMX).text


def test_who_may_only_look_changes_nothing(
    cast: Cast, login: Login, resolved: ConversationOutcome
) -> None:
    for person in (cast.agent, cast.viewer, cast.accountant):
        for path in ("rejection", "restoration"):
            told = login(person).post(url(cast, f"{resolved.id}/{path}"), data={"reason": "No."})
            assert told.status_code == 403
    assert login(cast.accountant).get(url(cast)).status_code == 403
    assert ">50 %<" in login(cast.owner).get(listed(cast, "figures")).text


def test_a_neighbour_finds_none_of_it(
    cast: Cast, login: Login, resolved: ConversationOutcome
) -> None:
    neighbour = login(cast.neighbour)
    own_door = f"/b/{cast.neighbour_slug}/inbox/ledger/"
    assert KNOWN not in neighbour.get(own_door).text
    assert neighbour.get(f"{own_door}{resolved.id}").status_code == 404
    assert neighbour.post(f"{own_door}{resolved.id}/rejection").status_code == 404
    assert neighbour.get(f"{own_door}of/{resolved.conversation_id}").text.strip() == ""
    for path in (2**70, f"of/{2**70}"):
        assert neighbour.get(f"{own_door}{path}").status_code == 404
    assert ">50 %<" in login(cast.owner).get(listed(cast, "figures")).text


def test_the_inbox_shows_it_beside_the_conversation(
    cast: Cast, login: Login, resolved: ConversationOutcome, visitors: Visitors
) -> None:
    client = login(cast.viewer)
    page = client.get(f"/b/{cast.slug}/inbox/{resolved.conversation_id}").text
    assert ">How it ended<" in page
    assert f'hx-trigger="outcome-{resolved.conversation_id} from:body' in page
    assert url(cast) in page
    running = visitors.ask(KNOWN)
    assert ">How it ended<" not in client.get(f"/b/{cast.slug}/inbox/{running}").text
    assert client.get(url(cast, f"of/{running}"), headers=HTMX).text.strip() == ""


def test_pages_go_by_key_and_queries_do_not_grow(
    cast: Cast, login: Login, resolved: ConversationOutcome, inside: Inside,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:  # fmt: skip
    client = login(cast.owner)
    with count_queries() as few:
        client.get(listed(cast))
    with inside():
        _add_more(resolved)
    with count_queries() as many:
        page = client.get(listed(cast)).text
    assert len(many) == len(few) <= 9
    assert page.count('class="gap"') == 50
    following = re.search(r'href="([^"]*before=[^"]*)"', page)
    assert following
    rest = client.get(following[1].replace("&amp;", "&"), headers=HTMX).text
    assert rest.count('class="gap"') == 12
    assert "Show more" not in rest
    refresh = re.search(r'hx-get="([^"]*/rows[^"]*through=[^"]*)"', page)
    assert refresh
    again = client.get(refresh[1].replace("&amp;", "&"), headers=HTMX).text
    assert again.count('class="gap"') == 50


@pytest.mark.parametrize(
    ("period", "first", "after", "before"),
    [
        ("month", "2026-11-01", "2026-11-22", "2026-10-01"),
        ("last", "2026-10-01", "2026-11-01", "2026-09-01"),
        ("7", "2026-11-15", "2026-11-22", "2026-11-08"),
        ("30", "2026-10-23", "2026-11-22", "2026-09-23"),
    ],
)
def test_a_period_goes_from_midnight_to_midnight_where_the_business_is(
    period: str, first: str, after: str, before: str
) -> None:
    today = date(2026, 11, 21)
    span = ledger.span_of(period, today, "America/New_York")
    assert [moment.isoformat()[:16] for moment in span] == [f"{first}T00:00", f"{after}T00:00"]
    earlier = ledger.span_before(period, today, "America/New_York")
    assert [moment.isoformat()[:10] for moment in earlier] == [before, first]


def _add_more(like: ConversationOutcome) -> None:
    one = db.session.get_one(Conversation, (like.business_id, like.conversation_id))
    for number in range(60):
        talk = Conversation(
            channel_id=one.channel_id, visitor_id=one.visitor_id, last_message_at=now()
        )
        db.session.add(talk)
        db.session.flush()
        db.session.add(
            ConversationOutcome(
                conversation_id=talk.id, position=1, heard_position=1, asked=f"Question {number}",
                ended_at=like.ended_at - timedelta(minutes=number), intent="prices",
                mood="neutral", collected={}, conditions=like.conditions, is_resolved=True,
            )
        )  # fmt: skip
