"""What must hold after the kill test, asked of the database and of the stand-in."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from types import TracebackType
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from app.conversations.in_order import in_order
from bench.graph_server import GraphProcess
from bench.installation import Installation

BURST_WINDOW = timedelta(seconds=3)  # AssistantSettings.burst_seconds
EARLY = timedelta(seconds=0.6)  # a turn may begin that much before its time
JOBS = ("frontdesk.respond", "frontdesk.work_off", "frontdesk.work_off_later", "channels.deliver")
COURTESIES = ("channels.as_read",)
SHOWN = 5  # of each kind of problem


@dataclass
class Written:
    """A message as somebody wrote it, at a second of its own."""

    person: int
    text: str
    at: int
    wamid: str = ""


class Ledger:
    """The database, on a connection of its own."""

    def __init__(self, measured: Installation) -> None:
        url = measured.environ["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
        self.connection = psycopg.connect(url, row_factory=namedtuple_row, autocommit=True)
        (business,) = self.rows("SELECT id FROM businesses WHERE slug = 'measured'")
        self.connection.execute(f"SET app.business_id = '{business.id}'")

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.connection.close()

    def rows(self, statement: str, *values: Any) -> list[Any]:
        return self.connection.execute(statement, values).fetchall()

    def count(self, statement: str, *values: Any) -> int:
        return int(self.rows(statement, *values)[0][0])

    def open_work(self) -> dict[str, int]:
        """How many of what; empty when all is done."""
        found = self.rows(
            "SELECT 'updates' AS what, count(*) FROM channel_updates "
            "WHERE done_at IS NULL AND failed_at IS NULL "
            "UNION ALL SELECT status, count(*) FROM deliveries "
            "WHERE status IN ('queued', 'sending', 'unknown') GROUP BY 1 "
            "UNION ALL SELECT name, count(*) FROM outbox "
            "WHERE done_at IS NULL AND failed_at IS NULL AND name = ANY(%s) GROUP BY 1",
            list(JOBS),
        )
        return {row.what: row.count for row in found if row.count}

    def messages(self) -> dict[int, list[Any]]:
        """By conversation, in order of position."""
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self.rows(
            "SELECT id, conversation_id, position, kind, author, external_id, client_key, sent_at, created_at "
            "FROM messages WHERE conversation_id IN (SELECT conversation_id FROM messages "
            "WHERE external_id IS NOT NULL) ORDER BY conversation_id, position"
        ):
            found[row.conversation_id].append(row)
        return found

    def people(self) -> dict[int, set[str]]:
        """User ids by conversation."""
        found: dict[int, set[str]] = defaultdict(set)
        for row in self.rows(
            "SELECT c.id, a.value FROM conversations c JOIN visitor_addresses a USING (visitor_id) "
            "WHERE a.kind = 'user'"
        ):
            found[row.id].add(row.value)
        return found

    def tried_again(self) -> int:
        return self.count("SELECT count(*) FROM deliveries WHERE attempts > 1")

    def given_up(self) -> str:
        found = self.rows(
            "SELECT name, count(*) FROM outbox WHERE failed_at IS NOT NULL GROUP BY 1"
        )
        return ", ".join(f"{row.name} {row.count}" for row in found)


def problems(ledger: Ledger, provider: GraphProcess, written: list[Written]) -> list[str]:
    messages = ledger.messages()
    return [
        *_updates(ledger, written),
        *_once(messages, written),
        *_whose(ledger, messages, provider, written),
        *_order(messages, written),
        *_answers(messages),
        *_sent(ledger, messages, provider),
        *_work(ledger, provider),
    ]


def _told(problem: str, found: list[Any]) -> Iterator[str]:
    if found:
        yield f"{len(found)} {problem}: {', '.join(str(each) for each in found[:SHOWN])}"


def _updates(ledger: Ledger, written: list[Written]) -> Iterator[str]:
    rows = ledger.rows(
        "SELECT external_id, done_at, error FROM channel_updates WHERE external_id LIKE 'm:%%'"
    )
    stored = {row.external_id for row in rows}
    yield from _told(
        "updates never stored", [w.wamid for w in written if f"m:{w.wamid}" not in stored]
    )
    yield from _told("updates not worked off", [row for row in rows if row.done_at is None])
    failed = ledger.rows(
        "SELECT external_id, error FROM channel_updates WHERE failed_at IS NOT NULL"
    )
    yield from _told("updates given up", failed)


def _incoming(messages: dict[int, list[Any]]) -> list[Any]:
    return [each for said in messages.values() for each in said if each.kind == "incoming"]


def _once(messages: dict[int, list[Any]], written: list[Written]) -> Iterator[str]:
    times = Counter(each.external_id for each in _incoming(messages))
    yield from _told("messages missing", [w.wamid for w in written if not times[w.wamid]])
    yield from _told("messages more than once", [key for key, count in times.items() if count > 1])
    wanted = {each.wamid for each in written}
    yield from _told("messages that nobody wrote", [key for key in times if key not in wanted])


def _whose(
    ledger: Ledger, messages: dict[int, list[Any]], provider: GraphProcess, written: list[Written]
) -> Iterator[str]:
    people, user_ids = ledger.people(), provider.do("user_ids")
    author = {each.wamid: user_ids[each.person] for each in written}
    wrong = [
        each.external_id
        for each in _incoming(messages)
        if people[each.conversation_id] != {author.get(each.external_id)}
    ]
    yield from _told("messages in another person's conversation", wrong)
    theirs = Counter(each for ids in people.values() for each in ids)
    yield from _told("people with two conversations", [key for key, n in theirs.items() if n > 1])


def _order(messages: dict[int, list[Any]], written: list[Written]) -> Iterator[str]:
    at = {each.wamid: each.at for each in written}
    wrong, moved = [], []
    for said in messages.values():
        before: float = 0
        for each in in_order(said):
            if each.kind == "outgoing":
                before = 0
            elif each.kind == "incoming":
                if each.sent_at.timestamp() != at.get(each.external_id):
                    moved.append(each.external_id)
                if each.sent_at.timestamp() < before:
                    wrong.append(each.external_id)
                before = each.sent_at.timestamp()
    yield from _told("messages with another time than they were written at", moved)
    yield from _told("messages out of order", wrong)


def _answers(messages: dict[int, list[Any]]) -> Iterator[str]:
    """An answer covers what came since the last one's question; two never share a burst's window."""
    unanswered, shared, strange = [], [], []
    for conversation, said in messages.items():
        position_of = {each.id: each.position for each in said}
        incoming = [each for each in said if each.kind == "incoming"]
        asked = sorted(
            position_of[int(each.client_key.removeprefix("answer-"))]
            for each in said
            if each.kind == "outgoing" and (each.client_key or "").startswith("answer-")
        )
        strange += [
            each.id
            for each in said
            if each.kind == "outgoing" and not (each.client_key or "").startswith("answer-")
        ]
        runs = [
            [each for each in incoming if low < each.position <= high]
            for low, high in zip([0, *asked], asked, strict=False)
        ]
        if not asked or incoming[-1].position > asked[-1]:
            unanswered.append(conversation)
        begins: list[datetime] = [min(each.created_at for each in run) for run in runs if run]
        shared += [
            conversation
            for first, second in pairwise(begins)
            if second < first + BURST_WINDOW - EARLY
        ]
        strange += [conversation for run in runs if not run]
    yield from _told("conversations with something unanswered", unanswered)
    yield from _told("bursts with two answers", shared)
    yield from _told("messages of ours that answer nothing", strange)


def _sent(ledger: Ledger, messages: dict[int, list[Any]], provider: GraphProcess) -> Iterator[str]:
    accepted = Counter(each["token"] for each in provider.do("sent"))
    rows = ledger.rows("SELECT message_id, token, status, error FROM deliveries")
    yield from _told(
        "accepted more than once", [key for key, count in accepted.items() if count > 1]
    )
    never = [row for row in rows if row.status not in ("sent", "delivered", "read", "played")]
    yield from _told("not sent, or nobody knows", never)
    yield from _told(
        "said to be sent, and never accepted", [r for r in rows if not accepted[r.token]]
    )
    known = {row.token for row in rows}
    yield from _told("accepted, and not known here", [key for key in accepted if key not in known])
    times = Counter(row.message_id for row in rows)
    ours = [each.id for said in messages.values() for each in said if each.kind == "outgoing"]
    yield from _told("messages of ours that weren't sent once", [m for m in ours if times[m] != 1])


def _work(ledger: Ledger, provider: GraphProcess) -> Iterator[str]:
    failed = ledger.rows(
        "SELECT name, error FROM outbox WHERE failed_at IS NOT NULL AND name <> ALL(%s)",
        list(COURTESIES),
    )
    yield from _told("jobs given up", failed)
    if left := ledger.open_work():
        yield f"still open: {left}"
    state = provider.do("state")
    yield from _told("mistakes of the stand-in", state["mistakes"])
    if state["lost"]:
        yield f"{state['lost']} messages went to nobody"
