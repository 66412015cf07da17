"""E-mail: out over the owner's mail server, in by IMAP or a provider's webhook."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.channels.border import (
    Adapter,
    Checked,
    Connected,
    Finding,
    Hook,
    Limits,
    Line,
    News,
    Outgoing,
    Sent,
    Update,
)
from app.channels.email import form, reading

ANY = frozenset({"*/*"})
MAX_FILE = 15_000_000  # most servers take 20 MB, and a file grows by a third on its way


class Email(Adapter):
    kind = "email"
    label = _l("E-mail")
    limits = Limits(
        text=50_000,
        caption=50_000,
        has_subject=True,
        sources=3,
        answers_in_ten_minutes=6,  # nobody writes letters faster
        media=dict.fromkeys(("image", "video", "audio", "document"), (ANY, MAX_FILE)),
    )
    max_hook_bytes = 25_000_000
    signs_body = False
    proves_name = False  # any server of theirs says that it is right
    fields = form.FIELDS
    intro = form.INTRO
    steps = form.STEPS
    hook_steps = form.HOOK_STEPS

    def check_signature(self, hook: Hook, credentials: Mapping[str, str]) -> None:
        reading.check_signature(hook, credentials)

    def split(self, hook: Hook) -> list[Update]:
        return reading.split(hook)

    def facts(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        return form.facts(settings)

    def understand(self, payload: Mapping[str, Any], line: Line) -> list[News]:
        from app.channels.email import understanding

        return understanding.understand(payload, line)

    def send(self, line: Line, outgoing: Outgoing) -> Sent:
        from app.channels.email import sending

        return sending.send(line, outgoing)

    def connect(self, values: Mapping[str, str]) -> Connected:
        from app.channels.email import connecting

        return connecting.connect(values)

    def listen(self, line: Line, hook_url: str) -> tuple[Finding, ...]:
        from app.channels.email import connecting

        return connecting.listen(line, hook_url)

    def check(self, line: Line) -> Checked:
        from app.channels.email import connecting

        return connecting.check(line)
