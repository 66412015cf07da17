"""What a message of somebody on WhatsApp costs Postgres, from the webhook to its answer at the provider and what is
told of that. Each statement is half a millisecond of a core or more: see docs/benchmarks.md before raising these."""

from collections import Counter

import pytest
from sqlalchemy import select

from app.core import jobs
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.channels.conftest import with_graph  # noqa: F401
from tests.conftest import _due
from tests.frontdesk.test_channel_answers import ASKED, FACT, maya, said_in, taught  # noqa: F401

# By job, for somebody new and for somebody known.
MOST = {
    "webhook": (4, 4),  # 2 where the door is remembered, which it is for ten seconds
    "frontdesk.work_off": (22, 16),  # of somebody new: does any member want to be told?
    "frontdesk.respond": (16, 17),
    "channels.deliver": (9, 9),
    "webhook of statuses": (4, 4),
    "status frontdesk.work_off": (10, 10),
}


@pytest.fixture
def costs(app, taught, with_graph, client, count_queries):  # noqa: F811
    """`costs(person, text)`: how many statements each step of a message took."""

    def work(counted, about=""):
        while due := _due(app):
            with app.app_context():
                names = dict(
                    db.session.execute(
                        select(OutboxJob.id, OutboxJob.name).where(OutboxJob.id.in_(due))
                    ).all()
                )
            for job_id in due:
                with app.app_context(), count_queries() as statements:
                    jobs.perform(job_id)
                counted[f"{about}{names[job_id]}"] += len(statements)

    def tell(counted, about):
        with count_queries() as statements:
            assert set(with_graph.deliver_hooks(client)) == {200}
        counted[about] += len(statements)

    def count(person, text):
        counted = Counter()
        person.writes(with_graph.number, text)
        tell(counted, "webhook")
        work(counted)
        tell(counted, "webhook of statuses")
        work(counted, "status ")
        return counted

    return count


def test_a_message_costs_few_statements(costs, with_graph):  # noqa: F811
    with_graph.graph.statuses()
    other = with_graph.person(phone="+447700900123", name="Maya")
    costs(other, "Hello")  # what a process learns once
    nora = with_graph.person(phone="+447700900124", name="Nora")
    for place in (0, 1):
        counted = costs(nora, ASKED)
        assert said_in(nora.received[-1].body).startswith(FACT)
        over = {name: counted[name] for name, most in MOST.items() if counted[name] > most[place]}
        assert over == {}
        assert counted.keys() == MOST.keys()
