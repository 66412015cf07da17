"""One spelling for each address of a website, so that no page is fetched twice."""

import re
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urljoin, urlsplit

from app.core.addresses import split_url

_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
# They say where a visitor came from, or who it is, never what the page shows. Some old shops write a session
# into every link of whoever brings no cookie.
_TRACKING = re.compile(
    r"utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|phpsessid|jsessionid|oscsid|zenid|session_?id|aspsessionid\w*",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";jsessionid=[\w.!-]*", re.IGNORECASE)


def canonical(link: str, base: str) -> str:
    """`link` as it stands in the page at `base`: absolute, without fragment or tracking.

    Raises ValueError for whatever isn't a plain http(s) address.
    """
    target = split_url(urljoin(base, link.strip()).partition("#")[0])
    parts = urlsplit(target.url)
    path = one_spelling(_PATH_SESSION.sub("", parts.path))
    query = "&".join(
        one_spelling(pair) for pair in parts.query.split("&") if pair and not _is_tracking(pair)
    )
    straight = urljoin(target.url, path if not path.startswith("//") else parts.path)
    straight = straight.partition("?")[0]
    return f"{straight}?{query}" if query else straight


def is_same_site(url: str, other: str) -> bool:
    """With and without www., over http and https: it is one site to its owner."""
    here, there = split_url(url), split_url(other)
    usual = {80, 443}
    same_port = here.port == there.port or {here.port, there.port} <= usual
    return same_port and here.host.removeprefix("www.") == there.host.removeprefix("www.")


def one_spelling(text: str) -> str:
    """Escapes only where they are needed, in capital letters: %7e is ~, %c3 is %C3, é is %C3%A9."""
    escaped = quote(text, safe="%/:@!$&'()*+,;=~-._?[]")
    return _ESCAPE.sub(_shortest, escaped)


def _shortest(escape: re.Match[str]) -> str:
    byte = unquote_to_bytes(escape[0])
    return byte.decode() if byte[0] in _UNRESERVED else escape[0].upper()


def _is_tracking(pair: str) -> bool:
    name = next(iter(parse_qsl(pair, keep_blank_values=True)), ("", ""))[0]
    return bool(_TRACKING.fullmatch(name))
