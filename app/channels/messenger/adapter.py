"""Messenger, over Meta's Graph. What calls Meta is imported where it is used: the web process only hears."""

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
from app.channels.messenger import form, limits, reading, understanding


class Messenger(Adapter):
    kind = "messenger"
    label = "Messenger"
    limits = limits.LIMITS
    has_names = True
    fields = form.FIELDS
    intro = form.INTRO
    steps = form.STEPS
    hook_steps = form.HOOK_STEPS

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
        from app.channels.messenger import sending

        return sending.send(line, outgoing)

    def as_read(
        self,
        line: Line,
        external_id: str,  # noqa: ARG002
        person: Person,
        *,
        is_typing: bool,
    ) -> None:
        from app.channels.messenger import sending

        sending.as_read(line, person, is_typing=is_typing)

    def name_of(self, line: Line, person: Person) -> str:
        from app.channels.messenger import sending

        return sending.name_of(line, person)

    def download(self, line: Line, provider_ref: str, max_bytes: int) -> tuple[bytes, str]:  # noqa: ARG002
        from app.channels.messenger import sending

        return sending.download(provider_ref, max_bytes)

    def connect(self, values: Mapping[str, str]) -> Connected:
        from app.channels.messenger import connecting

        return connecting.connect(values)

    def listen(self, line: Line, hook_url: str) -> tuple[Finding, ...]:
        from app.channels.messenger import connecting

        return connecting.listen(line, hook_url)

    def leave(self, line: Line) -> None:
        from app.channels.messenger import page

        page.unsubscribe(line)

    def check(self, line: Line) -> Checked:
        from app.channels.messenger import checking

        return checking.check(line)
