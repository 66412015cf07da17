"""What the owner should know of the assistant's money and model: on the start page and under Spending."""

from dataclasses import dataclass
from datetime import date

from flask import current_app

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
            key=f"budget {business.id} {month} {cap} {owner.id}",
            business=business.name,
            share=budget.spent_micros * 100 // cap,
            spent=in_dollars(budget.spent_micros),
            cap=in_dollars(cap),
            url=f"{site}/b/{business.slug}/assistant/spending/",
        )


def _of_trouble(trouble: ProviderTrouble, zone: str) -> Notice:
    since = dates.since(trouble.first_at, now(), zone)
    many = f"{trouble.count} answers" if trouble.count > 1 else "One answer"
    text = (
        f"{many} had to do without it since {since}: passages were quoted, or a person was called. "
        f"{troubles.what_helps(trouble.kind)}"
    )
    return Notice("amber", trouble.words, text)


def _of_budget(zone: str) -> Notice | None:
    first = dates.local_date(now(), zone).replace(day=1)
    budget, cap = Budget.of_month(first), budgets.caps().month
    if budget is None or not cap:
        return None
    spent = f"{in_dollars(budget.spent_micros)} of {in_dollars(cap)} this month"
    if budget.refused_at:
        since = dates.since(budget.refused_at, now(), zone)
        return Notice(
            "red",
            "Your assistant’s budget is used up",
            f"{spent}. Since {since} it quotes passages or calls a person. Raise the cap, or wait for "
            "the first of next month.",
        )
    if budget.spent_micros >= cap * budgets.WARN_AT:
        share = budget.spent_micros * 100 // cap
        return Notice(
            "amber",
            f"{share}\u00a0% of your assistant’s budget is used",
            f"{spent}. At 100\u00a0% it goes on with passages that it quotes.",
        )
    return None
