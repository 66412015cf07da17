"""The calls to the provider."""

from typing import Any


def calls() -> Any:
    """Imported by the worker when it needs them: they bring an HTTP library along."""
    from app.channels.whatsapp import template_calls

    return template_calls
