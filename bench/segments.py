"""Segments in a large business: `.venv/bin/python -m bench.segments`.

One business of 1,000,000 contacts, one in ten of whom has written, beside 1,000 of 200. For a condition of each kind, and for
the hardest together: the count that a page shows live, and the first page of the list that is narrowed to it. Medians
by the clock, so it wants a quiet machine; 2,000 ms is where a count is given up, and the page says so.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from bench import generated, report
from bench.question_sets import scratch

TIMES = 5
COUNT_MS, LIST_MS = 500, 500
# A third has no phone; one in five is a regular, one in a thousand a VIP; one in ten has written.
CONTACTS = """
INSERT INTO contacts (business_id, name, name_key, language, birthday, custom, note, last_activity_at, archived_at, created_at)
SELECT b.id, l.name, lower(l.name), (ARRAY['en', 'es', 'fr', 'de'])[1 + n %% 4], CASE WHEN n %% 3 = 0 THEN date '1950-01-01' + n %% 20000 END,
    CASE WHEN n %% 2 = 0 THEN jsonb_build_object('size', n %% 60) ELSE '{}' END, '', at, CASE WHEN n %% 50 = 0 THEN at END, at
FROM businesses b, generate_series(1, %(each)s) n,
    LATERAL (SELECT (ARRAY['Marta', 'Jonas', 'Amelie', 'Wei', 'Priya', 'Omar', 'Ana'])[1 + n %% 7] || ' ' || md5(n::text) AS name,
        now() - n %% 1000 * interval '1 day' AS at) l
WHERE b.id = ANY(%(ids)s)
"""
IDENTITIES = """
INSERT INTO contact_identities (business_id, contact_id, kind, value)
SELECT business_id, id, 'email', 'p' || id || '@example.com' FROM contacts
UNION ALL SELECT business_id, id, 'phone', '+34' || (600000000 + id) FROM contacts WHERE id %% 3 > 0
"""
TAGGED = """
INSERT INTO contact_tags (business_id, contact_id, tag_id)
SELECT business_id, id, %(tag)s FROM contacts WHERE business_id = %(business)s AND id %% %(every)s = 1
"""
VISITORS = """
INSERT INTO visitors (business_id, uuid, channel_id, contact_id, contact_link)
SELECT o.business_id, gen_random_uuid(), c.id, o.id, 'own' FROM contacts o
JOIN channels c ON c.business_id = o.business_id AND c.kind = 'website' WHERE o.id %% 10 = 0
"""
CONVERSATIONS = """
INSERT INTO conversations (business_id, channel_id, visitor_id, is_preview, status, position, incoming_position, answered_position,
    last_message_at, last_text)
SELECT business_id, channel_id, id, false, 'resolved', 2, 1, 2, now() - id %% 500 * interval '1 day', 'Thank you' FROM visitors
"""
CONDITIONS: dict[str, list[tuple[str, str, str]]] = {
    "a frequent tag": [("tag", "has", "Regular")],
    "a rare tag": [("tag", "has", "VIP")],
    "not a frequent tag": [("tag", "has_not", "Regular")],
    "the beginning of a name": [("name", "begins", "mar")],
    "no phone": [("phone", "unknown", "")],
    "a language": [("language", "is", "fr")],
    "active in the last 30 days": [("last_activity", "within", "30")],
    "nothing said of offers": [("consent", "none", "")],
    "3 conversations or more": [("conversations", "at_least", "3")],
    "VIP, no phone, not active": [
        ("tag", "has", "VIP"), ("phone", "unknown", ""), ("last_activity", "not_within", "900"),
    ],
    "nobody: a name that isn’t there, and a tag": [("name", "begins", "zzz"), ("tag", "has", "Regular")],
}  # fmt: skip


def main() -> None:
    options = report.arguments(__doc__, contacts=1_000_000, businesses=1_000, each=200)
    with scratch():
        from app.core.tenancy import business_scope

        business_id, tags = build(options)
        with business_scope(business_id):
            lines = list(measure(tags, options.contacts))
    report.show(lines, "-m bench.segments", markdown=options.markdown)


def build(options: Any) -> tuple[int, dict[str, str]]:
    """Rows past row security and triggers."""
    from app.contacts import tagging
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.frontdesk.opening import open_business

    with unit_of_work():
        large = open_business("Large", None, "large").id
        small = [open_business(f"Small {n}", None, f"small-{n}").id for n in range(options.businesses)]  # fmt: skip
    with business_scope(large), unit_of_work():
        tags = {name: tagging.find_or_make(name).id for name in ("Regular", "VIP")}
    with generated.superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        for ids, each in (([large], options.contacts), (small, options.each)):
            connection.execute(CONTACTS, {"ids": ids, "each": each})
        for statement in (IDENTITIES, VISITORS, CONVERSATIONS):
            connection.execute(statement, {})
        for name, every in (("Regular", 5), ("VIP", 1000)):
            made = {"tag": tags[name], "business": large, "every": every}
            connection.execute(TAGGED, made)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    print("made", file=sys.stderr)
    return large, {name: str(tag_id) for name, tag_id in tags.items()}


def measure(tags: dict[str, str], contacts: int) -> Iterable[report.Line]:
    from app.contacts import listing
    from app.contacts.listing import Filter
    from app.segments import compiling, services
    from app.segments.rules import Condition, Group, Rules

    for name, asked in CONDITIONS.items():
        conditions = tuple(Condition(field=field, op=op, value=tags.get(value, value)) for field, op, value in asked)  # fmt: skip
        rules = Rules(match="all", groups=(Group(match="all", conditions=conditions),))
        count = services.count(rules)
        narrowed = Filter(condition=compiling.compiled(rules))
        for what, target, read in (
            ("counted", COUNT_MS, lambda: services.count(rules)),  # noqa: B023
            ("first page of the list", LIST_MS, lambda: listing.page(narrowed)),  # noqa: B023
        ):
            took = _median(read)
            said = f" ({count.shown or 'given up'})" if what == "counted" else ""
            line = f"{name}, of {contacts:,}: {what}"
            yield report.Line(line, f"{target:,} ms", f"{took:.0f} ms{said}", took < target)


def _median(read: Callable[[], Any]) -> float:
    took = []
    for _time in range(TIMES):
        began = time.perf_counter()
        read()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    main()
