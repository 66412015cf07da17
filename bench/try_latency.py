"""Try it, from Enter to the result on the page: `.venv/bin/python bench/try_latency.py`.

The whole app as in production, 1,000 passages known, Chromium on the same machine. The way is: POST, outbox, worker,
signal, GET. A MutationObserver takes the time when the verdict stands there.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Page

from bench import paragraphs, report
from bench.answer_latency import teach
from bench.browser import chromium
from bench.installation import OWNER_EMAIL, OWNER_PASSWORD, SLUG, Installation, installation

RESULT_SECONDS = 30
TIMES = """() => {
  window.measured = [];
  let began = 0;
  document.addEventListener("keydown", ({ key }) => { if (key === "Enter") began = performance.now(); }, true);
  new MutationObserver(() => {
    if (!began || document.querySelector("#trial[aria-busy]") || !document.querySelector(".trial-band")) return;
    measured.push(performance.now() - began);
    began = 0;
  }).observe(document.body, { subtree: true, childList: true });
}"""


def main() -> None:
    options = report.arguments(__doc__, questions=60)
    with installation() as measured:
        teach(measured)
        measured.start()
        with chromium() as browser:
            page = _opened(browser.new_context().new_page(), measured)
            times = _ask(page, options.questions)
    lines = [
        report.Line(
            f"Try it: Enter to result, {name}", "", f"{report.percentile(times, at):.0f} ms"
        )
        for name, at in (("p50", 0.5), ("p95", 0.95))
    ]
    report.show(lines, "bench/try_latency.py", markdown=options.markdown)


def _opened(page: Page, measured: Installation) -> Page:
    page.goto(f"{measured.url}/login")
    page.get_by_label("E-mail").fill(OWNER_EMAIL)
    page.get_by_label("Password", exact=True).fill(OWNER_PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/b/**")
    page.goto(f"{measured.url}/b/{SLUG}/knowledge/search/")
    return page


def _ask(page: Page, count: int) -> list[float]:
    page.evaluate(TIMES)
    field = page.get_by_label("Your question")
    for number, question in enumerate(paragraphs.questions(count, seed=7), start=1):
        field.fill(question)
        field.press("Enter")
        _wait_for(page, number)
    return list(page.evaluate("measured"))[count // 10 :]  # caches and pools fill at first


def _wait_for(page: Page, number: int) -> None:
    deadline = time.monotonic() + RESULT_SECONDS
    while page.evaluate("measured.length") < number:
        if time.monotonic() > deadline:
            raise RuntimeError(f"no result within {RESULT_SECONDS} s")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
