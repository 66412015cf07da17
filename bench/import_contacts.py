"""Contacts in bulk: `.venv/bin/python -m bench.import_contacts`.

A CSV of 100,000 people is read, tried, imported, exported and taken back, each step by the function that its job
calls, in this process. Rows a second are by the clock; "work" is this process's own processor time for a thousand
rows. Memory is by how much the most that this process ever had grew in the step: flat
means that it doesn't grow with the file. Then the segments: a count of each kind over what was imported (`--rows`).
"""

import csv
import io
import random
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from bench import report
from bench.generated_people import World
from bench.question_sets import scratch

MB = 1024


def main() -> None:
    options = report.arguments(__doc__, rows=100_000)
    with scratch():
        lines = _measure(options.rows)
    report.show(lines, "-m bench.import_contacts", markdown=options.markdown)


def _measure(rows: int) -> list[report.Line]:
    from app.accounts.models import User
    from app.contact_data.choosing import Chosen
    from app.contact_data.exporting import services as exports
    from app.contact_data.importing import running, services, undoing
    from app.contact_data.models import ContactImport
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.extensions import db
    from app.frontdesk.opening import open_business

    with unit_of_work():
        owner = User(name="Olivia Owner", email="owner@example.com", password_hash="-")
        db.session.add(owner)
        db.session.flush()
        owner_id, business_id = owner.id, open_business("Large", owner, "large").id
    lines = []

    def act(service: Callable[..., Any], *args: Any, **more: Any) -> tuple[int, int]:
        with unit_of_work():
            of = service(*args, **more) if not import_id else service(ContactImport.by_id(import_id), *args, **more)  # fmt: skip
            of = of or ContactImport.by_id(import_id)
            return of.id, of.revision

    import_id = 0
    with business_scope(business_id):
        taken = io.BytesIO(_file(rows))
        import_id, revision = act(services.take, taken, "people.csv", db.session.get_one(User, owner_id))  # fmt: skip
        lines.append(_step("Reading a CSV", rows, running.read, import_id, revision))
        form = {"column-0": "name", "column-1": "email", "column-2": "phone", "column-3": "tags", "has_header": "yes", "country": "ES"}  # fmt: skip
        _, revision = act(services.try_out, form, may_make_fields=False)
        lines.append(_step("Dry run", rows, running.check, import_id, revision))
        _, revision = act(services.run)
        lines.append(_step("Import", rows, running.run, import_id, revision))
        lines += _segments()
        with unit_of_work():
            asked = exports.start(db.session.get_one(User, owner_id), "csv", Chosen())
            export_id = asked.id
        lines.append(_step("Export as CSV", rows, exports.run, export_id))
        _, revision = act(services.undo)
        lines.append(_step("Undo", rows, undoing.undo, import_id, revision))
    return lines


def _file(rows: int) -> bytes:
    world, generator, out = World(seed=5), random.Random(5), io.StringIO()
    table = csv.writer(out)
    table.writerow(["Name", "E-mail", "Phone", "Tags"])
    for number in range(rows):
        phone = f"+346{number:08}" if number % 3 else ""
        tag = generator.choice(["", "VIP", "Regular"])
        table.writerow([world.any_name(generator), f"p{number}@example.com", phone, tag])
    return out.getvalue().encode()


def _step(name: str, rows: int, run: Callable[..., None], *args: Any) -> report.Line:
    from app.core.unit_of_work import unit_of_work
    from app.extensions import db

    began, used, before = time.monotonic(), time.process_time(), _memory()
    with unit_of_work():
        run(*args)
    db.session.remove()
    took, cpu = time.monotonic() - began, time.process_time() - used
    print(f"{name}: {took:.0f} s", file=sys.stderr)
    figure = f"{rows / took:,.0f} rows a second; {cpu * 1000 / rows * 1000:.0f} ms of work for 1,000; {_memory() - before:.0f} MB more at most"  # fmt: skip
    return report.Line(f"{name}, {rows:,} people", "", figure)


def _memory() -> float:
    """At most, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB


def _segments() -> list[report.Line]:
    from app.contacts import tagging
    from app.core.unit_of_work import unit_of_work
    from app.segments import services
    from app.segments.rules import Condition, Group, Rules

    lines = []
    with unit_of_work() as session:
        session.execute(text("ANALYZE contacts, contact_identities, contact_tags"))
        asked = {
            "a tag": ("tag", "has", str(tagging.find_or_make("VIP").id)),
            "no tag": ("tag", "has_not", str(tagging.find_or_make("VIP").id)),
            "a name’s beginning": ("name", "begins", "mar"),
            "no phone": ("phone", "unknown", ""),
            "30 days": ("last_activity", "within", "30"),
            "consent": ("consent", "none", ""),
            "conversations": ("conversations", "at_most", "0"),
        }
        for name, (field, op, value) in asked.items():
            condition = Condition(field=field, op=op, value=value)
            began = time.monotonic()
            count = services.count(Rules(groups=(Group(conditions=(condition,)),)))
            took = (time.monotonic() - began) * 1000
            lines.append(report.Line(f"Segment by {name}: counted", "2,000 ms", f"{took:.0f} ms ({count.shown or 'given up'})", took < 2_100))  # fmt: skip
    return lines


if __name__ == "__main__":
    main()
