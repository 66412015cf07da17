"""The inbox's list in a large business: `.venv/bin/python bench/inbox_list.py`.

One business of 200,000 conversations, half of them open, beside 1,000 of 200. A member with 5,000 unread conversations and
three saved views asks for each view's list as the page refreshes it (rows, counts of all views, the badge apart) and for
the whole page. CPU time and not latency: of this process, which runs the app as a worker thread of gunicorn would, and
of the Postgres backends that it is connected to.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from contextvars import Context
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flask import Flask

from bench import generated, report
from bench.question_sets import scratch

TARGET_MS = 5
MEMBERS = 10
PEOPLE = ("Marta Ruiz", "Jonas Weber", "Amélie Petit", "Li Wei", "Priya Nair", "Omar Haddad")

VISITORS = """
INSERT INTO visitors (business_id, uuid, channel_id, name, phone)
SELECT b.id, gen_random_uuid(), c.id, CASE WHEN n %% 3 > 0 THEN (%(people)s::text[])[1 + n %% 6] END,
    CASE WHEN n %% 7 = 0 THEN '+4420794' || lpad((n %% 100000)::text, 5, '0') END
FROM businesses b JOIN channels c ON c.business_id = b.id AND c.kind = 'website', generate_series(1, %(each)s) n
WHERE b.id = ANY(%(ids)s)
"""
# Half is open, and of that a tenth assigned, a fiftieth waits for a person; one in a hundred is snoozed.
CONVERSATIONS = """
INSERT INTO conversations (business_id, channel_id, visitor_id, is_preview, status, position, incoming_position,
    answered_position, last_message_at, last_text, handed_off_at, assignee_id, resolved_at, priority, waiting_since)
SELECT business_id, channel_id, id, false, status, 6, 5, 5, at, 'Do you deliver on Saturday mornings before ten?',
    CASE WHEN status = 'open' AND n %% 10 < 2 THEN at END,
    CASE WHEN status = 'open' AND n %% 10 = 0 THEN (%(members)s::bigint[])[1 + n / 10 %% %(count)s] END,
    CASE WHEN status = 'resolved' THEN at END, CASE WHEN n %% 50 = 1 THEN 3 ELSE 0 END,
    CASE WHEN status = 'open' AND n %% 10 < 2 THEN at END
FROM (SELECT v.business_id, v.channel_id, v.id, n, now() - n * interval '90 seconds' AS at,
        CASE WHEN n %% 100 = 99 THEN 'snoozed' WHEN n %% 2 = 0 OR n %% 50 = 1 THEN 'open' ELSE 'resolved' END AS status
      FROM (SELECT *, row_number() OVER (PARTITION BY business_id ORDER BY uuid)::int AS n FROM visitors
            WHERE business_id = ANY(%(ids)s)) v) v
"""
UNREAD = """
INSERT INTO unread_conversations (business_id, user_id, conversation_id, position, status, assignee_id, is_waiting)
SELECT business_id, %(user)s, id, incoming_position, status, assignee_id, handed_off_at IS NOT NULL AND assignee_id IS NULL
FROM conversations WHERE business_id = %(business)s AND status = 'open' ORDER BY last_message_at DESC LIMIT 5000
"""
TAGGED = """
INSERT INTO conversation_tags (business_id, conversation_id, tag_id)
SELECT business_id, id, %(tag)s FROM conversations WHERE business_id = %(business)s AND id %% 20 = 0
"""


def main() -> None:
    options = report.arguments(
        __doc__, conversations=200_000, businesses=1_000, each=200, requests=300
    )
    with scratch() as app:
        owner = build(options)
        lines = list(measure(app, owner, options.requests))
    report.show(lines, "bench/inbox_list.py", markdown=options.markdown)


def build(options: Any) -> int:
    """The owner's id. Rows past row security, and past the trigger that keeps what is unread."""
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.frontdesk.opening import open_business

    with unit_of_work():
        large = open_business("Large", _user("owner"), "large").id
        small = [
            open_business(f"Small {n}", None, f"small-{n}").id for n in range(options.businesses)
        ]
    with business_scope(large), unit_of_work():
        owner, members = _team(large)
        tag = _views(owner)
    with generated.superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        for ids, each in (([large], options.conversations), (small, options.each)):
            made = {
                "ids": ids,
                "each": each,
                "people": list(PEOPLE),
                "members": members,
                "count": MEMBERS,
            }
            connection.execute(VISITORS, made)
            connection.execute(CONVERSATIONS, made)
        connection.execute(UNREAD, {"user": owner, "business": large})
        connection.execute(TAGGED, {"tag": tag, "business": large})
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    return owner


