"""Adding knowledge: files, or a question and its answer."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.core.addresses import MAX_URL_CHARACTERS
from app.knowledge.models import RegressionCase
from app.knowledge.notes import MAX_NOTE_CHARACTERS, MAX_TITLE_CHARACTERS
from app.knowledge.parsing.detect import KINDS
from app.knowledge.parsing.limits import MAX_FILE_BYTES
from app.knowledge.services import (
    MAX_ANSWER_CHARACTERS,
    MAX_QUESTION_CHARACTERS,
)
from app.knowledge.websites import PAGE_LIMITS


def _length(limit: int) -> Length:
    return Length(
        max=limit, message=_("This is too long: %(limit)s characters fit.", limit=f"{limit:,}")
    )


class FilesForm(FlaskForm):
    accept = ",".join(kind for kind in KINDS if kind)  # as HTML wants it
    max_bytes = MAX_FILE_BYTES
    help = _l(
        "PDF, Word, Excel, PowerPoint, HTML, Markdown, text or CSV, up to %(most)s MB each.",
        most=MAX_FILE_BYTES // 1024 // 1024,
    )
    files = MultipleFileField(_l("Files"), [FileRequired(_l("Choose a file first."))])

    def refuse(self, problems: list[str]) -> None:
        self.files.errors = [*self.files.errors, *problems]


class QuestionForm(FlaskForm):
    question = StringField(
        _l("Question"),
        [
            DataRequired(_l("Write the question as a customer would ask it.")),
            _length(MAX_QUESTION_CHARACTERS),
        ],
    )
    answer = TextAreaField(
        _l("Answer"),
        [
            DataRequired(_l("Write the answer your customers should get.")),
            _length(MAX_ANSWER_CHARACTERS),
        ],
    )

    @property
    def words(self) -> dict[str, Any]:
        return {"question": self.question.data, "answer": self.answer.data}


class NoteForm(FlaskForm):
    title = StringField(_l("Title"), [_length(MAX_TITLE_CHARACTERS)])
    body = TextAreaField(
        _l("Note"),
        [
            DataRequired(_l("Write what your customers should know.")),
            _length(MAX_NOTE_CHARACTERS),
        ],
    )
    valid_until = DateField(
        _l("Valid until"),
        [Optional()],
        description=_l("After this day no answer uses it. Without a day it stays."),
    )

    def validate_valid_until(self, field: DateField) -> None:
        if field.errors:
            field.errors = [_("Choose a day, like 24 December 2026.")]

    @property
    def words(self) -> dict[str, Any]:
        return {
            "title": self.title.data or "",
            "body": self.body.data or "",
            "valid_until": self.valid_until.data,
        }


class CheckForm(FlaskForm):
    question = StringField(
        _l("Question"),
        [
            DataRequired(_l("Write the question as a customer would ask it.")),
            _length(MAX_QUESTION_CHARACTERS),
        ],
    )
    must_contain = TextAreaField(
        _l("The answer must contain"),
        [_length(MAX_ANSWER_CHARACTERS)],
        description=_l("Words exactly as they stand in your knowledge, such as £4.95."),
    )
    source_name = StringField(
        _l("It must be quoted from"),
        [_length(MAX_QUESTION_CHARACTERS)],
        description=_l("The name of a file, a website or a question under Sources."),
    )

    @classmethod
    def of(cls, case: RegressionCase) -> "CheckForm":
        return cls(obj=case, source_name=case.source.name if case.source else "")

    @property
    def words(self) -> dict[str, Any]:
        return {
            "question": self.question.data,
            "must_contain": (self.must_contain.data or "").replace("\r\n", "\n"),
            "source_name": self.source_name.data or "",
        }


class AddressForm(FlaskForm):
    address = StringField(
        _l("Your website"),
        [
            DataRequired(_l("Type the address of your website, such as example.com.")),
            _length(MAX_URL_CHARACTERS),
        ],
        description=_l(
            "All its pages are read, and again every week. A sitemap’s address works too."
        ),
    )


class ScheduleForm(FlaskForm):
    sync_every = SelectField(
        _l("Read again"),
        choices=[
            ("daily", "every day"),
            ("weekly", "every week"),
            ("monthly", "every month"),
            ("", "only when I ask"),
        ],
    )
    page_limit = SelectField(
        _l("At most"), choices=[(limit, f"{limit:,} pages") for limit in PAGE_LIMITS], coerce=int
    )
