import pytest

from app.knowledge.website.spelling import canonical, is_same_site

PAGE = "https://shop.example/help/delivery"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("returns#how", "https://shop.example/help/returns"),
        ("#top", PAGE),
        ("", PAGE),
        ("../", "https://shop.example/"),
        ("HTTPS://SHOP.example:443/a", "https://shop.example/a"),
        ("https://shop.example/a/../b", "https://shop.example/b"),
        ("/%7eanna/caf%c3%a9", "https://shop.example/~anna/caf%C3%A9"),
        ("/café", "https://shop.example/caf%C3%A9"),
        ("/a?utm_source=x&page=2&gclid=7", "https://shop.example/a?page=2"),
        ("/a?utm_source=x", "https://shop.example/a"),
        ("/a;jsessionid=8F2.node1?b=1&PHPSESSID=0af3", "https://shop.example/a?b=1"),
        ("?page=2", PAGE + "?page=2"),
        ("https://shop.example", "https://shop.example/"),
    ],
)
def test_each_address_has_one_spelling(link, address):
    assert canonical(link, PAGE) == address
    assert canonical(address, PAGE) == address


@pytest.mark.parametrize(
    "link",
    ["mailto:a@b.example", "javascript:void(0)", "file:///etc/passwd", "//u:p@shop.example/"],
)
def test_what_is_no_plain_web_address_is_refused(link):
    with pytest.raises(ValueError, match="address"):
        canonical(link, PAGE)


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("http://www.shop.example/", True),
        ("https://shop.example/a", True),
        ("https://blog.shop.example/", False),
        ("https://shop.example:8443/", False),
        ("https://notshop.example/", False),
    ],
)
def test_a_site_is_its_host_with_and_without_www(other, is_same):
    assert is_same_site(PAGE, other) is is_same
