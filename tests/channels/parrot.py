"""A channel whose provider is this module: what it says is set by the test."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from app.channels.border import (
    Adapter,
    Checked,
    Connected,
    ConnectField,
    ConnectRefused,
    Finding,
    Hook,
    Limits,
    Line,
    News,
    Outgoing,
    SendFailed,
    Sent,
    Update,
)

KEY = "a key of thirty letters"
GOOD = Checked((Finding("line", "The line", "good", "It holds."),), {"mood": "cheerful"})


class Parrot(Adapter):
    kind = "parrot"
    label = "Parrot"
    limits = Limits(text=100, window=timedelta(hours=24), has_templates=True, costs=True)
    intro = "Needs a cage."
    steps = ("Look under the perch.",)
    hook_steps = ("Tell the parrot this address.",)
    free_a_month = 1000
    fields: ClassVar[tuple[ConnectField, ...]] = (
        ConnectField("perch", "Perch", "Its number.", example="12", pattern="[0-9]{1,6}"),
        ConnectField("key", "Key", "Round its neck.", is_secret=True),
        ConnectField("colour", "Colour", is_optional=True),
    )
    checked: ClassVar[Checked | SendFailed] = GOOD
    heard: ClassVar[list[str]] = []
    fails: ClassVar[SendFailed | None] = None

    def connect(self, values: Mapping[str, str]) -> Connected:
        self._may_fail()
        if values["key"] != KEY:
            raise ConnectRefused({"key": "This key fits no cage."})
        return Connected(
            values["perch"],
            f"Parrot {values['perch']}",
            {"perch": values["perch"], "colour": values["colour"]},
            {"key": values["key"]},
        )

    def listen(self, line: Line, hook_url: str) -> tuple[Finding, ...]:
        self.heard.append(hook_url)
        return ()

    def begin(self, line: Line) -> None:
        self.heard.append("begin")

    def leave(self, line: Line) -> None:
        self._may_fail()
        self.heard.append(f"leave {line.credentials['key']}")

    def check(self, line: Line) -> Checked:
        assert line.credentials["key"] == KEY
        if isinstance(self.checked, SendFailed):
            raise self.checked
        return self.checked

    def facts(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [("Mood", str(settings.get("mood", "unknown")))]

    def check_signature(self, hook: Hook, credentials: Mapping[str, str]) -> None:
        pass

    def split(self, hook: Hook) -> list[Update]:
        return []

    def understand(self, payload: Mapping[str, Any], line: Line) -> list[News]:
        return []

    def send(self, line: Line, outgoing: Outgoing) -> Sent:
        raise NotImplementedError

    def _may_fail(self) -> None:
        if self.fails is not None:
            raise self.fails
