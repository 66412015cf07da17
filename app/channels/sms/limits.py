"""What a text message takes, and what it costs to send one."""

from app.channels.border import Limits
from app.channels.content import Content, Media
from app.lib import sms

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
            return ["A text message carries pictures alone: JPEG, PNG or GIF."]
    elif not text.strip():
        return ["There are no words in it."]
    if len(text) > LIMITS.text:
        return [f"The text has {len(text):,} characters; a text message takes {LIMITS.text:,}."]
    return []


def hint(content: Content) -> str:
    """How many messages it will be: each is paid for."""
    sending = sms.sending(text_of(content))
    if sending.messages < 2:
        return ""
    why = f" {sending.odd[:1]} makes each of them shorter." if sending.is_wide else ""
    return f"This goes out, and is paid for, as {sending.messages} text messages.{why}"


def text_of(content: Content) -> str:
    """Buttons and lists are words here; a picture has its caption alone."""
    return content.caption if isinstance(content, Media) else content.plain()
