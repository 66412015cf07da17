"""What passes the border while a channel is connected and looked after. Adapters take it from border.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a channel's health. `state`: good, warn, bad."""

    key: str
    label: str
    state: str
    words: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check with the provider found. `facts` go into the channel's settings. `is_broken`: nothing can
    be sent until somebody does what the bad findings say."""

    findings: tuple[Finding, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    token_expires_at: datetime | None = None
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class ConnectField:
    """One line of the form that connects a channel. A secret is stored among the credentials by `connect()`
    and never shown again. `choices` are (value, label); the first is chosen. `pattern`: what a value must
    look like as a whole, said by `hint` and `example`."""

    name: str
    label: str
    hint: str = ""
    is_secret: bool = False
    example: str = ""
    is_optional: bool = False
    pattern: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Connected:
    """What connecting made of the typed values. `name` is what customers see."""

    external_id: str
    name: str
    settings: Mapping[str, Any]
    credentials: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    token_expires_at: datetime | None = None


class ConnectRefused(Exception):
    """Why the typed values won't do: plain words by the name of their field, "" for all of them together.
    `keep`: values for the next try, for what the provider gives out only once."""

    def __init__(self, problems: Mapping[str, str], keep: Mapping[str, str] | None = None) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)
        self.keep = dict(keep or {})
