"""What the owner should know of the assistant's money and model: on the start page and under Spending."""

from dataclasses import dataclass
from datetime import date

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext

from app.assistant import budgets, troubles
from app.assistant.models import Budget, ProviderTrouble
from app.businesses.models import Business, Membership
from app.core import mail, tenancy
from app.core.db import now
from app.extensions import db
from app.lib import dates
from app.lib.dollars import in_dollars


@dataclass(frozen=True, slots=True)
class Notice:
    tone: str  # amber, red
    title: str
    text: str


def current(zone: str) -> list[Notice]:
    found = [_of_trouble(each, zone) for each in troubles.open_now()]
    budget = _of_budget(zone)
    return [*found, budget] if budget else found


def mail_of_budget(month: date) -> None:
    """To each owner, once; not when the cap was raised meanwhile."""
    budget, cap = Budget.of_month(month), budgets.caps().month
    if budget is None or budget.spent_micros < cap * budgets.WARN_AT or not cap:
        return
    business = db.session.get_one(Business, tenancy.current_business_id())
    site = current_app.config["PUBLIC_URL"]
    for owner in Membership.owners():
        mail.send(
            "budget_warning",
            owner.email,
            language=owner.language,
            key=f"budget {business.id} {month} {cap} {owner.id}",
            business=business.name,
            share=budget.spent_micros * 100 // cap,
            spent=in_dollars(budget.spent_micros),
            cap=in_dollars(cap),
            url=f"{site}/b/{business.slug}/assistant/spending/",
        )


def _of_trouble(trouble: ProviderTrouble, zone: str) -> Notice:
    since = dates.since(trouble.first_at, now(), zone)
    text = ngettext(
        "One answer had to do without it since %(since)s: passages were quoted, or a person was called.",
        "%(num)s answers had to do without it since %(since)s: passages were quoted, or a person was called.",
        trouble.count,
        since=since,
    )
    return Notice("amber", trouble.words, f"{text} {troubles.what_helps(trouble.kind)}")


def _of_budget(zone: str) -> Notice | None:
    first = dates.local_date(now(), zone).replace(day=1)
    budget, cap = Budget.of_month(first), budgets.caps().month
    if budget is None or not cap:
        return None
    spent = _(
        "%(spent)s of %(cap)s this month",
        spent=in_dollars(budget.spent_micros),
        cap=in_dollars(cap),
    )
    if budget.refused_at:
        since = dates.since(budget.refused_at, now(), zone)
        return Notice(
            "red",
            _("Your assistant’s budget is used up"),
            _(
                "%(spent)s. Since %(since)s it quotes passages or calls a person. Raise the cap, or wait for the first of next month.",
                spent=spent,
                since=since,
            ),
        )
    if budget.spent_micros >= cap * budgets.WARN_AT:
        share = budget.spent_micros * 100 // cap
        return Notice(
            "amber",
            _("%(share)s %% of your assistant’s budget is used", share=share),
            _("%(spent)s. At 100 %% it goes on with passages that it quotes.", spent=spent),
        )
    return None
