"""What the provider tells of a template without being asked."""

from app.channels.border import Notice
from app.channels.message_templates import services, syncing
from app.channels.message_templates.reasons import reason_of
from app.channels.models import Channel, MessageTemplate
from app.extensions import db

KINDS = ("template_status", "template_quality", "template_category")


def note(channel: Channel, notice: Notice) -> None:
    """Safe to repeat. One about a template that we don't know has the account looked through."""
    account_id = str(channel.settings.get("waba_id") or "")
    template = _about(account_id, notice)
    if template is None:
        services.ask_sync(account_id)
        return
    {"template_status": _status, "template_quality": _quality, "template_category": _category}[
        notice.kind
    ](template, notice)
    services.signal()


def _about(account_id: str, notice: Notice) -> MessageTemplate | None:
    about = notice.about
    name = str(about.get("message_template_name", ""))
    language = str(about.get("message_template_language", ""))
    number = str(about.get("message_template_id", ""))
    for each in MessageTemplate.named(account_id, name):
        if each.language == language or each.external_id == number:
            db.session.refresh(each, with_for_update=True)
            return each
    return None


def _status(template: MessageTemplate, notice: Notice) -> None:
    """One that was overtaken by a later one changes nothing."""
    told = str(notice.about.get("event", ""))
    status = syncing.status_of(told)
    if status is None or (template.told_at and notice.occurred_at < template.told_at):
        return
    template.status, template.told_at = status, notice.occurred_at
    template.changed_at = notice.occurred_at
    if number := notice.about.get("message_template_id"):
        template.external_id = str(number)
    reason = notice.about.get("reason")
    template.reason = reason_of(status, told if told == "LIMIT_EXCEEDED" else reason)


def _quality(template: MessageTemplate, notice: Notice) -> None:
    template.quality = syncing.quality_of(notice.about.get("new_quality_score")) or template.quality


def _category(template: MessageTemplate, notice: Notice) -> None:
    """`correct_category` announces a change that is to come; the category counts as it is until then."""
    if new := notice.about.get("new_category"):
        syncing.note_category(template, str(new))
