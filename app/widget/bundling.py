"""The frame's scripts as one: thirty requests would weigh 8 KB of headers, and wait for one another on a slow line.

For scripts like ours alone: named imports or `* as` of a file beside, named exports that are never assigned again,
and no circle among them.
"""

import re
from pathlib import Path

IMPORT = re.compile(r'^import (?:\* as (\w+)|\{([^}]*)\}) from "([^"]+)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.M)


def bundled(entry: Path) -> str:
    """Each module in a function of its own, after those that it imports; `entry` last and bare."""
    found: dict[Path, str] = {}
    _take(entry, found)
    *modules, last = found.items()
    return "".join(_enclosed(path, source) for path, source in modules) + _linked(*last)


def _take(path: Path, found: dict[Path, str], above: tuple[Path, ...] = ()) -> None:
    assert path not in above, path
    if path in found:
        return
    source = path.read_text(encoding="utf-8")
    for _all, _named, other in IMPORT.findall(source):
        _take((path.parent / other).resolve(), found, (*above, path))
    found[path] = source


def _enclosed(path: Path, source: str) -> str:
    exports = ", ".join(EXPORT.findall(source))
    body = EXPORT.sub("", _linked(path, source))
    return f"const {_name(path)} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();\n"


def _linked(path: Path, source: str) -> str:
    def local(found: re.Match[str]) -> str:
        module = _name(path.parent / found[3])
        return f"const {found[1] or '{' + found[2].replace(' as ', ': ') + '}'} = {module};\n"

    return IMPORT.sub(local, source)


def _name(path: Path) -> str:
    return f"${path.stem}"
