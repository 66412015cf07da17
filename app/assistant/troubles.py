"""What the owner reads when a language model fails: what happened, what came of it, and what helps."""

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from app.assistant.language_models.border import Trouble
from app.assistant.models import AssistantSettings, ProviderTrouble
from app.core.db import now
from app.extensions import db

NAMES = {"claude": "Claude", "own": "Your own model"}

_WORDS = {
    Trouble.RATE_LIMITED: "{name} was asked too often at once",
    Trouble.OVERLOADED: "{name} was overloaded",
    Trouble.TIMEOUT: "{name} didn’t answer in time",
    Trouble.UNREACHABLE: "{name} couldn’t be reached",
    Trouble.BROKEN: "{name} broke off in the middle of an answer",
    Trouble.KEY: "{name} refused the key",
    Trouble.SPEND_LIMIT: "The spend limit of the account with {name} is reached",
    Trouble.BAD_REQUEST: "{name} couldn’t use what it was sent",
    Trouble.SERVER: "{name} had an error of its own",
}
_PASSES = "It passes by itself, and the next question tries again."
_HELPS = {
    Trouble.KEY: "Renew the key, or have whoever runs your Frontdesk do it.",
    Trouble.SPEND_LIMIT: "Raise the limit with the provider, or have whoever runs your Frontdesk do it.",
    Trouble.BAD_REQUEST: "If it comes again, tell whoever runs your Frontdesk.",
}


def in_words(provider: str, kind: str) -> str:
    """“Claude was overloaded”"""
    return _WORDS[Trouble(kind)].format(name=NAMES[provider])


def what_helps(kind: str) -> str:
    return _HELPS.get(Trouble(kind), _PASSES)


def note(provider: str, kind: str) -> None:
    """An answer went without the model. One row holds a trouble until the model answers again."""
    noted = insert(ProviderTrouble).values(
        provider=provider, kind=kind, words=in_words(provider, kind), first_at=now(), last_at=now()
    )
    db.session.execute(
        noted.on_conflict_do_update(
            index_elements=["business_id", "provider", "kind"],
            index_where=ProviderTrouble.ended_at.is_(None),
            set_={"last_at": noted.excluded.last_at, "count": ProviderTrouble.count + 1},
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
    """Of the provider that the business uses, the newest first."""
    provider = AssistantSettings.current().provider
    return [each for each in ProviderTrouble.all_open() if each.provider == provider]
