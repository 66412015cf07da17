"""Members who take turns: fair, also when several conversations come at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.automations import turns
from app.conversations.models import Conversation
from app.core import jobs
from app.core.outbox import OutboxJob
from app.extensions import db


@pytest.mark.parametrize(
    ("last", "present", "found"),
    [(None, [1, 2, 3], 1), (1, [1, 2, 3], 2), (3, [1, 2, 3], 1), (1, [1, 3], 3), (9, [2], 2)],
)
def test_who_is_next(last, present, found):
    assert turns.after(last, [1, 2, 3], present) == found


def assignees(shop):
    with shop.inside():
        return [each.assignee_id for each in db.session.query(Conversation).order_by(Conversation.id)]  # fmt: skip


def test_in_turn_without_who_is_away(shop, cast):
    shop.rule("started", ("round_robin", [str(cast.owner.id), str(cast.agent.id)]))
    for _ in range(3):
        shop.writes("Hello")
    with shop.inside():
        turns.change_away(cast.owner.id, True)
    shop.writes("Hello")
    owner, agent = cast.owner.id, cast.agent.id
    assert assignees(shop) == [owner, agent, owner, agent]
    with shop.inside():
        turns.change_away(cast.agent.id, True)
    shop.writes("Hello")
    assert assignees(shop)[-1] is None
    assert shop.runs()[-1][2][0][1] == "None of them is there just now."


def test_at_once_is_fair(app, shop, cast):
    shop.rule("started", ("round_robin", [str(cast.owner.id), str(cast.agent.id)]))
    for _ in range(6):
        shop.writes("Hello", works=False)
    with shop.inside():
        mine = db.session.query(OutboxJob).filter_by(
            business_id=cast.business_id, name="automations.consider"
        )
        ids = [each.id for each in mine]

    def perform(job_id):
        with app.app_context():
            return jobs.perform(job_id)

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(perform, ids))
    assert sorted(Counter(assignees(shop)).values()) == [3, 3]
