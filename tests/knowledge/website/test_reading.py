"""Many pages in one child, which one page may take down without harm to the others."""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from app.knowledge.website import reading
from app.knowledge.website.page import Pages
from app.knowledge.website.reading import BROKEN, PageReader

URL = "https://shop.example/page"
PAGE = b"<html><head><title>Hours</title></head><body><p>We are open from nine to six, Monday to Friday.</p></body></html>"
BAD = b"<p>take it down</p>"


@pytest.fixture
def breaks_at_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The child runs this code when the bad page comes."""

    def breaking(code: str) -> None:
        real = Path(reading._ENTRY)
        ours = real.read_text().replace(
            "Path(__file__).resolve().parent.parent.parent", f"Path({str(real.parents[2])!r})"
        )
        marker = "            told = as_dict("
        assert marker in ours
        told = textwrap.indent(
            f"if b'take it down' in body:\n{textwrap.indent(code, '    ')}\n", " " * 12
        )
        entry = tmp_path / "entry.py"
        entry.write_text(ours.replace(marker, told + marker))
        monkeypatch.setattr(reading, "_ENTRY", entry)

    return breaking


def test_the_child_reads_what_this_process_would():
    with PageReader() as reader:
        assert reader.read(PAGE, URL) == Pages().read(PAGE, URL)


def test_one_process_reads_them_all():
    with PageReader() as reader:
        reader.read(PAGE, URL)
        first = reader._process
        for number in range(20):
            assert reader.read(PAGE.replace(b"nine", b"%d" % number), URL).problem is None
        assert reader._process is first
    assert first is not None
    assert first.poll() is not None


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.kill(os.getpid(), 9)",
        "raise SystemExit(1)",
        "import time\ntime.sleep(600)",
        "while True: pass",
    ],
)
def test_a_page_that_takes_the_child_down_fails_alone(
    breaks_at_bad: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, code: str
):
    monkeypatch.setattr(reading, "PAGE_SECONDS", 3)
    breaks_at_bad(code)
    with PageReader() as reader:
        assert [reader.read(page, URL).problem for page in (PAGE, BAD, PAGE)] == [
            None,
            BROKEN,
            None,
        ]


@pytest.mark.parametrize(
    "code",
    ["bytearray(2 * 1024**3)", "raise RecursionError", "open('/tmp/x', 'w').write('y' * 9999)"],
)
def test_a_page_that_asks_for_too_much_is_named(breaks_at_bad: Callable[[str], None], code: str):
    breaks_at_bad(code)
    with PageReader() as reader:
        assert "broken" in (reader.read(BAD, URL).problem or "")
        assert reader.read(PAGE, URL).problem is None


def test_what_is_no_text_is_named():
    with PageReader() as reader:
        assert reader.read(os.urandom(4000), URL).problem
        assert reader.read(b"<div>" * 100_000, URL).problem
        assert reader.read(PAGE, URL).problem is None


def test_many_small_boxes_within_each_other_take_no_long_time():
    """Read box by box from end to end, this page would take longer than a page may."""
    body = b"<div class='menu'><a href='/x'>X</a>" * 1500 + b"words " * 200_000
    with PageReader() as reader:
        assert reader.read(body, URL).problem is None
