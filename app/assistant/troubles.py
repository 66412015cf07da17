"""Trouble with a language model, kept until the model answers again: the owner sees why answers are quoted."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from app.assistant.language_models.border import Trouble
from app.assistant.models import AssistantSettings, ProviderTrouble
from app.core.db import now
from app.extensions import db

_PASSES = _l("It usually passes by itself; your assistant tries again with each question.")
_HELPS = {
    Trouble.KEY: _l("Have the key renewed. Your assistant tries it again every five minutes."),
    Trouble.SPEND_LIMIT: _l(
        "Have the limit raised at the provider. Your assistant tries again every five minutes."
    ),
    Trouble.BAD_REQUEST: _l("When it comes again, tell whoever runs your Frontdesk."),
}


def what_helps(kind: str) -> str:
    return str(_HELPS.get(Trouble(kind), _PASSES))


def note(provider: str, kind: str, words: str) -> None:
    """An answer had to do without the model."""
    noted = insert(ProviderTrouble).values(
        provider=provider, kind=kind, words=words, first_at=now(), last_at=now()
    )
    db.session.execute(
        noted.on_conflict_do_update(
            index_elements=["business_id", "provider", "kind"],
            index_where=ProviderTrouble.ended_at.is_(None),
            set_={
                "last_at": noted.excluded.last_at,
                "words": noted.excluded.words,
                "count": ProviderTrouble.count + 1,
            },
        )
    )


def end(provider: str) -> None:
    """The model has answered."""
    db.session.execute(
        update(ProviderTrouble)
        .where(ProviderTrouble.provider == provider, ProviderTrouble.ended_at.is_(None))
        .values(ended_at=func.now())
    )


def open_now() -> list[ProviderTrouble]:
    """With the provider that the business uses, the newest first."""
    provider = AssistantSettings.current().provider
    return [each for each in ProviderTrouble.all_open() if each.provider == provider]
