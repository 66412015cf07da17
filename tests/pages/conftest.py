"""Visitors with questions, as in tests/assistant; and conversations that end."""

from tests.assistant.analysis.conftest import time
from tests.assistant.conftest import gaps, member, visitors

__all__ = ["gaps", "member", "time", "visitors"]
