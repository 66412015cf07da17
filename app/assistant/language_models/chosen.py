"""Which language model writes for the business in scope, and which one is asked when it doesn't know."""

from typing import Any

from flask import current_app

from app.assistant import budgets
from app.assistant.language_models import own
from app.assistant.language_models.border import LanguageModel
from app.assistant.language_models.claude import Claude
from app.assistant.models import AssistantSettings


def current(settings: AssistantSettings) -> LanguageModel | None:
    """None: passages are quoted, nothing is called and nothing is spent."""
    if settings.provider == "none" or budgets.caps_of(settings).allow_none:
        return None
    if settings.provider == "own":
        return own.of(settings)
    return _claude("ANTHROPIC_MODEL", "ASSISTANT_EFFORT")


def escalation(settings: AssistantSettings) -> LanguageModel | None:
    """Asked once when the first model says that it doesn't know, though the search was sure."""
    if settings.provider != "claude" or not current_app.config["ANTHROPIC_ESCALATION_MODEL"]:
        return None
    return _claude("ANTHROPIC_ESCALATION_MODEL", "ASSISTANT_ESCALATION_EFFORT")


def _claude(model: str, effort: str) -> LanguageModel | None:
    config = current_app.config
    if not config["ANTHROPIC_API_KEY"]:
        return None
    return Claude(
        _client(config["ANTHROPIC_API_KEY"], config["ANTHROPIC_BASE_URL"]),
        config[model],
        effort=config[effort],
        thinking=config["ASSISTANT_THINKING"] == "adaptive",
    )


def _client(api_key: str, base_url: str) -> Any:
    """One a process: it keeps its connections. Retries are ours (app/assistant/calling.py)."""
    clients = current_app.extensions.setdefault("anthropic", {})
    key = (api_key, base_url)
    if key not in clients:
        from anthropic import Anthropic

        clients.clear()
        clients[key] = Anthropic(api_key=api_key, base_url=base_url, max_retries=0)
    return clients[key]
