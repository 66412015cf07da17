"""What an owner types in the chat's settings and has not saved: kept for minutes, for the preview alone."""

import json
import re
import secrets
from dataclasses import dataclass

from redis.exceptions import RedisError

from app.channels.website import WebsiteSettings
from app.core import tenancy
from app.extensions import redis

SECONDS = 15 * 60
ID = re.compile(r"[\w-]{16,64}")


@dataclass(frozen=True, slots=True)
class Draft:
    colour: str
    settings: WebsiteSettings


def keep(colour: str, settings: WebsiteSettings, draft_id: str = "") -> str:
    """Under that id again, or under a new one."""
    if not ID.fullmatch(draft_id):
        draft_id = secrets.token_urlsafe(16)
    text = json.dumps([colour, settings.model_dump(mode="json")])
    redis.client.set(_name(draft_id), text, ex=SECONDS)
    return draft_id


def find(draft_id: str) -> Draft | None:
    """None when it is over: then what is saved shows."""
    if not ID.fullmatch(draft_id):
        return None
    try:
        text = redis.client.get(_name(draft_id))
    except RedisError:
        return None
    if not text:
        return None
    colour, settings = json.loads(text)  # type: ignore[arg-type]
    return Draft(colour, WebsiteSettings.model_validate(settings))


def _name(draft_id: str) -> str:
    """A business's drafts are out of every other's reach."""
    return f"frontdesk:website-draft:{tenancy.current_business_id()}:{draft_id}"
