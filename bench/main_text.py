"""Our reader of web pages beside trafilatura: `.venv/bin/python bench/main_text.py`.

bench/pages/ are pages as small businesses have them; each ends with comments that say what must be kept (parts with | between
them in one block, such as a row with its price) and what no visitor reads. trafilatura is no dependency of the project: install
it (2.3.1 was measured) to see its figures too.
"""

import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report

PAGES = Path(__file__).with_name("pages")
ROUNDS = 30
Reader = Callable[[str], list[str]]


def main() -> None:
    options = report.arguments(__doc__)
    lines = [_line("our reader", _ours)]
    before = _peak_mb()
    for name, reader in _trafilatura():
        lines.append(_line(name, reader))
    lines.append(report.Line("memory that trafilatura adds", "", f"{_peak_mb() - before:.0f} MB"))
    report.show(lines, "bench/main_text.py", markdown=options.markdown)


def _line(name: str, reader: Reader) -> report.Line:
    kept = wanted = noise = unwanted = 0
    began = time.perf_counter()
    for path in sorted(PAGES.glob("*.html")):
        html = path.read_text()
        body = html.partition("</html>")[0] + "</html>"
        for _ in range(ROUNDS):
            blocks = reader(body)
        for parts in _said(html, "keep"):
            wanted += 1
            kept += any(all(part in block for part in parts) for block in blocks)
        for parts in _said(html, "drop"):
            unwanted += 1
            noise += any(parts[0] in block for block in blocks)
    pages = len(list(PAGES.glob("*.html")))
    ms = (time.perf_counter() - began) * 1000 / ROUNDS / pages
    figure = (
        f"{kept} of {wanted} facts, {noise} of {unwanted} pieces of boilerplate, {ms:.1f} ms a page"
    )
    return report.Line(name, "", figure)


def _said(html: str, kind: str) -> list[list[str]]:
    return [found.split(" | ") for found in re.findall(rf"<!-- {kind}: (.+?) -->", html)]


def _ours(html: str) -> list[str]:
    from app.knowledge.website.page import Pages

    blocks = Pages().read(html.encode(), "https://example.com/").parsed.blocks
    return [block.text for block in blocks]


def _trafilatura() -> list[tuple[str, Reader]]:
    try:
        import trafilatura
    except ImportError:
        return []

    def reader(**settings: bool) -> Reader:
        def read(html: str) -> list[str]:
            text = trafilatura.extract(
                html, include_tables=True, include_comments=False, **settings
            )
            return (text or "").splitlines()

        return read

    def first(html: str) -> list[str]:
        """It finds the main part, our reader makes blocks of it, so that tables keep their headers."""
        from app.knowledge.parsing.webpage import read_tree_of

        found = trafilatura.extract(html, output_format="html", favor_recall=True)
        return [block.text for block in read_tree_of(found).blocks] if found else []

    return [
        ("trafilatura", reader()),
        ("trafilatura, then our reader", first),
        ("trafilatura, favouring recall", reader(favor_recall=True)),
        ("trafilatura, favouring precision", reader(favor_precision=True)),
    ]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
