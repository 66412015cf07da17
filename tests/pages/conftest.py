"""Visitors with questions, as in tests/assistant."""

from tests.assistant.conftest import gaps, member, visitors

__all__ = ["gaps", "member", "visitors"]
