"""The page of gaps: list, one gap's part, answering, dismissing, and who may."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.assistant.models import Gap
from app.conversations import services as conversations
from app.extensions import db
from tests.assistant.conftest import Visitors
from tests.conftest import Cast, Inside, Person

HTMX = {"HX-Request": "true"}
ASKED = "Do you sell chainsaws?"
ANSWER = {"question": ASKED, "answer": "No, but we rent them."}
Login = Callable[[Person], FlaskClient]


def url(cast: Cast, path: object = "") -> str:
    return f"/b/{cast.slug}/knowledge/gaps/{path}"


@pytest.fixture
def gap(visitors: Visitors, gaps: Any) -> Gap:
    """Asked by one visitor, who waits for a person."""
    visitors.wants_person(visitors.ask(ASKED))
    return gaps()[0]


def test_an_empty_page_says_what_will_be_here(cast: Cast, login: Login) -> None:
    page = login(cast.owner).get(url(cast)).text
    assert "No open questions" in page
    assert "comes here by itself" in page


def test_the_list_has_question_count_and_filters(
    cast: Cast,
    login: Login,
    gap: Gap,
    visitors: Visitors,
) -> None:
    visitors.ask("have you got chain saws in stock")
    visitors.ask("can i pay in bitcoin")
    client = login(cast.viewer)
    page = client.get(url(cast)).text
    assert page.index("can i pay in bitcoin") < page.index("chain")
    assert "2 times" in page
    assert "1 waiting" in page
    found = client.get(url(cast, "?q=SAWS+in+stock"), headers=HTMX).text
    assert "2 times" in found
    assert "bitcoin" not in found
    assert "Nothing matches" in client.get(url(cast, "?q=zebra")).text
    assert "Nothing answered yet" in client.get(url(cast, "?show=answered")).text
    assert "Nothing dismissed" in client.get(url(cast, "?show=dismissed")).text


def test_the_tab_and_the_start_page_have_the_number(
    cast: Cast,
    login: Login,
    gap: Gap,
    inside: Inside,
    member: Any,
) -> None:
    client = login(cast.owner)
    assert ">1</span>" in client.get(url(cast, "badge")).text
    assert "1 question your assistant" in client.get(f"/b/{cast.slug}/").text
    assert "1 question your assistant" not in login(cast.accountant).get(f"/b/{cast.slug}/").text
    client.post(url(cast, f"{gap.id}/dismissal"), headers=HTMX)
    assert "></span>" in client.get(url(cast, "badge")).text
    assert "your assistant couldn" not in client.get(f"/b/{cast.slug}/").text


def test_its_part_says_how_it_was_asked_what_was_found_and_why_it_did_not_do(
    cast: Cast, login: Login, gap: Gap
) -> None:
    part = login(cast.viewer).get(url(cast, gap.id), headers=HTMX).text
    assert f"“{ASKED}”" in part
    assert f'href="/b/{cast.slug}/inbox/' in part
    assert "When are you open?" in part
    assert "Nothing that your assistant has read comes close to what was asked." in part
    assert "words that stand nowhere in your knowledge" in part
    assert "Save and answer" not in part


def test_who_waits_is_ticked_and_gets_the_answer(
    cast: Cast,
    login: Login,
    gap: Gap,
    visitors: Visitors,
    gaps: Any,
) -> None:
    resolved, waiting = visitors.ask(ASKED), visitors.ask(ASKED)
    visitors.wants_person(waiting)
    visitors.do(resolved, conversations.resolve, visitors.user(cast.owner.id))
    client = login(cast.owner)
    part = client.get(url(cast, gap.id), headers=HTMX).text
    assert part.count(" checked>") == 2
    assert f'value="{resolved}" autocomplete="off">' in part
    for _twice in range(2):
        response = client.post(
            url(cast, f"{gap.id}/answer"), data=ANSWER | {"send_to": [waiting]}, headers=HTMX
        )
        assert response.status_code == 200
        assert "Sent to 1 visitor." in response.text
    assert visitors.lines(waiting).count(("member", ANSWER["answer"])) == 1
    assert ("member", ANSWER["answer"]) not in visitors.lines(resolved)
    assert gaps()[0].status == "answered"
    assert "Answered by Olivia Owner." in client.get(url(cast, gap.id)).text


def test_without_scripts_it_leads_back_to_the_list(cast: Cast, login: Login, gap: Gap) -> None:
    client = login(cast.owner)
    page = client.post(url(cast, f"{gap.id}/answer"), data=ANSWER, follow_redirects=True)
    assert "Your answer is saved." in page.text
    page = client.post(url(cast, f"{gap.id}/reopening"), follow_redirects=True)
    assert "It is open again." in page.text
    page = client.post(url(cast, f"{gap.id}/dismissal"), follow_redirects=True)
    assert "It comes back if it is asked 3 more times." in page.text
    assert ASKED in client.get(url(cast, "?show=dismissed")).text
    assert "It comes back if it is asked 3 more times." in client.get(url(cast, gap.id)).text


def test_a_dismissal_offers_to_take_it_back(
    cast: Cast,
    login: Login,
    gap: Gap,
    gaps: Any,
) -> None:
    client = login(cast.owner)
    response = client.post(url(cast, f"{gap.id}/dismissal"), headers=HTMX)
    assert f'"undo": "{url(cast, f"{gap.id}/reopening")}"' in response.headers["HX-Trigger"]
    assert gaps()[0].status == "dismissed"
    client.post(url(cast, f"{gap.id}/reopening"), headers=HTMX)
    assert gaps()[0].status == "open"


@pytest.mark.parametrize(
    "data",
    [
        {"question": ASKED, "answer": " ", "says": "Write the answer your customers should get."},
        {"question": "", "answer": "No.", "says": "Write the question"},
        {"question": ASKED, "answer": "x" * 5001, "says": "This is too long"},
    ],
)
def test_an_answer_that_is_none_is_refused_and_the_choice_stays(
    cast: Cast, login: Login, gap: Gap, gaps: Any, data: dict[str, str]
) -> None:
    response = login(cast.owner).post(url(cast, f"{gap.id}/answer"), data=data, headers=HTMX)
    assert response.status_code == 422
    assert data["says"] in response.text
    assert " checked>" not in response.text
    assert gaps()[0].status == "open"


def test_who_may_only_look_changes_nothing(
    cast: Cast,
    login: Login,
    gap: Gap,
    gaps: Any,
) -> None:
    for person in (cast.agent, cast.viewer, cast.accountant):
        client = login(person)
        for path in ("answer", "dismissal", "reopening"):
            assert client.post(url(cast, f"{gap.id}/{path}"), data=ANSWER).status_code == 403
    assert login(cast.accountant).get(url(cast)).status_code == 403
    assert gaps()[0].status == "open"


def test_a_neighbour_finds_none_of_it(
    cast: Cast,
    login: Login,
    gap: Gap,
    gaps: Any,
) -> None:
    neighbour = login(cast.neighbour)
    own_door = f"/b/{cast.neighbour_slug}/knowledge/gaps/"
    assert ASKED not in neighbour.get(own_door).text
    assert neighbour.get(f"{own_door}{gap.id}").status_code == 404
    assert neighbour.post(f"{own_door}{gap.id}/answer", data=ANSWER).status_code == 404
    assert neighbour.post(f"{own_door}{2**70}/dismissal").status_code == 404
    assert gaps()[0].status == "open"


def test_a_conversation_of_another_gap_gets_nothing(
    cast: Cast,
    login: Login,
    gap: Gap,
    visitors: Visitors,
) -> None:
    stranger = visitors.ask("can i pay in bitcoin")
    data = ANSWER | {"send_to": [stranger, 2**40]}
    response = login(cast.owner).post(url(cast, f"{gap.id}/answer"), data=data, headers=HTMX)
    assert "Sent to" not in response.text
    assert ("member", ANSWER["answer"]) not in visitors.lines(stranger)


def test_a_wording_can_be_made_a_question_of_its_own(
    cast: Cast, login: Login, gap: Gap, visitors: Visitors, gaps: Any
) -> None:
    client = login(cast.owner)
    assert "Not the same" not in client.get(url(cast, gap.id)).text
    visitors.ask("do you service chainsaws")
    part = client.get(url(cast, gap.id), headers=HTMX).text
    parting = re.search(r'hx-post="([^"]+/separation)"', part)
    assert parting
    assert login(cast.agent).post(parting[1]).status_code == 403
    assert client.post(url(cast, "questions/999999/separation")).status_code == 404
    assert "“do you service chainsaws”" not in client.post(parting[1], headers=HTMX).text
    assert [each.asked_count for each in gaps()] == [1, 1]


def test_saving_a_reply_as_an_answer_closes_the_gap(
    cast: Cast,
    login: Login,
    gap: Gap,
    visitors: Visitors,
    gaps: Any,
) -> None:
    talk = visitors.ask(ASKED)
    owner = visitors.user(cast.owner.id)
    reply_id = visitors.do(talk, lambda row: conversations.reply(row, owner, "No.", "key").id)
    client = login(cast.owner)
    page = client.get(f"/b/{cast.slug}/answers/{reply_id}/proposal").text
    target = url(cast, f"replies/{reply_id}")
    assert f'action="{target}"' in page
    assert client.post(target, data={"question": ASKED, "answer": ""}).status_code == 422
    assert login(cast.agent).post(target, data=ANSWER).status_code == 403
    assert client.post(url(cast, "replies/999999"), data=ANSWER).status_code == 404
    response = client.post(target, data=ANSWER)
    assert response.location == f"/b/{cast.slug}/inbox/{talk}"
    assert gaps()[0].status == "answered"


def test_typing_the_right_answer_closes_the_gap(
    cast: Cast,
    login: Login,
    gap: Gap,
    visitors: Visitors,
    gaps: Any,
) -> None:
    message_id = visitors.answer_id(visitors.ask(ASKED))
    login(cast.owner).post(f"/b/{cast.slug}/answers/{message_id}/correction", data=ANSWER)
    assert gaps()[0].status == "answered"


def test_pages_go_by_key_and_queries_do_not_grow(
    cast: Cast,
    login: Login,
    gap: Gap,
    inside: Inside,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client = login(cast.owner)
    with count_queries() as few:
        client.get(url(cast))
    with inside():
        one = db.session.get_one(Gap, (cast.business_id, gap.id))
        for number in range(60):
            db.session.add(
                Gap(
                    question=f"Question number {number}",
                    asked_count=1,
                    first_asked_at=one.first_asked_at,
                    last_asked_at=one.last_asked_at,
                    embedding=[0.0] * 383 + [1.0],
                )
            )
    with count_queries() as many:
        page = client.get(url(cast)).text
    assert len(many) == len(few) <= 10
    assert page.count('class="gap"') == 50
    following = re.search(r'href="([^"]*before=[^"]*)"', page)
    assert following
    rest = client.get(following[1].replace("&amp;", "&"), headers=HTMX).text
    assert rest.count('class="gap"') == 11
    assert "Show more" not in rest


def test_the_queries_of_a_gap_s_part_do_not_grow_with_its_visitors(
    cast: Cast,
    login: Login,
    gap: Gap,
    visitors: Visitors,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client = login(cast.owner)
    with count_queries() as few:
        client.get(url(cast, gap.id), headers=HTMX)
    for _each in range(4):
        visitors.ask(ASKED)
    with count_queries() as many:
        client.get(url(cast, gap.id), headers=HTMX)
    assert len(many) == len(few) <= 10
