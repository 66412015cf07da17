"""Using a tool: may it be used, is the input right, was it done already; then what it says."""

import hashlib
import json
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.assistant.models import ToolUse
from app.core import tools
from app.core.errors import FrontdeskError, OutsideError
from app.core.tools import Asked, Call, Grant, Tool, ToolResult
from app.extensions import db

logger = logging.getLogger(__name__)

MAX_OUTPUT_CHARACTERS = 8_000
MAX_WORDS = 300  # characters of the model's input that an error repeats
OUT_OF_ORDER = "This can't be done just now. Don't try it again in this answer."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model is told. With `is_error` nothing was done, and it may mend its input."""

    result: ToolResult
    is_error: bool = False
    took_ms: int = 0


def perform(
    name: str, raw: Any, call: Call, granted: Collection[Grant], allowed: Collection[str]
) -> Outcome:
    """`allowed` are the names that the model was offered. What writes is done once per question and
    input, also when the turn is taken up again. Never raises for what the model got wrong."""
    began = time.perf_counter()
    tool = tools.registry.get(name)
    if tool is None or name not in allowed or tool.grant not in granted:
        return _refused(f"There is no tool “{name[:60]}” here.")
    try:
        asked = tool.asked.model_validate(raw)
    except ValidationError as error:
        return _refused(_in_words(error))
    key = _key(call, name, asked)
    done = None if call.is_dry_run or not tool.writes else ToolUse.by_key(key)
    if done is not None:
        return Outcome(ToolResult(done.output, ends_turn=done.ends_turn))
    outcome = _run(tool, call, asked, began)
    if not call.is_dry_run:
        _keep(tool, call, asked, outcome, key)
    return outcome


def _run(tool: Tool, call: Call, asked: Asked, began: float) -> Outcome:
    """In a savepoint: a tool that is refused half-way leaves nothing behind."""
    try:
        with db.session.begin_nested():
            result = tool.run(call, asked)
    except FrontdeskError as error:
        return Outcome(ToolResult(error.message), is_error=True, took_ms=_ms_since(began))
    except OutsideError as error:
        logger.warning("tool %s: %s", tool.name, error.message)
        return Outcome(ToolResult(OUT_OF_ORDER), is_error=True, took_ms=_ms_since(began))
    return Outcome(result, took_ms=_ms_since(began))


def _keep(tool: Tool, call: Call, asked: Asked, outcome: Outcome, key: str) -> None:
    """Reading may happen again, and so may what failed: those have no key."""
    db.session.add(
        ToolUse(
            conversation_id=call.conversation_id,
            question_id=call.question_id,
            key=key if tool.writes and not outcome.is_error else None,
            name=tool.name,
            input=asked.model_dump(mode="json"),
            output=outcome.result.text[:MAX_OUTPUT_CHARACTERS],
            is_error=outcome.is_error,
            ends_turn=outcome.result.ends_turn,
            took_ms=outcome.took_ms,
        )
    )
    db.session.flush()


def _key(call: Call, name: str, asked: Asked) -> str:
    """The same input in another order of fields is the same."""
    words = json.dumps(asked.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return f"{call.question_id}-{name}-{hashlib.sha256(words.encode()).hexdigest()[:24]}"


def _refused(words: str) -> Outcome:
    return Outcome(ToolResult(words), is_error=True)


def _in_words(error: ValidationError) -> str:
    """For the model: which field, and what is wrong with it."""
    problems = [
        f"{'.'.join(str(part) for part in each['loc']) or 'input'}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False)
    ]
    return f"The input doesn't fit. {'; '.join(problems)}"[:MAX_WORDS]


def _ms_since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
