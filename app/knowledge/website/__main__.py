"""The child: `python -I __main__.py MEMORY_MB SECONDS`. In, per page: a line `{"url", "content_type",
"length"}` and the bytes; out: a line with the reading, or `{"error": …}`. Ends with its input."""

import json
import resource
import sys
import types
from pathlib import Path

_APP = Path(__file__).resolve().parent.parent.parent


def main(memory_mb: str, seconds: str) -> int:
    _limit(int(memory_mb) * 1024 * 1024)
    _skip_the_factory()
    from app.knowledge.parsing.errors import UnreadableFile
    from app.knowledge.website.page import Pages, as_dict
    from app.lib.marking import kept

    pages = Pages()
    while line := sys.stdin.buffer.readline(16 * 1024):
        asked = json.loads(line)
        body = sys.stdin.buffer.read(asked["length"])
        _allow_cpu(int(seconds))
        try:
            told = as_dict(pages.read(body, asked["url"], asked["content_type"]))
        except UnreadableFile as error:
            told = {"error": error.message}
        except (Exception, RecursionError, MemoryError):
            told = {"error": kept("This page can’t be read: it seems to be broken.")}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
    return 0


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _allow_cpu(seconds: int) -> None:
    """For the next page, whatever those before it took."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.RLIM_INFINITY))


def _skip_the_factory() -> None:
    """Empty stand-ins for the packages above, whose own modules load Flask and the models."""
    for name, folder in (
        ("app", _APP),
        ("app.core", _APP / "core"),
        ("app.knowledge", _APP / "knowledge"),
    ):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
