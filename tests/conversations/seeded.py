"""A conversation on a provider's channel with every kind of message that there is."""

import io
import struct
import zlib
from datetime import timedelta
from typing import Any

from app.accounts.models import User
from app.channels.content import (
    AskContact,
    AskLocation,
    Button,
    Buttons,
    Card,
    Cards,
    Choice,
    Content,
    Link,
    Location,
    Media,
    Menu,
    Order,
    OrderLine,
    Section,
    Template,
    Unreadable,
)  # fmt: skip
from app.channels.models import Delivery
from app.conversations import services
from app.conversations.models import Message, MessageFile
from app.core import storage
from app.core.db import now
from app.extensions import db
from tests.channels.reached import Reached, make_channel, reach

TO_CUSTOMER: list[Content] = [
    Buttons(body="Which day suits you?", header="Delivery", footer="Before noon",
            buttons=[Button(id="b1", title="Friday"), Button(id="b2", title="Saturday")]),
    Menu(body="What shall we bring?", label="Bouquets", sections=[
        Section(title="Spring", rows=[Button(id="r1", title="Tulips", description="20 stems"),
                                      Button(id="r2", title="Daffodils")])]),
    Link(body="All our bouquets:", label="See the shop", url="https://shop.example/bouquets"),
    AskLocation(body="Where shall we deliver?"),
    AskContact(body="May we call you?"),
    Template(template_id=1, name="order_ready", language="en_GB", category="UTILITY", components=[],
             body="Hello Mia, your order is ready.", buttons=["I’ll come today", "Stop"]),
]  # fmt: skip
FROM_CUSTOMER: list[Content] = [
    Location(latitude=51.5074, longitude=-0.1278, name="Home", address="1 High Street, London"),
    Location(latitude=48.85, longitude=2.35),
    Cards(cards=[Card(name="Ada Byron", phones=["+44 7700 900777"], emails=["ada@example.com"],
                      company="Engines Ltd")]),
    Cards(cards=[Card(name="Mia Moss", phones=["+44 7700 900100"])], is_own_number=True),
    Choice(id="b2", title="Saturday", description="Before noon"),
    Choice(id="flow", title="Booking form", fields={"first_name": "Mia", "guests": 4}),
    Order(lines=[OrderLine(product="TULIP-20", quantity=2, price="18.00", currency="GBP"),
                 OrderLine(product="VASE", quantity=1)], text="In red, please"),
    Unreadable(what="poll"),
]  # fmt: skip
KINDS = [
    ("image", "image/png", "tulips.png", "These ones"),
    ("sticker", "image/png", "sticker.png", ""),
    ("audio", "audio/ogg", "", ""),
    ("video", "video/mp4", "garden.mp4", "Our garden"),
    ("document", "application/pdf", "Invoice <7>.pdf", ""),
]
STATUSES = (
    "queued",
    "sending",
    "unknown",
    "sent",
    "delivered",
    "read",
    "played",
    "failed",
    "dropped",
)
LEAD = {
    "source_type": "ad", "source_url": "https://ads.example/spring", "headline": "Spring bouquets",
    "body": "Fresh every morning <3", "image_url": "https://ads.example/never-loaded.png",
}  # fmt: skip


def png(width: int = 48, height: int = 32) -> bytes:
    """A picture, small and real."""
    rows = b"".join(
        b"\0" + bytes(v for x in range(width) for v in (40 + 4 * x, 90 + 4 * y, 120)) for y in range(height)
    )  # fmt: skip
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
             (b"IDAT", zlib.compress(rows)), (b"IEND", b""))  # fmt: skip
    framed = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def talk_on(kind: str = "whatsapp", *, hours_left: float = 21.5, **channel: Any) -> Reached:
    """Somebody who wrote a moment ago. Inside the scope of a business."""
    reached = reach(make_channel(kind, **channel))
    reached.visitor.window_until = now() + timedelta(hours=hours_left)
    db.session.flush()
    return reached


def comes(reached: Reached, part: Content | None = None, body: str = "", **beside: Any) -> Message:
    content = part.as_json() if part else None
    words = body or (part.plain() if part else "Hello")
    message = services.post(reached.conversation.lock(), "incoming", "visitor", words)
    message.content, message.sent_at = content, now()
    for name, value in beside.items():
        setattr(message, name, value)
    db.session.flush()
    return message


def goes(
    reached: Reached, by: User | None, body: str, part: Content | None = None, **beside: Any
) -> Message:
    """Written by a member, or on the phone; `status` is how far it got."""
    status, delivery = beside.pop("status", "sent"), beside.pop("delivery", {})
    message = services.post(
        reached.conversation.lock(), "outgoing", "member", body, by=by, already_sent=True
    )
    message.content = part.as_json() if part else None
    for name, value in beside.items():
        setattr(message, name, value)
    if by:
        _delivery(reached, message, status, **delivery)
    db.session.flush()
    return message


def _delivery(reached: Reached, message: Message, status: str, **values: Any) -> None:
    at = {f"{each}_at": now() for each in ("sent", "delivered", "read", "failed", "sending")}
    known = {
        "category": "service",
        "content": message.content or {"type": "text", "body": message.body},
    }
    db.session.add(
        Delivery(
            channel_id=reached.channel_id, visitor_id=reached.visitor_id,
            conversation_id=reached.conversation_id, message_id=message.id, status=status,
            token=f"t{message.id}", available_at=now(), **known | at | values,
        )
    )  # fmt: skip


def file_of(
    message: Message, kind: str, mime: str, name: str, state: str = "stored"
) -> MessageFile:
    body = png()
    sha256, length = storage.digest(io.BytesIO(body))
    file = (
        storage.store(io.BytesIO(body), name or "file", sha256, length)
        if state == "stored"
        else None
    )
    row = MessageFile(
        message_id=message.id, kind=kind, mime=mime, name=name, byte_count=length, state=state,
        file_id=file.id if file else None, error="It was too old." if state == "failed" else None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def everything(by: User) -> Reached:
    reached = talk_on("whatsapp")
    reached.visitor.lead_source = LEAD
    for part in FROM_CUSTOMER:
        comes(reached, part)
    for kind, mime, name, caption in KINDS:
        file_of(comes(reached, Media(kind=kind, caption=caption, name=name)), kind, mime, name)
    for state in ("waiting", "failed"):
        file_of(comes(reached, Media(kind="image")), "image", "image/jpeg", "", state)
    first = comes(
        reached, body="Do you have *red* ones?", reactions=[{"by": "visitor", "emoji": "❤️"}]
    )
    comes(reached, body="Or pink", edited_at=now())
    comes(reached, body="", revoked_at=now())
    goes(
        reached,
        by,
        "Yes, both.",
        reply_to_id=first.id,
        status="read",
        reactions=[{"by": "visitor", "emoji": "👍"}],
    )
    comes(reached, body="Lovely", reply_to_id=first.id + 2)
    for part in TO_CUSTOMER:
        goes(reached, by, part.plain(), part, status="delivered")
    picture = goes(
        reached, by, "Like this?", Media(kind="image", caption="Like this?"), status="delivered"
    )
    file_of(picture, "image", "image/png", "ours.png")
    goes(reached, None, "Answered on the phone", external_id="wamid.echo")
    comes(reached, body="And a vase?")
    for status in STATUSES:
        why = {"error": "They don’t use WhatsApp.", "next_step": "Call them instead."}
        goes(
            reached,
            by,
            f"This one is {status}.",
            status=status,
            delivery=why if status in ("failed", "dropped") else {},
        )
    return reached
