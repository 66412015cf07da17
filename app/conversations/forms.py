"""What a member writes: in the composer, and on the contact's card."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp
from wtforms.widgets import HiddenInput

from app.channels.content import AskContact, AskLocation, Button, Buttons, Content, Link
from app.contacts.services import MAX_NOTE
from app.conversations import kept_files
from app.conversations.composing import MOST_BUTTONS, SAMPLES
from app.conversations.services import MAX_REPLY_CHARACTERS
from app.core.addresses import MAX_URL_CHARACTERS
from app.lib import later
from app.lib.marking import N_


def _plain_lines(text: str | None) -> str | None:
    """Browsers send two characters for each new line; one is counted and kept."""
    return text.replace("\r\n", "\n").strip() if text else text


class LinesField(Field):
    """Several one-line fields of one name, in order."""

    most = MOST_BUTTONS

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [_plain_lines(each) or "" for each in valuelist[: self.most]]


class RefsField(LinesField):
    most = kept_files.MOST


class MessageForm(FlaskForm):
    """`extra` says which of what a provider's channel takes beside words is meant; the others' fields are kept as
    they were typed and not sent."""

    kind = RadioField(
        choices=[SelectChoice("reply", _l("Reply")), SelectChoice("note", _l("Note"))],
        default="reply",
    )
    body = TextAreaField(_l("Message"), filters=[_plain_lines])
    extra = RadioField(
        choices=[SelectChoice(each, each) for each in ("", *SAMPLES)],
        default="",
    )
    button = LinesField(_l("Buttons"), default=list)
    link_label = StringField(_l("What the button says"), filters=[_plain_lines])
    link_url = StringField(_l("Address"), filters=[_plain_lines])
    file = FileField(_l("File"))
    kept_file = RefsField(_l("Files"), default=list)  # that are here already: kept_files.py
    reply_to = IntegerField(_l("Answers"), widget=HiddenInput(), validators=[Optional()])
    client_key = HiddenField(
        default=lambda: str(uuid4()),
        validators=[
            DataRequired(_l("This page was changed. Reload it and send again.")),
            Regexp(
                r"[\w-]{1,64}\Z", message=_l("This page was changed. Reload it and send again.")
            ),
        ],
    )

    send_at = StringField()  # a moment, or "chosen": then that of send_on; "" is now
    send_on = StringField(_l("Date and time"))
    drops_on_reply = BooleanField(_l("Drop it when they write first"))
    seen = IntegerField(
        widget=HiddenInput(), validators=[Optional()]
    )  # up to here, when it was begun
    despite = StringField()  # sent though somebody else answered meanwhile

    @property
    def is_later(self) -> bool:
        return self.kind.data == "reply" and bool(self.send_at.data)

    def later_at(self, zone: str) -> datetime | None:
        """None when it is no moment."""
        chosen = self.send_on.data if self.send_at.data == "chosen" else self.send_at.data
        return later.typed(chosen or "", zone)

    def with_new_key(self) -> "MessageForm":
        """Nothing was kept of this attempt: the next is another message."""
        self.client_key.data = str(uuid4())
        return self

    @property
    def sent_file(self) -> Any:
        """None when nothing was chosen: a browser sends an empty part then."""
        return self.file.data if self.kind.data == "reply" and self.file.data else None

    def validate_body(self, field: TextAreaField) -> None:
        text = field.data or ""
        if not text and not self.has_files:
            raise ValidationError(_("Write something first."))
        if len(text) > MAX_REPLY_CHARACTERS:
            raise ValidationError(
                _(
                    "This is too long: %(most)s characters fit. Please shorten it.",
                    most=f"{MAX_REPLY_CHARACTERS:,}",
                )
            )
        if self.extra.data and self.has_files:
            raise ValidationError(_("A file goes without buttons. Send them one after the other."))
        if self.extra.data == "buttons" and not self.titles:
            raise ValidationError(_("Write at least one button, or take the buttons away."))
        if self.extra.data == "link" and not self.has_address:
            raise ValidationError("The link needs an address, like https://www.example.com.")

    @property
    def has_files(self) -> bool:
        return self.kind.data == "reply" and bool(self.sent_file or self.kept_file.data)

    @property
    def beside(self) -> dict[str, Any]:
        """What was chosen beside the words, for a draft."""
        if not self.extra.data:
            return {}
        fields = {
            "button": [title for title in self.button.data if title],
            "link_label": self.link_label.data,
            "link_url": self.link_url.data,
        }
        return {"extra": self.extra.data} | {name: said for name, said in fields.items() if said}

    @property
    def titles(self) -> list[str]:
        return [title for title in self.button.data if title]

    @property
    def has_address(self) -> bool:
        typed = self.link_url.data or ""
        return typed.startswith(("https://", "http://")) and len(typed) <= MAX_URL_CHARACTERS

    @property
    def part(self) -> Content | None:
        """None when the words are all."""
        body = self.body.data or ""
        if self.extra.data == "buttons":
            numbered = enumerate(self.titles, 1)
            return Buttons(body=body, buttons=[Button(id=f"b{n}", title=t) for n, t in numbered])
        if self.extra.data == "link":
            label = self.link_label.data or N_("Open")
            return Link(body=body, label=label, url=self.link_url.data or "")
        asks = {"location": AskLocation, "contact": AskContact}.get(self.extra.data)
        return asks(body=body) if asks else None


class ContactForm(FlaskForm):
    """app/contacts/services.py checks what is typed."""

    name = StringField(_l("Name"))
    email = StringField(_l("E-mail"))
    phone = StringField(
        _l("Phone"), description=_l("From another country with its code, like +44 20 7946 0018.")
    )
    note = TextAreaField(
        _l("Good to know"),
        filters=[_plain_lines],
        validators=[
            Length(
                max=MAX_NOTE,
                message=_l("This is too long: %(most)s characters fit.", most=f"{MAX_NOTE:,}"),
            )
        ],
        description=_l("Seen by your team alone."),
    )
