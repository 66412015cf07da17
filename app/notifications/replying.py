"""What a member answers to a notification's e-mail stands in the conversation, once.

The mail is kept as a file in the transaction in which it comes, and a job posts it. What can't be posted is mailed back
with the reason, to the member's own address: a sender's may be anybody's. A machine's mail gets no answer at all.
"""

import logging
import re
from dataclasses import asdict
from email.utils import getaddresses
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app.accounts.models import normal_email
from app.businesses.models import Business
from app.channels.content import Content, Media, Words
from app.channels.email import members
from app.conversations import composing, mentioning, scheduling, services, uploads
from app.conversations.due import Written
from app.conversations.models import Conversation
from app.core import mail, storage, tenancy, unit_of_work
from app.core.access import PERMISSIONS, Permission
from app.core.errors import FrontdeskError, Invalid
from app.core.jobs import enqueue
from app.core.storage import File
from app.core.translating import speaking
from app.extensions import db
from app.notifications import addresses, choosing, places
from app.notifications.addresses import Ticket
from app.notifications.choosing import Told

logger = logging.getLogger(__name__)

BY_MAIL = "mail-"  # begins the client keys of what came so
MOST_FILES = 5
SHOWN_WORDS = 2000  # of what is mailed back
SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)


@members.taken_by
def keep(raw: bytes, to: list[str]) -> bool:
    """A mail to one of our signed addresses."""
    ticket = addresses.ticket_in(to)
    if ticket is None or ticket.kind == addresses.VISITOR:
        return False
    store(raw, ticket, "notifications.take_reply")
    return True


def store(raw: bytes, ticket: Ticket, job: str) -> None:
    """For that job. One of a business that is gone is dropped."""
    if db.session.get(Business, ticket.business_id) is not None:
        with tenancy.business_scope(ticket.business_id):
            file = storage.store(BytesIO(raw), "reply.eml", sha256(raw).hexdigest(), len(raw))
            enqueue(job, file.id, asdict(ticket), key=f"take-reply-{file.id}")


def take(file_id: int, ticket: Ticket) -> None:
    """The job. Safe to repeat: a mail is known by its Message-ID."""
    from app.channels.email.letters import Letter

    file = stored(file_id)
    if file is None:
        return
    letter = Letter(b"".join(file.parts()))
    member = _writer(letter, ticket)
    if member is not None:
        with speaking(member.user.language):
            _answer(letter, ticket, member)
    drop(file_id)


def give_up(file_id: int, ticket: dict[str, Any], _reason: str) -> None:
    """The job failed for good."""
    member = choosing.of(ticket["user_id"])
    if member is not None:
        with speaking(member.user.language):
            why = _("Something on our side went wrong.")
        _mail_back(member, Ticket(**ticket), f"given up {file_id}", why, "")
    drop(file_id)


def own_words(words: str) -> str:
    """Never a word of our own e-mail: where its first line is quoted in a way that nobody knows, or under nothing at
    all, only what stands above it, without the “… wrote:” that leads to it."""
    above, mark, _quoted = words.partition(addresses.MARK)
    if not mark:
        return words.strip()
    paragraphs = re.split(r"\n\s*\n", above.rstrip(" \n>"))
    if paragraphs[-1].rstrip().endswith(":"):
        del paragraphs[-1]
    return SIGNATURE.split("\n\n".join(paragraphs), maxsplit=1)[0].strip()


def is_by_machine(letter: Any) -> bool:
    """Then it gets no answer, and answers nothing."""
    is_one = letter.bounce() is not None or letter.is_automatic or letter.is_ours
    if is_one:
        logger.info("an answer to an e-mail of ours is left: a machine wrote it")
    return bool(is_one)


def sender_of(letter: Any) -> str:
    return next((each for _name, each in getaddresses([letter.header("from")])), "")


def key_of(letter: Any) -> str:
    """The client key of what it becomes."""
    return f"{BY_MAIL}{sha256(letter.id.encode()).hexdigest()[:40]}"


