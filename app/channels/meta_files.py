"""A file that somebody sent, fetched from where Meta keeps it."""

from urllib.parse import urlsplit

from flask import current_app

from app.channels.border import SendFailed
from app.core import http
from app.lib.marking import kept

SECONDS = 120.0
# Where Meta keeps files. Nothing else is asked, or shown a token.
HOSTS = ("facebook.com", "fbcdn.net", "fbsbx.com", "whatsapp.net")
META = http.Allow(schemes={"https"})
OWN = http.Allow(
    ports=range(1, 65536), permit_private=True
)  # where the configuration says Graph is


def fetch(url: str, max_bytes: int, label: str, *, token: str = "") -> http.Fetched:
    """Whatever its status. Raises SendFailed."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        return http.fetch(
            url, max_bytes=max_bytes, timeout=SECONDS, allow=allowed(url, label), headers=headers
        )
    except http.TooLarge:
        raise too_large(max_bytes) from None
    except http.OutgoingError as error:
        trouble = "permanent" if error.permanent else "retry"
        raise SendFailed(
            trouble, kept("The file can’t be fetched from %(label)s.", label=label)
        ) from None


def allowed(url: str, label: str) -> http.Allow:
    """Raises SendFailed for a host that isn't Meta's."""
    base = urlsplit(current_app.config["GRAPH_BASE_URL"])
    try:
        asked = urlsplit(url)
        host = asked.hostname or ""
    except ValueError:
        raise SendFailed(
            "permanent", kept("%(label)s gave no address of the file.", label=label)
        ) from None
    if any(host == each or host.endswith(f".{each}") for each in HOSTS):
        return META
    if (asked.scheme, asked.netloc) == (base.scheme, base.netloc):
        return OWN
    raise SendFailed(
        "permanent", kept("The file lies where no file of %(label)s should.", label=label)
    )


def too_large(max_bytes: int) -> SendFailed:
    words = kept("The file is larger than %(value)s MB.", value=max_bytes // 1024 // 1024)
    return SendFailed("permanent", words, next_step=kept("Ask for a smaller one."))
