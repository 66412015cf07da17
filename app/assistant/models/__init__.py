"""Answers and their receipts, gaps, how the assistant is set up, and what its calls cost."""

from app.assistant.models.answers import Answer
from app.assistant.models.calls import Budget, ModelCall, ToolUse
from app.assistant.models.gaps import Gap, GapQuestion
from app.assistant.models.settings import PROVIDERS, TONES, AssistantSettings

__all__ = [
    "PROVIDERS",
    "TONES",
    "Answer",
    "AssistantSettings",
    "Budget",
    "Gap",
    "GapQuestion",
    "ModelCall",
    "ToolUse",
]