def _writer(letter: Any, ticket: Ticket) -> Told | None:
    """Whose address it is, if they may still answer here and a person wrote it."""
    if is_by_machine(letter):
        return None
    member = choosing.of(ticket.user_id)
    if member is None or Permission.INBOX_REPLY not in PERMISSIONS[member.role]:
        logger.info("an answer to a notification is left: its member may not answer here")
        return None
    return member


def _answer(letter: Any, ticket: Ticket, member: Told) -> None:
    """What is refused leaves nothing behind."""
    words = own_words(letter.words)
    try:
        _check(letter, ticket, member)
        left = _post(letter, ticket, member, words)
    except FrontdeskError as refusal:
        unit_of_work.rollback()
        _mail_back(member, ticket, letter.id, refusal.message, words)
        return
    if left:
        why = " ".join([_("Your words went out, but not every file did."), *left])
        _mail_back(member, ticket, letter.id, why, words)


def _check(letter: Any, ticket: Ticket, member: Told) -> None:
    """Raises Invalid."""
    sender = sender_of(letter)
    if normal_email(sender) != normal_email(member.user.email):
        raise Invalid(
            _(
                "It came from %(sender)s. Answer from the address that you have in Frontdesk.",
                sender=sender[:200],
            )
        )
    if ticket.has_expired:
        raise Invalid(
            _(
                "An e-mail can be answered for %(days)s days. Open the conversation to answer.",
                days=addresses.DAYS,
            )
        )


def _post(letter: Any, ticket: Ticket, member: Told, words: str) -> list[str]:
    """Why a file didn't go along, in words. Raises Invalid, and then nothing is kept."""
    conversation = locked(ticket.conversation_id)
    if conversation is None:
        raise Invalid(_("This conversation was deleted."))
    key = key_of(letter)
    if scheduling.is_known(conversation, key):
        return []
    sent = letter.attachments()
    if ticket.kind == "note":
        mentioning.note(conversation, member.user, words, key)
        return [_("A note holds no files.")] if sent else []
    composer = composing.of(conversation)
    if composer.lock_words:
        raise Invalid(composer.lock_words)
    files, left = _files(sent, composer)
    services.clean(words or (files[0].name if files else ""), services.MAX_REPLY_CHARACTERS)
    parts: list[Content] = [*files[1:]]
    if files:
        parts.insert(0, files[0].model_copy(update={"caption": words}))
    shown = parts or [Words(body=words)]
    said = [why for part in shown for why in composing.problems(composer.channel, part)]
    if said:
        raise Invalid(" ".join(said))
    scheduling.send(conversation, member.user, Written(words, parts), key, 0)
    return left


def _files(sent: list[Any], composer: composing.Composer) -> tuple[list[Media], list[str]]:
    files: list[Media] = []
    left = []
    for each in sent:
        try:
            if len(files) == MOST_FILES:
                raise Invalid(_("%(most)s files fit in one answer.", most=MOST_FILES))
            found = FileStorage(BytesIO(each.body), filename=each.name)
            files.append(uploads.look_at(found, composer).keep(""))
        except Invalid as refusal:
            left.append(refusal.message)
    return files, list(dict.fromkeys(left))


def locked(conversation_id: int) -> Conversation | None:
    """Or the one that it was made one with."""
    business_id = tenancy.current_business_id()
    found = db.session.get(Conversation, (business_id, conversation_id))
    while found is not None and found.lock().merged_into_id is not None:
        found = db.session.get(Conversation, (business_id, found.merged_into_id))
    return found


def stored(file_id: int) -> File | None:
    return db.session.get(File, (tenancy.current_business_id(), file_id))


def drop(file_id: int) -> None:
    file = stored(file_id)
    if file is not None:
        db.session.delete(file)


def _mail_back(member: Told, ticket: Ticket, letter_id: str, why: str, words: str) -> None:
    business = places.business()
    digest = sha256(f"{letter_id} {why}".encode()).hexdigest()[:40]
    mail.send(
        "reply_refused", member.user.email, language=member.user.language, key=f"reply-refused {digest}",
        business=business.name, why=why, words=words[:SHOWN_WORDS],
        link=places.link(business.slug, f"conversation {ticket.conversation_id}"),
    )  # fmt: skip
