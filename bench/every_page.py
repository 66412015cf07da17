"""Every page that the dashboard has, looked at by axe-core: `.venv/bin/python -m bench.every_page`.

The demo shop with a day's conversations. Each address of the app that a member can open is opened by its owner, at the
width of a desktop in the light and of a phone in the dark, and the public pages by a stranger. Told: what axe finds
serious or critical, pages wider than their window, errors in the console. --shots DIR keeps a picture of each.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import APIResponse, Browser, ConsoleMessage, Page

from bench import report
from bench.browser import chromium
from bench.crowd import cookie
from bench.installation import Installation, installation
from bench.screenshots import _talk_all_day

SCREENS = {"desktop, light": (1280, "light"), "phone, dark": (390, "dark")}
HEAVY = ("serious", "critical")
SETTLE_MS = 400
AT_ONCE = "*, ::before, ::after { transition: none !important; animation: none !important }"
AXE = "() => axe.run({resultTypes: ['violations']}).then(found => found.violations)"


@dataclass
class Found:
    pages: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    overflows: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    options = _options()
    with installation() as measured:
        measured.flask("demo", "seed")
        measured.start()
        measured.wait_for_jobs()
        _talk_all_day(measured, _key())
        measured.wait_for_jobs()
        found = Found()
        with chromium() as browser:
            for screen in SCREENS:
                _look(browser, measured, screen, found, options)
    for line in (*found.violations, *found.overflows, *found.errors):
        print(line, file=sys.stderr)
    report.show(list(_lines(found)), "bench/every_page.py", markdown=options.markdown)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="rows for docs/benchmarks.md")
    parser.add_argument("--shots", type=Path, help="a folder for a picture of each page")
    parser.add_argument("--only", default="", help="pages whose address holds this")
    parser.add_argument("--language", default="en-GB", help="of the browser")
    return parser.parse_args()


def _look(
    browser: Browser, measured: Installation, screen: str, found: Found, options: Any
) -> None:
    width, scheme = SCREENS[screen]
    size = {"width": width, "height": 800}
    context = browser.new_context(
        viewport=size, color_scheme=scheme, bypass_csp=True, locale=options.language
    )
    logged_in = cookie(measured.app, _owner())["Cookie"].partition("=")
    context.add_cookies([{"name": logged_in[0], "value": logged_in[2], "url": measured.url}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda told: _note(told, said))
    for path in _addresses(measured):
        if options.only not in path:
            continue
        if not _is_page(context.request.get(measured.url + path)):
            continue
        said.clear()
        page.goto(measured.url + path)
        page.wait_for_timeout(SETTLE_MS)
        found.pages.add(path)
        where = f"{path} ({screen})"
        found.errors += [f"{where}: {each}" for each in said]
        if options.shots:
            name = re.sub(r"\W+", "-", path).strip("-") or "root"
            options.shots.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=options.shots / f"{name}.{scheme}.png")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.overflows.append(f"{where}: wider than its window")
        found.violations += [f"{where}: {each}" for each in _violations(page)]
    context.close()


def _note(told: ConsoleMessage, said: list[str]) -> None:
    if told.type == "error":
        said.append(told.text)


def _is_page(answer: APIResponse) -> bool:
    """Not a fragment for htmx, a file or a refusal."""
    is_html = answer.headers.get("content-type", "").startswith("text/html")
    return answer.status == 200 and is_html and "<html" in answer.text()


def _violations(page: Page) -> list[str]:
    page.add_style_tag(content=AT_ONCE)
    page.evaluate(AXE_SCRIPT)
    return [
        f"{each['id']}: {each['help']} ({[node['target'] for node in each['nodes']][:3]})"
        for each in page.evaluate(AXE)
        if each["impact"] in HEAVY
    ]


def _addresses(measured: Installation) -> Iterator[str]:
    """Of every rule that can be asked for, with the first row of what it names."""
    from app.demo import seed

    rules = sorted(measured.app.url_map.iter_rules(), key=lambda rule: rule.rule)
    for rule in rules:
        if "GET" not in (rule.methods or ()) or LEFT_OUT.search(rule.rule):
            continue
        values: dict[str, Any] = {"business_slug": seed.SLUG, "slug": seed.SLUG, "key": _key()}
        for name in rule.arguments - values.keys():
            values[name] = _first(name)
        if all(value is not None for value in values.values()):
            with measured.app.test_request_context():
                from flask import url_for

                yield url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})


# Streams never end; a chat's own addresses want its token; the rest are no pages.
LEFT_OUT = re.compile(r"/live|/stream|/assets/|/static/|readyz|healthz|<path:|/palette|\.js|\.png")


def _first(name: str) -> Any:
    """The first row's key for a name as conversation_id; kinds of channels for others."""
    from sqlalchemy import text

    from app.core.unit_of_work import unit_of_work
    from app.extensions import db

    known = {"kind": "whatsapp", "name": None}
    if name in known:
        return known[name]
    table = TABLES.get(name) or f"{name.removesuffix('_id')}s"
    with _demo(), unit_of_work():
        exists = db.session.scalar(text("SELECT to_regclass(:table)"), {"table": table})
        column = "id" if name.endswith("_id") else name
        query = f"SELECT min({column}) FROM {table}"
        return db.session.scalar(text(query)) if exists else None


TABLES = {"company_id": "companies", "field_id": "contact_fields"}


def _demo() -> Any:
    from app.businesses.models import Business
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.demo import seed

    with unit_of_work():
        business = Business.by_slug(seed.SLUG)
        assert business is not None
        return business_scope(business.id)


def _owner() -> int:
    from app.accounts.models import User
    from app.core.unit_of_work import unit_of_work
    from app.demo import seed

    with unit_of_work():
        owner = User.by_email(seed.OWNER_EMAIL)
        assert owner is not None
        return owner.id


def _key() -> str:
    from app.core.unit_of_work import unit_of_work
    from app.demo import seed

    with unit_of_work():
        return seed.public_key()


def _lines(found: Found) -> Iterator[report.Line]:
    pages = len(found.pages)
    for measure, wrong in (
        ("serious or critical for axe-core", found.violations),
        ("wider than their window", found.overflows),
        ("with an error in the console", found.errors),
    ):
        what = f"pages {measure}, of {pages} at two widths"
        yield report.Line(what, "0", str(len(wrong)), not wrong)


if __name__ == "__main__":
    main()
