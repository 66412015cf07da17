"""Answers and their receipts, gaps, how the assistant is set up, what its calls cost, and what became of conversations."""

from app.assistant.models.answers import Answer
from app.assistant.models.calls import Budget, ModelCall, ToolUse
from app.assistant.models.gaps import Gap, GapQuestion
from app.assistant.models.outcomes import VERDICTS, ConversationOutcome, Shown, Span
from app.assistant.models.settings import PROVIDERS, TONES, AssistantSettings
from app.assistant.models.troubles import ProviderTrouble

__all__ = [
    "PROVIDERS",
    "TONES",
    "VERDICTS",
    "Answer",
    "AssistantSettings",
    "Budget",
    "ConversationOutcome",
    "Gap",
    "GapQuestion",
    "ModelCall",
    "ProviderTrouble",
    "Shown",
    "Span",
    "ToolUse",
]
