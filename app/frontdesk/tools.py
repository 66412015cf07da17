"""The tool with which the assistant calls a person."""

from typing import Literal

from pydantic import Field

from app.conversations.models import Conversation
from app.core import tenancy
from app.core.tools import Asked, Call, Grant, ToolResult, tool
from app.extensions import db
from app.frontdesk import handing_off
from app.lib.marking import kept

# What the model may say, and the reason that is kept.
REASONS = {
    "asked_for": "asked",
    "upset": "anger",
    "topic": "topic",
    "cannot_help": "assistant",
}


class HandOver(Asked):
    reason: Literal["asked_for", "upset", "topic", "cannot_help"] = Field(
        description="asked_for: the customer wants a person. upset: the customer is angry or hurt. "
        "topic: a topic that the business wants to answer itself. cannot_help: only a person can do this."
    )
    summary: str = Field(
        min_length=3,
        max_length=300,
        description="For the person who takes over, in the business's language: what the customer wants, "
        "in one sentence.",
    )


@tool("hand_off", kept("Call a person"), grant=Grant.HAND_OFF, writes=True)
def hand_off(call: Call, asked: HandOver) -> ToolResult:
    """Call a person of the team. They take over this chat, and you are silent until they give it back."""
    if not call.is_dry_run:
        conversation = db.session.get_one(
            Conversation, (tenancy.current_business_id(), call.conversation_id)
        )
        handing_off.call_person(conversation, REASONS[asked.reason], asked.summary)
    return ToolResult("A person has been called. Write nothing more.", ends_turn=True)
