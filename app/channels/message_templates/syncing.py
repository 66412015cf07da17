"""An account's templates as the provider has them: once a day, by hand, and where a notice is about one that we
don't know."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.channels.border import SendFailed
from app.channels.lines import line_of
from app.channels.message_templates import provider, services
from app.channels.message_templates.reasons import reason_in_words
from app.channels.models import ChannelRoute, MessageTemplate, TemplateAccount
from app.core import jobs, tenancy, unit_of_work
from app.core.db import now
from app.extensions import db

DAY = timedelta(days=1)
SLACK = timedelta(seconds=5)  # between the provider's clock, which tells whole seconds, and ours
# The provider's words for where a template stands, as ours.
STATUSES = {
    "APPROVED": "APPROVED", "REINSTATED": "APPROVED", "UNARCHIVED": "APPROVED", "PENDING": "PENDING",
    "IN_APPEAL": "PENDING", "REJECTED": "REJECTED", "LIMIT_EXCEEDED": "REJECTED", "PAUSED": "PAUSED",
    "DISABLED": "DISABLED", "LOCKED": "DISABLED", "FLAGGED": "FLAGGED", "ARCHIVED": "ARCHIVED",
    "PENDING_DELETION": "DELETED", "DELETED": "DELETED",
}  # fmt: skip


def status_of(told: str) -> str | None:
    return STATUSES.get(told.upper())


def sync(account_id: str) -> None:
    """Raises SendFailed while it may go better later."""
    channel = services.accounts().get(account_id)
    if channel is None:
        return
    began = now()
    jobs.commit_step()  # no transaction stays open while the list is read
    try:
        told = provider.listed(line_of(channel))
    except SendFailed as failure:
        if not failure.permanent:
            raise
        _note(account_id, trouble=failure.message)
        return
    seen = {take_over(account_id, each, began).name_in_language for each in told if is_one(each)}
    _gone(account_id, seen, began)
    _note(account_id, synced_at=began, trouble=None)


def fail(account_id: str, reason: str) -> None:
    _note(account_id, trouble=reason.removeprefix("SendFailed: "))


def is_one(told: dict[str, Any]) -> bool:
    return all(told.get(name) for name in ("id", "name", "language"))


def take_over(account_id: str, told: dict[str, Any], at: datetime) -> MessageTemplate:
    """One that the provider has, as it has it. A draft of ours with the same name and language becomes a change
    of that one: nothing that was written is lost."""
    same = MessageTemplate.named(account_id, told["name"])
    template = next((each for each in same if each.language == told["language"]), None)
    if template is None:
        template = MessageTemplate(
            account_id=account_id, name=told["name"], language=told["language"],
            category=str(told.get("category") or "UTILITY"), status="PENDING",
        )  # fmt: skip
        db.session.add(template)
    elif template.is_draft and template.asking is None:
        template.proposed = {"components": template.components, "category": template.category}
    _update(template, told)
    template.told_at = at - SLACK
    db.session.flush()
    return template


def _update(template: MessageTemplate, told: dict[str, Any]) -> None:
    status = status_of(str(told.get("status", ""))) or template.status
    if status != template.status or template.external_id != str(told["id"]):
        template.changed_at = now()
    template.external_id, template.status = str(told["id"]), status
    template.components = told.get("components") or []
    template.parameter_format = str(told.get("parameter_format") or "positional").lower()
    template.quality = quality_of(told.get("quality_score")) or template.quality
    note_category(template, str(told.get("category") or template.category))
    if status in ("APPROVED", "PENDING"):
        template.reason = None
    elif told.get("rejected_reason") and told["rejected_reason"] != "NONE":
        template.reason = reason_in_words(str(told["rejected_reason"]))


def quality_of(told: Any) -> str | None:
    """`{"score": "GREEN"}` in lists, "GREEN" in notices."""
    score = told.get("score") if isinstance(told, dict) else told
    return str(score).upper() if score else None


def note_category(template: MessageTemplate, category: str) -> None:
    """One that the provider changed keeps what was asked for."""
    category = category.upper()
    if category == template.category:
        return
    template.asked_category = None if category == template.asked_category else template.category
    template.category = category


def _gone(account_id: str, seen: set[str], began: datetime) -> None:
    """What the list no longer has; a template that was made meanwhile may not have been in it yet."""
    for template in db.session.scalars(
        select(MessageTemplate).where(
            MessageTemplate.account_id == account_id,
            MessageTemplate.external_id.is_not(None),
            MessageTemplate.status != "DELETED",
        )
    ):
        is_new = template.submitted_at is not None and template.submitted_at > began
        if template.name_in_language not in seen and not is_new:
            template.status, template.changed_at = "DELETED", now()


def _note(account_id: str, **known: Any) -> None:
    made = insert(TemplateAccount).values(account_id=account_id, **known)
    db.session.execute(
        made.on_conflict_do_update(index_elements=["business_id", "account_id"], set_=known)
    )
    services.signal()


def ask_daily() -> None:
    """By the clock: each account whose last look is a day old."""
    with unit_of_work.unit_of_work():
        found = select(ChannelRoute.business_id).where(ChannelRoute.kind == "whatsapp").distinct()
        businesses = list(db.session.scalars(found))
    for business_id in businesses:
        with tenancy.business_scope(business_id), unit_of_work.unit_of_work():
            for account_id in services.accounts():
                if _is_due(account_id):
                    services.ask_sync(account_id)


def _is_due(account_id: str) -> bool:
    account = TemplateAccount.of(account_id)
    return account is None or account.synced_at is None or account.synced_at < now() - DAY
