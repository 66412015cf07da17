"""What the test bench shows of a rehearsal, as JSON carries it."""

import json
from dataclasses import asdict
from typing import Any

from app.assistant import call_log
from app.assistant.drafting import Draft, Used
from app.assistant.models import ModelCall
from app.conversations.models.hand_offs import REASONS
from app.core import tools
from app.frontdesk.rehearsing import Rehearsal
from app.knowledge.extractive import MAX_ANSWER
from app.lib import sms
from app.lib.marked_text import sources
from app.lib.marking import kept


def shown(found: Rehearsal, channel: str) -> dict[str, Any]:
    made = found.draft
    citations = made.citations if made and found.text == made.text else []
    return {
        "text": found.text,  # empty: the assistant is silent
        "citations": citations,
        "is_unsure": bool(made and made.is_unsure),
        "hand_off": _hand_off(found),
        "quoted": _quoted(found),
        "sms": asdict(sms.sending(found.text)) if channel == "sms" and found.text else None,
        "latency_ms": found.latency_ms,
        "calls": [_call(each) for each in found.calls],
        "cost_micros": _cost(found.calls),
        "written_by": _written_by(made),
        **(_of_draft(made, citations) if made else _of_nothing()),
    }


def _of_draft(made: Draft, citations: list[dict[str, Any]]) -> dict[str, Any]:
    numbers = {each.citation["chunk_id"]: each.number for each in sources(citations)}
    return {
        "score": made.found.score,
        "trouble": made.trouble,
        "broken_rule": made.broken_rule,
        "tools": [_tool(each) for each in made.tools],
        "passages": [
            {
                "number": numbers.get(hit.chunk_id),
                "source_id": hit.source_id,
                "document": hit.document,
                "heading": hit.heading,
                "page": hit.page,
                "text": hit.as_dict()["text"],
                "score": hit.score,
            }
            for hit in made.passages
        ],
    }


def _of_nothing() -> dict[str, Any]:
    return {"score": None, "trouble": None, "broken_rule": None, "tools": [], "passages": []}


def _hand_off(found: Rehearsal) -> dict[str, str] | None:
    if found.hand_off is None:
        return None
    return {"reason": str(REASONS[found.hand_off]), "wanted": found.wanted}


def _quoted(found: Rehearsal) -> str:
    """What a check can ask for word for word: an answer in the owner's own words."""
    made = found.draft
    if made is None or made.writer != "extractive" or made.is_unsure or len(made.text) > MAX_ANSWER:
        return ""
    return made.text


def _written_by(made: Draft | None) -> str:
    if made is None:
        return kept("A fixed reply, without looking anything up")
    return (
        kept("Your own sentences, quoted")
        if made.writer == "extractive"
        else made.model or made.writer
    )


def _tool(used: Used) -> dict[str, Any]:
    known = tools.registry.get(used.name)
    return {
        "name": used.name,
        "title": known.title if known else kept("Unknown"),
        "input": json.dumps(used.input, ensure_ascii=False, indent=2),
        "output": used.outcome.result.text,
        "is_error": used.outcome.is_error,
        "took_ms": used.outcome.took_ms,
    }


def _call(row: ModelCall) -> dict[str, Any]:
    return {
        "model": row.model,
        "prompt_version": row.prompt_version,
        "attempt": row.attempt,
        "read": row.read_tokens,
        "cached": row.cached_tokens or 0,
        "written": row.output_tokens or 0,
        "cost_micros": row.cost_micros,
        "first_word_ms": row.first_word_ms,
        "latency_ms": row.latency_ms,
        "ended": call_log.how_it_ended(row),
        "is_error": row.error is not None,
    }


def _cost(calls: list[ModelCall]) -> int | None:
    """None when it isn't known of every call."""
    costs = [row.cost_micros for row in calls]
    return None if None in costs else sum(each or 0 for each in costs)
