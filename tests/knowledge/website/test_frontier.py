"""What is worth a visit, and where a site never ends."""

import pytest

from app.knowledge.website.frontier import (
    MAX_DEPTH,
    MAX_OF_CHOICES,
    MAX_OF_DATES,
    Frontier,
    is_page,
    stops,
)

SHOP = "https://shop.example"


def taken(urls: list[str]) -> list[str]:
    frontier = Frontier()
    return [url for url in urls if frontier.takes(url, 1)]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/hours",
        "/menu.html",
        "/shop.php?id=7",
        "/feed/horses",
        "/register",
        "/cookies",
        "/v1.2",
    ],
)
def test_pages_are_visited(path: str):
    assert is_page(SHOP + path)


@pytest.mark.parametrize(
    "path",
    [
        "/a.jpg", "/price-list.PDF", "/all.zip", "/wp-admin/", "/wp-login.php", "/cart", "/de/checkout/",
        "/logout", "/shop?add-to-cart=7", "/post?replytocom=3", "/" + "a" * 600, "/a" * 13,
    ],
)  # fmt: skip
def test_other_things_are_not(path: str):
    assert not is_page(SHOP + path)


def test_it_goes_so_deep_and_no_deeper():
    assert Frontier().takes(f"{SHOP}/page", MAX_DEPTH)
    assert not Frontier().takes(f"{SHOP}/page", MAX_DEPTH + 1)


@pytest.mark.parametrize(
    "form",
    [
        "/events?month=2026-{}",
        "/calendar/2026/{}",
        "/diary/2026-{:02}",
        "/e?view=list&date={}",
        "/k?week={}",
    ],
)
def test_a_calendar_ends_somewhere(form: str):
    urls = [SHOP + form.format(number) for number in range(100)]
    assert taken(urls) == urls[:MAX_OF_DATES]
    assert stops((url, 1) for url in taken(urls)) == [
        f"Stopped at a calendar that never ends: {form.format(0)}."
    ]


def test_a_calendar_of_one_link_after_the_other_ends_at_the_depth():
    found = [(f"{SHOP}/events?month=2026-{number}", number) for number in range(MAX_DEPTH + 1)]
    assert stops(found[:-1]) == []
    assert stops(found) == ["Stopped at a calendar that never ends: /events?month=2026-0."]


def test_filters_of_a_shop_end_somewhere():
    urls = [f"{SHOP}/shop?color={color}&size={size}" for color in range(9) for size in range(9)]
    urls += [f"{SHOP}/shop?size=1&color=1&brand={brand}" for brand in range(9)]
    assert len(taken(urls)) == MAX_OF_CHOICES
    assert stops((url, 1) for url in taken(urls)) == [
        "Stopped at a page whose address takes ever new choices: /shop?color=0&size=0."
    ]


@pytest.mark.parametrize(
    "form",
    [
        "/product/{}",
        "/product.php?id={}",
        "/2024/05/post-{}",
        "/index.php?option=content&view=article&id={}",
    ],
)
def test_many_products_are_no_trap(form: str):
    urls = [SHOP + form.format(number) for number in range(400)]
    expected = urls[:MAX_OF_DATES] if form.startswith("/2024") else urls
    assert taken(urls) == expected


def test_posts_with_a_name_under_a_date_are_no_calendar():
    urls = [f"{SHOP}/2024/05/how-to-prune-{name}" for name in "abcdefghijklmnopqrstuvwxyz"]
    assert taken(urls) == urls


def test_dates_that_a_sitemap_names_are_no_trap():
    assert stops((f"{SHOP}/news/2026-01-{day:02}", 1) for day in range(60)) == []


def test_a_path_that_repeats_itself_is_a_maze():
    assert taken([f"{SHOP}/a/b/a/b/", f"{SHOP}/a/b/a/b/a/", f"{SHOP}/x/x/x/"]) == [
        f"{SHOP}/a/b/a/b/"
    ]
