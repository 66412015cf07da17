"""What a text message takes, and what it costs to send one."""

from app.channels.border import Limits
from app.channels.content import Content, Media
from app.lib import sms
from app.lib.marking import kept

KB = 1024
MAX_PICTURE = 5000 * KB
LIMITS = Limits(
    text=1600,
    caption=1600,
    costs=True,
    has_receipts=True,
    sources=0,  # an address is half a message
    media={"image": (frozenset({"image/jpeg", "image/png", "image/gif"}), MAX_PICTURE)},
    per_second=10,
)


def problems(content: Content) -> list[str]:
    text = text_of(content)
    if isinstance(content, Media):
        mimes, _ = LIMITS.media.get(content.kind, (frozenset(), 0))
        if content.mime not in mimes:
            return [kept("A text message carries pictures alone: JPEG, PNG or GIF.")]
    elif not text.strip():
        return [kept("There are no words in it.")]
    if len(text) > LIMITS.text:
        return [
            kept(
                "The text has %(count)s characters; a text message takes %(most)s.",
                count=f"{len(text):,}",
                most=f"{LIMITS.text:,}",
            )
        ]
    return []


def hint(content: Content) -> str:
    """How many messages it will be: each is paid for."""
    sending = sms.sending(text_of(content))
    if sending.messages < 2:
        return ""
    if not sending.is_wide:
        return kept(
            "This goes out, and is paid for, as %(count)s text messages.", count=sending.messages
        )
    return kept(
        "This goes out, and is paid for, as %(count)s text messages. %(sign)s makes each of them shorter.",
        count=sending.messages,
        sign=sending.odd[:1],
    )


def text_of(content: Content) -> str:
    """Buttons and lists are words here; a picture has its caption alone."""
    return content.caption if isinstance(content, Media) else content.plain()
