"""Why a file can't be read, in words for its owner."""

from typing import Literal

from app.lib.marking import kept

Code = Literal[
    "empty",
    "too_large",
    "password",
    "broken",
    "not_what_it_says",
    "scan",
    "unsupported",
    "too_long",
    "no_text",
    "bad_encoding",
]

SUPPORTED = kept(
    "PDF, Word (.docx), Excel (.xlsx), PowerPoint (.pptx), HTML, Markdown, plain text and CSV"
)

MESSAGES: dict[Code, str] = {
    "empty": kept("This file is empty."),
    "too_large": kept("This file is too large. Split it into smaller files and upload them again."),
    "password": kept(
        "This file is protected by a password. Remove the password and upload it again."
    ),
    "broken": kept("This file is damaged or incomplete. Save it again and upload the new copy."),
    "not_what_it_says": kept("This file isn't what its name says. Check it and upload it again."),
    "scan": (
        kept(
            "This PDF holds only pictures of pages, with no text to read. Run text recognition (OCR) on it, or upload the original document."
        )
    ),
    "unsupported": kept(
        "This kind of file can't be read. You can upload %(supported)s.", supported=SUPPORTED
    ),
    "too_long": kept("Reading this file took too long. Split it into smaller files and try again."),
    "no_text": kept("There is no text in this file."),
    "bad_encoding": (
        kept(
            "The characters in this file can't be made out. Save it as UTF-8 (in Excel: “CSV UTF-8”) and upload it again."
        )
    ),
}


class UnreadableFile(Exception):
    """`message` is for the owner, `detail` for the log."""

    def __init__(self, code: Code, message: str = "", *, detail: str = "") -> None:
        self.code: Code = code
        self.message = message or MESSAGES[code]
        self.detail = detail
        super().__init__(self.message)
