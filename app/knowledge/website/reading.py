"""The parent's side of reading pages in a child: one process for many pages, as beginning one takes longer
than reading a page does."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from app.knowledge.blocks import ParsedDocument
from app.knowledge.website.page import Reading, from_dict
from app.lib.marking import kept

logger = logging.getLogger(__name__)

MEMORY_MB = 512
PAGE_SECONDS = 10
MAX_ANSWER_BYTES = 30 * 1024 * 1024  # of a page of 5 MB, escaped
BROKEN = kept("This page can’t be read: it is too large or too tangled.")
_ENTRY = Path(__file__).with_name("__main__.py")


class PageReader:
    """`with PageReader() as reader:`. A page that takes the child down fails alone."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "PageReader":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._end()

    def read(self, body: bytes, url: str, content_type: str = "") -> Reading:
        """What can't be read is a reading with its problem."""
        told = self._ask(body, url, content_type)
        if told is None:
            self._end()
            logger.warning("reading %s took its process down", url)
            return Reading(ParsedDocument(""), problem=BROKEN)
        if "error" in told:
            return Reading(ParsedDocument(""), problem=told["error"])
        return from_dict(told)

    def _ask(self, body: bytes, url: str, content_type: str) -> dict[str, Any] | None:
        """None when the child is gone, or was late."""
        process = self._process = self._process or _start()
        assert process.stdin
        assert process.stdout
        alarm = threading.Timer(PAGE_SECONDS, _kill, (process,))
        alarm.daemon = True
        alarm.start()
        header = {"url": url, "content_type": content_type[:200], "length": len(body)}
        try:
            process.stdin.write(json.dumps(header).encode() + b"\n" + body)
            process.stdin.flush()
            line = process.stdout.readline(MAX_ANSWER_BYTES)
        except OSError:
            return None
        finally:
            alarm.cancel()
        told: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        return told

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _kill(process)
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        process.wait()


def _start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own interpreter and script, no shell
        [sys.executable, "-I", "-B", str(_ENTRY), str(MEMORY_MB), str(PAGE_SECONDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},  # no secret of ours goes along
        cwd="/",
        start_new_session=True,
    )


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
