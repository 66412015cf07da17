import pytest

from app.knowledge.website import robots

SITE = "https://shop.example"


def permits(text, path, agent="frontdesk"):
    return robots.read(text.encode(), agent).permits(SITE + path)


def test_the_longest_rule_decides_wherever_it_stands():
    text = "User-agent: *\nDisallow: /shop\nAllow: /shop/open\n"
    assert not permits(text, "/shop/closed")
    assert permits(text, "/shop/open/today")


def test_of_equally_long_rules_the_permitting_one_wins():
    assert permits("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a")


@pytest.mark.parametrize(
    ("pattern", "path", "is_permitted"),
    [
        ("/*.pdf$", "/list.pdf", False),
        ("/*.pdf$", "/list.pdf?page=2", True),
        ("/cal*/2026", "/calendar/old/2026/1", False),
        ("/cal*/2026", "/calendar/2025", True),
        ("/exact$", "/exact", False),
        ("/exact$", "/exactly", True),
        ("/ab*ba$", "/aba", True),
        ("/caf%c3%a9", "/café", False),
        ("/%7Eanna", "/~anna", False),
        ("/*?session=", "/page?session=1", False),
    ],
)
def test_wildcards_and_ends_are_understood(pattern, path, is_permitted):
    assert permits(f"User-agent: *\nDisallow: {pattern}\n", path) is is_permitted


def test_a_pattern_of_many_stars_still_ends():
    assert permits("User-agent: *\nDisallow: /" + "*a" * 5000 + "b\n", "/" + "a" * 1900)


def test_our_own_group_counts_instead_of_everybodys():
    text = (
        "User-agent: *\nDisallow: /\n\nUser-agent: Other\nUser-agent: Frontdesk/1.0\nDisallow: /x\n"
    )
    assert permits(text, "/page")
    assert not permits(text, "/x")


def test_groups_that_both_name_us_are_taken_together():
    text = "User-agent: frontdesk\nDisallow: /a\nUser-agent: frontdesk\nDisallow: /b\n"
    assert not permits(text, "/a")
    assert not permits(text, "/b")


def test_an_empty_disallow_permits_everything():
    assert permits("User-agent: *\nDisallow:\n", "/anything")


def test_the_delay_and_the_sitemaps_are_read_and_no_site_makes_us_wait_for_ever():
    text = "Sitemap: https://shop.example/map.xml\nUser-agent: *\nCrawl-delay: 2.5\n"
    found = robots.read(text.encode(), "frontdesk")
    assert found.delay == 2.5
    assert found.sitemaps == ["https://shop.example/map.xml"]
    long = robots.read(b"User-agent: *\nCrawl-delay: 86400\n", "frontdesk")
    assert long.delay == robots.MAX_DELAY_SECONDS


@pytest.mark.parametrize("delay", ["-1", "nan", "inf", "soon", ""])
def test_a_delay_that_is_no_number_is_none(delay):
    assert robots.read(f"User-agent: *\nCrawl-delay: {delay}\n".encode(), "x").delay == 0


@pytest.mark.parametrize(
    ("status", "is_permitted"), [(404, True), (403, True), (500, False), (503, False), (429, False)]
)
def test_without_a_file_all_is_permitted_and_a_server_in_trouble_is_left_alone(
    status, is_permitted
):
    assert robots.of_answer(status, b"", "frontdesk").permits(SITE + "/page") is is_permitted
