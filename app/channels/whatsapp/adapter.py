"""WhatsApp, over Meta's Cloud API. What calls Meta is imported where it is used: the web process only hears."""

from collections.abc import Mapping
from typing import Any

from app.channels import meta_hooks
from app.channels.border import (
    Adapter,
    Checked,
    Connected,
    Finding,
    Hook,
    Line,
    News,
    Outgoing,
    Person,
    Sent,
    Update,
)
from app.channels.content import Content
from app.channels.whatsapp import form, limits, reading, understanding


class WhatsApp(Adapter):
    kind = "whatsapp"
    label = "WhatsApp"
    limits = limits.LIMITS
    fields = form.FIELDS
    intro = form.INTRO
    steps = form.STEPS
    hook_steps = form.HOOK_STEPS
    free_a_month = 1000  # service messages of a number; those after them are billed

    def answer_handshake(self, hook: Hook, credentials: Mapping[str, str]) -> str | None:
        return meta_hooks.answer_handshake(hook, credentials)

    def check_signature(self, hook: Hook, credentials: Mapping[str, str]) -> None:
        meta_hooks.check_signature(hook, credentials)

    def split(self, hook: Hook) -> list[Update]:
        return reading.split(hook)

    def understand(self, payload: Mapping[str, Any], line: Line) -> list[News]:
        return understanding.understand(payload, line)

    def facts(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        return form.facts(settings)

    def problems(self, content: Content) -> list[str]:
        return limits.problems(content)

    def send(self, line: Line, outgoing: Outgoing) -> Sent:
        from app.channels.whatsapp import sending

        return sending.send(line, outgoing)

    def as_read(
        self,
        line: Line,
        external_id: str,
        person: Person,  # noqa: ARG002
        *,
        is_typing: bool,
    ) -> None:
        from app.channels.whatsapp import sending

        sending.as_read(line, external_id, is_typing=is_typing)

    def download(self, line: Line, provider_ref: str, max_bytes: int) -> tuple[bytes, str]:
        from app.channels.whatsapp import media

        return media.download(line, provider_ref, max_bytes)

    def block(self, line: Line, person: Person, *, is_blocked: bool) -> None:
        from app.channels.whatsapp import sending

        sending.block(line, person, is_blocked=is_blocked)

    def connect(self, values: Mapping[str, str]) -> Connected:
        from app.channels.whatsapp import connecting

        return connecting.connect(values)

    def listen(self, line: Line, hook_url: str) -> tuple[Finding, ...]:
        from app.channels.whatsapp import connecting

        return connecting.listen(line, hook_url)

    def begin(self, line: Line) -> None:
        from app.channels.whatsapp import connecting

        connecting.begin(line)

    def leave(self, line: Line) -> None:
        from app.channels.whatsapp import connecting

        connecting.leave(line)

    def check(self, line: Line) -> Checked:
        from app.channels.whatsapp import checking

        return checking.check(line)
