"""The test bench: a member asks as a visitor and sees what the assistant does. Nothing is written and nobody is
called. A talk lives in Redis for an hour, under the business and the member who asks."""

import json
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from redis import RedisError

from app.accounts.models import User
from app.assistant import persona as personas
from app.assistant.language_models.border import Turn
from app.assistant.models import AssistantSettings
from app.assistant.persona import Persona
from app.channels.website_texts import spoken
from app.core import heartbeat, realtime, tenancy
from app.core.errors import Conflict, FrontdeskError, Invalid
from app.core.jobs import enqueue
from app.core.translating import speaking
from app.extensions import redis
from app.frontdesk import bench_results, rehearsing
from app.knowledge import language
from app.lib.marking import kept

KEEP_SECONDS = 3600
LATE_SECONDS = 8  # then something is said
MAX_QUESTION = 1000  # characters
MAX_EXCHANGES = 20  # of a talk
CHANNELS = {"website": _l("Website"), "whatsapp": "WhatsApp", "sms": "SMS"}
AWAY = _l("The test bench can’t be reached just now. Try again in a moment.")
STILL_ANSWERING = _l("Your assistant is still answering. Ask on when the answer is there.")
SORRY = kept("Something went wrong on our side, so there is no answer. Ask again.")


class Away(FrontdeskError):
    status = 503
    code = "away"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and, once the worker has been there, what came of it. `persona` is None for the saved one."""

    number: int
    question: str
    channel: str
    persona: Persona | None
    asked_at: float
    result: dict[str, Any] | None = None

    @property
    def is_answered(self) -> bool:
        """From the knowledge, and well enough to be kept as a check."""
        result = self.result or {}
        return bool(result.get("text") and result["passages"]) and not result["is_unsure"]

    @property
    def is_late(self) -> bool:
        return time.time() - self.asked_at > LATE_SECONDS

    @property
    def is_nobody_there(self) -> bool:
        return heartbeat.problem("worker") is not None


@dataclass(frozen=True, slots=True)
class Talk:
    token: str
    exchanges: tuple[Exchange, ...] = ()

    @property
    def is_waiting(self) -> bool:
        return any(each.result is None for each in self.exchanges)

    def exchange(self, number: int) -> Exchange | None:
        return next((each for each in self.exchanges if each.number == number), None)


def new_talk() -> Talk:
    return Talk(secrets.token_urlsafe(9))


def ask(talk: Talk, question: str, channel: str, persona: Persona | None, by: User) -> Exchange:
    """The worker answers after this commit and publishes `bench-<token>-<number>`. Raises Invalid, Conflict
    and Away."""
    question = question.replace("\x00", "").replace("\r\n", "\n").strip()
    _refuse(talk, question, channel)
    asked = Exchange(len(talk.exchanges) + 1, question, channel, persona, time.time())
    try:
        is_first = _keep(by.id, talk.token, f"asked-{asked.number}", asdict(asked))
    except RedisError as error:
        raise Away(AWAY) from error
    if not is_first:
        raise Conflict(STILL_ANSWERING)
    enqueue("frontdesk.rehearse", by.id, talk.token, asked.number)
    return asked


def find(token: str, by: User) -> Talk | None:
    """None when it is another member's, or over. Raises Away."""
    try:
        return _read(by.id, token)
    except RedisError as error:
        raise Away(AWAY) from error


def run(user_id: int, token: str, number: int) -> None:
    """The job behind ask()."""
    talk = _read(user_id, token)
    asked = talk.exchange(number) if talk else None
    if talk is None or asked is None or asked.result is not None:
        return  # nobody waits for it any more
    before = [each for each in talk.exchanges if each.number < number]
    with speaking(spoken(language.detect(asked.question))):
        found = rehearsing.rehearse(
            asked.question,
            _history(before),
            personas.draft(asked.persona) if asked.persona else AssistantSettings.current(),
            asked.channel,
            was_unsure=bool(before and (before[-1].result or {}).get("is_unsure")),
        )
    _tell(user_id, token, number, bench_results.shown(found, asked.channel))


def fail(user_id: int, token: str, number: int, _reason: str) -> None:
    _tell(user_id, token, number, {"problem": SORRY})


def _refuse(talk: Talk, question: str, channel: str) -> None:
    if not question:
        raise Invalid(_("Write a question first."), code="question")
    if len(question) > MAX_QUESTION:
        raise Invalid(
            _("A question may have %(most)s characters.", most=f"{MAX_QUESTION:,}"), code="question"
        )
    if channel not in CHANNELS:
        raise Invalid(_("Choose one of the channels."), code="channel")
    if talk.is_waiting:
        raise Conflict(STILL_ANSWERING)
    if len(talk.exchanges) >= MAX_EXCHANGES:
        raise Conflict(_("After %(most)s questions, start over.", most=MAX_EXCHANGES))


def _history(before: list[Exchange]) -> list[Turn]:
    said: list[Turn] = []
    for each in before:
        said.append(Turn("user", each.question))
        if text := (each.result or {}).get("text"):
            said.append(Turn("assistant", text))
    return said


def _tell(user_id: int, token: str, number: int, result: dict[str, Any]) -> None:
    _keep(user_id, token, f"told-{number}", result)
    realtime.publish(f"business:{tenancy.current_business_id()}", name=f"bench-{token}-{number}")


def _read(user_id: int, token: str) -> Talk | None:
    kept = {
        str(name, "ascii") if isinstance(name, bytes) else name: json.loads(value)
        for name, value in redis.client.hgetall(_name(user_id, token)).items()
    }
    asked = sorted(
        (value for name, value in kept.items() if name.startswith("asked-")),
        key=lambda value: value["number"],
    )
    if not asked:
        return None
    return Talk(token, tuple(_exchange(each, kept.get(f"told-{each['number']}")) for each in asked))


def _exchange(asked: dict[str, Any], result: dict[str, Any] | None) -> Exchange:
    persona = Persona(**asked["persona"]) if asked["persona"] else None
    return Exchange(**(asked | {"persona": persona, "result": result}))


def _keep(user_id: int, token: str, field: str, value: dict[str, Any]) -> bool:
    """False when it is there already."""
    with redis.client.pipeline() as pipe:
        pipe.hsetnx(_name(user_id, token), field, json.dumps(value))
        pipe.expire(_name(user_id, token), KEEP_SECONDS)
        is_new = pipe.execute()[0]
    return bool(is_new)


def _name(user_id: int, token: str) -> str:
    return f"frontdesk:bench:{tenancy.current_business_id()}:{user_id}:{token}"
