"""SMS, over Twilio. What calls Twilio is imported where it is used: with requests it takes 12 MB, and the web
process only hears."""

from collections.abc import Mapping
from typing import Any

from app.channels.border import (
    Adapter,
    Checked,
    Connected,
    Finding,
    Hook,
    Line,
    News,
    Outgoing,
    Sent,
    Update,
)
from app.channels.content import Content
from app.channels.sms import asking, limits, reading, understanding


class Sms(Adapter):
    kind = "sms"
    label = "SMS"
    limits = limits.LIMITS
    fields = asking.FIELDS
    intro = asking.INTRO
    steps = asking.STEPS
    hook_steps = asking.HOOK_STEPS

    def check_signature(self, hook: Hook, credentials: Mapping[str, str]) -> None:
        reading.check_signature(hook, credentials)

    def split(self, hook: Hook) -> list[Update]:
        return reading.split(hook)

    def reply_to_hook(self, hook: Hook) -> tuple[str, str]:  # noqa: ARG002
        return reading.TWIML, "text/xml"

    def facts(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        return asking.facts(settings)

    def understand(self, payload: Mapping[str, Any], line: Line) -> list[News]:
        return understanding.understand(payload, line)

    def problems(self, content: Content) -> list[str]:
        return limits.problems(content)

    def hint(self, content: Content) -> str:
        return limits.hint(content)

    def send(self, line: Line, outgoing: Outgoing) -> Sent:
        from app.channels.sms import sending

        return sending.send(line, outgoing)

    def download(self, line: Line, provider_ref: str, max_bytes: int) -> tuple[bytes, str]:
        from app.channels.sms import sending

        return sending.download(line, provider_ref, max_bytes)

    def connect(self, values: Mapping[str, str]) -> Connected:
        from app.channels.sms import connecting

        return connecting.connect(values)

    def listen(self, line: Line, hook_url: str) -> tuple[Finding, ...]:
        from app.channels.sms import connecting

        return connecting.listen(line, hook_url)

    def leave(self, line: Line) -> None:
        from app.channels.sms import connecting

        connecting.leave(line)

    def check(self, line: Line) -> Checked:
        from app.channels.sms import connecting

        return connecting.check(line)
