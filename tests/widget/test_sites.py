"""On whose pages a chat may stand."""

import pytest

from app.channels.models import Channel
from app.widget import sites


def website(*allowed: str) -> Channel:
    return Channel(kind="website", allowed_sites=list(allowed))


def test_without_a_list_every_site_may() -> None:
    assert sites.frame_ancestors(website()) == "*"


def test_a_list_is_the_policy() -> None:
    listed = website("https://fern.example", "*.fern.example", "http://localhost:8080")
    assert (
        sites.frame_ancestors(listed) == "https://fern.example *.fern.example http://localhost:8080"
    )


def test_an_entry_cannot_end_the_directive_or_open_it_to_all() -> None:
    listed = website("https://fern.example", "x; script-src *", "a b", "*", "'self'")
    assert sites.frame_ancestors(listed) == "https://fern.example"


def test_a_list_of_nothing_usable_lets_nobody_in() -> None:
    assert sites.frame_ancestors(website("; default-src *")) == "'none'"


def test_the_preview_stands_in_the_dashboard_alone() -> None:
    assert sites.frame_ancestors(Channel(kind="preview", allowed_sites=[])) == "'self'"


@pytest.mark.parametrize(
    "origin", ["https://fern.example", "http://127.0.0.1:8001", "http://[::1]:80"]
)
def test_an_origin_is_taken(origin: str) -> None:
    assert sites.plain_origin(origin) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "*",
        "javascript:alert(1)",
        "https://a.example/path",
        'https://a"onload="x',
        f"https://{'a' * 300}",
    ],
)
def test_what_is_no_origin_is_dropped(text: str) -> None:
    assert sites.plain_origin(text) == ""
