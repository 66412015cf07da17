"""“Check my site”: whether a page carries the chat's line, and what keeps it from working."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask_babel import gettext as _

from app.channels.sites import SiteError, site_origins
from app.core.translating import spoken

SECONDS = 8.0
MAX_BYTES = 3 * 1024 * 1024
POLICY_SOURCES = re.compile(r"(script-src|default-src)\s+([^;]*)", re.I)


@dataclass(frozen=True, slots=True)
class Finding:
    tone: str  # green, amber, red
    text: str
    is_mistyped: bool = False


def look(url: str, key: str, allowed: list[str]) -> Finding:
    from app.core import http  # not every web process ever needs it

    address = url if "://" in url else f"https://{url}"
    try:
        [origin] = site_origins(address)
    except (SiteError, ValueError):
        return Finding("red", _("Write the address of a page, like https://www.example.com."), True)
    try:
        page = http.fetch(address, max_bytes=MAX_BYTES, timeout=SECONDS)
    except http.TooLarge:
        return Finding("red", _("This page is larger than we read."))
    except http.OutgoingError as error:
        return Finding("red", _("We couldn’t read this page. %(error)s", error=spoken(str(error))))
    if page.status >= 400:
        return Finding(
            "red", _("The site answered with error %(status)s to us.", status=page.status)
        )
    origin = _origin(page.url) or origin
    return _judged(page.body.decode("utf-8", "replace"), page.headers, key, origin, allowed)


def _judged(
    text: str, headers: dict[str, str], key: str, origin: str, allowed: list[str]
) -> Finding:
    if f"/w/{key}/loader.js" not in text:
        return _missing(text)
    if allowed and not any(_covers(site, origin) for site in allowed):
        return Finding(
            "red",
            _(
                "The line is there, but %(origin)s isn’t among your allowed websites: add it there.",
                origin=origin,
            ),
        )
    if _forbids(headers.get("content-security-policy", "")):
        return Finding(
            "amber",
            _(
                "The line is there. The site’s Content-Security-Policy may forbid it: allow our address in script-src and frame-src."
            ),
        )
    return Finding(
        "green", _("The line is there. Open the page and click the button to see your chat.")
    )


def _missing(text: str) -> Finding:
    if re.search(r"/w/\d+-[0-9a-f]+/loader\.js", text):
        return Finding(
            "red", _("There is a line of another chat on this page. Replace it by yours.")
        )
    if "googletagmanager.com" in text:
        return Finding(
            "amber",
            _(
                "The line isn’t in the page itself. If you put it into Google Tag Manager that is right: open the page in a browser, and it appears below within a minute."
            ),
        )
    return Finding("red", _("The line isn’t on this page. Was it saved and published there?"))


def _covers(site: str, origin: str) -> bool:
    one, other = urlsplit(site), urlsplit(origin)
    if (one.scheme, one.port) != (other.scheme, other.port):
        return False
    wild = (one.hostname or "").removeprefix("*")
    host = other.hostname or ""
    return host.endswith(wild) if wild != one.hostname else host == wild


def _forbids(policy: str) -> bool:
    sources = {name.lower(): said for name, said in POLICY_SOURCES.findall(policy)}
    said = sources.get("script-src", sources.get("default-src"))
    return said is not None and "https:" not in said.split() and "*" not in said.split()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
