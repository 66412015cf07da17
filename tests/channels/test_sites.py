"""The websites an owner allows, as typed and as kept."""

import pytest

from app.channels.sites import MAX_SITES, SiteError, site_origins


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("example.com", "https://example.com"),
        ("https://www.Example.com/shop?x=1#top", "https://www.example.com"),
        ("http://example.com:80", "http://example.com"),
        ("https://example.com:8443/", "https://example.com:8443"),
        ("localhost:8001", "https://localhost:8001"),
        ("*.example.com", "https://*.example.com"),
        ("https://café.example", "https://xn--caf-dma.example"),
        ("http://192.168.1.5:3000", "http://192.168.1.5:3000"),
    ],
)
def test_a_line_becomes_an_origin(typed: str, kept: str) -> None:
    assert site_origins(f"\n  {typed}  \n") == [kept]


@pytest.mark.parametrize(
    "typed",
    [
        "not a site",
        "javascript:alert(1)",
        "ftp://example.com",
        "https://",
        "https://user@example.com",
        "example.com:port",
        "example.com; script-src *",
        "https://exa mple.com",
        "-example.com",
        "x" * 300,
    ],
)
def test_what_is_no_website_is_named(typed: str) -> None:
    with pytest.raises(SiteError, match="is not a website"):
        site_origins(f"https://good.example\n{typed}")


def test_each_site_is_kept_once_and_in_order() -> None:
    assert site_origins("b.example\na.example\nhttps://B.example/x") == [
        "https://b.example",
        "https://a.example",
    ]


def test_nothing_means_every_site() -> None:
    assert site_origins(" \n ") == []


def test_there_is_a_limit() -> None:
    lines = [f"site{n}.example" for n in range(MAX_SITES)]
    assert len(site_origins("\n".join(lines))) == MAX_SITES
    with pytest.raises(SiteError, match="50 websites fit; these are 51"):
        site_origins("\n".join([*lines, "more.example"]))
