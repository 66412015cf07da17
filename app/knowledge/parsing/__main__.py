"""The child: `python -I __main__.py PATH NAME SECONDS MEMORY_MB`, one JSON object per line out.

First `{"title", "language", "notice"}`, then a block a line, then `{"end": true}`; or `{"error", …}` alone.
"""

import json
import resource
import sys
import types
from pathlib import Path

_APP = Path(__file__).resolve().parent.parent.parent


def main(path: str, name: str, seconds: str, memory_mb: str) -> int:
    _limit(int(seconds), int(memory_mb) * 1024 * 1024)
    _skip_the_factory()
    from app.knowledge.parsing.errors import UnreadableFile
    from app.lib.marking import kept

    try:
        _write_document(path, name)
    except UnreadableFile as error:
        _write_error(error)
    except MemoryError:
        _write_error(
            UnreadableFile(
                "too_large",
                kept("This file takes too much memory to read. Split it into smaller files."),
            )
        )
    except (Exception, RecursionError) as error:
        _write_error(UnreadableFile("broken", detail=repr(error)[:500]))
    return 0


def _limit(seconds: int, memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it reads, it has nothing to write
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _skip_the_factory() -> None:
    """Empty stand-ins for the packages above, whose own modules load Flask and the models."""
    for name, folder in (("app", _APP), ("app.knowledge", _APP / "knowledge")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


def _write_document(path: str, name: str) -> None:
    from app.knowledge.parsing.files import parse_file

    document = parse_file(Path(path), name)
    _write({"title": document.title, "language": document.language, "notice": document.notice})
    for block in document.blocks:
        _write(block.as_dict())
    _write({"end": True})


def _write_error(error: Exception) -> None:
    _write({"error": error.code, "message": error.message, "detail": error.detail})  # type: ignore[attr-defined]


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