def _user(name: str) -> Any:
    from app.accounts.models import User
    from app.extensions import db

    user = User(name=f"{name.title()} Person", email=f"{name}@example.com", password_hash="-")
    db.session.add(user)
    db.session.flush()
    return user


def _team(business_id: int) -> tuple[int, list[int]]:
    from app.businesses.models import Business
    from app.businesses.services import add_member
    from app.extensions import db

    business = db.session.get_one(Business, business_id)
    members = [_user(f"member{number}") for number in range(MEMBERS - 1)]
    for member in members:
        add_member(business, member, "agent")
    from app.businesses.models import Membership

    owner = Membership.owners()[0].id
    return owner, [owner, *(member.id for member in members)]


def _views(owner: int) -> int:
    """Three saved ones. Returns the tag's id."""
    from app.contacts.models import Tag
    from app.conversations.models import SavedView
    from app.extensions import db

    tag = Tag(name="VIP", name_key="vip")
    db.session.add(tag)
    db.session.flush()
    kept = ({"tag": tag.id}, {"priority": "urgent"}, {"view": "mine", "waiting": "us"})
    for number, narrowed in enumerate(kept):
        db.session.add(
            SavedView(name=f"Kept {number}", user_id=owner, place=number, filters=narrowed)
        )
    return tag.id


def measure(app: Flask, owner: int, requests: int) -> Iterable[report.Line]:
    signing = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    app.config["ENV"] = "production"  # files' addresses are known then, and not looked up
    cookie = f"frontdesk={signing.dumps({'_user_id': str(owner), '_fresh': True})}"
    views = ("all", "mine", "unassigned", "mentions", "snoozed", "resolved")
    for label, path in (
        *((f"list of {view}", f"rows?view={view}") for view in views),
        ("list of one tag", "rows?tag=1"),
        ("list of urgent ones", "rows?priority=urgent"),
        ("list by who waits longest", "rows?sort=waiting"),
        ("list of what is unread", "rows?unread=1"),
        ("badge", "badge"),
        ("whole page", ""),
    ):
        ask = asking(app, cookie, f"/b/large/inbox/{path}")
        for _ in range(20):
            ask()
        yield line(label, cost(ask, requests))


def asking(app: Flask, cookie: str, address: str) -> Callable[[], None]:
    path, _, query = address.partition("?")

    def serve() -> None:
        statuses: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "HTTP_COOKIE": cookie,
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_ACCEPT_ENCODING": "gzip", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(), "wsgi.errors": sys.stderr,
        }  # fmt: skip
        found = app.wsgi_app(environ, lambda status, _headers, _info=None: statuses.append(status))  # type: ignore[arg-type,misc]
        b"".join(found)
        found.close()  # type: ignore[attr-defined]
        assert statuses == ["200 OK"], statuses

    return lambda: Context().run(serve)  # without the context of the app that is open here


def cost(ask: Callable[[], None], requests: int) -> list[tuple[float, float]]:
    """Milliseconds of CPU of each request: of the app, of its database backends."""
    pids, found = backends(), []
    for _ in range(requests):
        before, began = sum(map(used, pids)), time.process_time()
        ask()
        app = time.process_time() - began
        found.append((app * 1000, (sum(map(used, pids)) - before) * 1000))
    return found


def backends() -> list[int]:
    with generated.superuser() as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [row[0] for row in found]


def used(pid: int) -> float:
    """Seconds on a processor."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def line(label: str, costs: list[tuple[float, float]]) -> report.Line:
    app, database = (statistics.median(each) for each in zip(*costs, strict=True))
    least = min(sum(each) for each in costs)
    figure = f"{app + database:.1f} ms ({app:.1f} app, {database:.1f} database; least {least:.1f})"
    is_met = app + database <= TARGET_MS
    return report.Line(f"inbox of 200,000: {label}", f"≤ {TARGET_MS} ms CPU", figure, is_met)


if __name__ == "__main__":
    main()
