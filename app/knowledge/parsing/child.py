"""The parent's side of reading a file in a child process that can't do harm."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.parsing import limits
from app.knowledge.parsing.errors import UnreadableFile
from app.knowledge.parsing.files import too_large_file

log = logging.getLogger(__name__)

# Run by path, isolated (-I): `-m` would first import the app package, which is the Flask factory.
# -B: it may write no file, compiled ones included.
_ENTRY = Path(__file__).with_name("__main__.py")
_MAX_LINE_BYTES = limits.MAX_BLOCK_CHARACTERS * 2 * 12 + 4096  # question and text, escaped JSON


def read_in_child(
    path: Path, name: str, *, seconds: int = 120, memory_mb: int = 1024
) -> ParsedDocument:
    """`parse_file` in a process of its own, limited in address space, CPU and wall-clock time.

    Raises UnreadableFile. Under gevent, call it from a greenlet of the main thread: other threads
    can't watch a child there.
    """
    if path.stat().st_size > limits.MAX_FILE_BYTES:
        raise too_large_file()
    try:
        arguments = [str(path.resolve()), name, str(seconds), str(memory_mb)]
        with running(_ENTRY, arguments, seconds) as (process, late):
            assert process.stdout
            return _collect(process, process.stdout, late)
    except UnreadableFile as error:
        log.info("can't read %s: %s %s", name, error.code, error.detail)
        raise


@contextmanager
def running(
    entry: Path, arguments: list[str], seconds: int
) -> Iterator[tuple["subprocess.Popen[bytes]", threading.Event]]:
    """The process, and an event that is set once it was killed for being late."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and script, no shell
        [sys.executable, "-I", "-B", str(entry), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},  # no secret of ours goes along
        cwd="/",
        start_new_session=True,  # its own group, so that a kill takes whatever it started
    )
    late = threading.Event()
    # Under gevent this is a greenlet; both wake a read that waits for the child.
    alarm = threading.Timer(seconds, _end_late, (process, late))
    alarm.daemon = True
    alarm.start()
    try:
        yield process, late
    finally:
        alarm.cancel()
        _kill(process)
        assert process.stdout
        process.stdout.close()
        process.wait()


def _end_late(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    _kill(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _collect(
    process: "subprocess.Popen[bytes]", output: IO[bytes], late: threading.Event
) -> ParsedDocument:
    document: ParsedDocument | None = None
    characters = 0
    for line in lines(output):
        if "error" in line:
            raise UnreadableFile(line["error"], line["message"], detail=line["detail"])
        if "end" in line and document is not None:
            return document
        if document is None:
            document = ParsedDocument(
                title=line["title"], language=line["language"], notice=line["notice"]
            )
            continue
        block = Block(**line)
        document.blocks.append(block)
        characters += len(block.text) + len(block.question)
        if len(document.blocks) > limits.MAX_BLOCKS or characters > limits.MAX_CHARACTERS:
            raise UnreadableFile("too_large")
    raise died(process, late)


def lines(output: IO[bytes], most_bytes: int = _MAX_LINE_BYTES) -> Iterator[dict[str, Any]]:
    while line := output.readline(most_bytes):
        if not line.endswith(b"\n"):
            return  # cut off by the child's death
        yield json.loads(line)


def died(process: "subprocess.Popen[bytes]", late: threading.Event) -> UnreadableFile:
    """It ended without a last word: out of time, or brought down by the file."""
    status = _status(process)
    if late.is_set() or status == -signal.SIGXCPU:
        return UnreadableFile("too_long")
    return UnreadableFile("broken", detail=f"the reader ended with status {status}")


def _status(process: "subprocess.Popen[bytes]") -> int | None:
    """Its output is closed, so it is about to end; a moment later it is made to."""
    deadline = time.monotonic() + 2
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return process.returncode
