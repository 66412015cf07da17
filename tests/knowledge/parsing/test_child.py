import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from app.knowledge.parsing import UnreadableFile, child, parse_file, read_in_child

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def stored(tmp_path):
    def storing(data):
        path = tmp_path / "upload"
        path.write_bytes(data)
        return path

    return storing


@pytest.fixture
def replaced_reader(tmp_path, monkeypatch):
    """The child runs this code instead of ours, after its limits are set."""

    def replacing(code):
        entry = tmp_path / "entry.py"
        ours = (ROOT / "app/knowledge/parsing/__main__.py").read_text()
        ours = ours.replace(
            "Path(__file__).resolve().parent.parent.parent", f"Path({str(ROOT / 'app')!r})"
        )
        marker = "    document = parse_file(Path(path), name)\n"
        assert marker in ours
        entry.write_text(ours.replace(marker, textwrap.indent(code, "    ") + "\n" + marker))
        monkeypatch.setattr(child, "_ENTRY", entry)

    return replacing


def ends(pid):
    """The kernel may take a moment to end what was killed; `sleep 600` would outlast this wait."""
    for _ in range(1000):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] in "ZX":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def refused(path, **limits):
    with pytest.raises(UnreadableFile) as caught:
        read_in_child(path, "a.txt", **limits)
    return caught.value


def test_the_child_reads_what_the_parser_reads(stored):
    path = stored("Überschrift\n=====\nWörter \U0001f33b\n\n- eins\n- zwei".encode())
    assert read_in_child(path, "a.txt") == parse_file(path, "a.txt")


def test_a_refusal_crosses_over_with_code_and_words(stored, pdf):
    with pytest.raises(UnreadableFile) as caught:
        read_in_child(stored(pdf([[(10, 700, "x")]], password="p")), "a.pdf")
    assert caught.value.code == "password"
    assert "Remove the password" in caught.value.message


def test_a_file_over_the_limit_starts_no_child(stored, monkeypatch):
    monkeypatch.setattr(child, "_ENTRY", "/nowhere")
    assert refused(stored(b"x" * (50 * 1024 * 1024 + 1))).code == "too_large"


def test_a_reader_that_never_ends_is_stopped(stored, replaced_reader):
    replaced_reader("import time\ntime.sleep(600)")
    assert refused(stored(b"words"), seconds=1).code == "too_long"


def test_a_reader_that_burns_its_time_is_stopped(stored, replaced_reader):
    replaced_reader("while True: pass")
    assert refused(stored(b"words"), seconds=1).code == "too_long"


def test_a_reader_that_eats_memory_is_stopped(stored, replaced_reader):
    replaced_reader("eaten = [bytearray(10_000_000) for _ in range(1000)]")
    error = refused(stored(b"words"), memory_mb=256)
    assert error.code == "too_large"
    assert "memory" in error.message


def test_a_reader_that_crashes_leaves_a_broken_file(stored, replaced_reader):
    replaced_reader("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    error = refused(stored(b"words"))
    assert error.code == "broken"
    assert "-11" in error.detail


def test_a_surprise_in_a_reader_is_a_broken_file_with_its_reason_for_the_log(
    stored, replaced_reader
):
    replaced_reader("raise ZeroDivisionError('surprise')")
    error = refused(stored(b"words"))
    assert error.code == "broken"
    assert "surprise" in error.detail


def test_what_the_reader_started_ends_with_it(stored, replaced_reader, tmp_path):
    replaced_reader(
        "import subprocess, time\n"
        "started = subprocess.Popen(['sleep', '600'])\n"
        f"import os; os.mkdir({str(tmp_path)!r} + f'/{{started.pid}}.pid')\n"
        "time.sleep(600)"
    )
    assert refused(stored(b"words"), seconds=2).code == "too_long"
    pid = int(next(tmp_path.glob("*.pid")).stem)
    assert ends(pid)


def test_the_child_inherits_no_secret_and_writes_no_file(
    stored, replaced_reader, monkeypatch, tmp_path
):
    monkeypatch.setenv("SECRET_KEY", "do-not-pass-on")
    replaced_reader(
        "import os\n"
        "assert not {'SECRET_KEY', 'DATABASE_URL'} & set(os.environ), 'inherited'\n"
        "try:\n"
        f"    open({str(tmp_path / 'written')!r}, 'wb', 0).write(b'x')\n"
        "except OSError: pass\n"
        "else: raise AssertionError('wrote')"
    )
    assert "SECRET_KEY" in os.environ
    assert read_in_child(stored(b"words"), "a.txt").blocks[0].text == "words"


def test_the_child_loads_neither_the_app_nor_the_database(stored, replaced_reader):
    replaced_reader(
        "heavy = {'flask', 'sqlalchemy', 'app.config', 'psycopg'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    assert read_in_child(stored(b"words"), "a.txt").blocks[0].text == "words"


def test_more_text_than_allowed_is_refused_by_the_parent_too(stored, monkeypatch):
    monkeypatch.setattr(child.limits, "MAX_BLOCKS", 2)
    assert refused(stored(b"one\n\ntwo\n\nthree")).code == "too_large"


def test_reading_waits_cooperatively_under_gevent(stored):
    """Other greenlets run on while the child works: a worker's chat turns don't wait for an upload."""
    path = stored(b"words " * 1000)
    code = f"""
        from gevent import monkey; monkey.patch_all()
        import gevent
        from pathlib import Path
        from app.knowledge.parsing import UnreadableFile, read_in_child
        ticks = []
        def tick():
            while True:
                ticks.append(1)
                gevent.sleep(0.001)
        ticking = gevent.spawn(tick)
        found = gevent.spawn(read_in_child, Path({str(path)!r}), "a.txt").get()
        assert found.blocks[0].text.startswith("words words")
        assert len(ticks) > 5, len(ticks)
        try:
            read_in_child(Path({str(path)!r}), "a.docx")
        except UnreadableFile as error:
            print(error.code)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout.strip(), done.returncode) == ("not_what_it_says", 0), done.stderr
