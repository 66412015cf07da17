"""Lighthouse on the inbox, the opened chat and the chat page: `.venv/bin/python -m bench.lighthouse`.

npm's lighthouse is fetched into a folder of its own by npm's client, and drives Debian's Chromium against an
installation as production starts it. Middle of the runs and how far apart they lay.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report
from bench.browser import FLAGS
from bench.installation import SLUG, Installation, installation
from bench.owner import Owner
from bench.visitor import Visitor

LIGHTHOUSE = "lighthouse@12.8.2"  # the last that runs on Node 20
TARGETS = {"performance": 95, "accessibility": 100, "best-practices": 95}
SCREENS = ("mobile", "desktop")
QUESTIONS = ("Do you deliver on Sundays?", "Can I bring a plant back?", "Are dogs allowed inside?")


def main() -> None:
    options = report.arguments(__doc__, runs=3)
    with installation() as measured, tempfile.TemporaryDirectory() as folder:
        program = _installed(Path(folder))
        measured.open_business()
        measured.start()
        cookie = Owner(measured.url).cookie
        for number, question in enumerate(QUESTIONS, 1):
            with Visitor(measured.port, measured.key(), f"10.0.0.{number}") as visitor:
                visitor.say(question)
        measured.wait_for_jobs()
        lines = [
            line
            for name, path, headers in _pages(measured, cookie)
            for line in _lines(program, name, measured.url + path, headers, options.runs)
        ]
    report.show(lines, "bench/lighthouse.py", markdown=options.markdown)


def _pages(measured: Installation, cookie: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    yield "inbox", f"/b/{SLUG}/inbox/", {"Cookie": cookie}
    yield "conversation", f"/b/{SLUG}/inbox/1", {"Cookie": cookie}
    yield "opened chat", f"/w/{measured.key()}", {}
    yield "chat page", f"/chat/{SLUG}", {}


def _installed(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is missing (Debian: apt-get install npm).")
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", LIGHTHOUSE]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "node_modules/.bin/lighthouse"


def _lines(
    program: Path, name: str, url: str, headers: dict[str, str], runs: int
) -> Iterator[report.Line]:
    for screen in SCREENS:
        scores = [_scores(program, url, headers, screen) for _ in range(runs)]
        for category, target in TARGETS.items():
            values = [each[category] for each in scores]
            figure = report.middle_and_spread(values, "points")
            is_met = sorted(values)[len(values) // 2] >= target
            measure = f"Lighthouse, {name}, {screen}: {category}"
            yield report.Line(measure, f"≥ {target}", figure, is_met)


def _scores(program: Path, url: str, headers: dict[str, str], screen: str) -> dict[str, float]:
    """Points of 100 by category; what costs points is told on the error output."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        command = [
            str(program), url, "--quiet", "--output=json", f"--output-path={out.name}",
            f"--only-categories={','.join(TARGETS)}", f"--extra-headers={json.dumps(headers)}",
            f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
        ]  # fmt: skip
        if screen == "desktop":
            command.append("--preset=desktop")
        chrome = os.environ | {"CHROME_PATH": shutil.which("chromium") or ""}
        subprocess.run(command, env=chrome, check=True)
        found = json.loads(Path(out.name).read_text())
    for category, target in TARGETS.items():
        if found["categories"][category]["score"] * 100 < target:
            print(f"{url} {screen} {category}: {_costs(found, category)}", file=sys.stderr)
    return {category: found["categories"][category]["score"] * 100 for category in TARGETS}


def _costs(found: dict[str, Any], category: str) -> list[str]:
    audits = (found["audits"][each["id"]] for each in found["categories"][category]["auditRefs"])
    return [
        f"{audit['id']} {audit.get('displayValue', '')}".strip()
        for audit in audits
        if audit["score"] is not None and audit["score"] < 0.9
    ]


if __name__ == "__main__":
    main()
