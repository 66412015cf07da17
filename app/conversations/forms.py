"""What a member writes: in the composer, and on the contact's card."""

from uuid import uuid4

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Regexp

from app.contacts.services import MAX_NOTE
from app.conversations.services import MAX_REPLY_CHARACTERS


def _plain_lines(text: str | None) -> str | None:
    """Browsers send two characters for each new line; one is counted and kept."""
    return text.replace("\r\n", "\n").strip() if text else text


class MessageForm(FlaskForm):
    kind = RadioField(
        choices=[SelectChoice("reply", "Reply"), SelectChoice("note", "Note")], default="reply"
    )
    body = TextAreaField(
        "Message",
        filters=[_plain_lines],
        validators=[
            DataRequired("Write something first."),
            Length(
                max=MAX_REPLY_CHARACTERS,
                message=f"This is too long: {MAX_REPLY_CHARACTERS:,} characters fit. Please shorten it.",
            ),
        ],
    )
    client_key = HiddenField(
        default=lambda: str(uuid4()),
        validators=[
            DataRequired("This page was changed. Reload it and send again."),
            Regexp(r"[\w-]{1,64}\Z", message="This page was changed. Reload it and send again."),
        ],
    )

    def with_new_key(self) -> "MessageForm":
        """Nothing was kept of this attempt: the next is another message."""
        self.client_key.data = str(uuid4())
        return self


class ContactForm(FlaskForm):
    """app/contacts/services.py checks what is typed."""

    name = StringField("Name")
    email = StringField("E-mail")
    phone = StringField(
        "Phone", description="From another country with its code, like +44 20 7946 0018."
    )
    note = TextAreaField(
        "Good to know",
        filters=[_plain_lines],
        validators=[
            Length(max=MAX_NOTE, message=f"This is too long: {MAX_NOTE:,} characters fit.")
        ],
        description="Seen by your team alone.",
    )
