"""What the models differ in, as far as requests are refused for it. From the provider's documentation."""

from dataclasses import dataclass

KEY = "sk-stand-in"
VERSION = "2026-10-21"
MAX_BYTES = 32 * 1024 * 1024
MAX_OUTPUT = 128_000


@dataclass(frozen=True, slots=True)
class Model:
    caches_from: int  # tokens; a shorter prefix is read anew each time, silently
    always_thinks: bool  # no `disabled`, no budget


MODELS = {
    "claude-haiku-5-5": Model(512, always_thinks=False),
    "claude-sonnet-5-5": Model(1024, always_thinks=True),
    "claude-opus-5-5": Model(512, always_thinks=True),
}


class Refused(Exception):
    """The answer is an error: status, type, words."""

    def __init__(self, message: str, status: int = 400, kind: str = "invalid_request_error"):
        super().__init__(message)
        self.message, self.status, self.kind = message, status, kind


def refuse(
    when: object, message: str, status: int = 400, kind: str = "invalid_request_error"
) -> None:
    if when:
        raise Refused(message, status, kind)
