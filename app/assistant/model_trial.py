"""Trying an endpoint as the assistant would use it: an answer with a citation, then a tool."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.assistant import calling
from app.assistant.calling import CallFor, NoModel
from app.assistant.language_models import openai_errors, own
from app.assistant.language_models.border import (
    OnParts,
    Part,
    Prompt,
    Reply,
    Stop,
)
from app.assistant.language_models.openai_stream import Unreadable, json_object
from app.assistant.model_choice import Endpoint
from app.assistant.trial_questions import FOR_THE_TOOL, OF_THE_PASSAGE, PASSAGE, SYSTEM, TOOL
from app.core.http import OutgoingError, fetch
from app.lib.marking import kept

VERSION = "trial-1"
QUICK_SECONDS = 3.0  # until the first words; longer feels like waiting
LIST_SECONDS = 4.0
LIST_BYTES = 512 * 1024
MAX_LISTED = 12
TOO_SMALL = kept("It can’t hold enough text at once: your assistant needs about 8,000 tokens.")


@dataclass(frozen=True, slots=True)
class Finding:
    """`tone` as in the templates: green, amber or red."""

    tone: str
    words: str


@dataclass(slots=True)
class Trial:
    findings: list[Finding] = field(default_factory=list)
    offered: list[str] = field(
        default_factory=list
    )  # models, where the one that was typed isn't there

    @property
    def is_usable(self) -> bool:
        return bool(self.findings) and all(each.tone != "red" for each in self.findings)

    def find(self, tone: str, words: str) -> None:
        self.findings.append(Finding(tone, words))


def run(endpoint: Endpoint) -> Trial:
    """Two calls, counted as every other one. Commits."""
    trial = Trial()
    try:
        _answers(trial, endpoint)
        _uses_tools(trial, endpoint)
    except NoModel as refused:
        trial.find("red", refused.words)
        if refused.words == kept(openai_errors.NO_MODEL, model=endpoint.model):
            trial.offered = models_at(endpoint)
    return trial


def models_at(endpoint: Endpoint) -> list[str]:
    """Their names, where the endpoint tells them."""
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    try:
        fetched = fetch(
            f"{endpoint.base_url}/models",
            max_bytes=LIST_BYTES,
            timeout=LIST_SECONDS,
            headers=headers,
            allow=own.allowed(),
            follow_redirects=False,
        )
        listed = json_object(fetched.body).get("data")
    except (OutgoingError, Unreadable):
        return []
    found = listed if isinstance(listed, list) else []
    names = [each.get("id") for each in found if isinstance(each, dict)]
    return sorted(name for name in names if isinstance(name, str))[:MAX_LISTED]


def _answers(trial: Trial, endpoint: Endpoint) -> None:
    began = time.perf_counter()
    heard: list[float] = []

    def hear(parts: Sequence[Part]) -> None:
        if parts:
            heard.append(time.perf_counter() - began)

    reply = _ask(endpoint, OF_THE_PASSAGE, hear)
    if not reply.text:
        trial.find("red", TOO_SMALL if reply.stop is Stop.TOO_LONG else kept("It gave no answer."))
        return
    waited = heard[0] if heard else time.perf_counter() - began
    tone = "green" if waited < QUICK_SECONDS else "amber"
    trial.find(
        tone,
        kept("It answers. The first words came after %(waited)s seconds.", waited=f"{waited:.1f}"),
    )
    if any(part.cited for part in reply.parts):
        trial.find("green", kept("It says which passage an answer stands on."))
    else:
        trial.find(
            "amber",
            kept(
                "It didn’t say which passage its answer stands on, so answers may have no sources."
            ),
        )
    if reply.usage.is_estimated:
        trial.find("amber", kept("It doesn’t count tokens, so they are estimated."))


def _uses_tools(trial: Trial, endpoint: Endpoint) -> None:
    reply = _ask(endpoint, FOR_THE_TOOL, lambda _parts: None)
    if reply.stop is Stop.TOOLS and reply.calls[0].name == TOOL.name:
        trial.find("green", kept("It uses tools."))
    else:
        trial.find(
            "amber",
            kept(
                "It didn’t use a tool where it should have: it will take no messages and call no person by itself."
            ),
        )


def _ask(endpoint: Endpoint, question: str, on_parts: OnParts) -> Reply:
    model = own.at(endpoint.base_url, endpoint.model, endpoint.key, endpoint.price)
    prompt = Prompt(
        system=SYSTEM,
        tools=(TOOL,),
        history=(),
        passages=(PASSAGE,),
        facts="",
        question=question,
        version=VERSION,
    )
    return calling.call(model, prompt, (), on_parts, CallFor("check"))
