"""What there is at it, and what passes between it and us."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Number:
    phone: str
    sid: str
    can_sms: bool = True
    can_mms: bool = True
    sms_url: str = ""


@dataclass
class Service:
    sid: str
    numbers: list[Number]
    url: str = ""


@dataclass
class Account:
    sid: str
    token: str
    status: str = "active"
    kind: str = "Full"
    may_change: bool = True  # webhook addresses
    numbers: dict[str, Number] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    sid: str
    account: Account
    fields: dict[str, list[str]]
    sender: str

    def one(self, name: str) -> str:
        return self.fields.get(name, [""])[0]


@dataclass(frozen=True)
class Hook:
    url: str
    body: bytes
    headers: dict[str, str]

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


class Refused(Exception):
    def __init__(self, status: int, code: int, words: str = "no") -> None:
        super().__init__(words)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    form: dict[str, list[str]]
    user: str
    password: str

    def one(self, name: str) -> str:
        return self.form.get(name, [""])[0]
