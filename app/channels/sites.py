"""The websites that a chat may stand on, as an owner types them."""

import re
from urllib.parse import urlsplit

from flask_babel import gettext as _

MAX_SITES = 50
HOST = re.compile(
    r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)


class SiteError(ValueError):
    """Says which line is no website."""


def site_origins(text: str) -> list[str]:
    """The lines as origins, `https://example.com`, each once. Raises SiteError for the first bad line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_SITES:
        raise SiteError(
            _("%(most)s websites fit; these are %(count)s.", most=MAX_SITES, count=len(lines))
        )
    return list(dict.fromkeys(_origin(line) for line in lines))


def _origin(line: str) -> str:
    """A path is dropped, a missing scheme is https, a name in any script becomes what browsers send."""
    shown = line if len(line) <= 60 else f"{line[:60]}…"
    try:
        parts = urlsplit(line if "://" in line else f"https://{line}")
        port = parts.port
        host = _ascii(parts.hostname or "")
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not HOST.fullmatch(host):
        raise SiteError(
            _("“%(shown)s” is not a website. Write it like https://www.example.com.", shown=shown)
        )
    is_usual = port in (None, {"http": 80, "https": 443}[parts.scheme])
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{port}")


def _ascii(host: str) -> str:
    is_wild = host.startswith("*.")
    name = host.removeprefix("*.").encode("idna").decode() if host else ""
    return f"*.{name}" if is_wild else name
