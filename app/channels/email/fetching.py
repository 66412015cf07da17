"""New mail of a mailbox, fetched over IMAP and stored as a provider's updates are. Nothing in the mailbox changes:
what was seen is known by its UID, and a mail that is fetched twice is stored once."""

import imaplib
import logging
import re
from dataclasses import dataclass

from sqlalchemy import select, text

from app.channels import trouble, updates
from app.channels.border import Line, SendFailed, Update
from app.channels.email import members, servers
from app.channels.email.reading import update_of
from app.channels.hook_doors import Place
from app.channels.lines import line_of
from app.channels.models import Channel, ChannelRoute
from app.core import mail_lines, tenancy
from app.core.jobs import commit_step, enqueue
from app.core.pinned import OutgoingError
from app.core.unit_of_work import unit_of_work
from app.extensions import db

logger = logging.getLogger(__name__)

MAX_MAILS = 50  # in one run; the next follows at once
MAX_BYTES = (
    15_000_000  # of one mail; and in one run, beyond its last mail: all are in memory at once
)
BEGINNING = 262_144  # bytes of a mail that is larger: its words, without what is attached

NOTE = text("""
UPDATE channels SET heard_at = now(), settings = settings || jsonb_build_object('imap_validity', CAST(:validity AS bigint),
    'imap_uid', CAST(:uid AS bigint)) WHERE id = :id""")


@dataclass(frozen=True, slots=True)
class Found:
    validity: int
    uid: int  # of the newest that was seen
    mails: list[bytes]
    has_more: bool = False


def enqueue_due() -> None:
    """By the clock: every mailbox of every business."""
    with unit_of_work() as session:
        routes = session.execute(
            select(ChannelRoute.business_id, ChannelRoute.channel_id).where(
                ChannelRoute.kind == "email"
            )
        ).all()
        for business_id, channel_id in routes:
            with tenancy.business_scope(business_id):
                ask(channel_id)


def ask(channel_id: int) -> None:
    enqueue("channels.fetch_mail", channel_id, queue="bulk", key=f"fetch-mail-{channel_id}")


def fetch(channel_id: int) -> None:
    """In the worker."""
    channel = Channel.by_id(channel_id)
    if channel is None or channel.state != "active" or not channel.settings.get("imap_host"):
        return
    line = line_of(channel)
    commit_step()
    try:
        found = look(line)
    except SendFailed as failed:
        if failed.trouble == "reconnect":
            trouble.break_channel(channel, f"{failed} {failed.next_step}".strip(), failed.code)
        else:
            logger.info("mailbox of channel %s: %s", channel_id, failed)
        return
    _keep(channel, found)


def _keep(channel: Channel, found: Found) -> None:
    """In one transaction: a mail that wasn't stored is fetched again."""
    place = Place(tenancy.current_business_id(), channel.id)
    all_of_it: list[Update] = [update_of(raw, channel.external_id or "") for raw in found.mails]
    came = [each for each in all_of_it if not members.take(each)]
    if came:
        updates.store([(place, each) for each in came])
    db.session.execute(NOTE, {"id": channel.id, "validity": found.validity, "uid": found.uid})
    if found.has_more:
        enqueue(
            "channels.fetch_mail",
            channel.id,
            queue="bulk",
            key=f"fetch-more-{channel.id}-{found.uid}",
        )


def look(line: Line) -> Found:
    """What came since the last look; at the first, nothing: what is there before belongs to the owner alone."""
    server = servers.imap_of(line.settings, line.credentials)
    assert server is not None
    try:
        with mail_lines.imap(server) as mailbox:
            mailbox.select("INBOX", readonly=True)
            return _since(mailbox, line)
    except (imaplib.IMAP4.error, OSError, OutgoingError) as error:
        raise servers.failure(error, server.host) from error


def _since(mailbox: imaplib.IMAP4, line: Line) -> Found:
    validity = _number(mailbox.response("UIDVALIDITY")[1])
    newest = _number(mailbox.response("UIDNEXT")[1]) - 1
    known = int(line.settings.get("imap_uid") or 0)
    if line.settings.get("imap_validity") != validity:  # the first look, or a mailbox made anew
        return Found(validity, max(newest, 0), [])
    answer = mailbox.uid("SEARCH", f"UID {known + 1}:*")[1]
    uids = sorted(uid for uid in map(int, (answer[0] or b"").split()) if uid > known)
    mails: list[bytes] = []
    for number, uid in enumerate(uids):
        if number == MAX_MAILS or sum(map(len, mails)) > MAX_BYTES:
            return Found(validity, known, mails, has_more=True)
        mails += [mail] if (mail := _mail(mailbox, uid)) else []
        known = uid
    return Found(validity, known, mails)


def _mail(mailbox: imaplib.IMAP4, uid: int) -> bytes:
    """Empty when somebody has just deleted it."""
    size = mailbox.uid("FETCH", str(uid), "(RFC822.SIZE)")[1]
    found = re.search(
        rb"RFC822\.SIZE (\d+)", size[0] if size and isinstance(size[0], bytes) else b""
    )
    part = f"<0.{BEGINNING}>" if found and int(found.group(1)) > MAX_BYTES else ""
    answer = mailbox.uid("FETCH", str(uid), f"(BODY.PEEK[]{part})")[1]
    return next((bytes(each[1]) for each in answer if isinstance(each, tuple)), b"")


def _number(answer: list[bytes | None]) -> int:
    return int(answer[0] or 0) if answer else 0
