"""Why the provider refused or stopped a template, for its owner."""

from app.lib.marking import kept

FULL = kept(
    "The account has as many templates as it may have: 250, or 6,000 once the business is verified at Meta. Delete some that you don’t use."
)
TOO_MANY_NOW = kept(
    "WhatsApp takes 100 new templates of an account an hour, and it has had them. Hand it in again in an hour."
)
FAULTS = {  # by the provider's finer code, when one is handed in
    2388023: kept(
        "WhatsApp is still deleting a template of this name in this language. Choose another title, or wait: it takes up to four weeks."
    ),
    2388025: kept(
        "WhatsApp lets one change it only once it is approved, rejected or paused, and an approved one once a day."
    ),
    2388040: kept("One of the texts is too long for WhatsApp."),
    2388047: kept("WhatsApp doesn’t take the header as it is."),
    2388072: kept("WhatsApp doesn’t take the message as it is: look at line breaks and marks."),
    2388073: kept("WhatsApp doesn’t take the footer as it is."),
    2388293: kept("WhatsApp finds too many variables for so few words. Write more around them."),
    2388299: kept("WhatsApp doesn’t take a variable at the beginning or the end of the message."),
}
REASONS = {
    "ABUSIVE_CONTENT": kept(
        "WhatsApp finds that the words go against its rules. Write them more plainly, and hand it in again."
    ),
    "INVALID_FORMAT": kept(
        "WhatsApp can’t read the variables or a link. Check that each variable has words around it, and a true example."
    ),
    "PROMOTIONAL": kept(
        "WhatsApp finds it promotional. Hand it in as marketing, or leave out what advertises."
    ),
    "TAG_CONTENT_MISMATCH": kept(
        "The words and the category or language don’t fit together. Choose the other category, or check the language."
    ),
    "INCORRECT_CATEGORY": kept(
        "The words don’t fit the category. Choose the other one, and hand it in again."
    ),
    "SCAM": kept(
        "WhatsApp takes it for fraud. Say who you are and leave out what asks for money or codes."
    ),
    "LIMIT_EXCEEDED": FULL,
}
OF_STATUS = {
    "REJECTED": kept(
        "WhatsApp has refused it and gives no reason. Check words, variables and examples, and hand it in again."
    ),
    "PAUSED": kept(
        "People blocked or reported it, so WhatsApp has paused it: for three hours the first time, six the second. The third time it is disabled."
    ),
    "DISABLED": kept(
        "WhatsApp has switched it off for good, since people kept reporting it. Write another."
    ),
    "FLAGGED": kept("People report it. If that goes on, WhatsApp pauses it."),
    "ARCHIVED": kept("It wasn’t used for long, and WhatsApp has put it away."),
}


def fault_in_words(code: int) -> str | None:
    return FAULTS.get(code)


def reason_in_words(told: str) -> str:
    return REASONS.get(told.upper(), kept("WhatsApp says: %(told)s", told=told[:300]))


def reason_of(status: str, told: str | None) -> str | None:
    """`told` is "NONE" where the provider gives none."""
    if told and told.upper() != "NONE":
        return reason_in_words(told)
    return OF_STATUS.get(status)
