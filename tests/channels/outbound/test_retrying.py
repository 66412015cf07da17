"""“Try again” and “Send again” by a member."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.channels import deliveries
from app.core.errors import Conflict
from tests.channels.outbound.conftest import refused


def again(line, message_id, **details):
    with line.inside():
        return deliveries.retry(message_id, **details).id


def test_what_failed_is_sent_again_as_a_new_delivery(line, run_jobs):
    message_id = line.say("An answer.")
    line.provider.then(refused("permanent"))
    run_jobs()
    again(line, message_id)
    run_jobs()
    assert line.statuses == ["failed", "sent"]
    assert [row.message_id for row in line.rows()] == [message_id] * 2
    assert len({row.token for row in line.rows()}) == 2


def test_what_is_on_its_way_is_not(line, run_jobs):
    message_id = line.say("An answer.")
    with pytest.raises(Conflict, match="on its way"):
        again(line, message_id)
    run_jobs()
    with pytest.raises(Conflict, match="arrived"):
        again(line, message_id)
    assert line.statuses == ["sent"]


def test_what_may_have_arrived_goes_again_only_by_decision(line, run_jobs):
    message_id = line.say("An answer.")
    line.provider.then(refused("unknown"))
    run_jobs()
    with pytest.raises(Conflict, match="may have arrived"):
        again(line, message_id)
    again(line, message_id, despite=True)
    line.pass_time(seconds=10)
    run_jobs()
    assert line.statuses == ["unknown", "sent"]


def test_decided_by_a_member_it_does_not_go_by_itself_too(line):
    """Its worker died; the member was quicker than the rule."""
    from tests.channels.outbound.conftest import WorkerKilled

    message_id = line.say("An answer.")
    line.provider.then(WorkerKilled())
    line.killed()
    line.run()
    again(line, message_id, despite=True)
    line.pass_time(minutes=3)
    line.run()
    line.status("sent", token=line.row().token)
    line.run()
    assert (line.statuses, line.provider.texts) == (["unknown", "sent"], ["An answer."])


def test_two_clicks_at_once_make_one(line, run_jobs):
    message_id = line.say("An answer.")
    line.provider.then(refused("permanent"))
    run_jobs()

    def click(_number):
        try:
            return again(line, message_id)
        except Conflict:
            return None

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(click, range(2)))
    assert sum(each is not None for each in made) == 1
    assert line.statuses == ["failed", "queued"]


def test_nothing_of_ours_is_refused(line):
    with pytest.raises(Conflict, match="nothing"):
        again(line, 2**40)
