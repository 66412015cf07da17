"""Visitors with questions, as in tests/assistant."""

from tests.assistant.conftest import gaps, inside, member, visitors

__all__ = ["gaps", "inside", "member", "visitors"]
