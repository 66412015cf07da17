"""A connected account, and a provider that keeps templates in memory and refuses what it is told to."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.channels.border import SendFailed
from app.channels.message_templates import provider, services
from app.channels.message_templates.drafts import Draft
from app.channels.models import Channel, MessageTemplate, new_public_key
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db

WABA = "102290129340398"
DRAFT = Draft(
    name="order_ready",
    category="UTILITY",
    language="en_GB",
    body="Hello {{first_name}}, your order {{number}} is ready and waits for you at the counter.",
    examples={"first_name": "Anna", "number": "4711"},
    fallbacks={"first_name": "there"},
)


class Provider:
    """In the place of app/channels/message_templates/provider.py: fails to order. test_with_graph.py asks a whole one."""

    def __init__(self) -> None:
        self.templates: list[dict[str, Any]] = []
        self.asked: list[tuple[str, Any]] = []
        self.failures: list[SendFailed] = []
        self.accepts_before_failing = False
        self.answers_category: str | None = None
        self._ids = itertools.count(9001)

    def fails(self, *failures: SendFailed) -> None:
        self.failures += failures

    def listed(self, _line: Any) -> list[dict[str, Any]]:
        self._note("listed", None)
        return list(self.templates)

    def create(self, _line: Any, body: dict[str, Any]) -> dict[str, Any]:
        made = body | {
            "id": str(next(self._ids)),
            "status": "PENDING",
            "category": self.answers_category or body["category"],
        }
        if self.accepts_before_failing:
            self.templates.append(made)
        self._note("create", body)
        self.templates.append(made)
        return made

    def edit(self, _line: Any, template_id: str, body: dict[str, Any]) -> None:
        self._note("edit", (template_id, body))

    def delete(self, _line: Any, name: str, template_id: str) -> None:
        self._note("delete", (name, template_id))

    def unpause(self, _line: Any, template_id: str) -> None:
        self._note("unpause", template_id)

    def upload_example(self, _line: Any, name: str, mime: str, body: bytes) -> str:
        self._note("upload", (name, mime, len(body)))
        return "4:handle"

    def _note(self, what: str, about: Any) -> None:
        self.asked.append((what, about))
        if self.failures:
            raise self.failures.pop(0)


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    for name in ("listed", "create", "edit", "delete", "unpause", "upload_example"):
        monkeypatch.setattr(provider, name, getattr(made, name))
    return made


@pytest.fixture
def account(cast: Any, inside: Callable[..., Any]) -> str:
    """The id of the account that the business has connected."""
    with inside():
        db.session.add(
            Channel(
                kind="whatsapp",
                name="Shop",
                public_key=new_public_key(cast.business_id),
                external_id=f"phone-{cast.business_id}",
                settings={"waba_id": WABA, "display_number": "+442079460000"},
            )
        )
    return WABA


@pytest.fixture
def make(account: str, cast: Any, inside: Callable[..., Any]) -> Callable[..., int]:
    """A template in the state that is asked for; its id."""

    def made(draft: Draft = DRAFT, status: str = "DRAFT", **known: Any) -> int:
        with inside():
            template = services.create(account, draft, cast.owner)
            if status != "DRAFT":
                template.status, template.external_id = status, known.pop("external_id", "77")
            for name, value in known.items():
                setattr(template, name, value)
            db.session.flush()
            return template.id

    return made


@pytest.fixture
def load(inside: Callable[..., Any]) -> Callable[[int], MessageTemplate]:
    """As it stands in the database now."""

    def loaded(template_id: int) -> MessageTemplate:
        with inside():
            template = db.session.query(MessageTemplate).filter_by(id=template_id).one()
            db.session.expunge(template)
            return template

    return loaded


@pytest.fixture
def do(inside: Callable[..., Any]) -> Callable[..., None]:
    """`do(template_id, services.submit)` in a transaction of its own."""

    def done(template_id: int, act: Callable[..., object], **options: Any) -> None:
        with inside():
            template = MessageTemplate.by_id(template_id)
            assert template
            act(template, **options)

    return done


@pytest.fixture
def run_out(app: Flask, run_jobs: Callable[[], int]) -> Callable[[], None]:
    """Run jobs as far as their last attempt, without the time between."""

    def make_due() -> None:
        with app.app_context(), unit_of_work():
            waiting = db.session.query(OutboxJob).filter(
                OutboxJob.done_at.is_(None), OutboxJob.failed_at.is_(None), OutboxJob.attempts > 0
            )
            waiting.update({"available_at": OutboxJob.created_at})

    def run() -> None:
        run_jobs()
        make_due()
        while run_jobs():
            make_due()

    return run


@pytest.fixture
def hand_in(do: Callable[..., None], run_jobs: Callable[[], int]) -> Callable[[int], None]:
    def handed_in(template_id: int) -> None:
        do(template_id, services.submit)
        run_jobs()

    return handed_in
