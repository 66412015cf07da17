"""The child: `python -I __main__.py PATH NAME SECONDS MEMORY_MB SETTINGS`, one JSON value per line out.

First `{"encoding", "delimiter", "sheets", "sheet"}`, then `{"n": line, "c": [cells]}` for each row that isn't empty,
then `{"end": true}`; or `{"error", …}` as the last.
"""

import json
import resource
import sys
import types
from pathlib import Path

_APP = Path(__file__).resolve().parent.parent.parent


def main(path: str, name: str, seconds: str, memory_mb: str, settings: str) -> int:
    _limit(int(seconds), int(memory_mb) * 1024 * 1024)
    _skip_the_factory()
    from app.contact_data.reading.tables import read
    from app.knowledge.parsing.errors import UnreadableFile

    try:
        for line in read(Path(path), name, **json.loads(settings)):
            _write(line)
        _write({"end": True})
    except UnreadableFile as error:
        _write({"error": error.code, "message": error.message, "detail": error.detail})
    except (MemoryError, RecursionError, Exception) as error:
        broken = UnreadableFile("broken", detail=repr(error)[:500])
        _write({"error": broken.code, "message": broken.message, "detail": broken.detail})
    return 0


def _limit(seconds: int, memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _skip_the_factory() -> None:
    """Empty stand-ins for the packages above, whose own modules load Flask and the models."""
    for name in ("app", "app.knowledge", "app.contact_data", "app.contact_data.reading", "app.knowledge.parsing"):  # fmt: skip
        package = types.ModuleType(name)
        package.__path__ = [str(_APP.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
