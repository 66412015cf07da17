"""An account's templates as the provider has them, and what it tells of them by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.channels.border import Notice, SendFailed
from app.channels.message_templates import notices, services, syncing
from app.channels.models import ChannelRoute, MessageTemplate, TemplateAccount
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.channels.message_templates.conftest import DRAFT, WABA

TOLD = {
    "id": "501", "name": "welcome", "status": "APPROVED", "category": "MARKETING", "language": "en",
    "parameter_format": "POSITIONAL", "quality_score": {"score": "GREEN"},
    "components": [{"type": "BODY", "text": "Welcome to our shop"}],
}  # fmt: skip


@pytest.fixture
def sync(account, inside, run_jobs):
    def synced():
        with inside():
            services.ask_sync(account, by_hand=True)
        run_jobs()

    return synced


@pytest.fixture
def shown(inside):
    def listed():
        with inside():
            return {
                each.name: (each.status, each.category)
                for each in db.session.query(MessageTemplate)
            }

    return listed


@pytest.fixture
def tell(account, inside):
    """What the provider tells of the template, by webhook."""

    def told(kind, at=None, name="order_ready", **about):
        about = {"message_template_name": name, "message_template_language": "en_GB", **about}
        with inside():
            channel = services.accounts()[account]
            notices.note(channel, Notice(kind, about, at or now()))

    return told


def test_templates_made_at_the_provider_appear(meta, sync, shown):
    meta.templates = [TOLD | {"id": str(n), "name": f"t{n}"} for n in range(5)]
    meta.templates.append({"id": "7", "status": "APPROVED"})
    sync()
    assert shown() == {f"t{n}": ("APPROVED", "MARKETING") for n in range(5)}


def test_what_changed_and_what_is_gone(meta, make, sync, load, inside):
    kept, gone, draft = make(status="PENDING"), make_named(make, "gone"), make_draft(make)
    meta.templates = [
        TOLD | {"id": "77", "name": "order_ready", "language": "en_GB", "status": "REJECTED",
                "rejected_reason": "INVALID_FORMAT"},
    ]  # fmt: skip
    sync()
    template = load(kept)
    assert (template.status, template.category) == ("REJECTED", "MARKETING")
    assert template.asked_category == "UTILITY"
    assert "can’t read the variables" in (template.reason or "")
    assert template.quality == "GREEN"
    assert (load(gone).status, load(draft).status) == ("DELETED", "DRAFT")
    with inside():
        assert TemplateAccount.of(WABA).synced_at is not None


def make_named(make, name):
    return make(replace(DRAFT, name=name), status="APPROVED", external_id=name)


def make_draft(make):
    return make(replace(DRAFT, name="draft"))


def test_a_draft_of_the_same_name_isnt_lost(meta, make, sync, load):
    template_id = make()
    meta.templates = [TOLD | {"name": "order_ready", "language": "en_GB"}]
    sync()
    template = load(template_id)
    assert (template.status, template.external_id) == ("APPROVED", "501")
    assert template.components == TOLD["components"]
    assert template.proposed["components"][0]["text"] == DRAFT.body


def test_a_refused_look_says_why(meta, sync, inside, run_out, make):
    make(status="APPROVED")
    meta.fails(SendFailed("reconnect", "The token is no longer valid."))
    sync()
    with inside():
        assert TemplateAccount.of(WABA).trouble == "The token is no longer valid."
    meta.fails(*[SendFailed("retry", "WhatsApp doesn’t answer.")] * 4)
    sync()
    run_out()
    with inside():
        assert TemplateAccount.of(WABA).trouble == "WhatsApp doesn’t answer."
        assert MessageTemplate.named(WABA, "order_ready")[0].status == "APPROVED"


def test_once_a_day_by_the_clock(app, meta, account, inside, run_jobs):
    with inside():
        channel = services.accounts()[account]
        db.session.add(
            ChannelRoute(
                kind="whatsapp", external_id=channel.external_id, channel_id=channel.id,
                business_id=channel.business_id,
            )
        )  # fmt: skip
    with app.app_context():
        syncing.ask_daily()
    run_jobs()
    assert [what for what, _ in meta.asked] == ["listed"]
    with app.app_context():
        syncing.ask_daily()
    run_jobs()
    assert len(meta.asked) == 1
    with inside():
        TemplateAccount.of(WABA).synced_at = now() - timedelta(hours=25)
    with app.app_context():
        syncing.ask_daily()
    run_jobs()
    assert len(meta.asked) == 2


@pytest.mark.parametrize(
    ("about", "expected"),
    [({"event": "APPROVED", "reason": "NONE"}, ("APPROVED", "")),
     ({"event": "REJECTED", "reason": "PROMOTIONAL"}, ("REJECTED", "promotional")),
     ({"event": "REJECTED", "reason": "NONE"}, ("REJECTED", "no reason")),
     ({"event": "PAUSED", "reason": "NONE"}, ("PAUSED", "paused it")),
     ({"event": "DISABLED"}, ("DISABLED", "for good")), ({"event": "FLAGGED"}, ("FLAGGED", "report")),
     ({"event": "LIMIT_EXCEEDED"}, ("REJECTED", "250")), ({"event": "ARCHIVED"}, ("ARCHIVED", "put it away")),
     ({"event": "PENDING_DELETION"}, ("DELETED", "")), ({"event": "REINSTATED"}, ("APPROVED", "")),
     ({"event": "SOMETHING_NEW"}, ("PENDING", ""))],
)  # fmt: skip
def test_how_it_stands_by_notice(make, tell, load, about, expected):
    template_id = make(status="PENDING")
    tell("template_status", message_template_id=77, **about)
    tell("template_status", message_template_id=77, **about)
    template, (status, says) = load(template_id), expected
    assert template.status == status
    assert says in (template.reason or "")


def test_a_notice_that_was_overtaken_changes_nothing(make, tell, load):
    template_id = make(status="PENDING")
    tell("template_status", at=now(), event="PAUSED")
    tell("template_status", at=now() - timedelta(minutes=1), event="APPROVED")
    assert load(template_id).status == "PAUSED"


def test_quality_and_category_by_notice(make, tell, load):
    template_id = make(status="APPROVED")
    tell("template_quality", previous_quality_score="GREEN", new_quality_score="RED")
    tell("template_category", new_category="UTILITY", correct_category="MARKETING")
    assert (load(template_id).quality, load(template_id).category) == ("RED", "UTILITY")
    tell("template_category", previous_category="UTILITY", new_category="MARKETING")
    template = load(template_id)
    assert (template.category, template.asked_category) == ("MARKETING", "UTILITY")


def test_a_notice_about_an_unknown_one_has_the_account_looked_through(app, account, tell):
    tell("template_status", name="new_one", event="APPROVED")
    with app.app_context():
        asked = db.session.query(OutboxJob).filter(
            OutboxJob.name == "message_templates.sync", OutboxJob.done_at.is_(None)
        )
        assert [job.args for job in asked if job.args == [account]]
